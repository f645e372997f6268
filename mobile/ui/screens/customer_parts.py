"""Parts that customer screens share: when the next follow-up is due, rows of the list."""

import datetime
from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.kit.call import call_button
from mobile.ui.palette import Status

I = ft.Icons  # noqa: E741

CHANNELS: dict[str, tuple[Any, Status]] = {
    "visit": (I.PLACE_ROUNDED, "info"),
    "call": (I.CALL_ROUNDED, "ok"),
    "wechat": (I.CHAT_ROUNDED, "ok"),
    "email": (I.MAIL_ROUNDED, "info"),
    "booth": (I.STOREFRONT_ROUNDED, "info"),
}
"""Look of the ways to meet a customer; their words are choices of ``activity.channel``."""


def due_words(due_on: str | None, today: datetime.date) -> tuple[str, Status]:
    """How a due date is said, and its colour: overdue since, today, tomorrow, a weekday, a date, not planned."""
    if not due_on:
        return k.t("frame.no_date"), "mute"
    day = datetime.date.fromisoformat(due_on)
    days = (day - today).days
    if days < 0:
        return k.t("screen.due.overdue_one" if days == -1 else "screen.due.overdue", days=-days), "bad"
    if days == 0:
        return k.t("screen.due.today"), "warn"
    if days == 1:
        return k.t("screen.due.tomorrow"), "mute"
    if days < 7:
        return k.t("frame.weekdays").split(" ")[day.weekday()], "mute"
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d"), "mute"


def day_and_time(day: str, clock: str | None) -> str:
    """``11月27日 周五 14:30``; without a time the day alone."""
    return f"{k.format_day(day)} {clock}" if clock else k.format_day(day)


def due_label(due_on: str | None, today: datetime.date) -> ft.Control:
    """The due date as a short coloured line."""
    words, status = due_words(due_on, today)
    color = k.look().palette.status[status].fg
    urgent = status != "mute"
    mark = [ft.Icon(I.ERROR_ROUNDED if status == "bad" else I.SCHEDULE_ROUNDED, size=14, color=color)] if urgent else []
    return k.row(*mark, k.text(words, 13, 600 if urgent else 400, color, lines=1), gap=4, tight=True)


def level_words(level: str) -> str:
    """``A 级`` / ``Level A``."""
    return k.t(f"choice.account.level.{level}")


def second_line(row: dict[str, Any]) -> str:
    """Who and where: 周岚 · 杭州."""
    return " · ".join(part for part in (row["contact"], row["city"]) if part)


def _name(row: dict[str, Any], today: datetime.date) -> str:
    parts = [
        row["name"],
        k.t(f"choice.account.account_class.{row['account_class']}"),
        level_words(row["level"]),
        second_line(row),
        due_words(row["due_on"], today)[0],
        k.t("frame.unsent") if row["unsent"] else "",
    ]
    return k.t("screen.customers.open", name=("，" if k.look().language == "zh" else ", ").join(filter(None, parts)))


def card_row(
    row: dict[str, Any], today: datetime.date, on_open: Callable[[str], Any], *, selected: bool = False
) -> ft.Control:
    """A customer as a tile of two lines: phones, and the list beside the detail."""
    badge = k.choice_badge("account", "account_class", row["account_class"])
    who = k.row(badge, k.caption(second_line(row), expand=True), gap=8)
    cloud = [k.unsent_mark()] if row["unsent"] else []
    level = k.text(level_words(row["level"]), 13, 500, k.look().palette.text_soft, lines=1)
    trailing = ft.Column(
        [k.row(*cloud, level, gap=8, tight=True), due_label(row["due_on"], today)],
        spacing=4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return k.tile(
        k.row_title(row["name"]),
        who,
        leading=k.avatar(row["name"]),
        trailing=trailing,
        height=76,
        selected=selected,
        on_click=lambda _: on_open(row["id"]),
        name=_name(row, today),
    )


def wide_row(row: dict[str, Any], today: datetime.date, on_open: Callable[[str], Any]) -> ft.Control:
    """A customer in columns instead of second lines: from 600 px on."""
    cloud = [k.unsent_mark()] if row["unsent"] else []
    words = k.col(
        k.row(ft.Container(k.row_title(row["name"]), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(second_line(row)),
        gap=2,
    )
    inner = k.row(
        k.avatar(row["name"]),
        ft.Container(words, expand=True),
        ft.Container(k.row(k.choice_badge("account", "account_class", row["account_class"]), tight=True), width=96),
        ft.Container(k.text(level_words(row["level"]), 13, 500, k.look().palette.text_soft, lines=1), width=56),
        ft.Container(due_label(row["due_on"], today), width=112),
        gap=12,
    )
    body = k.tappable(
        inner, lambda _: on_open(row["id"]), label=_name(row, today), padding=k.pad(0, 0, 0, 16), least=72, expand=True
    )
    call = call_button(row["contact_phone"] or row["phone"], row["contact"] or row["name"])
    return ft.Container(k.row(body, call, gap=8), padding=k.pad(0, 8, 0, 0))
