"""The demo's deals are as many as it says, of every kind, and their history tells how each came to where it is."""

import itertools
from collections import Counter, defaultdict

from server.demo import deals, people
from shared.codec import Row
from shared.rules.deals import days_between, missing_fields
from shared.timezone import business_date
from tests.demo.test_company import NOW, rows

DEALS = rows("opportunity")
TODAY = business_date(NOW, people.TIME_ZONE).isoformat()


def test_there_are_deals_in_every_stage_and_of_every_end_and_each_rep_has_some() -> None:
    states = Counter(deal["state"] for deal in DEALS)
    assert states == {
        "open": sum(deals.OPEN), "won": deals.WINS, "lost": deals.LOSSES, "cancelled": deals.CANCELLED,
    }  # fmt: skip
    stages = Counter(deal["stage_id"] for deal in DEALS if deal["state"] == "open")
    assert [stages[stage] for stage in deals.STAGE_IDS[:4]] == list(deals.OPEN)
    for person in people.REPS:
        assert sum(deal["owner_id"] == person.id and deal["state"] == "open" for deal in DEALS) >= 3


def test_some_deals_were_won_lately() -> None:
    lately = [deal for deal in DEALS if deal["state"] == "won" and deal["closed_at"] >= NOW - 20 * 86_400_000]
    assert len(lately) >= 2


def test_some_open_deals_are_late_and_some_have_the_reps_own_judgement() -> None:
    waiting = [deal for deal in DEALS if deal["state"] == "open"]
    assert 3 <= sum(deal["expected_close"] < TODAY for deal in waiting) <= 8
    assert any(deal["probability"] is not None for deal in waiting)


def test_every_deal_came_to_where_it_is_by_its_steps() -> None:
    steps: dict[str, list[Row]] = defaultdict(list)
    for step in rows("stage_change"):
        steps[step["opportunity_id"]].append(step)
    for deal in DEALS:
        history = steps[deal["id"]]
        assert history[0]["action"] == "opened" and history[0]["at"] == deal["created_at"]
        for before, after in itertools.pairwise(history):
            assert after["from_stage_id"] == before["to_stage_id"]
            assert after["at"] > before["at"]
            assert after["days"] == days_between(before["at"], after["at"])
        last = history[-1]
        assert (last["to_stage_id"], last["at"]) == (deal["stage_id"], deal["stage_since"])
        ended = {"open": ("opened", "moved")}.get(deal["state"], (deal["state"],))
        assert last["action"] in ended and (deal["closed_at"] == last["at"] or deal["state"] == "open")


def test_deals_have_what_their_stage_asks_for_and_lost_ones_a_reason() -> None:
    stages = {stage["id"]: stage for stage in rows("stage")}
    for deal in DEALS:
        assert missing_fields(deal, stages[deal["stage_id"]]) == []
        assert (deal["lost_reason_id"] is not None) == (deal["state"] == "lost")


def test_won_deals_became_orders_of_the_same_customer_for_about_that_much() -> None:
    by_deal = {order["opportunity_id"]: order for order in rows("order") if order["opportunity_id"]}
    won = [deal for deal in DEALS if deal["state"] == "won"]
    assert set(by_deal) == {deal["id"] for deal in won}
    for deal in won:
        order = by_deal[deal["id"]]
        assert (order["account_id"], order["owner_id"]) == (deal["account_id"], deal["owner_id"])
        assert abs(order["total"] - deal["amount"]) <= 50
