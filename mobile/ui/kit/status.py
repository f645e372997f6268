"""Status in three signs at once: icon, word, colour. And the sync pill."""

from typing import Any

import flet as ft

from mobile.ui.kit.layout import CENTER, Click, box, col, pad, row, tappable
from mobile.ui.kit.text import text
from mobile.ui.look import look, t
from mobile.ui.palette import Status
from mobile.ui.theme import RADIUS_BADGE

I = ft.Icons  # noqa: E741 - the icons are named a hundred times

ICONS: dict[Status, Any] = {
    "ok": I.CHECK_CIRCLE_ROUNDED,
    "warn": I.SCHEDULE_ROUNDED,
    "bad": I.ERROR_ROUNDED,
    "info": I.INFO_ROUNDED,
    "mix": I.CALL_SPLIT_ROUNDED,
    "mute": I.CIRCLE_OUTLINED,
}

CHOICES: dict[str, tuple[Status, Any]] = {
    "account.account_class.potential": ("mute", I.RADIO_BUTTON_UNCHECKED_ROUNDED),
    "account.account_class.interested": ("info", I.TRENDING_UP_ROUNDED),
    "account.account_class.won": ("ok", I.VERIFIED_ROUNDED),
    "account.account_class.lost": ("bad", I.TRENDING_DOWN_ROUNDED),
    "lead.state.new": ("info", I.FIBER_NEW_ROUNDED),
    "lead.state.following": ("warn", I.SCHEDULE_ROUNDED),
    "lead.state.interested": ("info", I.TRENDING_UP_ROUNDED),
    "lead.state.converted": ("ok", I.VERIFIED_ROUNDED),
    "lead.state.invalid": ("mute", I.BLOCK_ROUNDED),
    "order.state.draft": ("mute", I.EDIT_OUTLINED),
    "order.state.pending": ("warn", I.SCHEDULE_ROUNDED),
    "order.state.confirmed": ("ok", I.CHECK_CIRCLE_ROUNDED),
    "order.state.cancelled": ("mute", I.CANCEL_OUTLINED),
    "order_line.state.draft": ("mute", I.EDIT_OUTLINED),
    "order_line.state.pending": ("warn", I.SCHEDULE_ROUNDED),
    "order_line.state.reserved": ("ok", I.LOCK_ROUNDED),
    "order_line.state.partial": ("info", I.CALL_SPLIT_ROUNDED),
    "order_line.state.backordered": ("warn", I.HOURGLASS_BOTTOM_ROUNDED),
    "order_line.state.dropped": ("bad", I.REMOVE_SHOPPING_CART_ROUNDED),
    "order_line.state.cancelled": ("mute", I.CANCEL_OUTLINED),
    "conflict.kind.field": ("mix", I.CALL_SPLIT_ROUNDED),
    "conflict.kind.rejection": ("bad", I.ERROR_ROUNDED),
    "conflict.kind.shortage": ("warn", I.INVENTORY_2_OUTLINED),
    "conflict.kind.renumbered": ("info", I.TAG_ROUNDED),
    "conflict.kind.lease": ("info", I.LOCK_OPEN_ROUNDED),
    "conflict.kind.assigned": ("info", I.ASSIGNMENT_IND_OUTLINED),
    "conflict.kind.feedback": ("info", I.FORUM_OUTLINED),
    "feedback.status.new": ("warn", I.SCHEDULE_ROUNDED),
    "feedback.status.answered": ("info", I.FORUM_OUTLINED),
    "feedback.status.planned": ("info", I.EVENT_ROUNDED),
    "feedback.status.done": ("ok", I.CHECK_CIRCLE_ROUNDED),
    "feedback.status.declined": ("mute", I.DO_NOT_DISTURB_ALT_ROUNDED),
    "opportunity.state.open": ("info", I.FLAG_OUTLINED),
    "opportunity.state.won": ("ok", I.EMOJI_EVENTS_ROUNDED),
    "opportunity.state.lost": ("bad", I.TRENDING_DOWN_ROUNDED),
    "opportunity.state.cancelled": ("mute", I.CANCEL_OUTLINED),
    "stock_lease.state.offered": ("warn", I.SCHEDULE_ROUNDED),
    "stock_lease.state.claiming": ("info", I.CLOUD_SYNC_OUTLINED),
    "stock_lease.state.active": ("ok", I.LOCK_ROUNDED),
    "stock_lease.state.returned": ("mute", I.UNDO_ROUNDED),
    "stock_lease.state.expired": ("mute", I.LOCK_CLOCK_OUTLINED),
    "stock_lease.state.reclaimed": ("warn", I.ASSIGNMENT_RETURN_OUTLINED),
    "conflict.state.open": ("warn", I.SCHEDULE_ROUNDED),
    "conflict.state.resolved": ("ok", I.CHECK_CIRCLE_ROUNDED),
    "conflict.state.dismissed": ("mute", I.CANCEL_OUTLINED),
    "quarantine_item.reason.scope": ("warn", I.SWAP_HORIZ_ROUNDED),
    "quarantine_item.reason.dependency": ("info", I.LINK_ROUNDED),
    "quarantine_item.reason.device": ("warn", I.PHONELINK_OFF_OUTLINED),
    "quarantine_item.state.adopted": ("ok", I.CHECK_CIRCLE_ROUNDED),
    "quarantine_item.state.dismissed": ("mute", I.CANCEL_OUTLINED),
}
"""Look of the declared choices, ``entity.field.value``; their words are ``choice.<the same>`` in the catalogues."""


