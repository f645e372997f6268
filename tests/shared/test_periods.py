"""Periods of the business calendar, and what they are compared with."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.periods import KINDS, Span, period_of

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(("kind", "first", "following"), [
    ("week", "2026-11-23", "2026-11-30"), ("month", "2026-11-01", "2026-12-01"),
    ("quarter", "2026-10-01", "2027-01-01"), ("year", "2026-01-01", "2027-01-01"),
])  # fmt: skip
def test_a_period_holds_the_day(kind: str, first: str, following: str) -> None:
    period = period_of(kind, date(2026, 11, 27))
    assert (period.first.isoformat(), period.following.isoformat()) == (first, following)


@given(DAYS, st.sampled_from(KINDS))
def test_periods_follow_on_each_other_and_their_parts_fill_them(day: date, kind: str) -> None:
    period = period_of(kind, day)
    assert period.first <= day < period.following
    assert period.before().following == period.first
    parts = period.parts()
    assert (parts[0].first, parts[-1].following) == (period.first, period.following)
    assert all(one.following == two.first for one, two in itertools.pairwise(parts))


@given(DAYS, st.sampled_from(KINDS))
def test_what_is_compared_is_as_long_or_ends_with_the_period_before(day: date, kind: str) -> None:
    period = period_of(kind, day)
    so_far, same = period.so_far(day), period.same_part_before(day)
    assert same.first == period.before().first and same.following <= period.first
    assert same.days == so_far.days or same.following == period.first


def test_a_short_month_before_ends_with_its_last_day() -> None:
    assert period_of("month", date(2026, 3, 30)).same_part_before(date(2026, 3, 30)) == period_of(
        "month", date(2026, 2, 1)
    ).so_far(date(2026, 2, 28))


def test_a_period_that_is_over_is_compared_as_a_whole() -> None:
    november = period_of("month", date(2026, 11, 30))
    assert november.same_part_before(date(2026, 11, 30)) == november.before()


def test_days_change_at_the_organisations_midnight() -> None:
    day = Span(date(2026, 11, 1), date(2026, 11, 2))
    first, following = day.bounds_ms("America/New_York")  # the clock goes back on this day
    assert following - first == 25 * 3_600_000
    assert day.last == date(2026, 11, 1) and day.last + timedelta(days=1) == day.following
