"""The smallest app that shows a control, for tests of the page around it."""

import flet as ft


def main(page: ft.Page) -> None:
    page.title = "Probe"
    page.theme = ft.Theme(font_family="NotoSansSC")
    page.add(
        ft.Text(f"商队 Caravan at {page.route}"),
        ft.Text("罕用字：彧翀瑀"),
        ft.Text("无字体：ไทย ਪੰਜਾਬੀ \u2009 😊"),
        ft.FilledButton("新建订单"),
        ft.Text("周岚 · 主管 · “最后一件” ‘缺货’ — 已保存…", size=18),
        ft.Text("Zhou Lan · Manager · “last unit” ‘short’ — saved… it’s", size=18),
        *[
            ft.Text(f"{weight.name} 订单 Order 1,284.50 ¥238 万", weight=weight, size=18)
            for weight in (ft.FontWeight.W_400, ft.FontWeight.W_500, ft.FontWeight.W_600, ft.FontWeight.W_700)
        ],
    )


ft.run(main)
