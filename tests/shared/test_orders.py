from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import CaravanError
from shared.ids import derived_id
from tests.support.company import (
    ACCOUNT,
    COLLEAGUE,
    LAMP,
    MANAGER,
    REP,
    STRANGER,
    TENT,
    WAREHOUSE,
    Company,
    order_commands,
)


def refused(company: Company, *commands: tuple[str, dict], by: str = REP) -> CaravanError:
    with pytest.raises(CaravanError) as caught:
        company.run(*commands, by=by)
    return caught.value


def receive(units: int, product: str = LAMP) -> tuple[str, dict]:
    return "stock.receive", {"warehouse_id": WAREHOUSE, "product_id": product, "quantity": str(units)}


def test_the_authority_numbers_reserves_and_confirms() -> None:
    company = Company()
    order_id, commands = order_commands((TENT, 2), (LAMP, 1), discount="5")
    company.run(*commands)
    order = company.rows["order", order_id]
    assert (order["state"], order["number"]) == ("confirmed", "SO-2026-000001")
    assert order["total"] == Decimal("1094.40")
    assert (company.level(TENT)["reserved"], company.level(LAMP)["reserved"]) == (2, 1)
    assert company.rows["account", ACCOUNT]["account_class"] == "won"
    assert company.all("conflict") == []


def test_a_device_sets_pending_and_lowers_the_availability_that_it_shows() -> None:
    company = Company(authority=False)
    order_id, commands = order_commands((TENT, 2), (LAMP, 3))
    company.run(*commands)
    order = company.rows["order", order_id]
    assert (order["state"], order["number"]) == ("pending", "")
    assert company.level(TENT)["reserved"] == 2
    assert company.level(LAMP)["reserved"] == 1
    assert not company.all("reservation") and not company.all("counter")
    company.run(("order.cancel", {"order_id": order_id}))
    assert company.rows["order", order_id]["state"] == "cancelled"
    assert company.level(TENT)["reserved"] == company.level(LAMP)["reserved"] == 0


def test_backorder_accepts_and_says_what_is_short() -> None:
    company = Company()
    company.run(*order_commands((LAMP, 1), name="first")[1])
    order_id, commands = order_commands((LAMP, 2), (TENT, 1), name="second")
    work = company.run(*commands)
    states = {line["sku"]: line["state"] for line in company.children("order_line", "order_id", order_id)}
    assert states == {"LAMP": "backordered", "TENT": "reserved"}
    (notice,) = company.all("conflict")
    assert work.conflicts == [notice["id"]]
    assert (notice["kind"], notice["owner_id"]) == ("shortage", REP)
    assert notice["params"]["lines"][0]["short"] == "2"
    assert company.level(LAMP)["backordered"] == 2


def test_partial_takes_what_there_is_and_counts_only_that() -> None:
    company = Company()
    order_id, commands = order_commands((TENT, 8), policy="partial")
    company.run(*commands)
    (line,) = company.children("order_line", "order_id", order_id)
    assert (line["state"], line["reserved"], line["backordered"]) == ("partial", 5, 0)
    assert company.rows["order", order_id]["total"] == 5 * 528
    assert refused(company, *order_commands((TENT, 1), name="none", policy="partial")[1]).code == "out_of_stock"


def test_reject_returns_the_whole_order_and_leaves_nothing() -> None:
    company = Company()
    before = dict(company.rows)
    error = refused(company, *order_commands((TENT, 1), (LAMP, 2), policy="reject")[1])
    assert error.code == "out_of_stock"
    assert error.params["lines"] == [
        {
            "line_id": derived_id("line", "order", 1),
            "sku": "LAMP",
            "name": "Lamp",
            "wanted": "2",
            "taken": "1",
            "short": "1",
        }
    ]
    assert company.rows == before


def test_receipts_fill_backorders_in_order_of_arrival_and_settle_the_notice() -> None:
    company = Company()
    orders = [order_commands((LAMP, 2), name=name) for name in ("a", "b", "c")]
    for _, commands in orders:
        company.run(*commands)
    company.run(receive(3), by=MANAGER)
    states = [company.children("order_line", "order_id", order_id)[0]["state"] for order_id, _ in orders]
    assert states == ["reserved", "reserved", "backordered"]
    company.run(receive(5), by=MANAGER)
    assert all(notice["state"] == "resolved" for notice in company.all("conflict"))
    level = company.level(LAMP)
    assert (level["on_hand"], level["reserved"], level["backordered"]) == (9, 6, 0)


def test_cancelling_releases_and_the_next_in_the_queue_gets_it() -> None:
    company = Company()
    first, commands = order_commands((LAMP, 1), name="first")
    company.run(*commands)
    second, commands = order_commands((LAMP, 1), name="second")
    company.run(*commands)
    company.run(("order.cancel", {"order_id": first}))
    assert company.children("order_line", "order_id", second)[0]["state"] == "reserved"
    assert company.level(LAMP)["reserved"] == 1
    again = refused(company, ("order.cancel", {"order_id": first}))
    assert (again.code, again.params["state"], again.params["allowed"]) == ("illegal_state", "cancelled", "-")


