"""Buttons. Heights: 48 ordinary, 52 at the foot of a screen, 56 for signing in."""

from typing import Any, Literal

import flet as ft

from mobile.ui.kit.boundary import component
from mobile.ui.kit.keyboard import use_typing
from mobile.ui.kit.layout import CENTER, Click, box, pad, row
from mobile.ui.kit.text import text
from mobile.ui.kit.text_input import named
from mobile.ui.look import look, t
from mobile.ui.palette import FONT
from mobile.ui.theme import RADIUS_FIELD, TOUCH, W

Kind = Literal["filled", "tonal", "outlined", "text", "danger"]
_CLASSES: dict[str, Any] = {
    "filled": ft.FilledButton,
    "tonal": ft.FilledTonalButton,
    "outlined": ft.OutlinedButton,
    "text": ft.TextButton,
    "danger": ft.FilledButton,
}


def _style(kind: Kind) -> ft.ButtonStyle:
    p = look().palette
    style = ft.ButtonStyle(
        shape=ft.RoundedRectangleBorder(radius=RADIUS_FIELD),
        text_style=ft.TextStyle(font_family=FONT, size=15, weight=W.W_600),
        padding=ft.Padding.symmetric(horizontal=12 if kind == "text" else 16),
    )
    if kind == "tonal":
        style.elevation, style.shadow_color = 0, ft.Colors.TRANSPARENT
    if kind == "outlined":
        style.side = ft.BorderSide(1, p.outline)
    if kind == "danger":
        style.bgcolor, style.color, style.icon_color = p.error, p.on_error, p.on_error
    return style


def button(
    label: str,
    on_click: Click | None = None,
    *,
    icon: Any = None,
    kind: Kind = "filled",
    height: int = TOUCH,
    disabled: bool = False,
    **options: Any,
) -> ft.Control:
    """A labelled button. ``expand``, ``width`` and the like pass through. No tooltip: it would be read twice."""
    return _CLASSES[kind](
        content=label, icon=icon, on_click=on_click, height=height, disabled=disabled, style=_style(kind), **options
    )


def icon_button(
    icon: Any,
    name: str,
    on_click: Click | None = None,
    *,
    color: str | None = None,
    bg: str | None = None,
    size: int = 22,
    disabled: bool = False,
    badge: Any = None,
    **options: Any,
) -> ft.MergeSemantics:
    """48 × 48. ``name`` says verb and object (打电话给周岚): the tooltip, and by merging the button's name."""
    if not name:
        raise ValueError("an icon button needs a name")
    style = ft.ButtonStyle(padding=0, bgcolor=bg) if bg else ft.ButtonStyle(padding=0)
    return ft.MergeSemantics(
        ft.IconButton(
            icon=ft.Icon(icon, badge=badge) if badge else icon,
            icon_size=size,
            icon_color=color or look().palette.text_soft,
            tooltip=name,
            width=TOUCH,
            height=TOUCH,
            style=style,
            on_click=on_click,
            disabled=disabled,
        ),
        **options,
    )


def link(label: str, on_click: Click | None = None, icon: Any = None) -> ft.TextButton:
    """A text that leads somewhere, with an arrow after it when ``icon`` is given."""
    p = look().palette
    parts: list[ft.Control] = [text(label, 14, 600, p.primary)]
    if icon:
        parts.append(ft.Icon(icon, size=18, color=p.primary))
    return ft.TextButton(
        content=row(*parts, gap=2, tight=True),
        on_click=on_click,
        height=TOUCH,
        style=ft.ButtonStyle(padding=ft.Padding.symmetric(horizontal=8)),
    )


def action_tile(icon: Any, label: str, on_click: Click | None, *, height: int = 100, badge: int = 0) -> ft.Control:
    """A square of home: icon on its ground, the word below; ``badge`` is a count on the icon."""
    p = look().palette
    ground = box(
        ft.Icon(icon, size=22, color=p.on_primary_container),
        None,
        p.primary_container,
        10,
        width=32,
        height=32,
        alignment=CENTER,
    )
    if badge:
        # Flet's Badge cuts a second digit off when it sits on a container.
        count = text(str(badge), 12, 600, p.on_error, lines=1)
        bubble = box(count, pad(1, 6), p.status["bad"].fg, 10, left=24, top=-6)
        ground = ft.Stack([ground, bubble], height=32, width=72, clip_behavior=ft.ClipBehavior.NONE)
    from mobile.ui.kit.layout import col, spacer, tappable

    size = 14 if look().language == "zh" else 13
    # Two lines for people who read at 130 %: the height has room for them.
    content = col(ground, spacer(), text(label, size, 600, lines=2), stretch=False)
    name = f"{label} {badge}" if badge else label
    return tappable(
        content,
        on_click or (lambda _: None),
        label=name,
        padding=pad(8, 4, 8, 12),
        bgcolor=p.card,
        border_radius=16,
        border=ft.Border.all(1, p.hairline),
        height=height,
        expand=True,
    )


@component
def QuantityField(value: str, on_set: Click, name: str) -> ft.Control:
    """The number between the buttons. Plain on purpose: the app may answer a typed one with another (least, step)."""
    options = use_typing({"on_blur": on_set})
    field = ft.TextField(
        value=value,
        on_submit=on_set,
        text_align=ft.TextAlign.CENTER,
        dense=True,
        border=ft.NoInputBorder(),
        content_padding=0,
        text_size=16,
        keyboard_type=ft.KeyboardType.NUMBER,
        **options,
    )
    return named(field, t("frame.stepper.hint", name=name))


def quantity_stepper(
    value: str, on_less: Click, on_more: Click, *, name: str, on_set: Click | None = None
) -> ft.Control:
    """− 12 +, 48 px high. ``name`` is the product; ``on_set`` gets typed text through ``e.control.value``."""
    p = look().palette
    middle: ft.Control = text(value, 16, 600, lines=1, text_align=ft.TextAlign.CENTER, expand=True)
    if on_set is not None:
        middle = ft.Container(QuantityField(value, on_set, name), expand=True)
    return box(
        row(
            icon_button(ft.Icons.REMOVE_ROUNDED, t("frame.stepper.less", name=name), on_less, color=p.primary, size=20),
            middle,
            icon_button(ft.Icons.ADD_ROUNDED, t("frame.stepper.more", name=name), on_more, color=p.primary, size=20),
            gap=0,
        ),
        None,
        p.card,
        RADIUS_FIELD,
        height=TOUCH,
        border=ft.Border.all(1.5, p.primary),
    )
