"""The frame around every screen: bottom bar, rail or side panel by width, and the sync sheet."""

from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.chain_mark import ChainMark
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.logo import logo
from mobile.ui.navigation import DESK, Destination, active_index, destinations
from mobile.ui.reminder_host import ReminderHost
from mobile.ui.shortcuts import ShortcutHost

BAR_PX, RAIL_PX, PANEL_PX = 72, 88, 232


def _badge(place: Destination, needs_me: int) -> ft.Badge | None:
    if place.key != "inbox" or not needs_me:
        return None
    p = k.look().palette
    return ft.Badge(label=str(needs_me), bgcolor=p.status["bad"].fg, text_color=p.on_error)


GROUPS = {"inbox": "needs", "team": "manage", "users": "manage", "setup": "manage"}
"""Entries of the side panel that stand under a word of their own, in windows of at least ``GROUPED_MIN_PX``."""
GROUPED_MIN_PX = 800
RAIL_HEAD_PX, RAIL_ROW_PX, RAIL_FOOT_PX = 145, 72, 108
"""Of the rail: logo and button, an entry, the shield and the settings."""
SHORT = ("catalogue", "stock", "users", "setup")
"""Entries with a shorter word for the rail."""


def _words(place: Destination, *, short: bool) -> str:
    key = f"frame.nav.{place.key}"
    return k.t(f"{key}.short" if short and place.key in SHORT else key)


def bottom_bar(places: tuple[Destination, ...], index: int | None, needs_me: int) -> ft.Control:
    """Under 600 px."""
    page, p = ft.context.page, k.look().palette
    lit = 0 if index is None else index
    return ft.NavigationBar(
        destinations=[
            ft.NavigationBarDestination(
                icon=ft.Icon(place.icon, color=p.text_soft, badge=_badge(place, needs_me)),
                selected_icon=ft.Icon(
                    place.icon if index is None else place.selected_icon,
                    color=p.text_soft if index is None else p.on_primary_container,
                    badge=_badge(place, needs_me),
                ),
                label=_words(place, short=True),
            )
            for place in places
        ],
        selected_index=lit,
        height=BAR_PX,
        bgcolor=p.low,
        elevation=0,
        indicator_color=ft.Colors.TRANSPARENT if index is None else p.primary_container,
        border=ft.Border(top=ft.BorderSide(1, p.hairline)),
        on_change=lambda e: page.navigate(places[int(e.control.selected_index)].route),
    )


def fitting(places: tuple[Destination, ...], height: float) -> tuple[Destination, ...]:
    """What the rail shows in a window of ``height`` px: in a low one without the last entries that the settings have
    too, so that none is cut in half."""
    room = int(height - RAIL_HEAD_PX - RAIL_FOOT_PX) // RAIL_ROW_PX
    kept = list(places)
    while len(kept) > room and GROUPS.get(kept[-1].key) == "manage":
        kept.pop()
    return tuple(kept)


