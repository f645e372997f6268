"""Putting a follow-up off, and taking it into the phone's own calendar, which also rings while the app is closed."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

import flet as ft

from mobile.platform.ports import PlatformError
from mobile.state.app import App
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.screens.customer_parts import day_and_time
from mobile.ui.words import error_words
from shared.errors import CaravanError
from shared.rules.calendar_file import AT, MIME, Reminder, calendar_file
from shared.rules.reminders import LATER, later

I = ft.Icons  # noqa: E741
ICONS = {
    "in_1_hour": I.HOURGLASS_BOTTOM_ROUNDED,
    "tomorrow": I.WB_SUNNY_OUTLINED,
    "in_3_days": I.UPDATE_ROUNDED,
    "next_monday": I.NEXT_WEEK_OUTLINED,
}


@k.component
def LaterButton(row: Mapping[str, Any]) -> ft.Control:
    """Opens the choice of days for a row of ``due.due``."""
    page, app = ft.context.page, use_app()
    shown, show = ft.use_state(False)
    when = {choice: later(choice, app.now_ms(), app.time_zone, row["due_time"]) for choice in LATER}
    if row["entity"] == "lead":  # which has a day, and no time
        when = {choice: (day, clock) for choice, (day, clock) in when.items() if clock is None}

    def choose(choice: str) -> Any:
        def chosen(_: Any) -> None:
            show(False)
            day, clock = when[choice]
            put_off(page, app, row, day.isoformat(), clock)

        return chosen

    async def to_calendar(_: Any) -> None:
        show(False)
        await save_calendar(page, app, [row])

    tiles = [
        k.tile(
            k.t(f"due.later.{choice}"), day_and_time(day.isoformat(), clock), height=60,
            leading=k.icon_avatar(ICONS[choice]), on_click=choose(choice),
            name=f"{k.t(f'due.later.{choice}')} · {day_and_time(day.isoformat(), clock)}",
        )
        for choice, (day, clock) in when.items()
    ]  # fmt: skip
    tiles.append(
        k.tile(
            k.t("due.calendar"), k.t("due.calendar.line", time=row["due_time"] or AT), height=60,
            leading=k.icon_avatar(I.EDIT_CALENDAR_OUTLINED), on_click=to_calendar, name=k.t("due.calendar"),
        )
    )  # fmt: skip
    title = k.section_title(k.t("due.later.title", name=row["account"]), 18)
    ft.use_dialog(k.sheet(k.col(title, k.gap(12), k.list_card(*tiles)), lambda _: show(False)) if shown else None)
    return k.icon_button(
        I.SNOOZE_ROUNDED, k.t("due.later", name=row["account"]), lambda _: show(True), color=k.look().palette.text_soft
    )


def put_off(page: ft.Page, app: App, row: Mapping[str, Any], day: str, clock: str | None = None) -> None:
    """Moves day and time, with the way back in the snack bar."""
    if row["entity"] == "lead":
        before, after = {"next_step_on": row["due_on"]}, {"next_step_on": day}
    else:
        before, after = {name: row[name] for name in ("due_on", "due_time")}, {"due_on": day, "due_time": clock}
    if patch(page, app, row, before, after):
        k.snack(
            page, k.t("due.later.done", name=row["account"], day=day_and_time(day, clock)), action=k.t("frame.undo"),
            on_action=lambda _: patch(page, app, row, after, before),
        )  # fmt: skip


def patch(page: ft.Page, app: App, row: Mapping[str, Any], base: dict[str, Any], values: dict[str, Any]) -> bool:
    """Changes a row of ``due.due``; a refusal is said at the foot."""
    try:
        app.act((f"{row['entity']}.patch", {"id": row["id"], "base": base, "values": values}))
    except CaravanError as refused:
        k.snack(page, error_words(refused), status="bad")
        return False
    return True


async def save_calendar(page: ft.Page, app: App, rows: Iterable[Mapping[str, Any]]) -> None:
    """Hands a calendar file with the rows of ``due.due`` to the user."""
    made = [reminder_of(row) for row in rows]
    data = calendar_file(made, app.time_zone, app.now_ms())
    name = f"caravan-{app.today().isoformat()}.ics"
    try:
        await app.platform.save_file(name, data, MIME)
    except PlatformError:
        k.snack(page, k.t("due.calendar.failed"), status="bad")
        return
    k.snack(page, k.t("due.calendar.saved", count=len(made), name=name))


def reminder_of(row: Mapping[str, Any]) -> Reminder:
    """A row of ``due.due`` as an event: what is to do, whom to call."""
    what = row["due_note"] or row["body"]
    people = " · ".join(part for part in (row["contact"], row["phone"]) if part)
    note = "\n".join(part for part in (what, people) if part)
    day = datetime.date.fromisoformat(row["due_on"])
    title = k.t("due.calendar.event", name=row["account"], what=what[:60])
    return Reminder(row["id"], day, title, note, row["city"], row["due_time"])
