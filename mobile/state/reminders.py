"""Reminding of due follow-ups: of the day's once a day, of one with a time when its time comes.

It is looked when the app starts, comes to the foreground, and while it is open. Everything is read from the rows of
this device; nothing here needs the network.
"""

import weakref
from collections.abc import Mapping
from typing import Any, Literal

from mobile.state.app import App
from mobile.store.queries import due
from shared import locale
from shared.rules.reminders import due_ms
from shared.timezone import local_datetime

FROM_HOUR = 8
"""On the organisation's clock; nobody is told at night what the day brings. A time that was chosen is kept."""
EVERY_S = 60.0
KEY = "reminded."
"""Before the user's id, in the device area: the day of the last reminder. Another tab does not repeat it."""
TIMED_KEY = "reminded_at."
"""Before the user's id and a follow-up's: day and time that it was told for."""
DAY_ROWS = 200
"""Follow-ups of one person and day with a time that are looked at."""
Told = Literal["", "notified", "shown"]
_looked: "weakref.WeakKeyDictionary[App, set[tuple[str, str]]]" = weakref.WeakKeyDictionary()
"""What this window has dealt with already, (user, mark): two looks may wait for the device area together."""


def words(language: str, due: int, overdue: int) -> str:
    """``5 follow-ups for today, 2 overdue``."""
    key = "remind.body.late" if overdue else "remind.body"
    return locale.translate(language, key, due=due, overdue=overdue)


async def remind(app: App) -> tuple[Told, str]:
    """Looks whether somebody is to be reminded of the day now, and by what.

    ``notified``: the system showed a notification. ``shown``: the caller shows the words in the app. Empty: nothing
    is due, it is too early, or it was told today.
    """
    if not _knows(app) or local_datetime(app.now_ms(), app.time_zone).hour < FROM_HOUR:
        return "", ""
    user_id, day = app.actor.user_id, app.today().isoformat()
    counts = due.due_counts(app.open_store, today=day, owner_id=user_id)
    if not counts["due"] or not _first_look(app, user_id, day):
        return "", ""
    if await app.platform.device_area.get(KEY + user_id) == day:
        return "", ""
    await app.platform.device_area.set(KEY + user_id, day)
    said = words(app.look.language, counts["due"], counts["overdue"])
    return await _tell(app, locale.translate(app.look.language, "remind.title"), said, "follow-ups")


async def remind_timed(app: App) -> list[tuple[Told, str]]:
    """Looks for one's own follow-ups of today whose time has come, and tells each once; one that is put off is told
    again at its new time. Those that came while the app was closed are told at its start."""
    if not _knows(app):
        return []
    user_id, day, now = app.actor.user_id, app.today().isoformat(), app.now_ms()
    come = [row for row in _timed(app) if (due_ms(row, app.time_zone) or 0) <= now]
    come = [row for row in come if _first_look(app, user_id, _mark(row))]
    if not come:
        return []
    area, prefix = app.platform.device_area, f"{TIMED_KEY}{user_id}."
    told = {key: await area.get(key) for key in await area.keys(prefix)}
    results: list[tuple[Told, str]] = []
    for row in come:
        key, at = prefix + row["id"], f"{day} {row['due_time']}"
        if told.pop(key, None) == at:
            continue
        await area.set(key, at)
        title = locale.translate(app.look.language, "remind.now", time=row["due_time"], name=row["account"])
        how, _ = await _tell(app, title, row["due_note"] or row["body"], f"follow-up {row['id']}")
        results.append((how, title))
    for key, at in told.items():
        if at is not None and not at.startswith(day):
            await area.delete(key)
    return results


def route_of(app: App, tag: str) -> str:
    """Where a tapped notification leads: to the customer of the follow-up that it names, or to all that is due."""
    row = app.open_store.get("activity", tag.partition(" ")[2]) if app.is_open else None
    return f"/customers/{row['account_id']}" if row is not None else "/follow-ups"


def wait_s(app: App) -> float:
    """Seconds until the next look: at most ``EVERY_S``, less when a follow-up's time comes before."""
    if not app.is_open:
        return EVERY_S
    now = app.now_ms()
    coming = [at - now for row in _timed(app) if (at := due_ms(row, app.time_zone) or 0) > now]
    return min([EVERY_S, *(ms / 1000 for ms in coming)])


def _timed(app: App) -> list[dict[str, Any]]:
    """The user's open follow-ups of today that have a time."""
    day = app.today().isoformat()
    return due.due_at_a_time(app.open_store, day=day, owner_id=app.actor.user_id, limit=DAY_ROWS)


def _knows(app: App) -> bool:
    """Whether all rows are here: while the first ones come in, a number would be untrue."""
    return app.is_open and app.sync.complete


def _mark(row: Mapping[str, Any]) -> str:
    """Which moment of which follow-up: one that is put off keeps its time and has another day."""
    return f"{row['id']} {row['due_on']} {row['due_time']}"


def _first_look(app: App, user_id: str, mark: str) -> bool:
    looked = _looked.setdefault(app, set())
    if (user_id, mark) in looked:
        return False
    looked.add((user_id, mark))
    return True


async def _tell(app: App, title: str, body: str, tag: str) -> tuple[Told, str]:
    sent = await app.platform.notify(title, body, tag)
    return ("notified" if sent else "shown"), body
