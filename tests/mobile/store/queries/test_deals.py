"""Deals as screens read them: the list, the board, the page."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile.store.queries import deals
from mobile.store.queries.deals import Filters
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from shared.numbers import round_money
from shared.protocol import Command
from shared.rules.deals import odds
from tests.support.company import ACCOUNT, COLLEAGUE, NOW, ORG, REP, TEAM, Company
from tests.support.deals import CONTACTED, DEAL, LOST, QUOTED, TALKING, WON, moved, opened, with_stages, won
from tests.support.shop import Shop

DAY = 86_400_000
TODAY = "2026-11-27"
MONTH = NOW - 20 * DAY
STAGES = {"open": (CONTACTED, QUOTED, TALKING), "won": (WON,), "lost": (LOST,), "cancelled": (CONTACTED, QUOTED)}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, with_stages(Company()))


def run(shop: Shop, *steps: tuple[str, dict[str, Any]]) -> None:
    shop.engine.run([Command(*step) for step in steps])


def listed(shop: Shop, **filters: Any) -> list[str]:
    return [row["title"] for row in deals.deals(shop.store, Filters(**filters))]


def test_the_list_is_by_expected_close_and_by_amount_and_finds_title_and_customer(shop: Shop) -> None:
    for number, (title, amount, close) in enumerate(
        (("帐篷", "100", "2026-12-20"), ("炊具", "900", "2026-12-01"), ("背包", "500", None))
    ):
        run(shop, opened(derived_id("deal", number), title=title, amount=amount, expected_close=close))
    run(shop, opened(derived_id("deal", "won"), title="灯具", amount="50"), won(CONTACTED, derived_id("deal", "won")))
    assert listed(shop) == ["炊具", "帐篷", "背包", "灯具"]
    assert [row["title"] for row in deals.deals(shop.store, Filters(), order="amount")] == [
        "炊具",
        "背包",
        "帐篷",
        "灯具",
    ]
    assert listed(shop, text="zhangpeng") == ["帐篷"]
    assert len(listed(shop, text="山野")) == 4
    assert listed(shop, state="won") == ["灯具"]
    assert listed(shop, late=True, today="2026-12-02") == ["炊具"]
    assert deals.state_counts(shop.store) == {"": 4, "open": 3, "won": 1}


def test_a_deal_and_its_history_have_names_and_say_what_is_unsent(shop: Shop) -> None:
    run(shop, opened(amount="100", expected_close="2026-12-20"))
    run(shop, moved(QUOTED, CONTACTED))
    deal = deals.deal(shop.store, DEAL)
    assert deal is not None
    assert (deal["account"], deal["unsent"], deal["amount"]) == ("山野户外", 1, Decimal(100))
    steps = deals.history(shop.store, DEAL)
    assert [(step["action"], step["from_name"], step["to_name_en"]) for step in steps] == [
        ("opened", None, "Contacted"),
        ("moved", "初步接触", "Quoted"),
    ]
    assert deals.days_in_stages(steps) == {CONTACTED: 0}
    run(shop, ("opportunity.delete", {"id": DEAL}))
    assert deals.deal(shop.store, DEAL) is None and listed(shop) == []


def test_a_stage_out_of_use_is_on_the_board_only_while_it_holds_deals(shop: Shop) -> None:
    run(shop, opened())
    stage = {**shop.company.rows["stage", CONTACTED], "active": False}
    unused = {**shop.company.rows["stage", QUOTED], "active": False}
    with shop.store.transaction():
        shop.store.put("stage", stage, 2)
        shop.store.put("stage", unused, 2)
    names = [column.stage["name"] for column in deals.board(shop.store, Filters(), MONTH)]
    assert names == ["初步接触", "商务谈判", "赢单"]
    assert [stage["name"] for stage in deals.stages(shop.store, "open")] == ["商务谈判"]


def made(kind: tuple[str, str, int, int | None, str | None, int], number: int) -> dict[str, Any]:
    state, owner, cents, own, close, ended = kind
    stages = STAGES[state]
    return new_row(
        ENTITIES["opportunity"],
        {
            "id": derived_id("random deal", number), "org_id": ORG, "account_id": ACCOUNT, "title": f"deal {number}",
            "owner_id": owner, "team_id": TEAM, "stage_id": stages[number % len(stages)], "state": state,
            "amount": Decimal(cents) / 100, "probability": None if own is None else Decimal(own),
            "expected_close": close, "closed_at": None if state == "open" else NOW - ended * DAY,
        },
    )  # fmt: skip


KINDS = st.tuples(
    st.sampled_from(["open", "open", "open", "won", "lost", "cancelled"]),
    st.sampled_from([REP, COLLEAGUE]),
    st.integers(0, 10**9),
    st.none() | st.integers(0, 100),
    st.sampled_from([None, "2026-11-01", "2026-11-27", "2026-12-24"]),
    st.integers(0, 60),
)


@settings(max_examples=25, deadline=None)
@given(kinds=st.lists(KINDS, max_size=60), owner=st.sampled_from(["", REP]), late=st.booleans())
def test_the_boards_totals_are_the_lists_whatever_deals_there_are(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[Any], owner: str, late: bool
) -> None:
    shop = Shop(tmp_path_factory.mktemp("deals"), with_stages(Company()))
    rows = [made(kind, number) for number, kind in enumerate(kinds)]
    with shop.store.transaction():
        for row in rows:
            shop.store.put("opportunity", row, 1)
    filters = Filters(owner_id=owner, late=late, today=TODAY)
    columns = deals.board(shop.store, filters, MONTH)
    for column in columns:
        kind = column.stage["kind"]
        since = 0 if kind == "open" else MONTH
        same = msgspec.structs.replace(filters, state=kind, stage_id=column.stage["id"], since=since)
        whole = deals.deals(shop.store, same, limit=1_000)
        assert column.totals == deals.totals(shop.store, same)
        assert column.totals.count == len(whole)
        assert column.totals.amount == sum((row["amount"] for row in whole), Decimal(0))
        assert [row["id"] for row in column.deals] == [row["id"] for row in whole[: deals.COLUMN]]
    expected = [
        row for row in rows
        if row["state"] == "open" and (not owner or row["owner_id"] == owner)
        and (not late or (row["expected_close"] or "9") < TODAY)
    ]  # fmt: skip
    stages = {stage["id"]: stage for stage in deals.stages(shop.store)}
    total = deals.totals(shop.store, msgspec.structs.replace(filters, state="open"))
    assert total.count == len(expected) == sum(c.totals.count for c in columns if c.stage["kind"] == "open")
    assert total.amount == sum((row["amount"] for row in expected), Decimal(0))
    exact = sum((row["amount"] * odds(row, stages[row["stage_id"]]) / 100 for row in expected), Decimal(0))
    assert total.weighted == round_money(exact)
    shop.close()
