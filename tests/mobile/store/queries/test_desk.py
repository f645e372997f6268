"""Every number of the desk is the sum of the rows that it opens: random orders, each number against its own list."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mobile.store.queries import desk, due, orders
from mobile.store.queries.order_filter import NONE, OrderFilter, from_address
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from shared.rules.periods import KINDS, Period, Span, period_of
from shared.timezone import business_date, day_start_ms
from tests.support.company import COLLEAGUE, MANAGER, ORG, REP, TEAM
from tests.support.shop import Shop

ZONES = ("Asia/Shanghai", "America/New_York")
TODAY = date(2026, 11, 27)
ALL = 10_000
PLACES = (("深圳", "trade_show"), ("广州", ""), ("", "website"), ("O'Hare", ""))


def fill(shop: Shop, seed: int, count: int) -> list[dict[str, Any]]:
    """Random orders around midnights, of every state, some in another currency, with and without city and source."""
    dice = random.Random(seed)
    made = []
    with shop.store.transaction():
        for number, (city, source) in enumerate(PLACES):
            values = {"id": derived_id("account", number), "name": f"客户 {number}", "city": city, "source": source}
            shop.store.put("account", row("account", values), 1)
        for number in range(count):
            day = TODAY - timedelta(days=dice.randrange(800))
            at = day_start_ms(day, dice.choice(ZONES)) + dice.choice((-1, 0, 1, 40_000_000))
            values = {
                "id": derived_id("order", seed, number), "account_id": derived_id("account", dice.randrange(4)),
                "owner_id": dice.choice((REP, COLLEAGUE, MANAGER)), "ordered_at": at,
                "state": dice.choice(("confirmed", "confirmed", "pending", "cancelled")),
                "currency": dice.choice(("CNY", "CNY", "CNY", "EUR")),
                "total": Decimal(dice.randrange(10**10)) / 10_000,
                "deleted_at": at if dice.random() < 0.05 else None,
            }  # fmt: skip
            made.append(row("order", values))
            shop.store.put("order", made[-1], 1)
    return made


def row(entity: str, values: dict[str, Any]) -> Any:
    return new_row(ENTITIES[entity], {"org_id": ORG, "team_id": TEAM, "owner_id": REP, **values})


def listed(shop: Shop, asked: OrderFilter, zone: str) -> tuple[int, Decimal]:
    """What the list shows at the number's address."""
    again = from_address(asked.address)
    rows = orders.orders(shop.store, state=again.state, only=again, time_zone=zone, limit=ALL)
    assert orders.state_counts(shop.store, again, zone).get(again.state, 0) == len(rows)
    return len(rows), sum((one["total"] for one in rows), Decimal(0))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("zone", ZONES)
def test_every_number_is_the_sum_of_the_rows_that_it_opens(tmp_path: Path, seed: int, zone: str) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    made = fill(shop, seed, 300)
    for kind in KINDS:
        period = period_of(kind, TODAY)
        for span in (period, period.so_far(TODAY), period.same_part_before(TODAY)):
            won = OrderFilter(state="confirmed", currency="CNY").within(span)
            expected = by_hand(made, span, zone)
            found = desk.totals(shop.store, won, zone)
            assert (found["orders"], found["total"]) == listed(shop, won, zone) == expected
            summary = desk.summary(shop.store, won, zone)
            assert (summary.orders, summary.total) == expected
            for key in desk.KEYS:
                groups = getattr(summary, key)
                assert sum((one.total for one in groups), Decimal(0)) == expected[1]
                assert [one.total for one in groups] == sorted((one.total for one in groups), reverse=True)
                for one in groups:
                    assert (one.orders, one.total) == listed(shop, won.with_(**{key: one.key}), zone)
        check_parts(shop, period, zone)


def check_parts(shop: Shop, period: Period, zone: str) -> None:
    won = OrderFilter(state="confirmed", currency="CNY")
    parts = period.parts()
    totals = desk.by_part(shop.store, won, parts, zone)
    for part, total in zip(parts, totals, strict=True):
        assert total == listed(shop, won.within(part), zone)[1]
    assert sum(totals, Decimal(0)) == desk.totals(shop.store, won.within(period), zone)["total"]


