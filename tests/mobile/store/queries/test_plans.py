"""What is read at each keystroke, at each commit or for one customer looks rows up and does not go through all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mobile.store.queries import desk, due, leads, orders
from mobile.store.queries.order_filter import OrderFilter
from mobile.store.store import SqliteStore
from shared.rules.periods import period_of
from tests.mobile.store.queries.test_desk import TODAY
from tests.support.company import ACCOUNT, REP
from tests.support.plans import plan
from tests.support.shop import Shop

ZONE, DAY = "Asia/Shanghai", "2026-11-22"
MONTH = OrderFilter(state="confirmed", owner=REP, first="2026-11-01", last="2026-11-30")
Read = Callable[[SqliteStore], Any]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.mark.parametrize(
    ("read", "lookup"),
    [
        (lambda s: desk.sellers(s), "o USING COVERING INDEX ix_e_order__owner (owner_id=?)"),
        (lambda s: orders.orders(s, account_id=ACCOUNT), "o USING INDEX ix_e_order_account_id (account_id=?)"),
        (lambda s: orders.orders(s, deal_id="d"), "o USING INDEX ix_e_order_opportunity_id (opportunity_id=?)"),
        (lambda s: orders.orders(s, state="pending"), "o USING INDEX ix_e_order_state (state=?)"),
        (lambda s: desk.totals(s, OrderFilter(state="pending"), ZONE), "o USING INDEX ix_e_order_state (state=?)"),
        (lambda s: orders.orders(s, only=OrderFilter(owner=REP)), "o USING INDEX ix_e_order__owner"),
        (lambda s: leads.leads(s, event_id="e"), "l USING INDEX ix_e_lead_event_id (event_id=?)"),
        (lambda s: leads.unfinished(s, "e", REP), "e_lead USING INDEX ix_e_lead_event_id (event_id=?)"),
        (lambda s: due.due(s, until=DAY), "l USING INDEX ix_e_lead_next_step_on (next_step_on<?)"),
        (lambda s: due.overdue(s, DAY, REP), "l USING INDEX ix_e_lead_next_step_on (next_step_on<?)"),
        (lambda s: leads.captured(s, (0, 9), REP), "e_lead USING INDEX ix_e_lead__captured (created_at>? AND"),
    ],
)
def test_a_read_looks_up_what_it_is_about(shop: Shop, read: Read, lookup: str) -> None:
    found = plan(shop.store, read)
    assert f"SEARCH {lookup}" in found, found
    assert not any(step.startswith(("SCAN o", "SCAN l", "SCAN e_lead")) for step in found.splitlines()), found


def test_days_are_looked_up_before_a_state_or_a_person(shop: Shop) -> None:
    parts = period_of("month", TODAY).parts()
    for read in (
        lambda s: desk.totals(s, MONTH, ZONE),
        lambda s: desk.summary(s, MONTH, ZONE),
        lambda s: desk.by_part(s, MONTH, parts, ZONE),
        lambda s: orders.orders(s, state="confirmed", only=MONTH, time_zone=ZONE),
    ):
        assert "SEARCH o USING INDEX ix_e_order_ordered_at (ordered_at>? AND ordered_at<?)" in plan(shop.store, read)


def test_the_newest_leads_come_without_sorting_all(shop: Shop) -> None:
    found = plan(shop.store, lambda s: leads.leads(s))
    assert "SCAN l USING INDEX ix_e_lead__captured" in found and "ORDER BY" not in found


def test_an_address_is_looked_up_at_each_keystroke(shop: Shop) -> None:
    found = plan(shop.store, lambda s: leads.same(s, "", "zhou@shanye.cn", ""))
    for entity in ("contact", "lead"):
        assert f"SEARCH e_{entity} USING INDEX ix_e_{entity}__address (<expr>=?)" in found, found
