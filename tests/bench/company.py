"""The company that takes the sales of ``workload``: its SKUs, customers, prices and stock, and reps who share them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from shared.catalog import ENTITIES
from shared.codec import Row, from_wire, new_row
from shared.ids import derived_id, price_id, stock_level_id
from shared.protocol import Command, Transaction, encode
from shared.rules.orders import content_hash
from tests.bench.workload import CUSTOMERS, SKUS, account_id, product_id, sale, transaction
from tests.support.served import credential

REPS = 4
ORG, TEAM = derived_id("bench org"), derived_id("bench team")
TERMS = {"warehouse_id": derived_id("bench warehouse"), "price_list_id": derived_id("bench prices")}
TAX = derived_id("bench tax")
MANAGER = "manager"
ON_HAND = Decimal(1_000_000)
"""Units of each SKU: an order is checked against its stock and gets it."""


def rep(number: int) -> str:
    """Login of a rep."""
    return f"rep{number}"


def user_id(login: str) -> str:
    """Id of a user of the company."""
    return derived_id("bench user", login)


def price_of(sku: str) -> str:
    """The list price of a SKU, wire form."""
    cents = 99 + int(sku.rpartition("-")[2]) * 7_919 % 50_000
    return f"{cents // 100}.{cents % 100:02d}"


def all_skus() -> list[str]:
    """Every SKU that a document may name."""
    return [f"SKU-{number:05d}" for number in range(SKUS)]


def all_customers() -> list[str]:
    """Every customer that a document may name."""
    return [f"cust-{number:05d}" for number in range(CUSTOMERS)]


def seller_of(customer: str) -> int:
    """Number of the rep whose customer it is."""
    return int(customer.rpartition("-")[2]) % REPS


def rows() -> Iterator[tuple[str, Row]]:
    """(entity, complete row) of the whole company, credentials included."""
    for entity, values in _values():
        yield entity, new_row(ENTITIES[entity], {"org_id": ORG, "created_at": 1, "updated_at": 1, **values})
    for login in (MANAGER, *map(rep, range(REPS))):
        yield credential(ORG, user_id(login))


def _values() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "organisation", {"id": ORG, "name": "Bench", "currency": "EUR"}
    yield "team", {"id": TEAM, "name": "Team"}
    for login in (MANAGER, *map(rep, range(REPS))):
        role = "manager" if login == MANAGER else "rep"
        yield "user", {"id": user_id(login), "name": login, "login": login, "role": role, "home_team_id": TEAM}
    yield "warehouse", {"id": TERMS["warehouse_id"], "name": "Warehouse"}
    yield "price_list", {"id": TERMS["price_list_id"], "name": "Prices", "is_default": True}
    yield "tax", {"id": TAX, "name": "13%", "rate": Decimal(13)}
    for sku in all_skus():
        product = product_id(sku)
        priced = {"price_list_id": TERMS["price_list_id"], "product_id": product}
        stored = {"warehouse_id": TERMS["warehouse_id"], "product_id": product}
        yield "product", {"id": product, "sku": sku, "name": f"Product {sku}", "tax_id": TAX}
        yield "price", {"id": price_id(*priced.values()), **priced, "amount": Decimal(price_of(sku))}
        yield "stock_level", {"id": stock_level_id(*stored.values()), **stored, "on_hand": ON_HAND}
    for customer in all_customers():
        owner = {"owner_id": user_id(rep(seller_of(customer))), "team_id": TEAM}
        yield "account", {"id": account_id(customer), "name": f"Customer {customer[-5:]} Trading Ltd", **owner}


class Payload(msgspec.Struct, frozen=True):
    """A transaction as it is sent. ``by``: number of the rep whose customer it is about."""

    by: int
    tx_id: str
    data: bytes


def sales(count: int, now_ms: int, tag: str = "s") -> list[Payload]:
    """The first documents as drafts: an order and its three lines each."""
    return [_payload(document, _drafted(document, now_ms)) for document in (sale(i, tag) for i in range(count))]


def orders(count: int, now_ms: int, tag: str = "o") -> list[Payload]:
    """The first documents as submitted orders at list prices: checked, reserved, numbered."""
    return [_payload(document, _submitted(document, now_ms)) for document in (sale(i, tag) for i in range(count))]


def _payload(document: dict[str, Any], tx: Transaction) -> Payload:
    return Payload(seller_of(document["customer_id"]), tx.id, encode(tx))


def _drafted(document: dict[str, Any], now_ms: int) -> Transaction:
    return transaction(document, TERMS, now_ms)


def _submitted(document: dict[str, Any], now_ms: int) -> Transaction:
    lines = [{**line, "price": price_of(line["sku"])} for line in document["lines"]]
    tx = transaction({**document, "lines": lines}, TERMS, now_ms)
    header, *lines = ({"id": command.args["id"], **command.args["values"]} for command in tx.commands)
    order = from_wire(ENTITIES["order"], header)
    seen = content_hash(order, [from_wire(ENTITIES["order_line"], line) for line in lines])
    submit = Command("order.submit", {"order_id": order["id"], "content_hash": seen})
    return msgspec.structs.replace(tx, commands=[*tx.commands, submit])
