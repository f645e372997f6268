"""Receipts, counts, and the queue of backorders. Available units never fall below zero."""

from decimal import Decimal
from typing import Any

import msgspec

from shared.access import require_role
from shared.codec import Row
from shared.commands.lease_units import end_due, lose
from shared.commands.work import Work
from shared.errors import InvalidInput
from shared.ids import derived_id, stock_level_id
from shared.numbers import format_decimal, parse_decimal
from shared.rules.orders import display_number, line_state

ZERO = Decimal(0)
KEEPERS = ("manager", "admin")


class Receive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that arrived, more than none."""

    warehouse_id: str
    product_id: str
    quantity: str
    note: str = ""


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units found on the shelf where ``expected`` were on record: the difference is what is booked, so that
    receipts that arrive in between are not lost."""

    warehouse_id: str
    product_id: str
    counted: str
    expected: str
    note: str = ""


def available(level: Row) -> Decimal:
    """Units that can still be promised."""
    return Decimal(max(ZERO, level["on_hand"] - level["reserved"]))


def level_for(work: Work, warehouse_id: str, product_id: str) -> Row:
    """The stock level, made empty when there is none yet."""
    level_id = stock_level_id(warehouse_id, product_id)
    level = work.get("stock_level", level_id)
    if level is not None:
        return level
    work.require("warehouse", warehouse_id, field="warehouse_id")
    work.require("product", product_id, field="product_id")
    return work.insert("stock_level", {"id": level_id, "warehouse_id": warehouse_id, "product_id": product_id})


def receive(work: Work, args: Receive) -> None:
    require_role(work.actor, "stock.receive", *KEEPERS)
    quantity = _quantity(args.quantity, "quantity")
    if quantity <= 0:
        raise InvalidInput("too_small", field="quantity", entity="stock_move", limit=1, given=args.quantity)
    level = level_for(work, args.warehouse_id, args.product_id)
    _move(work, level, "receipt", quantity, args.note)
    work.update("stock_level", level, {"on_hand": level["on_hand"] + quantity})
    if work.authority:
        fill_backorders(work, level["id"])


def count(work: Work, args: Count) -> None:
    require_role(work.actor, "stock.count", *KEEPERS)
    difference = _quantity(args.counted, "counted") - _quantity(args.expected, "expected")
    level = level_for(work, args.warehouse_id, args.product_id)
    if work.authority:
        level = end_due(work, level)
    on_hand = max(ZERO, level["on_hand"] + difference)
    _move(work, level, "count", on_hand - level["on_hand"], args.note)
    if work.authority:
        level = _bear_loss(work, level, level["reserved"] - on_hand)
    reserved = min(level["reserved"], on_hand)
    work.update("stock_level", level, {"on_hand": on_hand, "reserved": reserved})
    if work.authority:
        fill_backorders(work, level["id"])


def _quantity(text: str, field: str) -> Decimal:
    try:
        quantity = parse_decimal(text)
    except ValueError as error:
        raise InvalidInput("invalid_number", field=field, entity="stock_move") from error
    if quantity < 0:
        raise InvalidInput("too_small", field=field, entity="stock_move", limit=0, given=text)
    return quantity


def _move(work: Work, level: Row, reason: str, quantity: Decimal, note: str) -> None:
    if len(note) > 200:
        raise InvalidInput("too_long", field="note", entity="stock_move", limit=200)
    work.insert(
        "stock_move",
        {
            "id": work.derived(),
            "owner_id": work.actor.user_id,
            "team_id": work.actor.team_id,
            "stock_level_id": level["id"],
            "product_id": level["product_id"],
            "reason": reason,
            "quantity": quantity,
            "note": note,
        },
    )


def fill_backorders(work: Work, level_id: str) -> None:
    """Gives free units to the waiting reservations in order of arrival. Authority only."""
    level = work.require("stock_level", level_id)
    free = available(level)
    queue = work.children("reservation", "waiting_for", level_id)
    for reservation in sorted(queue, key=lambda row: (row["queue_position"], row["id"])):
        if free <= 0:
            break
        units = min(free, reservation["backordered"])
        free -= units
        level = _shift(work, level, reservation, units)


