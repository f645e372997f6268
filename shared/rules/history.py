"""What is history: settled rows that nobody has touched for long. They lie in buckets of their months.

A row and all that follows it (an order, its lines and reservations) are history together, in the month of the row's
date. Which month that is stands in the rows' ``period``, so that buckets follow from a row alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.fields import Window
from shared.timezone import business_date, month_bounds_ms

MARK = "@"
"""Between the name of a bucket and the month: ``user:7@2026-05``. No other bucket has it in its name."""
FIRST_MONTH = "0001-01"
"""Before any month that a row can have."""


def month_bucket(bucket: str, month: str) -> str:
    """The bucket that holds the month's history of another one."""
    return f"{bucket}{MARK}{month}"


def split_bucket(bucket: str) -> tuple[str, str]:
    """(bucket, month): the month is empty when the bucket is none of history."""
    base, _, month = bucket.partition(MARK)
    return base, month


def month_of(ms: int, time_zone: str) -> str:
    """``2026-05``: the business month that holds the instant."""
    return business_date(ms, time_zone).isoformat()[:7]


def following_month(month: str) -> str:
    """``2026-06`` for ``2026-05``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def history_ends_ms(now_ms: int, months: int, time_zone: str) -> int:
    """The first instant of the month that lies ``months`` before the present one: what is younger is no history."""
    first = month_bounds_ms(now_ms, time_zone)[0]
    for _ in range(months):
        first = month_bounds_ms(first - 1, time_zone)[0]
    return first


def period_of(window: Window, row: Mapping[str, Any], time_zone: str) -> str:
    """The month to which a row belongs. A date that its author's clock had put into the future counts as the last
    edit's: nothing becomes history before its time."""
    date = next((row[name] for name in window.dates if row[name] is not None), row["created_at"])
    return month_of(max(0, min(date, row["updated_at"])), time_zone)


def is_settled(family: Iterable[tuple[Window, Mapping[str, Any]]], before_ms: int) -> bool:
    """Whether rows that belong together, the first one above the others, may become history: nobody has anything to do
    with them, and nobody has touched them since ``before_ms``."""
    rows = list(family)
    if any(row["updated_at"] >= before_ms for _, row in rows):
        return False
    if rows[0][1]["deleted_at"] is not None:
        return False  # it leaves the devices by itself, and earlier
    return not any(row["deleted_at"] is None and window.still_open(row) for window, row in rows)
