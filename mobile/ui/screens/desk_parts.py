"""Cards of the desk: a number with what it was before, groups with their bars, what is overdue in the team."""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries.desk import Group
from mobile.ui import kit as k

I = ft.Icons  # noqa: E741
SHOWN = 6
FOOT_PX, NARROW_FOOT_PX = 52, 80
"""Below a number: two lines of 12 px, or four."""
MANY_TIMES = 10
"""From so many times the number before on, a percentage says nothing any more."""
Open = Callable[[Any], Any]


def percent(part: Decimal, whole: Decimal) -> str:
    """``12.4%``; whole numbers from 100 on."""
    share = part / whole * 100
    return f"{share:,.0f}%" if abs(share) >= 100 else f"{share:.1f}%"


def change(now: Decimal, before: Decimal) -> tuple[str, Any, str]:
    """How a number went: words with sign, icon, status. Without a number before there is nothing to say."""
    if not before or now == before:
        return "", I.TRENDING_FLAT_ROUNDED, "mute"
    if now >= before * MANY_TIMES:
        return f"×{now / before:,.0f}", I.ARROW_UPWARD_ROUNDED, "ok"
    if now > before:
        return f"+{percent(now - before, before)}", I.ARROW_UPWARD_ROUNDED, "ok"
    return f"{k.MINUS}{percent(before - now, before)}", I.ARROW_DOWNWARD_ROUNDED, "bad"


def compared(
    before_words: str, now: Decimal, before: Decimal, value: str, on_open: Open, *, narrow: bool = False
) -> ft.Control:  # fmt: skip
    """The line below a number: how it went against the period before, which opens the rows of that one. ``narrow``: in
    two lines one below the other."""
    words, icon, status = change(now, before)
    color = k.look().palette.status[status].fg  # type: ignore[index]
    if not before:
        return k.caption(k.t("desk.compare.none", before=before_words), lines=2)
    key = "desk.compare" if words else "desk.compare.same"
    line = k.t(key, before=before_words, value=value)
    sign = [ft.Icon(icon, size=16, color=color), *([k.text(words, 12, 600, color, lines=1)] if words else [])]
    if narrow and words:
        parts: ft.Control = k.col(k.row(*sign, gap=4), k.caption(line, lines=2))
    else:
        parts = k.row(*sign, k.caption(line, lines=2, expand=True), gap=4)
    return k.tappable(parts, on_open, label=f"{words} {line}".strip(), border_radius=8, padding=k.pad(4, 0))


def number_card(
    icon: Any, label: str, value: ft.Control, said: str, on_open: Open, *, spark: ft.Control | None = None,
    below: ft.Control | None = None, narrow: str = "", **options: Any,
) -> ft.Control:  # fmt: skip
    """A number that opens its rows; ``said`` is how it is read aloud, ``below`` a line of its own. ``narrow``: half a
    phone wide, with this label to see (the chosen chip names the period) and more room below."""
    p = k.look().palette
    head = k.row(ft.Icon(icon, size=18, color=p.text_soft), k.soft(narrow or label, 13, lines=1, expand=True), gap=8)
    line = k.row(ft.Container(value, expand=True), *([spark] if spark else []), gap=8)
    top = k.tappable(
        k.col(head, k.gap(6), line),
        on_open,
        label=k.t("desk.number", what=label, value=said),
        padding=k.pad(14, 16, 4, 16),
    )
    # Side by side cards are equally high; one that has a phone's whole width is as high as it needs.
    height = NARROW_FOOT_PX if narrow else None if k.look().layout == "phone" else FOOT_PX
    room = k.pad(0, 12, 10, 16)
    foot: ft.Control = ft.Container(below or k.gap(16), padding=room, alignment=ft.Alignment.TOP_LEFT)
    if height is not None:
        foot = k.at_least(height, foot, top=True)
    return k.card(k.col(top, foot), 0, clip_behavior=ft.ClipBehavior.ANTI_ALIAS, **options)


