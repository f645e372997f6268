"""Guesses the rows that a batch will read, so that most transactions run without a single miss.

Only speed depends on it: what is not guessed raises ``Need`` and is fetched before the next run.
"""

from collections.abc import Iterable
from typing import Any

from shared.catalog import ENTITIES
from shared.commands.stock import shortage_id
from shared.commands.work import Key, Need
from shared.ids import price_id, reservation_id, stock_level_id
from shared.protocol import Command, Transaction
from shared.rules.numbering import counter_id
from sync.authority.rows import BatchRows

_NAMED_REFS = {
    "order_id": "order",
    "conflict_id": "conflict",
    "device_id": "device",
    "item_id": "quarantine_item",
    "warehouse_id": "warehouse",
    "product_id": "product",
    "owner_id": "user",
    "holder_id": "user",
    "lease_id": "stock_lease",
    "stage_id": "stage",
    "seen_stage_id": "stage",
    "reason_id": "lost_reason",
}


def first_guess(transactions: Iterable[Transaction], org_id: str) -> Need:
    """Rows named by the arguments, and those whose ids follow from them."""
    need = Need()
    years: set[int] = set()
    for tx in transactions:
        warehouses: set[str] = set()
        price_lists: set[str] = set()
        products: set[str] = set()
        for command in tx.commands:
            entity, _, action = command.name.partition(".")
            args = command.args
            _add(need.rows, entity, args.get("id"))
            for name, target in _NAMED_REFS.items():
                _add(need.rows, target, args.get(name))
            values = args.get("values")
            if entity in ENTITIES and isinstance(values, dict):
                _refs(need.rows, entity, values)
            else:
                values = {}
            _collect(warehouses, values.get("warehouse_id"), args.get("warehouse_id"))
            _collect(price_lists, values.get("price_list_id"))
            _collect(products, values.get("product_id"), args.get("product_id"))
            _family(need, entity, action, command)
            if command.name == "order.submit":
                years.add(_year(tx.occurred_at))
        need.rows |= {("stock_level", stock_level_id(w, p)) for w in warehouses for p in products}
        need.rows |= {("price", price_id(list_id, p)) for list_id in price_lists for p in products}
    if years:
        need.rows.add(("organisation", org_id))
        need.rows |= {("counter", counter_id(org_id, year)) for year in years}
    return need


def second_guess(rows: BatchRows) -> Need:
    """Rows that the first ones point to and that the rules are known to read: the products' taxes, what leases hold."""
    need = Need()
    for (entity, _), row in rows.base.items():
        if row is None:
            continue
        if entity == "product" and row["tax_id"]:
            need.rows.add(("tax", row["tax_id"]))
        elif entity == "order_line" and row["lease_id"]:
            need.rows.add(("stock_lease", row["lease_id"]))
        elif entity == "stock_lease":
            need.rows.add(("stock_level", row["stock_level_id"]))
            need.children.add(("reservation", "waiting_for", row["stock_level_id"]))
    return need


def _family(need: Need, entity: str, action: str, command: Command) -> None:
    if entity == "order_line" and action == "create":
        row_id = command.args.get("id")
        if isinstance(row_id, str):
            need.rows.add(("reservation", reservation_id(row_id)))
    elif entity == "order" and action in ("submit", "cancel"):
        order_id = command.args.get("order_id")
        if isinstance(order_id, str):
            need.children.add(("order_line", "order_id", order_id))
            need.rows.add(("conflict", shortage_id(order_id)))
        draws = command.args.get("draws")
        for draw in draws if isinstance(draws, list) else ():
            _add(need.rows, "stock_lease", draw.get("lease_id") if isinstance(draw, dict) else None)
    elif entity in ("stock", "lease"):
        _add(need.rows, "stock_lease", command.args.get("id"))
        warehouse, product = command.args.get("warehouse_id"), command.args.get("product_id")
        if isinstance(warehouse, str) and isinstance(product, str):
            level_id = stock_level_id(warehouse, product)
            need.children.add(("reservation", "waiting_for", level_id))
            if action in ("grant", "count"):
                need.children.add(("stock_lease", "held_on", level_id))


def _year(instant_ms: int) -> int:
    """Near enough: at the turn of the year, in another time zone, the counter is fetched a moment later."""
    return 1970 + int(instant_ms / 31_556_952_000)


def _refs(rows: set[Key], entity: str, values: dict[str, Any]) -> None:
    declared = ENTITIES[entity]
    for name in declared.refs:
        if name in values:
            _add(rows, declared.fields[name].options.ref or "", values[name])


def _add(rows: set[Key], entity: str, row_id: object) -> None:
    if isinstance(row_id, str) and row_id and entity in ENTITIES:
        rows.add((entity, row_id))


def _collect(ids: set[str], *values: object) -> None:
    ids.update(value for value in values if isinstance(value, str) and value)