def test_a_count_that_finds_less_turns_the_newest_reservations_into_backorders() -> None:
    company = Company()
    old, commands = order_commands((TENT, 3), name="old")
    company.run(*commands)
    new, commands = order_commands((TENT, 2), name="new")
    company.run(*commands)
    count = {"warehouse_id": WAREHOUSE, "product_id": TENT, "counted": "4", "expected": "5"}
    company.run(("stock.count", count), by=MANAGER)
    assert company.children("order_line", "order_id", old)[0]["state"] == "reserved"
    line = company.children("order_line", "order_id", new)[0]
    assert (line["state"], line["reserved"], line["backordered"]) == ("partial", 1, 1)
    assert company.level(TENT)["on_hand"] == company.level(TENT)["reserved"] == 4
    assert [row["code"] for row in company.all("conflict")] == ["stock_lost"]


def test_agreed_terms_are_verified_and_never_replaced() -> None:
    company = Company()
    price = refused(company, *order_commands((LAMP, 1), prices={LAMP: "90"})[1])
    assert (price.code, price.params["agreed"], price.params["current"]) == ("price_changed", "90", "96")
    limit = refused(company, *order_commands((LAMP, 1), discount="6", line_discount="6")[1])
    assert (limit.code, limit.params["limit"], limit.params["given"]) == ("discount_over_limit", "10", "11.64")
    _, commands = order_commands((LAMP, 1))
    commands[-1][1]["content_hash"] = "0" * 64
    assert refused(company, *commands).code == "document_changed"
    order_id, commands = order_commands((LAMP, 1), name="empty")
    submit = ("order.submit", {"order_id": order_id, "content_hash": "0" * 64})
    assert refused(company, commands[0], submit).code == "order_empty"


def test_what_a_device_cannot_see_it_leaves_to_the_server() -> None:
    device = Company(authority=False)
    for key in [key for key in device.rows if key[0] in ("price", "tax", "stock_level")]:
        del device.rows[key]
    order_id, commands = order_commands((LAMP, 1), prices={LAMP: "90"})
    device.run(*commands)
    assert device.rows["order", order_id]["state"] == "pending"


def test_an_order_of_a_colleague_is_out_of_reach_and_of_the_team_is_not() -> None:
    company = Company()
    order_id, commands = order_commands((LAMP, 1))
    company.run(*commands)
    for stranger in (COLLEAGUE, STRANGER):
        assert refused(company, ("order.cancel", {"order_id": order_id}), by=stranger).code == "not_found"
    company.run(("order.cancel", {"order_id": order_id}), by=MANAGER)


def test_a_submitted_order_is_not_edited() -> None:
    company = Company()
    order_id, commands = order_commands((LAMP, 1))
    company.run(*commands)
    line = company.children("order_line", "order_id", order_id)[0]
    edit = {"id": line["id"], "base": {"quantity": "1"}, "values": {"quantity": "9"}}
    assert refused(company, ("order_line.patch", edit)).code == "order_not_draft"
    assert refused(company, ("order.delete", {"id": order_id})).code == "order_not_draft"


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("order"), st.integers(1, 4), st.integers(0, 3), st.sampled_from(["backorder", "partial", "reject"])
        ),
        st.tuples(st.just("receive"), st.integers(1, 5), st.just(0), st.just("")),
        st.tuples(st.just("count"), st.integers(0, 8), st.just(0), st.just("")),
        st.tuples(st.just("cancel"), st.integers(0, 10), st.just(0), st.just("")),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(steps)
def test_no_sequence_of_orders_receipts_counts_and_cancellations_oversells(items: list[tuple]) -> None:
    company = Company()
    placed: list[str] = []
    for number, (kind, size, more, policy) in enumerate(items):
        try:
            if kind == "order":
                lines = ((LAMP, size), (TENT, more)) if more else ((LAMP, size),)
                order_id, commands = order_commands(*lines, name=str(number), policy=policy)
                company.run(*commands)
                placed.append(order_id)
            elif kind == "receive":
                company.run(receive(size), by=MANAGER)
            elif kind == "count":
                expected = str(company.level(LAMP)["on_hand"])
                count = {"warehouse_id": WAREHOUSE, "product_id": LAMP, "counted": str(size), "expected": expected}
                company.run(("stock.count", count), by=MANAGER)
            elif placed:
                company.run(("order.cancel", {"order_id": placed[size % len(placed)]}))
        except CaravanError as error:
            assert error.code in ("out_of_stock", "illegal_state")
        for product in (LAMP, TENT):
            level = company.level(product)
            claims = company.children("reservation", "stock_level_id", level["id"])
            assert 0 <= level["reserved"] <= level["on_hand"]
            assert level["reserved"] == sum(claim["reserved"] for claim in claims)
            assert level["backordered"] == sum(claim["backordered"] for claim in claims)
            assert not (level["backordered"] and level["on_hand"] > level["reserved"])


def test_the_queue_keeps_its_order_over_new_year() -> None:
    company = Company()
    december, commands = order_commands((LAMP, 3), name="december")
    company.run(*commands)
    january, commands = order_commands((LAMP, 1), name="january")
    company.run(*commands, at=company.clock + 45 * 86_400_000)
    assert company.rows["order", january]["number"] == "SO-2027-000001"
    company.run(receive(1), by=MANAGER)
    assert company.children("order_line", "order_id", december)[0]["reserved"] == 2
    assert company.children("order_line", "order_id", january)[0]["reserved"] == 0
