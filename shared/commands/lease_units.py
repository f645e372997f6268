"""Moving the units of stock leases: to orders, back from them, and back into the free stock.

Leased units are part of their stock level's *reserved* from the grant on. Drawing moves them from the lease to the
order's reservation and leaves that total as it is; so whatever is drawn was never for sale to anybody else.
"""

from decimal import Decimal
from typing import Any

import msgspec

from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput
from shared.ids import derived_id
from shared.numbers import format_decimal, parse_decimal
from shared.rules.leases import LIVE, due_at, is_on, left

ZERO = Decimal(0)


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that its author was shown as firm from a lease of this device."""

    line_id: str
    lease_id: str
    quantity: str


class Drawn(msgspec.Struct, frozen=True):
    """What a draw came to. ``cause``: why less was there than had been promised (a code with words), or empty."""

    units: Decimal = ZERO
    lease_id: str | None = None
    cause: str = ""
    event_name: str = ""


_CAUSES = {"reclaimed": "lease_reclaimed", "expired": "lease_expired", "active": "lease_short"}


def draw(work: Work, claim: Draw | None, level_id: str, wanted: Decimal) -> Drawn:
    """Moves the claimed units from the lease to a line that wants ``wanted``; fewer when the lease has fewer.

    The promise is kept whenever the server still holds the units: what the device may promise by its clock is decided
    where the claim is made, so that one that ran slow costs nobody anything.
    """
    if claim is None:
        return Drawn()
    try:
        claimed = min(parse_decimal(claim.quantity), wanted)
    except ValueError as error:
        raise InvalidInput("invalid_number", field="quantity", entity="stock_lease") from error
    lease = work.get("stock_lease", claim.lease_id)
    if lease is None or lease["stock_level_id"] != level_id or claimed <= 0:
        return Drawn(cause="lease_short" if claimed > 0 else "", event_name="—")
    units = min(claimed, left(lease)) if is_on(lease, work.actor.device_id) else ZERO
    if units > 0:
        work.update("stock_lease", lease, {"drawn": lease["drawn"] + units})
    cause = _CAUSES.get(lease["state"], "lease_short") if units < claimed else ""
    return Drawn(units, lease["id"] if units > 0 else None, cause, lease["event_name"])


def put_back(work: Work, line: Row) -> Decimal:
    """Of a cancelled line the units that go back to their lease; none when that is over."""
    lease = work.get("stock_lease", line["lease_id"]) if line["leased"] > 0 else None
    if lease is None or lease["state"] != "active":
        return ZERO
    units = min(line["leased"], lease["drawn"])
    work.update("stock_lease", lease, {"drawn": lease["drawn"] - units})
    return Decimal(units)


def end(work: Work, lease: Row, state: str) -> Row | None:
    """Ends the lease: what is left goes into the free stock. Returns the stock level, None when it is not here."""
    units = left(lease)
    changes = {"state": state, "returned": lease["returned"] + units, "held_on": None, "ended_at": work.now_ms}
    work.update("stock_lease", lease, changes)
    level = work.get("stock_level", lease["stock_level_id"])
    if level is None or units <= 0:
        return level
    return work.update("stock_level", level, {"reserved": max(ZERO, level["reserved"] - units)})


def end_due(work: Work, level: Row) -> Row:
    """Ends the level's leases whose time is over, before anything else is decided about it. Authority only."""
    for lease in work.children("stock_lease", "held_on", level["id"]):
        if work.now_ms >= due_at(lease):
            level = end(work, lease, "expired") or level
    return level


def lose(work: Work, level: Row, units: Decimal) -> tuple[Row, Decimal]:
    """A loss that free stock and plain reservations could not bear: the newest leases give up what they have left.

    Returns the level and the units that are still missing. The holders are told. Authority only.
    """
    live = [lease for lease in work.children("stock_lease", "held_on", level["id"]) if left(lease) > 0]
    for lease in sorted(live, key=lambda row: (-row["created_at"], row["id"])):
        taken = min(units, left(lease))
        if taken <= 0:
            break
        units -= taken
        lease = work.update("stock_lease", lease, {"returned": lease["returned"] + taken})
        level = work.update("stock_level", level, {"reserved": level["reserved"] - taken})
        tell_holder(work, lease, "lease_lost", taken)
    return level, units


def tell_holder(work: Work, lease: Row, code: str, units: Decimal) -> None:
    """Puts into the holder's inbox that units of a lease are gone. One row for each lease. Authority only."""
    product = work.require("product", lease["product_id"])
    params: dict[str, Any] = {
        "name": product["name"],
        "sku": product["sku"],
        "event": lease["event_name"],
        "units": format_decimal(units),
    }
    changes = {"state": "open", "code": code, "title": product["name"][:200], "params": params, "resolved_at": None}
    notice_id = derived_id("lease notice", lease["id"])
    notice = work.get("conflict", notice_id)
    if notice is not None:
        work.update("conflict", notice, changes)
    else:
        identity = {
            "id": notice_id,
            "owner_id": lease["owner_id"],
            "team_id": lease["team_id"],
            "kind": "lease",
            "tx_id": work.tx_id,
            "entity": "stock_lease",
            "row_id": lease["id"],
        }
        work.insert("conflict", {**identity, **changes})
    work.conflicts.append(notice_id)


def left_by_device(work: Work, device_id: str) -> None:
    """Notes on the live leases of a revoked device that another one may take them. Authority only."""
    for lease in work.children("stock_lease", "device_id", device_id):
        if is_live(lease):
            work.update("stock_lease", lease, {"device_gone_at": work.now_ms})


def is_live(lease: Row) -> bool:
    """Whether what is left of the lease is still reserved for its holder."""
    return lease["state"] in LIVE
