"""When a follow-up is due, how it is put off, and when it becomes the manager's business."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from shared.timezone import instant_ms, local_datetime

MINUTE_MS = 60_000
STEP_MINUTES = 5
"""Clock times that are reckoned and not chosen are multiples of it."""


def escalated_before(today: date, days: int) -> date:
    """What was due before this day, and still is open, is escalated. ``days``: the organisation's ``escalate_days``."""
    return today - timedelta(days=days)


def due_ms(row: Mapping[str, Any], time_zone: str) -> int | None:
    """The instant at which a follow-up with a day and a time is due, UTC milliseconds; None for one without a time."""
    if not row["due_on"] or not row["due_time"]:
        return None
    return instant_ms(date.fromisoformat(row["due_on"]), row["due_time"], time_zone)


LATER = ("in_1_hour", "tomorrow", "in_3_days", "next_monday")
"""Ways to put a follow-up off."""


def later(choice: str, now_ms: int, time_zone: str, clock: str | None = None) -> tuple[date, str | None]:
    """Day and time of a choice of ``LATER``, counted from now: what is overdue does not stay so. ``clock``: the
    follow-up's time, which other days keep."""
    now = local_datetime(now_ms, time_zone)
    today = now.date()
    match choice:
        case "in_1_hour":
            minutes = -(-now.minute // STEP_MINUTES) * STEP_MINUTES - now.minute
            then = local_datetime(now_ms + (60 + minutes) * MINUTE_MS, time_zone)
            # An hour that comes twice is meant as the first one: its second run is over only an hour later.
            if instant_ms(then.date(), then.strftime("%H:%M"), time_zone) <= now_ms:
                then += timedelta(hours=1)
            return then.date(), then.strftime("%H:%M")
        case "tomorrow":
            return today + timedelta(days=1), clock
        case "in_3_days":
            return today + timedelta(days=3), clock
        case "next_monday":
            return today + timedelta(days=7 - today.weekday()), clock
    raise ValueError(f"unknown choice {choice!r}")
