"""Parts that deal screens share: stage, odds and expected close in words, rows of the list."""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.palette import Status
from shared.rules import deals as rules

I = ft.Icons  # noqa: E741
ODDS = ((75, "high"), (50, "good"), (25, "some"), (0, "low"))
"""From so many percent on the odds are called so (``deals.odds.<word>``)."""


def odds(row: Mapping[str, Any]) -> Decimal:
    """Percent of a row of the list: its own, or its stage's."""
    return rules.odds(row, {"probability": row["usual"] or Decimal(0)})


def odds_words(percent: Decimal) -> str:
    """The odds as a person says them."""
    return k.t(f"deals.odds.{next(word for least, word in ODDS if percent >= least)}")


def percent_words(percent: Decimal) -> str:
    """``60%``."""
    return f"{k.format_quantity(percent)}%"


def stage_badge(row: Mapping[str, Any]) -> ft.Control:
    """The stage of an open deal, otherwise how it ended."""
    if row["state"] == "open":
        return k.badge(k.local(row, "stage"), "info", I.FLAG_OUTLINED)
    return k.choice_badge("opportunity", "state", row["state"])


def close_words(row: Mapping[str, Any], today: datetime.date) -> tuple[str, Status]:
    """When an open deal is expected to close, late ones first in red; of an ended one the day of its end."""
    if row["state"] != "open":
        return "", "mute"
    if not row["expected_close"]:
        return k.t("deals.close.none"), "mute"
    day = datetime.date.fromisoformat(row["expected_close"])
    days = (day - today).days
    if days < 0:
        return k.t("deals.close.late", days=-days), "bad"
    if days == 0:
        return k.t("deals.close.today"), "warn"
    if days <= 30:
        return k.t("deals.close.in", days=days), "mute"
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d"), "mute"


def close_label(row: Mapping[str, Any], today: datetime.date) -> ft.Control:
    """``close_words`` as a short line; red with a sign when it is late."""
    words, status = close_words(row, today)
    color = k.look().palette.status[status].fg
    mark = [ft.Icon(I.ERROR_ROUNDED, size=14, color=color)] if status == "bad" else []
    return k.row(*mark, k.text(words, 13, 600 if status != "mute" else 400, color, lines=1), gap=4, tight=True)


def spoken(row: Mapping[str, Any], today: datetime.date) -> str:
    """What a screen reader hears of a row."""
    stage = k.local(row, "stage") if row["state"] == "open" else k.t(f"choice.opportunity.state.{row['state']}")
    amount = k.format_money(row["amount"], use_app().currency, cents=False)
    parts = [row["title"], row["account"] or "", stage, amount, close_words(row, today)[0]]
    if row["unsent"]:
        parts.append(k.t("frame.unsent"))
    return k.t("deals.open", name=("，" if k.look().language == "zh" else ", ").join(filter(None, parts)))


def deal_row(
    row: dict[str, Any], today: datetime.date, on_open: Callable[[str], Any], *, customer: bool = True
) -> ft.Control:
    """A deal as a tile of two lines: what and for whom, how much and until when."""
    app = use_app()
    second: list[ft.Control] = [stage_badge(row)]
    others = row["owner_name"] if row["owner_id"] != app.actor.user_id else ""
    about = " · ".join(filter(None, [row["account"] if customer else "", others]))
    second.append(k.caption(about, expand=True))
    cloud = [k.unsent_mark()] if row["unsent"] else []
    trailing = ft.Column(
        [
            k.row(*cloud, k.money(row["amount"], 15, currency=app.currency, cents=False), gap=6, tight=True),
            close_label(row, today),
        ],
        spacing=4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return k.tile(
        k.row_title(row["title"]),
        k.row(*second, gap=8),
        trailing=trailing,
        height=76,
        on_click=lambda _: on_open(row["id"]),
        name=spoken(row, today),
    )


def wide_row(row: dict[str, Any], today: datetime.date, on_open: Callable[[str], Any]) -> ft.Control:
    """A deal in columns: what, for whom, stage, odds, who, until when, how much."""
    app = use_app()
    cloud = [k.unsent_mark()] if row["unsent"] else []
    words = k.col(
        k.row(ft.Container(k.row_title(row["title"]), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(row["account"] or "—"),
        gap=2,
    )
    roomy = k.look().width >= 1000
    cells = [
        ft.Container(words, expand=True),
        ft.Container(ft.Row([stage_badge(row)], tight=True), width=120),
        ft.Container(k.caption(percent_words(odds(row)) if row["state"] == "open" else ""), width=44),
        *([ft.Container(k.caption(row["owner_name"] or ""), width=72)] if roomy else []),
        ft.Container(close_label(row, today), width=112),
        ft.Container(
            k.money(row["amount"], 15, currency=app.currency, cents=False),
            width=112,
            alignment=ft.Alignment.CENTER_RIGHT,
        ),
    ]
    return k.tappable(
        k.row(*cells, gap=12), lambda _: on_open(row["id"]), label=spoken(row, today), padding=k.pad(0, 16), least=64
    )
