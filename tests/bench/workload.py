"""Deterministic sales documents of 442 bytes of JSON with three lines each: the same seed gives the same bytes.

``sale(i)`` is one document; ``commands(sale)`` says it in Caravan's words: an order and its three lines. The digest
over the first 10,000 documents is fixed in ``tests/bench/test_workload.py``, so that figures stay comparable.
"""

from collections.abc import Iterator
from typing import Any

from shared import SCHEMA_VERSION
from shared.ids import derived_id
from shared.protocol import Command, Transaction

STATES = ("draft", "quoted", "confirmed", "shipped", "invoiced")
SKUS = 5_000
CUSTOMERS = 2_000
LINES = 3


def _numbers(seed: int) -> Iterator[int]:
    """Lehmer's generator (MINSTD, Park and Miller 1988), so that any language can make the same documents."""
    x = (seed * 2654435 + 97) % 2147483647 or 1
    while True:
        x = (x * 16807) % 2147483647
        yield x


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def sale(i: int, tag: str = "s") -> dict[str, Any]:
    """The i-th document."""
    numbers = _numbers(i + 1)

    def draw(n: int) -> int:
        return next(numbers) % n

    lines, total = [], 0
    for _ in range(LINES):
        units, cents = 1 + draw(9), 99 + draw(50_000)
        total += units * cents
        lines.append({"sku": f"SKU-{draw(SKUS):05d}", "qty": units, "price": _money(cents)})
    customer = draw(CUSTOMERS)
    return {
        "id": f"sale-{tag}-{i:08d}",
        "kind": "sale",
        "number": f"SO-2026-{i:07d}",
        "customer_id": f"cust-{customer:05d}",
        "customer": f"Customer {customer:05d} Trading Ltd",
        "status": STATES[draw(5)],
        "currency": "EUR",
        "lines": lines,
        "total": _money(total),
        "rep": f"rep-{draw(40):02d}",
        "note": f"Deliver to dock {draw(90)}, call {draw(10_000_000):07d} first",
        "updated_at": f"2026-{1 + draw(12):02d}-{1 + draw(28):02d}T{draw(24):02d}:{draw(60):02d}:00Z",
        "version": 0,
    }


def account_id(customer: str) -> str:
    """The account that stands for a document's customer."""
    return derived_id("bench account", customer)


def product_id(sku: str) -> str:
    """The product that stands for a document's SKU."""
    return derived_id("bench product", sku)


def transaction(document: dict[str, Any], terms: dict[str, str], occurred_at: int) -> Transaction:
    """The document as one transaction of four commands: the order and its three lines, as a draft.

    ``terms``: ``price_list_id`` and ``warehouse_id`` of the company that takes the orders.
    """
    order_id = derived_id("bench order", document["id"])
    header = {"account_id": account_id(document["customer_id"]), "note": document["note"], **terms}
    commands = [Command("order.create", {"id": order_id, "values": header})]
    for position, line in enumerate(document["lines"]):
        values = {
            "order_id": order_id,
            "product_id": product_id(line["sku"]),
            "sku": line["sku"],
            "name": document["customer"],
            "position": position,
            "quantity": str(line["qty"]),
            "unit_price": line["price"],
            "tax_rate": "13",
        }
        commands.append(
            Command("order_line.create", {"id": derived_id("bench line", order_id, position), "values": values})
        )
    return Transaction(derived_id("bench tx", document["id"]), SCHEMA_VERSION, occurred_at, commands)
