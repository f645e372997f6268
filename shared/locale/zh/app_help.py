"""帮助页的文字。"""

MESSAGES: dict[str, str] = {
    "help.title": "帮助",
    "help.settings": "每个页面怎么用",
    "help.open": "打开帮助：{title}",
    "help.search": "搜索帮助",
    "help.all": "全部帮助",
    "help.loading": "正在打开帮助…",
    "help.nothing": "没有找到",
    "help.nothing.line": "换个词试试，比如“折扣”或“库存”。",
    "help.unavailable": "帮助暂时打不开",
    "help.unavailable.line": "帮助还没有存到本机，现在又连不上服务器。联网后再试。",
    "help.again": "再试一次",
    "help.missing": "没有这一页",
    "help.missing.line": "这一页帮助不存在，请从列表里选。",
}
