"""Rows of lists: avatar, tile, chips, search, timeline."""

from collections.abc import Sequence
from typing import Any

import flet as ft

from mobile.ui.kit.buttons import icon_button
from mobile.ui.kit.layout import CENTER, Click, at_least, box, col, hgap, pad, row, tappable
from mobile.ui.kit.text import caption, row_title, text
from mobile.ui.kit.text_input import text_input
from mobile.ui.look import look, t
from mobile.ui.palette import FONT, Status, hue_of
from mobile.ui.theme import RADIUS_FIELD, TOUCH

TILE_AIR_PX = 8


def initial(name: str) -> str:
    """The first sign that tells names apart: of a name in brackets the one inside, in capitals."""
    return next((sign for sign in name if sign.isalnum()), "?").upper()


def avatar(name: str, size: int = 44, *, round_: bool = False) -> ft.Container:
    """The first sign of a name on a colour that belongs to it. ``round_`` for people, a soft square for companies."""
    pair = look().palette.avatars[hue_of(name)]
    font = next(s for s in (28, 24, 20, 18, 16, 14, 12) if s <= max(12, size * 0.42))
    return box(
        ft.Semantics(exclude_semantics=True, content=text(initial(name), font, 600, pair.fg)),
        None,
        pair.bg,
        size / 2 if round_ else size * 0.32,
        width=size,
        height=size,
        alignment=CENTER,
    )


def icon_avatar(icon: Any, size: int = 40, status: Status | None = None) -> ft.Container:
    """An icon on a soft ground, in a status's colours when one is named."""
    p = look().palette
    pair = p.status[status] if status else None
    return box(
        ft.Icon(icon, size=round(size / 2), color=pair.fg if pair else p.text_soft),
        None,
        pair.bg if pair else p.container,
        size * 0.3,
        width=size,
        height=size,
        alignment=CENTER,
    )


def tile(
    title: str | ft.Control,
    subtitle: str | ft.Control | None = None,
    *,
    leading: ft.Control | None = None,
    trailing: ft.Control | None = None,
    on_click: Click | None = None,
    action: ft.Control | None = None,
    height: int = 72,
    name: str | None = None,
    selected: bool = False,
    padding: Any = None,
) -> ft.Control:
    """A list row of at least ``height`` px. ``trailing`` belongs to the tap area; ``action`` (a button) stands beside
    it."""
    p = look().palette
    head = row_title(title) if isinstance(title, str) else title
    second = [caption(subtitle) if isinstance(subtitle, str) else subtitle] if subtitle is not None else []
    middle = ft.Container(col(head, *second, gap=2), expand=True)
    parts = row(*([leading] if leading else []), middle, *([trailing] if trailing else []), gap=12)
    # Rows that grow past ``height`` keep their distance from the hairlines.
    inner = at_least(height, ft.Container(parts, padding=pad(TILE_AIR_PX, 0)))
    space = padding if padding is not None else (pad(0, 0 if action else 12, 0, 12) if leading else pad(0, 16))
    ground = p.primary_container if selected else None
    if on_click is None:
        body: ft.Control = box(inner, space, ground, expand=True if action else None)
    else:
        body = tappable(
            inner,
            on_click,
            label=name,
            padding=space,
            bgcolor=ground,
            **({"expand": True} if action else {}),
        )
    if action is None:
        return body
    return box(row(body, action, gap=8), pad(0, 8, 0, 0), ground)


def chip(label: str, selected: bool, on_click: Click, *, count: int | None = None, icon: Any = None) -> ft.Control:
    """A filter of 48 px that is on or off."""
    p = look().palette
    color = p.on_primary_container if selected else p.text_soft
    parts: list[ft.Control] = []
    if selected or icon:
        parts.append(ft.Icon(icon or ft.Icons.CHECK_ROUNDED, size=16, color=color))
    parts.append(text(label, 14, 600 if selected else 500, color, lines=1))
    if count is not None:
        parts.append(text(str(count), 12, 500, color))
    container = ft.Container(
        row(*parts, gap=6, tight=True),
        padding=pad(0, 14),
        bgcolor=p.primary_container if selected else p.card,
        border_radius=RADIUS_FIELD,
        height=TOUCH,
        border=ft.Border.all(1, p.primary_container if selected else p.hairline),
        ink=True,
        on_click=on_click,
    )
    return ft.MergeSemantics(ft.Semantics(button=True, selected=selected, content=container))


