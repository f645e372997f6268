"""Submitting and cancelling orders. Only the authority reserves, numbers and confirms; a device sets *pending*."""

from decimal import Decimal
from typing import Any

import msgspec

from shared.access import can_see
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands import stock
from shared.commands.lease_units import Draw, Drawn, draw, put_back
from shared.commands.numbering import report_renumbered, take_number
from shared.commands.work import Work
from shared.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from shared.ids import price_id, reservation_id, stock_level_id
from shared.numbers import format_decimal
from shared.rules.orders import content_hash, display_number, line_state, official_number, require_move
from shared.rules.pricing import effective_discount, order_totals

ZERO = Decimal(0)
NUMBERS_A_YEAR = 10**9
_NOTHING_RESERVED: dict[str, Any] = {"reserved": ZERO, "backordered": ZERO, "leased": ZERO, "waiting_for": None}


class Submit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``content_hash``: of the order as the person saw it (``rules.orders.content_hash``). ``draws``: the units that
    the person saw as firm from this device's leases, at most one for each line."""

    order_id: str
    content_hash: str
    draws: list[Draw] = []


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    order_id: str


def _reach(work: Work, order_id: str) -> Row:
    order = work.require("order", order_id, field="order_id")
    if not can_see(work.actor, ENTITIES["order"], order):
        raise NotFound("not_found", entity="order", id=str(order_id)[:36])
    return order


def submit(work: Work, args: Submit) -> None:
    order = _reach(work, args.order_id)
    require_move(order, "confirmed" if work.authority else "pending")
    account = work.require("account", order["account_id"], field="account_id")
    lines = sorted(work.children("order_line", "order_id", order["id"]), key=lambda line: (line["sku"], line["id"]))
    if not lines:
        raise InvalidInput("order_empty", number=display_number(order))
    if not order["warehouse_id"]:
        raise InvalidInput("required", field="warehouse_id", entity="order")
    for line in lines:
        _verify_line(work, order, line)
    if content_hash(order, lines) != args.content_hash:
        raise StateConflict("document_changed", number=display_number(order))
    claims = {claim.line_id: claim for claim in args.draws}
    drawn = {
        line["id"]: draw(
            work, claims.get(line["id"]), stock_level_id(order["warehouse_id"], line["product_id"]), line["quantity"]
        )
        for line in lines
    }
    if work.authority:
        _confirm(work, order, account, lines, drawn)
    else:
        _set_pending(work, order, lines, drawn)


def _verify_line(work: Work, order: Row, line: Row) -> None:
    """Agreed price, discount and tax are verified, never replaced. What a device cannot see it leaves to the server."""
    product = work.get("product", line["product_id"])
    price = work.get("price", price_id(order["price_list_id"], line["product_id"]) if order["price_list_id"] else None)
    tax = work.get("tax", product["tax_id"]) if product else None
    given = effective_discount(line["discount"], order["discount"])
    if given > work.actor.discount_limit:
        raise NotAllowed(
            "discount_over_limit",
            field="discount",
            name=line["name"],
            limit=format_decimal(work.actor.discount_limit),
            given=format_decimal(given),
        )
    if product is not None and not product["active"]:
        raise StateConflict("product_inactive", name=line["name"], sku=line["sku"])
    if product is not None and product["step"] and line["quantity"] % product["step"]:
        raise InvalidInput("quantity_step", field="quantity", name=line["name"], step=format_decimal(product["step"]))
    if line["quantity"] <= 0:
        raise InvalidInput("too_small", field="quantity", entity="order_line", limit=1, given="0")
    if work.authority and (product is None or price is None or price["deleted_at"] is not None):
        raise StateConflict("no_price", name=line["name"], sku=line["sku"])
    if price is not None and price["amount"] != line["unit_price"]:
        raise StateConflict(
            "price_changed",
            field="unit_price",
            name=line["name"],
            sku=line["sku"],
            agreed=format_decimal(line["unit_price"]),
            current=format_decimal(price["amount"]),
        )
    if product is not None and line["tax_rate"] != (tax["rate"] if tax else ZERO) and (tax or work.authority):
        raise StateConflict("tax_changed", field="tax_rate", name=line["name"], sku=line["sku"])


def _totals(order: Row, lines: list[Row]) -> tuple[dict[str, Any], dict[str, Decimal]]:
    """The order's total fields and each line's total by id."""
    totals = order_totals(order["discount"], lines)
    fields = {"total": totals.total, "tax_total": totals.tax, "units": totals.units, "line_count": len(lines)}
    return fields, {line["id"]: amount.total for line, amount in zip(lines, totals.lines, strict=True)}


def _set_pending(work: Work, order: Row, lines: list[Row], drawn: dict[str, Drawn]) -> None:
    """The device's own view until the server decides: leased units are firm, for the rest the availability falls."""
    fields, amounts = _totals(order, lines)
    for line in lines:
        firm = drawn[line["id"]]
        taken = ZERO
        level = work.get("stock_level", stock_level_id(order["warehouse_id"], line["product_id"]))
        if level is not None:
            taken = min(stock.available(level), line["quantity"] - firm.units)
            work.update("stock_level", level, {"reserved": level["reserved"] + taken})
        changes = {
            "state": "pending",
            "total": amounts[line["id"]],
            "reserved": firm.units + taken,
            "leased": firm.units,
            "lease_id": firm.lease_id,
        }
        work.update("order_line", line, changes)
    work.update("order", order, {**fields, "state": "pending", "ordered_at": work.now_ms})


