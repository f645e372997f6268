"""Weeks, months, quarters and years of the business calendar, and what to compare them with."""

from datetime import date, timedelta

import msgspec

from shared.timezone import day_start_ms

KINDS = ("week", "month", "quarter", "year")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Span(msgspec.Struct, frozen=True):
    """Days from ``first`` up to ``following``, which is not in it any more."""

    first: date
    following: date

    @property
    def days(self) -> int:
        return (self.following - self.first).days

    @property
    def last(self) -> date:
        return self.following - timedelta(days=1)

    def bounds_ms(self, time_zone: str) -> tuple[int, int]:
        """First instant, and the first one after it, UTC milliseconds."""
        return day_start_ms(self.first, time_zone), day_start_ms(self.following, time_zone)


class Period(Span, frozen=True):
    """One week (from Monday), month, quarter or year; ``kind`` is one of ``KINDS``."""

    kind: str

    def before(self) -> "Period":
        """The period before this one."""
        return period_of(self.kind, self.first - timedelta(days=1))

    def so_far(self, today: date) -> Span:
        """Its days up to today."""
        return Span(self.first, min(self.following, max(self.first, today) + timedelta(days=1)))

    def same_part_before(self, today: date) -> Span:
        """As many days of the period before as this one has had; a shorter period ends with its own last day."""
        before = self.before()
        if today >= self.last:
            return before
        return Span(before.first, min(before.following, before.first + timedelta(days=self.so_far(today).days)))

    def parts(self) -> tuple[Span, ...]:
        """What a chart counts: days of a week or month, weeks of a quarter (cut at its ends), months of a year."""
        parts, first = [], self.first
        while first < self.following:
            following = min(self.following, _next(self.kind, first))
            parts.append(Span(first, following))
            first = following
        return tuple(parts)


def _next(kind: str, first: date) -> date:
    if kind == "quarter":
        return first + timedelta(days=7 - first.weekday())
    return _month_after(first, 1) if kind == "year" else first + timedelta(days=1)


def _month_after(day: date, months: int) -> date:
    """The first day of the month so many months after the day's."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def period_of(kind: str, day: date) -> Period:
    """The period that holds the day. Raises ``KeyError`` for a kind that is not one of ``KINDS``."""
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=7), kind)
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(first, _month_after(first, months), kind)
