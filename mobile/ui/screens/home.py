import flet as ft

from mobile.ui import kit as k


@k.component
def HomeScreen() -> ft.Control:
    return k.scaffold("首页", k.card(k.text("abc · 测试")), k.notice("离线：7 条", "warn", action="查看"), k.empty_state("没有", "一行"))