def _confirm(work: Work, order: Row, account: Row, lines: list[Row], drawn: dict[str, Drawn]) -> None:
    year, count = take_number(work, order)
    taken = {line["id"]: _allocate(work, order, line, drawn[line["id"]].units) for line in lines}
    short = [line for line in lines if taken[line["id"]] < line["quantity"]]
    shortage = [_shortage(line, taken[line["id"]]) for line in short]
    broken = next((drawn[line["id"]] for line in short if drawn[line["id"]].cause), None)
    about: dict[str, Any] = {"event": broken.event_name} if broken else {}
    policy = order["shortage_policy"]
    if short and (policy == "reject" or (policy == "partial" and not any(taken.values()))):
        reason: dict[str, Any] = {"lease": broken.cause, **about} if broken else {}
        raise StateConflict("out_of_stock", number=display_number(order), lines=shortage, **reason)
    counted = [{**line, "quantity": taken[line["id"]]} for line in lines] if policy == "partial" else lines
    fields, amounts = _totals(order, counted)
    for position, line in enumerate(lines):
        waiting = ZERO if policy == "partial" else line["quantity"] - taken[line["id"]]
        firm = drawn[line["id"]]
        place = (year * NUMBERS_A_YEAR + count) * 1_000 + position
        _reserve(work, order, line, taken[line["id"]], firm.units, waiting, place)
        changes = {
            "total": amounts[line["id"]],
            "reserved": taken[line["id"]],
            "backordered": waiting,
            "leased": firm.units,
            "lease_id": firm.lease_id,
            "state": line_state(line["quantity"], taken[line["id"]], waiting),
        }
        work.update("order_line", line, changes)
    confirmed = {
        **fields,
        "state": "confirmed",
        "number": official_number(year, count),
        "ordered_at": work.now_ms,
        "confirmed_at": work.now_ms,
    }
    order = work.update("order", order, confirmed)
    if account["account_class"] in ("potential", "interested"):
        work.update("account", account, {"account_class": "won"}, stamp=("account_class",))
    if short:
        usual = "backordered" if policy == "backorder" else "partly_accepted"
        stock.report_shortage(work, order, broken.cause if broken else usual, shortage, about)
    report_renumbered(work, order)


def _allocate(work: Work, order: Row, line: Row, firm: Decimal) -> Decimal:
    """Takes what is available for the line off the stock level, beyond its ``firm`` units from a lease, which are
    reserved already; returns the units that the line has."""
    level = stock.level_for(work, order["warehouse_id"], line["product_id"])
    free: Decimal = min(stock.available(level), line["quantity"] - firm)
    waiting = line["quantity"] - firm - free if order["shortage_policy"] == "backorder" else ZERO
    if free or waiting:
        changes = {"reserved": level["reserved"] + free, "backordered": level["backordered"] + waiting}
        work.update("stock_level", level, changes)
    return firm + free


def _reserve(work: Work, order: Row, line: Row, taken: Decimal, firm: Decimal, waiting: Decimal, position: int) -> None:
    level_id = stock_level_id(order["warehouse_id"], line["product_id"])
    if not taken and not waiting:
        return
    work.insert(
        "reservation",
        {
            "id": reservation_id(line["id"]),
            "owner_id": order["owner_id"],
            "team_id": order["team_id"],
            "shared_with": order["shared_with"],
            "order_id": order["id"],
            "order_line_id": line["id"],
            "stock_level_id": level_id,
            "quantity": line["quantity"],
            "reserved": taken,
            "backordered": waiting,
            "leased": firm,
            "waiting_for": level_id if waiting else None,
            "queue_position": position,
        },
    )


def _shortage(line: Row, taken: Decimal) -> dict[str, Any]:
    return {
        "line_id": line["id"],
        "sku": line["sku"],
        "name": line["name"],
        "wanted": format_decimal(line["quantity"]),
        "taken": format_decimal(taken),
        "short": format_decimal(line["quantity"] - taken),
    }


def cancel(work: Work, args: Cancel) -> None:
    order = _reach(work, args.order_id)
    require_move(order, "cancelled")
    levels: dict[str, Row] = {}
    for line in sorted(
        work.children("order_line", "order_id", order["id"]), key=lambda item: (item["sku"], item["id"])
    ):
        level = _release(work, order, line)
        if level is not None:
            levels[level["id"]] = level
        gone = {"state": "cancelled", "reserved": ZERO, "backordered": ZERO, "leased": ZERO, "lease_id": None}
        work.update("order_line", line, gone)
    work.update("order", order, {"state": "cancelled", "cancelled_at": work.now_ms})
    if work.authority:
        stock.settle_shortage(work, order["id"])
        for level_id in sorted(levels):
            stock.fill_backorders(work, level_id)


def _release(work: Work, order: Row, line: Row) -> Row | None:
    """Gives the line's units back, to its lease while that is active; returns the stock level."""
    if not order["warehouse_id"] or not (line["reserved"] or line["backordered"]):
        return None
    level = work.get("stock_level", stock_level_id(order["warehouse_id"], line["product_id"]))
    if level is None:
        return None
    reservation = work.get("reservation", reservation_id(line["id"]))
    if reservation is not None:
        work.update("reservation", reservation, _NOTHING_RESERVED)
    free = line["reserved"] - put_back(work, line)
    changes = {
        "reserved": max(ZERO, level["reserved"] - free),
        "backordered": max(ZERO, level["backordered"] - line["backordered"]),
    }
    return work.update("stock_level", level, changes)