def group_row(
    name: str, group: Group, largest: Decimal, currency: str, on_open: Open, *, rank: int | None = None,
    color: str | None = None,
) -> ft.Control:  # fmt: skip
    """A name, its bar and its amount. ``rank`` for people."""
    amount = k.short_money(group.total, currency)
    share = float(group.total / largest) if largest > 0 else 0.0
    said = k.t("desk.group.open", name=name, amount=k.format_money(group.total, currency, cents=False),
               count=group.orders)  # fmt: skip
    bar = k.progress_bar(share, color=color, height=6)
    if rank is not None:
        inner = k.row(
            ft.Container(k.soft(str(rank), 14, text_align=ft.TextAlign.CENTER), width=20),
            k.avatar(name, 28, round_=True),
            ft.Container(k.text(name, 14, 500, lines=1), expand=4),
            ft.Container(bar, expand=3),
            ft.Container(k.text(amount, 14, 600, lines=1), width=84, alignment=ft.Alignment.CENTER_RIGHT),
            gap=10,
        )
        return k.tappable(inner, on_open, label=said, least=48, padding=k.pad(0), border_radius=8)
    words = k.row(ft.Container(k.text(name, 13, 500, lines=1), expand=True), k.text(amount, 13, 600, lines=1), gap=8)
    return k.tappable(k.col(words, k.gap(4), bar), on_open, label=said, padding=k.pad(7, 0), border_radius=8, least=48)


@k.component
def GroupCard(
    title: str, sentence: str, groups: Sequence[Group], names: Callable[[str], str], currency: str,
    open_group: Callable[[Group], Open], ranked: bool,
) -> ft.Control:  # fmt: skip
    """Groups of orders from the largest on; the first six at first."""
    everything, show_everything = ft.use_state(False)
    p = k.look().palette
    listed = groups if everything else groups[:SHOWN]
    largest = max((group.total for group in groups), default=Decimal(0))
    rows = [
        group_row(
            names(group.key), group, largest, currency, open_group(group), rank=index + 1 if ranked else None,
            color=p.chart[0] if ranked else p.chart[2],
        )
        for index, group in enumerate(listed)
    ]  # fmt: skip
    more: list[ft.Control] = []
    if len(groups) > SHOWN:
        left = len(groups) - SHOWN
        words = k.t("desk.less") if everything else k.t("desk.more", count=left)
        more = [k.link(words, lambda _: show_everything(not everything))]
    return k.card(
        k.col(k.section_title(title), k.gap(2), k.soft(sentence, 13, lines=2), k.gap(8), *rows, *more),
        k.pad(16, 16, 10, 16),
    )


def overdue_card(rows: list[dict[str, Any]], today: datetime.date, escalate_days: int, open_of: Any) -> ft.Control:
    """Who has overdue follow-ups; what nobody saw to for long is marked."""
    p = k.look().palette
    if not rows:
        return k.card(
            k.col(
                k.section_title(k.t("desk.team_overdue")),
                k.gap(8),
                k.status_line(k.t("desk.team_overdue.none"), "ok"),
            )
        )
    count = sum(row["count"] for row in rows)
    worst = max(_days(row["oldest"], today) for row in rows)
    tiles = []
    for row in rows[:SHOWN]:
        days, name = _days(row["oldest"], today), row["name"] or k.t("desk.someone")
        status = "bad" if days > escalate_days else "warn"
        line = k.row(
            ft.Icon(I.ERROR_ROUNDED if status == "bad" else I.SCHEDULE_ROUNDED, size=14, color=p.status[status].fg),  # type: ignore[index]
            k.text(
                k.t("desk.team_overdue.row", count=row["count"], days=days), 12, 500, p.status[status].fg, lines=1,  # type: ignore[index]
                expand=True,
            ),
            gap=4,
        )  # fmt: skip
        tiles.append(
            k.tile(
                name, line, leading=k.avatar(name, 36, round_=True), height=60, padding=k.pad(0, 0),
                trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=p.text_soft), on_click=open_of(row["owner"]),
                name=k.t("desk.team_overdue.open", name=name, count=row["count"], days=days),
            )
        )  # fmt: skip
    return k.card(
        k.col(
            k.section_title(k.t("desk.team_overdue")),
            k.gap(2),
            k.soft(k.t("desk.team_overdue.line", count=count, days=worst), 13),
            k.gap(4),
            *tiles,
        ),
        k.pad(16, 16, 8, 16),
    )


def _days(day: str, today: datetime.date) -> int:
    return (today - datetime.date.fromisoformat(day)).days
