"""Taking a device's access away."""

import msgspec

from shared.commands import lease_units
from shared.commands.work import Work
from shared.errors import NotFound


class Revoke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device_id: str


def revoke(work: Work, args: Revoke) -> None:
    """One's own device, or anybody's for an admin. The device keeps its unsent work; it may no longer exchange."""
    device = work.require("device", args.device_id, field="device_id")
    if device["owner_id"] != work.actor.user_id and work.actor.role != "admin":
        raise NotFound("not_found", entity="device", id=args.device_id)
    if device["revoked_at"] is None:
        work.update("device", device, {"revoked_at": work.now_ms})
        if work.authority:
            lease_units.left_by_device(work, device["id"])
