"""The order's life as data, its content hash, its provisional number."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.catalog import ENTITIES
from shared.codec import encode, values_to_wire
from shared.errors import StateConflict

Row = Mapping[str, Any]

MOVES: dict[tuple[str, str], str] = {
    ("draft", "pending"): "order.submit",
    ("draft", "confirmed"): "order.submit",
    ("draft", "cancelled"): "order.cancel",
    ("pending", "cancelled"): "order.cancel",
    ("confirmed", "cancelled"): "order.cancel",
}
"""(from, to) → the command that makes the move. ``pending`` is a device's own: the server never stores it."""

_ORDER_CONTENT = ("account_id", "shortage_policy", "price_list_id", "warehouse_id", "discount", "currency", "note")
_LINE_CONTENT = ("id", "product_id", "sku", "position", "quantity", "unit_price", "discount", "tax_rate")


def require_move(order: Row, target: str) -> None:
    """Raises ``StateConflict`` ``illegal_state`` that names the order, its state and what is allowed."""
    if (order["state"], target) not in MOVES:
        allowed = ", ".join(to for (start, to) in MOVES if start == order["state"]) or "-"
        raise StateConflict(
            "illegal_state", number=display_number(order), state=order["state"], target=target, allowed=allowed
        )


def content_hash(order: Row, lines: Sequence[Row]) -> str:
    """SHA-256 (hex) over what a person saw and agreed to: the terms and the lines, by position and id."""
    terms = values_to_wire(ENTITIES["order"], {name: order[name] for name in _ORDER_CONTENT})
    lined = ENTITIES["order_line"]
    items = [values_to_wire(lined, {name: line[name] for name in _LINE_CONTENT}) for line in lines]
    items.sort(key=lambda item: (item["position"], item["id"]))
    return hashlib.sha256(encode([terms, items])).hexdigest()


def provisional_number(order_id: str) -> str:
    """What an order is called before the server numbers it: ``TMP-`` and five letters or digits of its id.

    Never of the official form ``SO-2026-000123``; letters that look like digits are left out.
    """
    alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
    value = int(order_id.replace("-", "")[-12:], 16)
    digits = ""
    for _ in range(5):
        value, digit = divmod(value, len(alphabet))
        digits += alphabet[digit]
    return f"TMP-{digits}"


def display_number(order: Row) -> str:
    """The official number, or the provisional one."""
    return str(order["number"] or provisional_number(order["id"]))


def official_number(year: int, value: int) -> str:
    """The form of official numbers."""
    return f"SO-{year}-{value:06d}"


def line_state(wanted: Decimal, reserved: Decimal, backordered: Decimal) -> str:
    """A confirmed line's state from its quantities."""
    if backordered > 0:
        return "partial" if reserved > 0 else "backordered"
    if reserved == 0:
        return "dropped"
    return "reserved" if reserved == wanted else "partial"
