"""The frame of a screen: header with title and sync pill, the body, actions at the foot, the primary button."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import flet as ft

from mobile.state.help_pages import page_for
from mobile.ui.kit.boundary import component
from mobile.ui.kit.buttons import icon_button
from mobile.ui.kit.keyboard import use_keys
from mobile.ui.kit.layout import STRETCH, box, col, pad, row
from mobile.ui.kit.leaving import leave, leaving
from mobile.ui.kit.text import caption, screen_title, section_title, text
from mobile.ui.look import look, t
from mobile.ui.theme import TOUCH

FAB_SPACE_PX, FOOT_WIDTH_PX, PILL_PX, BRIEF_PILL_PX = 88, 712, 140, 68
TITLE_LEAST_PX = 100
"""What a title gets on a phone in any case, so that no word of it is broken: else the sync pill gives up its words."""
NAVIGATION_PX = {"phone": 0, "tablet": 89, "desktop": 233}
"""What the shell takes of the window's width beside a screen: rail or panel, and its line."""


def scaffold(
    title: str,
    *body: ft.Control,
    subtitle: str | None = None,
    back: str | None = None,
    actions: Sequence[ft.Control] = (),
    top: ft.Control | None = None,
    foot: ft.Control | None = None,
    fab: ft.Control | None = None,
    scrollable: bool = True,
    gap: float = 12,
    max_width: int | None = None,
    pill: bool = True,
    gutter: bool = True,
    help_name: str | None = None,
) -> ft.Control:
    """A whole screen. ``body`` scrolls under ``top`` (search, filters); ``foot`` stays at the foot (see ``footbar``).

    ``back`` is the route of the parent screen. ``actions`` stand before the sync pill: icon buttons on phones, buttons
    on wide windows. ``max_width`` keeps forms readable. ``scrollable`` False: the body brings its own scrolling list.
    """
    current = look()
    side = current.gutter if gutter else 0
    if scrollable:
        inner: ft.Control = ft.Column(
            [ft.Container(col(*body, gap=gap), padding=pad(0, side, FAB_SPACE_PX if fab else 24, side))],
            scroll=ft.ScrollMode.AUTO,
            expand=True,
            horizontal_alignment=STRETCH,
            spacing=0,
        )
    else:
        inner = ft.Container(
            ft.Column(list(body), spacing=gap, expand=True, horizontal_alignment=STRETCH),
            padding=pad(0, side, 0, side),
            expand=True,
        )
    parts = [header(title, subtitle=subtitle, back=back, actions=actions, pill=pill, help_name=help_name)]
    if top is not None:
        parts.append(limited(top, max_width, fill=False))  # ends where the body ends
    parts.append(limited(inner, max_width))
    if foot is not None:
        parts.append(foot)
    screen: ft.Control = ft.Column(parts, spacing=0, expand=True, horizontal_alignment=STRETCH)
    if fab is not None:
        screen = ft.Stack([screen, ft.Container(fab, right=side or 16, bottom=16)], expand=True)
    return screen


def limited(inner: ft.Control, max_width: int | None, *, fill: bool = True) -> ft.Control:
    """``inner``, not wider than ``max_width`` on wide windows. ``fill``: as high as there is room."""
    current = look()
    if max_width is None or current.width - NAVIGATION_PX[current.layout] <= max_width:
        return inner
    return ft.Row(
        [ft.Container(inner, width=max_width)],
        expand=fill,
        alignment=ft.MainAxisAlignment.START,
        vertical_alignment=STRETCH if fill else ft.CrossAxisAlignment.START,
    )


def title_px(title: str) -> float:
    """About how wide a screen's title is at 24 px."""
    return sum(24.0 if ord(sign) > 0x2E80 else 14.0 for sign in title)


def heading_for(title: str, room: float, *, arrow: bool) -> ft.Control:
    """A screen's title: on a phone without ``room`` px for it smaller, and in two lines. ``arrow``: beside one."""
    size, room = (18, room - TOUCH) if arrow else (24, room)
    whole = look().layout != "phone" or title_px(title) * size / 24 <= room
    if arrow:
        return section_title(title, 18) if whole else section_title(title, 16, lines=2)
    return screen_title(title) if whole else screen_title(title, 20, lines=2)


