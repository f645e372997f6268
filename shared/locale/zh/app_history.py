"""历史记录：哪些在这台设备上，哪些要时再取。"""

MESSAGES: dict[str, str] = {
    "field.activity.period": "归档月份",
    "field.order.period": "归档月份",
    "field.order_line.period": "归档月份",
    "field.reservation.period": "归档月份",
    "frame.bucket.history": "{month} 的历史记录",
    "screen.history.since": "{words}，{month} 起",
    "screen.history.here": "{month} 起的记录都在这台设备上；更早的只有未办完和近期改动过的。",
    "screen.history.searched": "只查找了这台设备上的记录：{month} 起的全部，更早的只有未办完和近期改动过的。",
    "screen.history.load": "加载 {month} 及更早的记录",
    "screen.history.load.span": "加载 {first} 至 {last} 的记录",
    "screen.history.loading": "正在加载更早的记录",
    "screen.history.offline": "现在没有网络，更早的记录联网后可以加载。",
    "screen.history.wanted": "现在没有网络，联网后会自动加载更早的记录。",
    "screen.history.order": "这张订单可能在更早的记录里。",
    "screen.history.months": "本机上的旧月份",
    "screen.history.months.line": (
        "这些月份是从服务器加载的，服务器上一直都在。在这里移除可以腾出空间，以后随时能再加载。"
    ),
    "screen.history.month.size": "{count} 条，约 {size}",
    "screen.history.month.size.one": "1 条，约 {size}",
    "screen.history.month.going": "正在移除",
    "screen.history.month.goes_later": "联网后下次同步时移除",
    "screen.history.month.remove": "从本机移除 {month}",
    "screen.history.months.remove": "全部从本机移除",
    "desk.compare.partial": "{before}的记录未全在本机",
    "desk.trend.partial": "已成交 {now}。加载更早的月份后可与{before}比较。",
}
