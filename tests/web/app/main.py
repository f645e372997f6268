"""The smallest app that shows a control, for tests of the page around it."""
import flet as ft


def main(page: ft.Page) -> None:
    page.title = "Probe"
    page.theme = ft.Theme(font_family="NotoSansSC")
    page.add(ft.Text(f"商队 Caravan at {page.route}"), ft.Text("罕用字：彧翀瑀"), ft.FilledButton("新建订单"))


ft.run(main)
