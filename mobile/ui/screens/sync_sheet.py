import flet as ft

from mobile.ui import kit as k


@k.component
def SyncSheetHost() -> ft.Control:
    return ft.Container(width=0, height=0)
