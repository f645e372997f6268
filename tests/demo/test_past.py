"""The demo company has a past: two years that grow, with seasons, most of it filed as the server would file it."""

import datetime
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from server.demo import people
from server.demo.calendar import PAST_DAYS
from server.demo.company import HISTORY_MONTHS, Made, build
from shared.codec import Row
from shared.rules.history import history_ends_ms, month_of
from shared.rules.periods import Period, period_of
from shared.timezone import business_date, day_start_ms
from tests.demo.test_company import MADE, NOW, PICTURES, rows

ZONE = people.TIME_ZONE
TODAY = business_date(NOW, ZONE)
DAY_MS = 86_400_000


def sold(made: list[Made], period: Period, today: datetime.date) -> tuple[Decimal, Decimal]:
    """What was won in the period up to today, and in the same part of the one before: as the desk compares them."""
    found = []
    for span in (period.so_far(today), period.same_part_before(today)):
        first, following = span.bounds_ms(ZONE)
        orders = (one.row for one in made if one.entity == "order" and one.row["state"] == "confirmed")
        found.append(sum((one["total"] for one in orders if first <= one["ordered_at"] < following), Decimal(0)))
    return found[0], found[1]


def captured(made: list[Made], period: Period, today: datetime.date) -> tuple[int, int]:
    """New leads, likewise."""
    found = []
    for span in (period.so_far(today), period.same_part_before(today)):
        first, following = span.bounds_ms(ZONE)
        found.append(sum(one.entity == "lead" and first <= one.row["created_at"] < following for one in made))
    return found[0], found[1]


def percent(now: Decimal | int, before: Decimal | int) -> int:
    return round(100 * (now - before) / before)


def test_orders_follow_ups_and_leads_reach_back_two_years_without_a_month_left_out() -> None:
    oldest = month_of(NOW - (PAST_DAYS - 45) * DAY_MS, ZONE)
    for entity, date, least in (("order", "ordered_at", 15), ("activity", "happened_at", 3), ("lead", "created_at", 8)):
        months = Counter(month_of(row[date], ZONE) for row in rows(entity) if row[date] >= NOW - PAST_DAYS * DAY_MS)
        wanted = {month for month in months if oldest <= month < month_of(NOW, ZONE)}
        assert len(wanted) >= 24, entity
        assert min(months[month] for month in wanted) >= least, entity


def test_business_grows_and_has_its_seasons() -> None:
    this_year, before = sold(MADE, period_of("year", TODAY), TODAY)
    assert 15 <= percent(this_year, before) <= 60
    by_month: defaultdict[int, list[Row]] = defaultdict(list)
    for order in rows("order"):
        by_month[business_date(order["ordered_at"], ZONE).month].append(order)
    assert len(by_month[5]) > 1.3 * len(by_month[2]), "spring and not the deep of winter"


@pytest.mark.parametrize("days", range(0, 360, 40))
def test_new_leads_change_by_what_one_can_believe_on_any_day(days: int) -> None:
    now = NOW + days * DAY_MS
    made, today = build(now, PICTURES), business_date(now, ZONE)
    for kind in ("month", "quarter", "year"):
        now_count, before = captured(made, period_of(kind, today), today)
        days_old = (today - period_of(kind, today).first).days
        assert 0 <= percent(now_count, before) <= (120 if days_old > 6 else 400), (kind, today, now_count, before)


def test_what_is_old_and_settled_is_made_in_its_month_with_all_that_follows_it() -> None:
    ends = history_ends_ms(NOW, HISTORY_MONTHS, ZONE)
    of_order = {row["id"]: row for row in rows("order")}
    for row in (*rows("order"), *rows("activity")):
        settled = row.get("done_at") is not None or row.get("state") in ("confirmed", "cancelled")
        date = row.get("ordered_at") or row.get("happened_at")
        old = settled and row["updated_at"] < ends
        assert row["period"] == (month_of(date, ZONE) if old else ""), row["id"]
    assert all(line["period"] == of_order[line["order_id"]]["period"] for line in rows("order_line"))
    filed = [row for row in rows("order") if row["period"]]
    assert 400 < len(filed) < 900 and len({row["period"] for row in filed}) >= 13
    young = day_start_ms(TODAY - datetime.timedelta(days=300), ZONE)
    assert not any(row["updated_at"] >= young for row in filed)


def test_history_follows_the_operators_months() -> None:
    assert not any(made.row.get("period") for made in build(NOW, PICTURES, 0))
    longer = {made.row["period"] for made in build(NOW, PICTURES, 24) if made.row.get("period")}
    assert longer and max(longer) < "2024-12", "only what is older than two years"
