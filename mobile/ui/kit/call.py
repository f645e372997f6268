"""Calling somebody: the client itself opens the number, so that phones take it for the tap that it is."""

import flet as ft

from mobile.ui.kit.layout import CENTER, box, col, gap
from mobile.ui.kit.text import text
from mobile.ui.look import look, t
from mobile.ui.theme import TOUCH


def tel(phone: str) -> str:
    """``tel:`` address of a number as people write it."""
    return "tel:" + "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def call_button(phone: str, who: str, *, filled: bool = False) -> ft.Control:
    """A round button that calls ``who``; an empty space of the same size without a number."""
    if not phone:
        return ft.Container(width=TOUCH, height=TOUCH)
    p = look().palette
    style = ft.ButtonStyle(padding=0, bgcolor=p.primary_container) if filled else ft.ButtonStyle(padding=0)
    return ft.MergeSemantics(
        ft.IconButton(
            icon=ft.Icons.CALL_ROUNDED,
            icon_size=20,
            icon_color=p.on_primary_container if filled else p.primary,
            tooltip=t("screen.call", name=who),
            width=TOUCH,
            height=TOUCH,
            style=style,
            action=ft.OpenUrl(tel(phone)),
        )
    )


def action_button(
    icon: ft.IconData, label: str, name: str, on_click: object = None, *, phone: str = "", disabled: bool = False
) -> ft.Control:
    """A 56 px tile of a record's page with its word below; with ``phone`` it calls."""
    p = look().palette
    options = {"action": ft.OpenUrl(tel(phone))} if phone else {"on_click": on_click}
    button = ft.IconButton(
        icon=icon,
        icon_size=24,
        icon_color=p.on_primary_container,
        width=56,
        height=52,
        tooltip=name,
        disabled=disabled,
        style=ft.ButtonStyle(padding=0, bgcolor=p.primary_container, shape=ft.RoundedRectangleBorder(radius=14)),
        **options,
    )
    word = ft.Semantics(exclude_semantics=True, content=text(label, 12, 500, lines=1, text_align=ft.TextAlign.CENTER))
    return ft.Container(
        col(box(ft.MergeSemantics(button), alignment=CENTER), gap(6), word),
        expand=True,
    )
