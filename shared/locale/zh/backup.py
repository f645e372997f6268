"""备份的词句。"""

MESSAGES: dict[str, str] = {
    "backup.none": "服务器还没有验证过的备份",
    "backup.last": "最近一次验证过的备份：{at}",
    "backup.do": "请在服务器上运行 caravan backup create，每天至少一次，并存到另一处。",
    "backup.asked": "{at} 问到的，现在连不上服务器",
}
