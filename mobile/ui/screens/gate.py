import flet as ft

from mobile.ui import kit as k


@k.component
def GatePage() -> ft.Control:
    return k.loading()
