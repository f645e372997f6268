"""The basket survives a reload, prices by the shared rules, and becomes one transaction."""

from decimal import Decimal
from pathlib import Path

import pytest

from mobile.state import basket as baskets
from mobile.store.queries.leases import Firm
from shared.errors import NotAllowed
from tests.support.company import ACCOUNT, LAMP, TENT
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_basket_survives_a_restart_and_is_not_in_the_outbox(shop: Shop) -> None:
    made = shop.basket(ACCOUNT, (TENT, 2), (LAMP, "3"))
    shop.restart()
    kept = baskets.load(shop.store, ACCOUNT, shop.new_id)
    assert kept == made
    assert shop.store.outbox() == []
    assert [basket.id for basket in baskets.kept(shop.store)] == [made.id]


def test_an_emptied_basket_is_forgotten(shop: Shop) -> None:
    basket = shop.basket(ACCOUNT, (TENT, 2))
    basket.set_quantity(TENT, Decimal(0))
    baskets.save(shop.store, basket, 1)
    assert baskets.kept(shop.store) == []


def test_totals_follow_the_rules_and_stock_says_what_is_short(shop: Shop) -> None:
    basket = shop.basket(ACCOUNT, (TENT, 4), (LAMP, 3))
    basket.discount = "5"
    basket.set_discount(LAMP, Decimal(10))
    priced = baskets.priced(shop.store, basket, Decimal(10))
    tent, lamp = priced.lines
    assert (tent.total, tent.stock, tent.short) == (Decimal("2006.40"), "enough", 0)
    assert (lamp.total, lamp.stock, lamp.short) == (Decimal("246.24"), "short", Decimal(2))
    assert priced.totals.total == tent.total + lamp.total
    assert priced.listed == Decimal(2400)
    assert priced.over_limit and not tent.over_limit and lamp.over_limit


def test_submitting_is_one_transaction_that_takes_the_basket_with_it(shop: Shop) -> None:
    order_id = shop.submit(shop.basket(ACCOUNT, (TENT, 2), (LAMP, 1)))
    (entry,) = shop.engine.pending()
    assert [command["name"] for command in entry.commands] == [
        "order.create", "order_line.create", "order_line.create", "order.submit",
    ]  # fmt: skip
    order = shop.store.get("order", order_id)
    assert order is not None and order["state"] == "pending"
    assert baskets.kept(shop.store) == []


def test_a_discount_above_the_limit_is_refused_and_leaves_nothing(shop: Shop) -> None:
    basket = shop.basket(ACCOUNT, (TENT, 1))
    basket.discount = "11"
    with pytest.raises(NotAllowed) as refused:
        shop.submit(basket)
    assert (refused.value.code, refused.value.field, refused.value.params["limit"]) == (
        "discount_over_limit", "discount", "10",
    )  # fmt: skip
    assert shop.store.outbox() == []
    assert shop.store.get("order", basket.order_id) is None
    baskets.cap_discount(basket, Decimal(10))
    shop.submit(basket)


def test_a_refused_order_becomes_a_basket_again_under_the_same_id(shop: Shop) -> None:
    basket = shop.basket(ACCOUNT, (TENT, 4), (LAMP, 3))
    commands = baskets.submit_commands(shop.store, basket, shop.actor, "CNY", shop.new_id)
    payload = [{"name": command.name, "args": command.args} for command in commands]
    again = baskets.from_payload(payload, "conflict-1")
    assert again is not None
    assert again.id == "repair:conflict-1"
    assert (again.order_id, again.lines) == (basket.order_id, basket.lines)
    assert baskets.from_payload(payload[1:], "conflict-1") is None


SHORT = {"lines": [{"sku": "LAMP", "name": "Lamp", "wanted": "3", "taken": "1", "short": "2"}]}
NONE_LEFT = {"lines": [{"sku": "LAMP", "name": "Lamp", "wanted": "3", "taken": "0", "short": "3"}]}


@pytest.mark.parametrize(
    ("code", "params", "quantities", "discount"),
    [
        ("out_of_stock", SHORT, {TENT: "4", LAMP: "1"}, "20"),
        ("out_of_stock", NONE_LEFT, {TENT: "4"}, "20"),
        ("product_inactive", {"sku": "TENT"}, {LAMP: "3"}, "20"),
        ("discount_over_limit", {"limit": "10"}, {TENT: "4", LAMP: "3"}, "10"),
        ("price_changed", {"sku": "TENT"}, {TENT: "4", LAMP: "3"}, "20"),
    ],
)
def test_each_refusal_has_the_repair_that_fits(
    shop: Shop, code: str, params: dict[str, object], quantities: dict[str, str], discount: str
) -> None:
    basket = shop.basket(ACCOUNT, (TENT, 4), (LAMP, 3))
    basket.discount = "20"
    products = {TENT: {"sku": "TENT"}, LAMP: {"sku": "LAMP"}}
    assert baskets.repaired(basket, code, params, products)
    assert {line.product_id: line.quantity for line in basket.lines} == quantities
    assert basket.discount == discount


def test_a_refusal_without_a_repair_offers_none(shop: Shop) -> None:
    basket = shop.basket(ACCOUNT, (LAMP, 3))
    assert not baskets.repaired(basket, "role_not_allowed", {}, {})
    assert not baskets.repaired(basket, "out_of_stock", NONE_LEFT, {LAMP: {"sku": "LAMP"}})


def test_units_from_show_stock_are_firm_and_the_order_says_which(shop: Shop) -> None:
    firm = {TENT: Firm("lease", Decimal(3), "广州展")}
    basket = shop.basket(ACCOUNT, (TENT, 7), (LAMP, 1))
    tent, lamp = baskets.priced(shop.store, basket, Decimal(10), firm).lines
    assert (tent.firm, tent.short, tent.stock) == (3, 0, "enough"), "three firm, and five in the free stock"
    assert (lamp.firm, lamp.short) == (0, 0)
    assert baskets.priced(shop.store, basket, Decimal(10), firm).unsure == 5
    commands = baskets.submit_commands(shop.store, basket, shop.actor, "CNY", shop.new_id, firm)
    line = next(command.args for command in commands if command.args.get("values", {}).get("product_id") == TENT)
    assert commands[-1].args["draws"] == [{"line_id": line["id"], "lease_id": "lease", "quantity": "3"}]
    assert "draws" not in baskets.submit_commands(shop.store, basket, shop.actor, "CNY", shop.new_id)[-1].args
