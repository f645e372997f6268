"""The row of a device that somebody signs in on: written by the server itself, because no device may ask for it."""

from typing import Any

from server.db.authority import Authority
from server.security.sign_in import RegisterDevice, SignedInDevice
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite


def device_registrar(authority: Authority) -> RegisterDevice:
    """Makes the function that ``SignIn`` calls when a sign-in is complete."""

    async def register(signed_in: SignedInDevice) -> None:
        async def prepare(unit: Unit) -> SystemWrite:
            # Read under the lock: a revocation that arrives at the same moment is not undone.
            found = await unit.rows([("device", signed_in.id), ("user", signed_in.user_id)])
            known = found.get(("device", signed_in.id))
            row = known[0] if known else _new(found[("user", signed_in.user_id)][0], signed_in)
            return SystemWrite(
                tx_id=authority.new_id(),
                name="device.sign_in",
                user_id=signed_in.user_id,
                now_ms=signed_in.now_ms,
                rows=[("device", _seen(row, signed_in))],
                device_id=signed_in.id,
            )

        await authority.write(signed_in.org_id, prepare)

    return register


def _new(user: Row, signed_in: SignedInDevice) -> Row:
    values: dict[str, Any] = {
        "id": signed_in.id,
        "org_id": signed_in.org_id,
        "owner_id": signed_in.user_id,
        "team_id": user["home_team_id"],
        "created_at": signed_in.now_ms,
        "created_by": signed_in.user_id,
        "name": "",
    }
    return new_row(ENTITIES["device"], values)


def _seen(row: Row, signed_in: SignedInDevice) -> Row:
    return {
        **row,
        "name": signed_in.name or row["name"],
        "platform": signed_in.platform or row["platform"],
        "last_seen_at": signed_in.now_ms,
        "updated_at": signed_in.now_ms,
        "updated_by": signed_in.user_id,
    }