def by_hand(made: list[dict[str, Any]], span: Span, zone: str) -> tuple[int, Decimal]:
    """The same from the rows themselves, by the dates that the organisation's calendar shows."""
    meant = [
        one["total"] for one in made
        if one["deleted_at"] is None and one["state"] == "confirmed" and one["currency"] == "CNY"
        and span.first <= business_date(one["ordered_at"], zone) < span.following
    ]  # fmt: skip
    return len(meant), sum(meant, Decimal(0))


def test_what_has_no_city_or_source_is_a_group_of_its_own(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    fill(shop, 1, 200)
    for key in ("city", "source"):
        groups = {one.key: one for one in getattr(desk.summary(shop.store, OrderFilter(), "UTC"), key)}
        assert NONE in groups and "" not in groups
        assert groups[NONE].orders == listed(shop, OrderFilter(**{key: NONE}), "UTC")[0]


def test_other_currencies_are_counted_and_not_added(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    made = fill(shop, 2, 100)
    euros = [one for one in made if one["currency"] == "EUR" and one["deleted_at"] is None]
    won = OrderFilter(currency="CNY")
    assert desk.other_currencies(shop.store, won, "CNY", "UTC") == len(euros) > 0
    assert listed(shop, won.with_(currency="EUR"), "UTC")[0] == len(euros)


def test_an_address_that_names_no_day_asks_for_any(tmp_path: Path) -> None:
    assert from_address({"first": "yesterday", "last": "2026-11-31", "owner": REP}) == OrderFilter(owner=REP)


def test_what_is_overdue_stands_with_its_owner_and_leads_to_exactly_its_rows(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    dice, planned = random.Random(7), defaultdict(list)
    account = derived_id("account", 0)
    with shop.store.transaction():
        shop.store.put("account", row("account", {"id": account, "name": "客户"}), 1)
        for number in range(80):
            owner, day = dice.choice((REP, COLLEAGUE)), (TODAY - timedelta(days=dice.randrange(-3, 12))).isoformat()
            done, gone = dice.random() < 0.2, dice.random() < 0.1
            values = {"id": derived_id("v", number), "account_id": account, "owner_id": owner, "body": "谈",
                      "due_on": day, "done_at": 1 if done else None, "deleted_at": 1 if gone else None}  # fmt: skip
            shop.store.put("activity", row("activity", values), 1)
            if not done and not gone:
                planned[owner].append(day)
        for number in range(60):
            owner, day = dice.choice((REP, COLLEAGUE)), (TODAY - timedelta(days=dice.randrange(-3, 12))).isoformat()
            state, gone = dice.choice(("new", "following", "interested", "converted", "invalid")), dice.random() < 0.1
            values = {"id": derived_id("l", number), "owner_id": owner, "name": "王", "state": state,
                      "next_step_on": day, "deleted_at": 1 if gone else None}  # fmt: skip
            shop.store.put("lead", row("lead", values), 1)
            if state in ("new", "following", "interested") and not gone:
                planned[owner].append(day)
    for days in (0, 3, 7):
        until = TODAY - timedelta(days=days + 1)
        found = due.overdue(shop.store, (until + timedelta(days=1)).isoformat())
        for one in found:
            late = [day for day in planned[one["owner"]] if day <= until.isoformat()]
            rows = due.due(shop.store, until=until.isoformat(), owner_id=one["owner"], limit=ALL)
            assert (one["count"], one["oldest"]) == (len(late), min(late))
            assert len(rows) == len(late) and {one["entity"] for one in rows} == {"activity", "lead"}
            counts = due.due_counts(shop.store, today=until.isoformat(), owner_id=one["owner"])
            assert counts == {"due": len(late), "overdue": sum(day < until.isoformat() for day in late)}


def test_escalation_follows_the_setting_that_was_synced_last(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    assert desk.escalate_days(shop.store) == 3
    for days in (0, 10):
        with shop.store.transaction():
            shop.store.put(
                "organisation", row("organisation", {"id": ORG, "name": "驼峰户外", "escalate_days": days}), 9
            )
        assert desk.escalate_days(shop.store) == days