def badge(label: str, status: Status = "mute", icon: Any = True) -> ft.Container:
    """A small word on its ground. ``icon`` True: the status's own; None: none."""
    pair = look().palette.status[status]
    mark = ICONS[status] if icon is True else icon
    parts: list[ft.Control] = [ft.Icon(mark, size=14, color=pair.fg)] if mark else []
    return box(row(*parts, text(label, 12, 600, pair.fg, lines=1), gap=4, tight=True), pad(3, 8), pair.bg, RADIUS_BADGE)


def choice_badge(entity: str, field: str, value: str) -> ft.Container:
    """The badge of a declared choice: words from the catalogue, look from ``CHOICES``. A value of a newer server, which
    this app does not declare, gets general words."""
    name = f"{entity}.{field}.{value}"
    if name not in CHOICES:
        return badge(t("frame.newer"), "mute", I.HELP_OUTLINE_ROUNDED)
    return badge(t(f"choice.{name}"), *CHOICES[name])


def status_line(label: str, status: Status, icon: Any = True, *, size: int = 13, lines: int | None = 1) -> ft.Row:
    """Icon and words in the status's colour, without a ground."""
    color = look().palette.status[status].fg
    mark = ICONS[status] if icon is True else icon
    return row(
        ft.Icon(mark, size=16, color=color),
        text(label, size, 500, color, lines=lines, expand=True),
        gap=6,
    )


def notice(
    label: str,
    status: Status,
    *,
    detail: str | None = None,
    icon: Any = True,
    action: str | None = None,
    on_action: Click | None = None,
    live: bool = False,
) -> ft.Control:
    """A strip that says what happened and what can be done. ``live``: read aloud when it appears."""
    pair = look().palette.status[status]
    mark = ICONS[status] if icon is True else icon
    words: list[ft.Control] = [text(label, 14, 600, pair.fg)]
    if detail:
        words.append(text(detail, 13, 400, pair.fg))
    parts: list[ft.Control] = [ft.Icon(mark, size=22, color=pair.fg), ft.Container(col(*words, gap=2), expand=True)]
    if action:
        parts.append(ft.TextButton(content=text(action, 14, 600, pair.fg), on_click=on_action, height=48))
    strip = box(row(*parts, gap=12), pad(10, 8 if action else 14, 10, 14), pair.bg, 14)
    return ft.Semantics(live_region=True, container=True, content=strip) if live else strip


def count_bubble(count: int, status: Status) -> ft.Container:
    """A number on a filled ground, as in the pill and in the side panel."""
    p = look().palette
    return box(
        text(str(count), 12, 600, p.surface, lines=1, text_align=ft.TextAlign.CENTER),
        pad(1, 6),
        p.status[status].fg,
        10,
    )


def pill(
    label: str, status: Status, icon: Any, on_click: Click, *, count: int = 0, name: str | None = None
) -> ft.Control:
    """40 px high in a hit area of 48; without ``label`` an icon. A live region: changes are read aloud."""
    pair = look().palette.status[status]
    parts: list[ft.Control] = [ft.Icon(icon, size=18, color=pair.fg)]
    if label:
        parts.append(text(label, 13, 600, pair.fg, lines=1))
    if count:
        parts.append(count_bubble(count, status))
    ground = box(row(*parts, gap=6, tight=True), pad(0, 12), pair.bg, 20, height=40, alignment=CENTER)
    hit = tappable(
        row(ground, tight=True),
        on_click,
        label=name or f"{label} {count or ''}".strip(),
        padding=pad(4, 0),
        border_radius=24,
        height=48,
    )
    return ft.Semantics(live_region=True, container=True, content=hit)


def progress_bar(share: float, *, color: str | None = None, height: int = 8, name: str = "") -> ft.Control:
    """A filled share of 0 to 1 on its track."""
    p = look().palette
    filled = max(0, min(1000, round(share * 1000)))
    parts: list[ft.Control] = []
    if filled:
        parts.append(ft.Container(expand=filled, height=height, bgcolor=color or p.primary, border_radius=height))
    if filled < 1000:
        parts.append(ft.Container(expand=1000 - filled, height=height))
    track = box(ft.Row(parts, spacing=0), None, p.high, height, height=height)
    return ft.Semantics(label=name, value=f"{filled // 10} %", content=track, container=True) if name else track
