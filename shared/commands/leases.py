"""Stock leases: managers set units aside for a colleague, who sells them offline as firm on the device that took them.

A lease belongs to one person and becomes drawable on one device: the server gives it to the first that claims it.
Only that device draws on it and only it returns it, and its transactions arrive in order; so what it shows as left is
what the server will find, however long it was offline.
"""

from decimal import Decimal

import msgspec

from shared.access import can_see, require_role
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands import stock
from shared.commands.lease_units import end, end_due, is_live, tell_holder
from shared.commands.work import Work
from shared.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from shared.numbers import format_decimal, parse_decimal
from shared.rules.leases import LONGEST_MS, due_at, left

ZERO = Decimal(0)


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``id``: of the new lease. ``expires_at``: UTC milliseconds. ``event_name``: what the units are for."""

    id: str
    holder_id: str
    warehouse_id: str
    product_id: str
    quantity: str
    expires_at: int
    event_name: str


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lease_id: str


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lease_id: str


class Extend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A later end, more units, or both."""

    lease_id: str
    expires_at: int
    quantity: str = "0"


class Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lease_id: str


class Reclaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lease_id: str


def grant(work: Work, args: Grant) -> None:
    """Reserves units for a colleague of the manager's team (an admin: of any), who is *offered* them."""
    require_role(work.actor, "lease.grant", *stock.KEEPERS)
    holder = work.require("user", args.holder_id, field="holder_id")
    if not holder["active"]:
        raise StateConflict("lease_holder_inactive", field="holder_id", name=holder["name"])
    if work.actor.role != "admin" and holder["home_team_id"] != work.actor.team_id:
        raise NotAllowed("lease_other_team", field="holder_id", name=holder["name"])
    quantity = _units(args.quantity)
    if quantity <= 0:
        raise InvalidInput("too_small", field="quantity", entity="stock_lease", limit=1, given=args.quantity)
    _check_end(work, args.expires_at)
    if not args.event_name.strip():
        raise InvalidInput("required", field="event_name", entity="stock_lease")
    if len(args.event_name) > 120:
        raise InvalidInput("too_long", field="event_name", entity="stock_lease", limit=120)
    level = stock.level_for(work, args.warehouse_id, args.product_id)
    if work.authority:
        level = end_due(work, level)
    live = work.children("stock_lease", "held_on", level["id"])
    if any(lease["owner_id"] == holder["id"] for lease in live):
        raise StateConflict("lease_exists", field="holder_id", name=holder["name"])
    level = _reserve(work, level, quantity)
    work.insert(
        "stock_lease",
        {
            "id": args.id,
            "owner_id": holder["id"],
            "team_id": holder["home_team_id"],
            "stock_level_id": level["id"],
            "warehouse_id": args.warehouse_id,
            "product_id": args.product_id,
            "event_name": args.event_name.strip(),
            "quantity": quantity,
            "expires_at": args.expires_at,
            "held_on": level["id"],
        },
    )


def claim(work: Work, args: Claim) -> None:
    """Takes an offered lease to this device, or one whose device was revoked. Only the server decides which device has
    it: here it is *claiming*."""
    lease = _own(work, args.lease_id)
    if not work.actor.device_id:
        raise InvalidInput("lease_needs_device", event=lease["event_name"])
    if lease["state"] == "active" and lease["device_id"] == work.actor.device_id:
        return
    if lease["state"] == "active" and lease["device_gone_at"] is None:
        raise StateConflict("lease_elsewhere", device=lease["device_name"])
    _require_live(work, lease)
    if not work.authority:
        work.update("stock_lease", lease, {"state": "claiming"})
        return
    device = {"device_id": work.actor.device_id, "device_name": work.device_name[:120], "device_gone_at": None}
    work.update("stock_lease", lease, {"state": "active", **device})


def release(work: Work, args: Release) -> None:
    """The device that has the lease lets another one of the holder's take it. From there only: its transactions arrive
    in order, so the server knows by then of all that it has sold offline, and it sells nothing more."""
    lease = _own(work, args.lease_id)
    if lease["state"] == "offered":
        return
    _require_live(work, lease)
    _require_here(work, lease)
    work.update("stock_lease", lease, {"state": "offered", "device_id": None, "device_name": ""})


