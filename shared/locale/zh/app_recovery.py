"""服务器从备份恢复，或者一次同步要移走的内容多得反常。"""

MESSAGES: dict[str, str] = {
    "frame.recovery.title": "服务器从备份恢复了",
    "frame.recovery.orders": "正在补发 {count} 张订单，单号不变。请照常工作。",
    "frame.recovery.orders.one": "正在补发 1 张订单，单号不变。请照常工作。",
    "frame.recovery.changes": "正在补发 {count} 条改动。请照常工作。",
    "frame.recovery.changes.one": "正在补发 1 条改动。请照常工作。",
    "frame.recovery.none": "正在与服务器核对资料。请照常工作。",
    "frame.recovery.done": "已全部就位：服务器缺少的内容都已补发。",
    "frame.recovery.done_none": "已全部就位，你的内容没有缺失。",
    "frame.recovery.awaited": "{count} 条改动要等另一台设备先补发",
    "frame.recovery.awaited.one": "1 条改动要等另一台设备先补发",
    "frame.recovery.awaited.line": (
        "它们用到的资料在恢复时丢失了，要由录入它的设备补发。那台设备联网后，这里会自动发送；"
        "最多等 7 天，之后会出现在待处理里。"
    ),
    "frame.sheet.awaited": "等待补发",
    "frame.recovery.noted": "知道了",
    "frame.sheet.again": "补发中",
    "frame.question.title": "服务器要移走的内容多得反常",
    "frame.question.part": "{what} {count} 条",
    "frame.question.line": "本机 {held} 条里有 {total} 条会被移走（{rows}）。",
    "frame.question.deleted": "其中 {count} 条是有人删除的，一段时间内还能恢复。",
    "frame.question.kept": "什么都还没有移走，照常工作，新内容照常发送。",
    "frame.question.declined": "先保留着。请告诉主管，确认无误后再接受。",
    "frame.question.accept": "接受",
    "frame.question.not_now": "先不要，我去问主管",
}
