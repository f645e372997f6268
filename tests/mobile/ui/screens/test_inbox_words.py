"""What the inbox calls the products of an order: lines keep the Chinese name, the reader has a language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.ui.screens.inbox_words import describe, in_our_language, ordered_name
from tests.mobile.ui.conftest import Window
from tests.support.company import TENT, WAREHOUSE, Company
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    company = Company()
    company.rows["product", TENT] |= {"name": "双人帐篷", "name_en": "Two-person tent"}
    shop = Shop(tmp_path, company)
    yield shop
    shop.close()


@pytest.mark.parametrize(("language", "name"), [("zh", "双人帐篷"), ("en", "Two-person tent")])
def test_products_are_named_in_the_readers_language(window: Window, shop: Shop, language: str, name: str) -> None:
    window.app.look.language = language
    line = {"name": "双人帐篷", "quantity": "2", "unit_price": "528"}
    assert ordered_name(shop.store, {**line, "product_id": TENT}) == name
    assert ordered_name(shop.store, {**line, "sku": "TENT"}) == name
    assert in_our_language(shop.store, {**line, "sku": "TENT", "current": "540"})["name"] == name
    received = {"name": "stock.receive", "args": {"product_id": TENT, "warehouse_id": WAREHOUSE, "quantity": "3"}}
    assert (name, "3") in describe(shop.store, [received])


def test_a_product_that_is_not_here_keeps_the_name_that_it_was_ordered_under(window: Window, shop: Shop) -> None:
    window.app.look.language = "en"
    assert ordered_name(shop.store, {"name": "旧灯", "sku": "OLD"}) == "旧灯"
    assert in_our_language(shop.store, {"name": "山野户外"}) == {"name": "山野户外"}
    assert in_our_language(shop.store, None) == {}
