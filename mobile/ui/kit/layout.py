"""Boxes and rows: the few layouts that every screen is made of."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.ui.look import look
from mobile.ui.theme import RADIUS_CARD

STRETCH = ft.CrossAxisAlignment.STRETCH
CENTER = ft.Alignment.CENTER
Click = Callable[[Any], Any]


def pad(
    top: float = 0, right: float | None = None, bottom: float | None = None, left: float | None = None
) -> ft.Padding:
    """As in CSS: ``pad(16)``, ``pad(8, 16)``, ``pad(top, right, bottom, left)``."""
    right = top if right is None else right
    bottom = top if bottom is None else bottom
    left = right if left is None else left
    return ft.Padding.only(top=top, right=right, bottom=bottom, left=left)


def row(*controls: ft.Control, gap: float = 8, between: bool = False, top: bool = False, **options: Any) -> ft.Row:
    """Side by side. ``between``: first left, last right. ``top``: aligned at the top."""
    options.setdefault("vertical_alignment", ft.CrossAxisAlignment.START if top else ft.CrossAxisAlignment.CENTER)
    options.setdefault("alignment", ft.MainAxisAlignment.SPACE_BETWEEN if between else ft.MainAxisAlignment.START)
    return ft.Row(list(controls), spacing=gap, **options)


def col(*controls: ft.Control, gap: float = 0, stretch: bool = True, **options: Any) -> ft.Column:
    """One below the other, as high as its content unless a child expands (a column in a row would fill the height)."""
    options.setdefault("tight", not any(getattr(control, "expand", None) for control in controls))
    options.setdefault("horizontal_alignment", STRETCH if stretch else ft.CrossAxisAlignment.START)
    return ft.Column(list(controls), spacing=gap, **options)


def gap(height: float = 8) -> ft.Container:
    """Vertical space, px."""
    return ft.Container(height=height)


def hgap(width: float = 8) -> ft.Container:
    """Horizontal space, px."""
    return ft.Container(width=width)


def spacer() -> ft.Container:
    """Takes what is left over."""
    return ft.Container(expand=True)


def hairline(inset: float = 0) -> ft.Container:
    """A line of one pixel; ``inset`` px from the left."""
    return ft.Container(height=1, bgcolor=look().palette.hairline, margin=ft.Margin.only(left=inset))


def box(
    content: ft.Control | None = None, padding: Any = None, bg: str | None = None, radius: float = 0, **options: Any
) -> ft.Container:
    """A plain container."""
    return ft.Container(content, padding=padding, bgcolor=bg, border_radius=radius, **options)


def card(
    content: ft.Control, padding: Any = 16, *, bg: str | None = None, radius: float = RADIUS_CARD, **options: Any
) -> ft.Container:
    """A white card with a hairline."""
    p = look().palette
    options.setdefault("border", ft.Border.all(1, p.hairline))
    return box(content, padding, bg or p.card, radius, **options)


def at_least(height: float, content: ft.Control, *, top: bool = False) -> ft.Row:
    """``content`` in the middle of ``height`` px, or at their top, or as high as it must be: large text makes rows grow
    and is not cut."""
    return row(ft.Container(width=0, height=height), ft.Container(content, expand=True), gap=0, top=top)


def tappable(
    content: ft.Control, on_click: Click, label: str | None = None, *, least: float | None = None, **options: Any
) -> ft.Control:
    """A container that acts as one button. ``label`` replaces the names of what is inside for screen readers; ``least``
    is a height in px, padding included, from which it grows with what is inside."""
    options.setdefault("ink", True)
    if least is not None:
        space = options.get("padding")
        content = at_least(least - (space.top + space.bottom if space else 0), content)
    container = ft.Container(content, on_click=on_click, **options)
    outer: dict[str, Any] = {}
    for name in ("expand", "expand_loose"):
        if name in options:
            outer[name] = options[name]
    if label is None:
        return ft.MergeSemantics(ft.Semantics(button=True, content=container), **outer)
    container.content = ft.Semantics(exclude_semantics=True, content=content)
    return ft.MergeSemantics(ft.Semantics(button=True, label=label, content=container), **outer)


def list_card(*tiles: ft.Control, inset: float = 64, padding: Any = 0) -> ft.Container:
    """Tiles in one card with hairlines from x = ``inset``."""
    parts: list[ft.Control] = []
    for index, tile in enumerate(tiles):
        if index:
            parts.append(hairline(inset))
        parts.append(tile)
    return card(col(*parts), padding, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)


def scroll(*controls: ft.Control, gap: float = 0, padding: Any = None, **options: Any) -> ft.Control:
    """A column that scrolls and fills the height. For more than fifty rows take ``ft.ListView`` and page."""
    body = ft.Column(
        list(controls), spacing=gap, horizontal_alignment=STRETCH, scroll=ft.ScrollMode.AUTO, expand=True, **options
    )
    return ft.Container(body, padding=padding, expand=True)


def section(title: ft.Control, trailing: ft.Control | None = None) -> ft.Row:
    """A heading with an action at its right."""
    return row(ft.Container(title, expand=True), *([trailing] if trailing else []), between=True)