def is_narrow(title: str, room: float, *, arrow: bool) -> bool:
    """Whether on a phone a title would have to break its words in ``room`` px."""
    room -= TOUCH * arrow
    return look().layout == "phone" and room < min(TITLE_LEAST_PX, title_px(title) * 16 / 24)


@component
def BackArrow(back: str) -> ft.Control:
    """The way to the parent screen, by a tap or by Esc."""
    page = ft.context.page
    use_keys({"escape": lambda: leave(page, back)})
    return icon_button(ft.Icons.ARROW_BACK_ROUNDED, t("frame.back"), leaving(page, back), color=look().palette.text)


def header(
    title: str,
    *,
    subtitle: str | None = None,
    back: str | None = None,
    actions: Sequence[ft.Control] = (),
    pill: bool = True,
    help_name: str | None = None,
) -> ft.Control:
    """Title, second line, actions, help, pill. With ``back`` the title is smaller and stands beside an arrow.

    The help button is there where a page explains the screen (``mobile.state.help_pages.page_for``), or ``help_name``.
    """
    from mobile.ui.sync_pill import SyncPill

    current = look()
    page = ft.context.page
    help_button = _help_button(page, title, help_name)
    taken = TOUCH * (len(actions) + len(help_button)) + (PILL_PX if pill else 0) + 2 * current.gutter
    room = current.width - taken
    brief = pill and is_narrow(title, room, arrow=back is not None)
    heading = heading_for(title, room + (PILL_PX - BRIEF_PILL_PX) * brief, arrow=back is not None)
    words = ft.Container(col(heading, *([caption(subtitle, lines=2)] if subtitle else [])), expand=True)
    left: list[ft.Control] = []
    if back is not None:
        left.append(BackArrow(back))
    side = current.gutter
    return box(
        row(
            *left,
            words,
            *actions,
            *help_button,
            *([SyncPill(brief)] if pill else []),
            gap=4 if current.layout == "phone" else 12,
        ),
        # The arrow, not the room around it that can be tapped, stands at the content's edge.
        pad(12, side, 8, side - 12 if back is not None else side),
    )


def _help_button(page: ft.Page, title: str, name: str | None) -> list[ft.Control]:
    name = name or page_for(page.route)
    if name is None:
        return []
    address = f"/help/{name}?{urlencode({'from': page.route})}"
    return [icon_button(ft.Icons.HELP_OUTLINE_ROUNDED, t("help.open", title=title), leaving(page, address))]


def footbar(*controls: ft.Control, note: ft.Control | None = None) -> ft.Control:
    """Actions fixed at the foot, on wide windows no wider than a form; ``note`` is a sentence above them."""
    p = look().palette
    parts = [note] if note else []
    current = look()
    actions: ft.Control = col(*parts, row(*controls, gap=12), gap=8)
    if current.width - NAVIGATION_PX[current.layout] - 2 * current.gutter > FOOT_WIDTH_PX:
        actions = ft.Row([ft.Container(actions, width=FOOT_WIDTH_PX)])
    return box(
        actions,
        pad(12, look().gutter),
        p.low,
        border=ft.Border(top=ft.BorderSide(1, p.hairline)),
    )


def floating_button(icon: Any, label: str, on_click: Any) -> ft.Control:
    """The one primary action of a list on a phone, bottom right."""
    p = look().palette
    return ft.MergeSemantics(
        ft.FloatingActionButton(
            content=row(
                ft.Icon(icon, size=22, color=p.on_primary),
                text(label, 15, 600, p.on_primary),
                gap=8,
                alignment=ft.MainAxisAlignment.CENTER,
                tight=True,
            ),
            height=56,
            width=44 + 32 + sum(17 if ord(sign) > 255 else 9 for sign in label),
            bgcolor=p.primary,
            shape=ft.RoundedRectangleBorder(radius=18),
            elevation=3,
            on_click=on_click,
        )
    )