def _bear_loss(work: Work, level: Row, units: Decimal) -> Row:
    """A loss: ``units`` of what is reserved are not there. Authority only.

    The newest plain reservations become backorders first; then the leases give up what they have left; the units that
    were promised as firm come last.
    """
    if units <= 0:
        return level
    level, units = _release_newest(work, level, units, firm=False)
    level, units = lose(work, level, units)
    return _release_newest(work, level, units, firm=True)[0]


def _release_newest(work: Work, level: Row, units: Decimal, *, firm: bool) -> tuple[Row, Decimal]:
    """Turns the newest reservations into backorders, of each what did not come from a lease, or all of it."""
    claims = [row for row in work.children("reservation", "stock_level_id", level["id"]) if row["reserved"] > 0]
    for reservation in sorted(claims, key=lambda row: (-row["queue_position"], row["id"])):
        kept = ZERO if firm else reservation["leased"]
        taken = min(units, reservation["reserved"] - kept)
        if taken > 0:
            units -= taken
            level = _shift(work, level, reservation, -taken)
    return level, units


def _shift(work: Work, level: Row, reservation: Row, units: Decimal) -> Row:
    """Moves units of one reservation from waiting to reserved (or back, when negative), with its line and notice."""
    waiting = reservation["backordered"] - units
    reserved = reservation["reserved"] + units
    held = {"reserved": reserved, "backordered": waiting, "leased": min(reservation["leased"], reserved)}
    work.update("reservation", reservation, {**held, "waiting_for": level["id"] if waiting else None})
    line = work.require("order_line", reservation["order_line_id"])
    state = line_state(line["quantity"], reserved, waiting)
    work.update("order_line", line, {**held, "state": state})
    _tell(work, reservation["order_id"], units)
    totals = {"reserved": level["reserved"] + units, "backordered": max(ZERO, level["backordered"] - units)}
    return work.update("stock_level", level, totals)


def shortage_id(order_id: str) -> str:
    """Inbox row about an order's shortage: one for each order."""
    return derived_id("shortage", order_id)


def report_shortage(
    work: Work, order: Row, code: str, lines: list[dict[str, Any]], about: dict[str, Any] | None = None
) -> None:
    """Tells the order's owner what is short and why; ``about``: what else the words need. Authority only."""
    changes = {
        "state": "open",
        "code": code,
        "title": display_number(order),
        "params": {"number": display_number(order), "lines": lines, **(about or {})},
        "resolved_at": None,
    }
    notice = work.get("conflict", shortage_id(order["id"]))
    if notice is not None:
        work.update("conflict", notice, changes)
    else:
        identity = {
            "id": shortage_id(order["id"]),
            "owner_id": order["owner_id"],
            "team_id": order["team_id"],
            "kind": "shortage",
            "tx_id": work.tx_id,
            "entity": "order",
            "row_id": order["id"],
            "account_id": order["account_id"],
        }
        work.insert("conflict", {**identity, **changes})
    work.conflicts.append(shortage_id(order["id"]))


def settle_shortage(work: Work, order_id: str) -> None:
    """The shortage is over: filled, or the order cancelled."""
    notice = work.get("conflict", shortage_id(order_id))
    if notice is not None and notice["state"] == "open":
        work.update("conflict", notice, {"state": "resolved", "resolved_at": work.now_ms})


def _tell(work: Work, order_id: str, units: Decimal) -> None:
    """Keeps the owner's notice true after units came or went."""
    order = work.require("order", order_id)
    lines = work.children("order_line", "order_id", order_id)
    short = [
        {
            "line_id": line["id"],
            "sku": line["sku"],
            "name": line["name"],
            "wanted": format_decimal(line["quantity"]),
            "taken": format_decimal(line["reserved"]),
            "short": format_decimal(line["backordered"]),
        }
        for line in lines
        if line["backordered"] > 0
    ]
    if short and units < 0:
        report_shortage(work, order, "stock_lost", short)
    elif short:
        before = work.get("conflict", shortage_id(order_id))
        by_lease = before is not None and before["code"].startswith("lease_")
        about = {"event": before["params"].get("event", "")} if before and by_lease else {}
        report_shortage(work, order, before["code"] if before and by_lease else "backordered", short, about)
    else:
        settle_shortage(work, order_id)
