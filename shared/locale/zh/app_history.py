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
    "screen.history.loading": "正在加载更早的记录",
    "screen.history.offline": "现在没有网络，更早的记录联网后可以加载。",
    "screen.history.wanted": "现在没有网络，联网后会自动加载更早的记录。",
    "screen.history.order": "这张订单可能在更早的记录里。",
}
