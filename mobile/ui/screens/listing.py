"""Long lists: rows in one card that are built as they come into view, fifty at a time."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.first_sync import WhenHere


def illustration(name: str) -> str:
    """The file of a picture for the present brightness."""
    return f"{name}-{'dark' if k.look().dark else 'light'}.svg"


def nothing_found(on_clear: Callable[[Any], Any], line: str | None = None) -> ft.Control:
    """In place of a list that search and filters have left empty: ``on_clear`` takes them away."""
    return k.empty_state(
        k.t("screen.nothing_found"),
        line or k.t("screen.nothing_found.line"),
        picture=illustration("no-result"),
        action=k.t("screen.clear_filters"),
        on_action=on_clear,
        action_icon=ft.Icons.FILTER_ALT_OFF_OUTLINED,
    )


def nobody_to_pick(page: ft.Page, text: str) -> ft.Control:
    """Where a customer is to be picked and there is none, or none that the searched ``text`` finds."""
    nobody = k.empty_state(
        k.t("screen.nothing_found"),
        k.t("screen.order.pick.none"),
        action=k.t("screen.customers.new"),
        on_action=lambda _: page.navigate("/customers/new"),
        icon=ft.Icons.PERSON_SEARCH_OUTLINED,
    )
    return nobody if text else WhenHere(nobody)


def more_row(rows: Sequence[Any], shown: int, on_more: Callable[[Any], Any]) -> list[ft.Control]:
    """The row *more* when there is one row more than is shown."""
    if len(rows) <= shown:
        return []
    return [
        ft.Container(
            k.button(k.t("screen.more"), on_more, icon=ft.Icons.EXPAND_MORE_ROUNDED, kind="text"), padding=k.pad(4, 16)
        )
    ]


def scroll_list(tiles: Sequence[ft.Control], *, inset: float = 64, framed: bool = True, foot: int = 96) -> ft.Control:
    """Tiles with hairlines in a list that scrolls and fills the height; ``foot`` px stay free for a floating button."""
    parts: list[ft.Control] = []
    for index, tile in enumerate(tiles):
        first, last = index == 0, index == len(tiles) - 1
        content = tile if last else k.col(tile, k.hairline(inset))
        parts.append(_framed(content, first, last) if framed else content)
    if framed:
        parts.append(ft.Container(height=foot))
    return ft.ListView(parts, spacing=0, expand=True)


def _framed(content: ft.Control, first: bool, last: bool) -> ft.Control:
    """One slice of the card. Its hairline is a ground of 1 px: a border with corners must have four equal sides."""
    p = k.look().palette
    inner = ft.Container(
        content, bgcolor=p.card, border_radius=_corners(first, last, 15), clip_behavior=ft.ClipBehavior.ANTI_ALIAS
    )
    return ft.Container(
        inner,
        bgcolor=p.hairline,
        padding=k.pad(1 if first else 0, 1, 1 if last else 0, 1),
        border_radius=_corners(first, last, 16),
    )


def _corners(first: bool, last: bool, radius: int) -> ft.BorderRadius:
    top, bottom = radius if first else 0, radius if last else 0
    return ft.BorderRadius.only(top_left=top, top_right=top, bottom_left=bottom, bottom_right=bottom)
