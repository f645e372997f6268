"""键盘上的按键。"""

MESSAGES: dict[str, str] = {
    "shortcut.title": "这一页的快捷键",
    "shortcut.line": "输入文字时不起作用。",
    "shortcut.all": "全部快捷键",
    "shortcut.find": "查找客户",
    "shortcut.new": "在这里新建",
    "shortcut.move": "下一个、上一个",
    "shortcut.open": "打开选中的卡片",
    "shortcut.stage": "商机后退或推进一个阶段",
    "shortcut.back": "返回",
    "shortcut.list": "打开这个列表",
}
