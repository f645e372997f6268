"""团队的词句。"""

MESSAGES: dict[str, str] = {
    "frame.nav.team": "团队",
    "frame.nav.team.short": "团队",
    "team.count": "{count} 人在用",
    "team.me": "我",
    "team.devices": "{count} 台设备",
    "team.devices.one": "{count} 台设备",
    "team.leads": "未结束线索",
    "team.deals": "进行中商机",
    "team.overdue": "逾期跟进",
    "team.number": "查看{name}的{what}：{count}",
    "team.open": "未结束",
    "team.offline": "连不上服务器：同步时间和设备数要联网才看得到，其余来自本机。",
    "team.none": "你还没有团队",
    "team.none.line": "请管理员在“用户与设备”里给你和同事定团队。",
}