def extend(work: Work, args: Extend) -> None:
    """A later end, more units. A promise is never shortened: that would be a reclaim."""
    lease = _kept(work, "lease.extend", args.lease_id)
    quantity = _units(args.quantity)
    if args.expires_at < lease["expires_at"] or quantity < 0:
        raise StateConflict("lease_only_longer", field="expires_at")
    if args.expires_at != lease["expires_at"]:
        _check_end(work, args.expires_at)
    if quantity > 0:
        _reserve(work, stock.level_for(work, lease["warehouse_id"], lease["product_id"]), quantity)
    work.update("stock_lease", lease, {"expires_at": args.expires_at, "quantity": lease["quantity"] + quantity})


def give_back(work: Work, args: Return) -> None:
    """The holder gives back what is left. Of a lease on a device only from there: it alone knows its unsent orders."""
    lease = _own(work, args.lease_id)
    if not is_live(lease):
        raise _over(lease)
    _require_here(work, lease)
    _finish(work, lease, "returned")


def reclaim(work: Work, args: Reclaim) -> None:
    """Takes back what is left, at once. Orders made on it and not yet here will find nothing of it; their policy
    decides, and the inbox says why."""
    lease = _kept(work, "lease.reclaim", args.lease_id)
    units = left(lease)
    _finish(work, lease, "reclaimed")
    if work.authority and lease["owner_id"] != work.actor.user_id:
        tell_holder(work, lease, "lease_taken_back", units)


def expire(work: Work, lease_id: str) -> bool:
    """Ends a lease whose time is over; False when there is nothing to do. Run by the authority itself."""
    lease = work.get("stock_lease", lease_id)
    if lease is None or not is_live(lease) or work.now_ms < due_at(lease):
        return False
    _finish(work, lease, "expired")
    return True


def _finish(work: Work, lease: Row, state: str) -> None:
    level = end(work, lease, state)
    if work.authority and level is not None:
        stock.fill_backorders(work, level["id"])


def _own(work: Work, lease_id: str) -> Row:
    lease = work.require("stock_lease", lease_id, field="lease_id")
    if lease["owner_id"] != work.actor.user_id:
        raise NotFound("not_found", entity="stock_lease", id=lease_id[:36])
    return lease


def _kept(work: Work, command: str, lease_id: str) -> Row:
    """A live lease that the manager may dispose of."""
    require_role(work.actor, command, *stock.KEEPERS)
    lease = work.require("stock_lease", lease_id, field="lease_id")
    if not can_see(work.actor, ENTITIES["stock_lease"], lease):
        raise NotFound("not_found", entity="stock_lease", id=lease_id[:36])
    if not is_live(lease):
        raise _over(lease)
    return lease


def _require_live(work: Work, lease: Row) -> None:
    if not is_live(lease) or (work.authority and work.now_ms >= due_at(lease)):
        raise _over(lease)


def _require_here(work: Work, lease: Row) -> None:
    if lease["state"] == "active" and lease["device_id"] != work.actor.device_id:
        raise StateConflict("lease_elsewhere", device=lease["device_name"])


def _over(lease: Row) -> StateConflict:
    return StateConflict("lease_over", event=lease["event_name"])


def _check_end(work: Work, expires_at: int) -> None:
    if not work.now_ms < expires_at <= work.now_ms + LONGEST_MS:
        raise InvalidInput("lease_end", field="expires_at")


def _reserve(work: Work, level: Row, quantity: Decimal) -> Row:
    free = stock.available(level)
    if quantity > free:
        raise StateConflict(
            "lease_too_many", field="quantity", available=format_decimal(free), wanted=format_decimal(quantity)
        )
    return work.update("stock_level", level, {"reserved": level["reserved"] + quantity})


def _units(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise InvalidInput("invalid_number", field="quantity", entity="stock_lease") from error
