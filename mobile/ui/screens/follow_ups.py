"""All follow-ups that are due, in pages; the overdue ones of a person or of the team, where the desk asks for them."""

import datetime

import flet as ft

from mobile.store.queries import due
from mobile.ui import kit as k
from mobile.ui.context import owner_of, use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.routes import query
from mobile.ui.screens.due_later import save_calendar
from mobile.ui.screens.due_list import DueList

PAGE_ROWS = 50
LATE_MAX_DAYS = 3_650
AHEAD_DAYS, CALENDAR_ROWS = 30, 500


@k.component
def FollowUpsScreen() -> ft.Control:
    """``/follow-ups``: what is due today and before. ``?late=N``: overdue by more than N days; ``?owner=``: whose."""
    app, page = use_app(), ft.context.page
    shown, set_shown = ft.use_state(PAGE_ROWS)
    today = app.today()
    late = _days(query().get("late"))
    owner = owner_of(app) or query().get("owner") or None
    until = (today - datetime.timedelta(days=late + 1) if late is not None else today).isoformat()
    inputs = (today, until, owner)
    counts = use_live(lambda s: due.due_counts(s, today=until, owner_id=owner), due.TOUCHED, *inputs)
    rows = use_live(
        lambda s: due.due(s, until=until, owner_id=owner, limit=shown), due.TOUCHED, *inputs, shown
    )
    person = use_live(lambda s: s.get("user", owner) if owner else None, ["user"], owner)
    more: list[ft.Control] = []
    if counts["due"] > len(rows):
        left = counts["due"] - len(rows)
        more = [k.button(k.t("frame.more", count=left), lambda _: set_shown(lambda old: old + PAGE_ROWS), kind="text")]
    if late is None:
        title = k.t("frame.home.due")
        subtitle = k.t("frame.due.counts", due=counts["due"], overdue=counts["overdue"])
    else:
        others = person is not None and owner != app.actor.user_id
        title = k.t("desk.late.title_of", name=person["name"]) if person and others else k.t("desk.late.title")
        subtitle = k.t("desk.late.count_days" if late else "desk.late.count", count=counts["due"], days=late)
    blank = k.card(
        k.empty_state(
            k.t("desk.late.none"),
            k.t("desk.late.none.line"),
            icon=ft.Icons.EVENT_AVAILABLE_ROUNDED,
            action=k.t("frame.home.due"),
            on_action=lambda _: page.navigate("/follow-ups"),
        )
    )

    async def to_calendar(_: object) -> None:
        ahead = (today + datetime.timedelta(days=AHEAD_DAYS)).isoformat()
        mine = app.actor.user_id
        await save_calendar(page, app, due.due(app.open_store, until=ahead, owner_id=mine, limit=CALENDAR_ROWS))

    calendar = k.button(
        k.t("due.calendar.all", days=AHEAD_DAYS), to_calendar, icon=ft.Icons.EDIT_CALENDAR_OUTLINED, kind="text"
    )
    found = DueList(rows, today.isoformat(), counts["due"])
    return k.scaffold(
        title,
        found if rows else WhenHere(found if late is None else blank),
        *more,
        *([] if late is not None else [calendar]),
        back="/",
        subtitle=subtitle,
        max_width=760,
    )


def _days(asked: str | None) -> int | None:
    """A number of days in an address; what is none is no filter."""
    return min(int(asked), LATE_MAX_DAYS) if asked and asked.isascii() and asked.isdigit() else None