def chip_row(*chips: ft.Control, gutter: float | None = None) -> ft.Control:
    """Chips that scroll sideways when they do not fit, up to the window's edge."""
    side = look().gutter if gutter is None else gutter
    edge = [hgap(side - 8)] if side else []
    return ft.Row([*edge, *chips, *edge], spacing=8, scroll=ft.ScrollMode.HIDDEN)


def search_field(
    value: str,
    on_change: Click,
    *,
    hint: str,
    on_submit: Click | None = None,
    autofocus: bool = False,
    take_focus: bool = False,
    **options: Any,
) -> ft.Control:
    """A search field of 52 px; what is typed comes as ``e.control.value``, the cross empties it."""
    p = look().palette
    clear = icon_button(ft.Icons.CLOSE_ROUNDED, t("frame.search.clear"), on_change_to(on_change, ""), size=20)
    field = text_input(
        value,
        on_change,
        hint_text=hint,
        on_submit=on_submit,
        autofocus=autofocus,
        take_focus=take_focus,
        expand=True,
        border=ft.NoInputBorder(),
        text_size=16,
        content_padding=pad(14, 0),
        cursor_color=p.primary,
        hint_style=ft.TextStyle(font_family=FONT, size=16, color=p.text_soft),
        enable_suggestions=False,
        autocorrect=False,
    )
    return box(
        row(ft.Icon(ft.Icons.SEARCH_ROUNDED, size=22, color=p.text_soft), field, *([clear] if value else []), gap=10),
        pad(0, 4, 0, 16),
        p.high if p.dark else p.container,
        14,
        height=52,
        **options,
    )


def on_change_to(on_change: Click, value: str) -> Click:
    """A click handler that calls ``on_change`` as if ``value`` had been typed."""

    class Typed:
        def __init__(self) -> None:
            self.value = value

    class Event:
        def __init__(self) -> None:
            self.control = Typed()
            self.data = value

    return lambda _: on_change(Event())


def timeline_entry(
    icon: Any,
    title: str,
    meta: str,
    body: str | ft.Control | None,
    *,
    status: Status = "info",
    last: bool = False,
    trailing: ft.Control | None = None,
) -> ft.Control:
    """One point of a timeline: dot on a line of 2 px, title, who and when, text."""
    p = look().palette
    pair = p.status[status]
    dot = box(ft.Icon(icon, size=18, color=pair.fg), None, pair.bg, 18, width=36, height=36, alignment=CENTER)
    words: list[ft.Control] = [
        row(row_title(title, expand=True), *([trailing] if trailing else []), gap=6),
        caption(meta, lines=2),
    ]
    if body is not None:
        words.append(ft.Container(text(body, 14) if isinstance(body, str) else body, padding=pad(4, 0, 0, 0)))
    content = ft.Container(col(*words), padding=pad(0, 0, 8 if last else 20, 48))
    stem = [] if last else [ft.Container(width=2, bgcolor=p.hairline, left=17, top=40, bottom=4)]
    return ft.Stack([*stem, ft.Container(dot, left=0, top=0), content])


def unsent_mark() -> ft.Icon:
    """The cloud of a row with changes that the server has not seen."""
    return ft.Icon(
        ft.Icons.CLOUD_UPLOAD_OUTLINED,
        size=16,
        color=look().palette.status["warn"].fg,
        semantics_label=t("frame.unsent"),
    )


def pairs(items: Sequence[tuple[str, str]]) -> ft.Control:
    """Label and value, one pair per line."""
    return col(
        *[
            row(
                ft.Container(caption(label, lines=2), width=96),
                ft.Container(text(value or "—", 14), expand=True),
                gap=12,
                top=True,
            )
            for label, value in items
        ],
        gap=12,
    )
