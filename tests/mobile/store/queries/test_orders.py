"""Orders, catalogue and stock as screens read them."""

from decimal import Decimal
from pathlib import Path

import pytest

from mobile.store.queries import catalogue, orders, stock
from shared.protocol import Command
from shared.rules.orders import provisional_number
from tests.support.company import ACCOUNT, LAMP, MANAGER, PRICES, TENT, WAREHOUSE
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def listed(shop: Shop, **filters: object) -> list[str]:
    rows = catalogue.products(shop.store, price_list_id=PRICES, warehouse_id=WAREHOUSE, **filters)
    return [row["sku"] for row in rows]


def test_a_pending_order_is_found_by_its_provisional_number_and_its_customer(shop: Shop) -> None:
    order_id = shop.submit(shop.basket(ACCOUNT, (TENT, 2)))
    number = provisional_number(order_id)
    for typed in (number, number[4:].lower(), "山野", "shanye"):
        assert [row["id"] for row in orders.orders(shop.store, text=typed)] == [order_id]
    assert orders.orders(shop.store, text="TMP-00000") == []


def test_a_pending_order_has_its_totals_and_no_official_number(shop: Shop) -> None:
    order_id = shop.submit(shop.basket(ACCOUNT, (TENT, 2), (LAMP, 1)))
    order = orders.order(shop.store, order_id)
    assert order is not None
    assert (order["number"], order["state"], order["total"]) == ("", "pending", Decimal(1152))
    lines = orders.order_lines(shop.store, order_id)
    assert [(line["sku"], line["quantity"], line["reserved"]) for line in lines] == [
        ("TENT", Decimal(2), Decimal(2)), ("LAMP", Decimal(1), Decimal(1)),
    ]  # fmt: skip


def test_the_state_filters_and_their_counts_agree(shop: Shop) -> None:
    shop.submit(shop.basket(ACCOUNT, (TENT, 1)))
    gone = shop.submit(shop.basket(ACCOUNT, (TENT, 1)))
    shop.engine.run([Command("order.cancel", {"order_id": gone})])
    counts = orders.state_counts(shop.store)
    assert (counts[""], counts["pending"], counts["cancelled"], counts["short"]) == (2, 1, 1, 0)
    for state in orders.STATES:
        assert len(orders.orders(shop.store, state=state)) == counts.get(state, 0)


def test_ordering_lowers_the_availability_that_the_catalogue_shows(shop: Shop) -> None:
    shop.submit(shop.basket(ACCOUNT, (TENT, 4)))
    row = catalogue.products_by_id(shop.store, [TENT], price_list_id=PRICES, warehouse_id=WAREHOUSE)[TENT]
    assert (row["on_hand"], row["available"]) == (Decimal(5), Decimal(1))
    shop.submit(shop.basket(ACCOUNT, (TENT, 4)))
    row = catalogue.products_by_id(shop.store, [TENT], price_list_id=PRICES, warehouse_id=WAREHOUSE)[TENT]
    assert row["available"] == 0


def test_only_products_on_sale_with_a_price_are_listed(shop: Shop) -> None:
    assert listed(shop) == ["LAMP", "TENT"]
    row = shop.store.get("product", LAMP)
    assert row is not None
    with shop.store.transaction():
        shop.store.put("product", {**row, "active": False})
    assert listed(shop) == ["TENT"]
    assert listed(shop, text="lamp") == []


def test_a_begun_sku_stands_before_what_search_finds(shop: Shop) -> None:
    assert listed(shop, text="ten")[0] == "TENT"
    assert listed(shop, text="%") == []


def test_what_a_customer_bought_often_comes_first(shop: Shop) -> None:
    for _ in range(2):
        shop.submit(shop.basket(ACCOUNT, (LAMP, 1)))
    shop.submit(shop.basket(ACCOUNT, (TENT, 1)))
    assert listed(shop, category=catalogue.OFTEN, account_id=ACCOUNT) == ["LAMP", "TENT"]


def test_a_receipt_raises_the_level_and_stands_among_the_moves(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    args = {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "12", "note": "补货"}
    shop.engine.run([Command("stock.receive", args)])
    row = stock.level(shop.store, WAREHOUSE, LAMP)
    assert row is not None
    assert (row["on_hand"], row["available"], bool(row["unsent"])) == (Decimal(13), Decimal(13), True)
    assert [(move["reason"], move["quantity"]) for move in stock.moves(shop.store, row["level_id"])] == [
        ("receipt", Decimal(12))
    ]
    counts = stock.filter_counts(shop.store, WAREHOUSE)
    assert counts == {"": 2, "short": 0, "low": 2}