def rail(places: tuple[Destination, ...], index: int | None, needs_me: int) -> ft.Control:
    """600 to 1199 px, the primary action on top."""
    page, p = ft.context.page, k.look().palette
    places = fitting(places, k.look().height)
    index = index if index is not None and index < len(places) else None
    new_order = ft.MergeSemantics(
        ft.FloatingActionButton(
            icon=ft.Icons.ADD_SHOPPING_CART_ROUNDED,
            bgcolor=p.primary,
            foreground_color=p.on_primary,
            elevation=0,
            tooltip=k.t("frame.nav.new_order"),
            shape=ft.RoundedRectangleBorder(radius=16),
            on_click=k.leaving(page, "/order/new"),
        )
    )
    head = ft.Column(
        [k.gap(8), logo(44), k.gap(16), new_order, k.gap(8)],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    settings = k.icon_button(ft.Icons.SETTINGS_OUTLINED, k.t("frame.nav.settings"), k.leaving(page, "/settings"))
    mark = [ChainMark(False, False)] if use_app().actor.role in DESK else []
    foot = ft.Container(k.col(*mark, settings, stretch=False), padding=k.pad(0, 0, 12, 0))

    async def chosen(event: Any) -> None:
        await k.leave(page, places[int(event.control.selected_index)].route)

    return ft.NavigationRail(
        selected_index=index,
        label_type=ft.NavigationRailLabelType.ALL,
        bgcolor=p.low,
        min_width=RAIL_PX,
        indicator_color=p.primary_container,
        group_alignment=-1,
        leading=head,
        trailing=foot,
        pin_trailing_to_bottom=True,
        scrollable=True,  # an administrator has more ways to go than a low window has room for
        destinations=[
            ft.NavigationRailDestination(
                icon=ft.Icon(place.icon, color=p.text_soft, badge=_badge(place, needs_me)),
                selected_icon=ft.Icon(place.selected_icon, color=p.on_primary_container, badge=_badge(place, needs_me)),
                label=k.text(_words(place, short=True), 12, 500, p.text if i == index else p.text_soft),
                padding=k.pad(4, 0),
            )
            for i, place in enumerate(places)
        ],
        on_change=chosen,
    )


def _panel_row(icon: Any, label: str, route: str, *, selected: bool, count: int = 0) -> ft.Control:
    page, p = ft.context.page, k.look().palette
    color = p.on_primary_container if selected else p.text_soft
    parts: list[ft.Control] = [
        ft.Icon(icon, size=22, color=color),
        k.text(
            label, 15, 600 if selected else 500, p.on_primary_container if selected else p.text, lines=1, expand=True
        ),
    ]
    if count:
        pair = p.status["bad"]
        parts.append(k.box(k.text(str(count), 12, 600, pair.fg), k.pad(1, 8), pair.bg, 10))
    return ft.MergeSemantics(
        ft.Semantics(
            button=True,
            selected=selected,
            content=ft.Container(
                k.row(*parts, gap=12),
                padding=k.pad(0, 12),
                height=44,
                border_radius=12,
                ink=True,
                bgcolor=p.primary_container if selected else None,
                on_click=k.leaving(page, route),
            ),
        )
    )


def side_panel(places: tuple[Destination, ...], index: int | None, needs_me: int, route: str) -> ft.Control:
    """From 1200 px."""
    app, p = use_app(), k.look().palette
    org = app.session.info.org.name if app.session.info else ""
    rows: list[ft.Control] = []
    roomy = k.look().height >= GROUPED_MIN_PX
    for i, place in enumerate(places):
        if roomy and place.key in GROUPS and GROUPS[place.key] != (GROUPS.get(places[i - 1].key) if i else ""):
            rows.append(ft.Container(k.caption(k.t(f"frame.nav.group.{GROUPS[place.key]}")), padding=k.pad(14, 12, 6)))
        rows.append(
            _panel_row(
                place.selected_icon if i == index else place.icon,
                _words(place, short=False),
                place.route,
                selected=i == index,
                count=needs_me if place.key == "inbox" else 0,
            )
        )
    brand = k.row(
        logo(36),
        ft.Container(k.col(k.text(k.t("frame.app.name"), 18, 600, lines=1), k.caption(org)), expand=True),
        gap=12,
    )
    mark = [ChainMark(route.startswith("/log"), True)] if app.actor.role in DESK else []
    settings = _panel_row(
        ft.Icons.SETTINGS_OUTLINED, k.t("frame.nav.settings"), "/settings", selected=route.startswith("/settings")
    )
    return k.box(
        ft.Column(
            [
                ft.Container(brand, padding=k.pad(8, 12, 16, 4)),
                # An administrator has more ways to go than a low window has room for.
                ft.Column(rows, spacing=4, horizontal_alignment=k.STRETCH, expand=True, scroll=ft.ScrollMode.AUTO),
                *mark,
                settings,
            ],
            spacing=4,
            horizontal_alignment=k.STRETCH,
            expand=True,
        ),
        k.pad(12),
        p.low,
        width=PANEL_PX,
        border=ft.Border(right=ft.BorderSide(1, p.hairline)),
    )


@k.component
def Shell() -> ft.Control:
    """Layout route: navigation by width and role around the outlet."""
    from mobile.ui.screens.first_hour import FirstHourHost
    from mobile.ui.screens.sync_sheet import SyncSheetHost

    session, sync = use_session(), use_sync()
    outlet = ft.use_route_outlet()
    route = ft.use_route_location()
    layout = k.look().layout
    places = destinations(session.role, bar=layout == "phone")
    index = active_index(places, route)
    content = ft.Container(outlet, expand=True)
    if layout == "phone":
        # A page with a parent has its own foot; the bar belongs to the first level.
        top_level = route.partition("?")[0].rstrip("/") in {place.route.rstrip("/") for place in places}
        frame: ft.Control = ft.Column(
            [content, *([bottom_bar(places, index, sync.needs_me)] if top_level else [])],
            spacing=0,
            expand=True,
            horizontal_alignment=k.STRETCH,
        )
    else:
        if layout == "tablet":
            side = ft.Container(
                rail(places, index, sync.needs_me), border=ft.Border(right=ft.BorderSide(1, k.look().palette.hairline))
            )
        else:
            side = side_panel(places, index, sync.needs_me, route)
        frame = ft.Row([side, content], spacing=0, expand=True, vertical_alignment=k.STRETCH)
    hosts = [SyncSheetHost(), ReminderHost(), FirstHourHost(ft.context.page.route), ShortcutHost(session.role, route)]
    return ft.Stack([frame, *hosts], expand=True)
