"""What the server refused is repaired on the device and accepted: the inbox's one-tap repairs, end to end."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mobile.state import basket as baskets
from mobile.store.queries import catalogue, inbox, orders, stock
from server.db import migrate
from server.db.engine import Database
from shared.ids import price_id
from shared.protocol import Command
from tests.support.authority import TestAuthority, make_authority
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, PRICES, REP, TENT, WAREHOUSE, Company
from tests.support.devices import Phone, sync
from tests.support.shop import Shop

pytestmark = pytest.mark.anyio


class Stranger(Shop):
    """A phone that holds nothing yet: its rows come by the first sync."""

    def __init__(self, folder: Path, user_id: str, seed: int) -> None:
        self.company = Company()
        Phone.__init__(self, folder / f"{user_id[:8]}.db", self.company.actor(user_id), seed)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[TestAuthority]:
    """The real authority on a SQLite database of the test's own."""
    database = Database.open(f"sqlite:///{tmp_path / 'server.db'}")
    await migrate.upgrade(database)
    yield await make_authority(database)
    await database.close()


def refused(phone: Shop) -> dict[str, Any]:
    (row,) = [row for row in inbox.open_items(phone.store) if row["kind"] == "rejection"]
    return row


def repair(phone: Shop, row: dict[str, Any]) -> str:
    """What the button *repair as suggested* does."""
    basket = baskets.from_payload(inbox.commands_of(row["payload"]), row["id"])
    assert basket is not None
    ids = [line.product_id for line in basket.lines]
    products = catalogue.products_by_id(phone.store, ids, price_list_id=PRICES, warehouse_id=WAREHOUSE)
    assert baskets.repaired(basket, row["code"], row["params"], products)
    order_id = phone.submit(basket)
    phone.engine.run([Command("conflict.dismiss", {"conflict_id": row["id"]})])
    return order_id


async def test_an_order_returned_for_lack_of_stock_is_accepted_with_what_there_is(
    authority: TestAuthority, tmp_path: Path
) -> None:
    phone = Stranger(tmp_path, REP, 1)
    await sync(authority, phone)
    basket = phone.basket(ACCOUNT, (TENT, 2), (LAMP, 3))
    basket.shortage_policy = "reject"
    order_id = phone.submit(basket)
    await sync(authority, phone)
    assert orders.order(phone.store, order_id) is None
    row = refused(phone)
    assert (row["code"], orders.rejection(phone.store, order_id)) == ("out_of_stock", row)
    assert repair(phone, row) == order_id
    await sync(authority, phone)
    order = orders.order(phone.store, order_id)
    assert order is not None and order["number"].startswith("SO-") and order["state"] == "confirmed"
    assert {line["sku"]: line["reserved"] for line in orders.order_lines(phone.store, order_id)} == {
        "TENT": Decimal(2), "LAMP": Decimal(1),
    }  # fmt: skip
    assert inbox.open_count(phone.store) == 0


async def test_a_changed_price_is_taken_over_by_the_repair(authority: TestAuthority, tmp_path: Path) -> None:
    phone, desk = Stranger(tmp_path, REP, 1), Stranger(tmp_path, MANAGER, 2)
    await sync(authority, phone)
    await sync(authority, desk)
    order_id = phone.submit(phone.basket(ACCOUNT, (TENT, 2)))
    patch = {"id": price_id(PRICES, TENT), "base": {"amount": "528"}, "values": {"amount": "500"}}
    desk.engine.run([Command("price.patch", patch)])
    await sync(authority, desk)
    await sync(authority, phone)
    row = refused(phone)
    assert row["code"] == "price_changed"
    repair(phone, row)
    await sync(authority, phone)
    order = orders.order(phone.store, order_id)
    assert order is not None and (order["state"], order["total"]) == ("confirmed", Decimal(1000))


async def test_the_last_unit_waits_with_its_reason_and_a_receipt_fills_it(
    authority: TestAuthority, tmp_path: Path
) -> None:
    first, second, desk = (Stranger(tmp_path, user, seed) for seed, user in enumerate((COLLEAGUE, REP, MANAGER), 1))
    for phone in (first, second, desk):
        await sync(authority, phone)
    account = first.create("account", name="石桥")
    first.submit(first.basket(account, (LAMP, 1)))
    late = second.submit(second.basket(ACCOUNT, (LAMP, 1)))
    await sync(authority, first)
    await sync(authority, second)
    await sync(authority, desk)
    notice = orders.shortage(second.store, late)
    assert notice is not None and notice["code"] == "backordered"
    assert [row["id"] for row in orders.orders(second.store, state="short")] == [late]
    level = stock.level(desk.store, WAREHOUSE, LAMP)
    assert level is not None and level["available"] == 0
    assert [(row["order_id"], row["units"]) for row in stock.waiting(desk.store, level["level_id"])] == [(late, 1)]
    arrived = {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "5"}
    desk.engine.run([Command("stock.receive", arrived)])
    await sync(authority, desk)
    await sync(authority, second)
    assert stock.waiting(desk.store, level["level_id"]) == []
    assert orders.shortage(second.store, late) is None
    assert orders.orders(second.store, state="short") == []
    assert inbox.open_count(second.store) == 0
