"""Writes that the server makes by itself (a device signs in, the demo is seeded): rows with feed and audit entry.

What people do goes through the executor; these have no command of their own, because no device may ask for them.
"""

import secrets
from collections.abc import Callable, Iterable
from typing import Any

from server.security.sign_in import RegisterDevice, SignedInDevice
from shared.catalog import ENTITIES
from shared.codec import Row, encode, new_row
from shared.commands.work import Key, Need
from shared.ids import uuid7
from sync.authority import chain
from sync.authority.batch import commit_of, row_writes
from sync.authority.ports import AuthorityStore, Commit, Flush, LogEntry, Unit
from sync.authority.rows import BatchRows

OnCommit = Callable[[Commit], None]
SALT_BYTES = 16


async def write_rows(
    unit: Unit, rows: Iterable[tuple[str, Row]], *, command: str, now_ms: int, user_id: str, device_id: str = ""
) -> Commit:
    """Stores complete rows, new or changed, under the unit's lock, with one audit entry named after ``command``.

    The entry's payload names the command and how many rows of each entity it wrote, not their content.
    """
    batch = BatchRows()
    written: dict[Key, Row] = {(entity, row["id"]): row for entity, row in rows}
    await batch.fetch(unit, Need(rows=written))
    batch.written = written
    counts: dict[str, int] = {}
    for entity, _ in written:
        counts[entity] = counts.get(entity, 0) + 1
    writes = row_writes(unit.head, batch)
    entry = _entry(command, counts, now_ms, user_id, device_id)
    chain.link(unit.head, [entry])
    commit = commit_of(unit.head, writes)
    await unit.flush(Flush(rows=writes, log=[entry]))
    return commit


def _entry(command: str, counts: dict[str, int], now_ms: int, user_id: str, device_id: str) -> LogEntry:
    payload = encode({"command": command, "rows": counts})
    salt = secrets.token_bytes(SALT_BYTES)
    tx_id = uuid7(now_ms, secrets.token_bytes(10))
    return LogEntry(
        tx_id=tx_id,
        user_id=user_id,
        device_id=device_id,
        install_id="",
        seq=0,
        received_at=now_ms,
        occurred_at=now_ms,
        status="accepted",
        code="",
        commands=command,
        payload=payload,
        salt=salt,
        fingerprint=chain.fingerprint(salt, payload),
        outcome=encode({"tx_id": tx_id, "status": "accepted"}),
    )


def device_registrar(store: AuthorityStore, on_commit: OnCommit) -> RegisterDevice:
    """Makes the function that ``SignIn`` calls when somebody has signed in on a device."""

    async def register(signed_in: SignedInDevice) -> None:
        async def write(unit: Unit) -> Commit:
            found = await unit.rows([("device", signed_in.id), ("user", signed_in.user_id)])
            user = found[("user", signed_in.user_id)][0]
            known = found.get(("device", signed_in.id))
            row = _seen(known[0], signed_in) if known else _new(user, signed_in)
            return await write_rows(
                unit,
                [("device", row)],
                command="device.sign_in",
                now_ms=signed_in.now_ms,
                user_id=signed_in.user_id,
                device_id=signed_in.id,
            )

        on_commit(await store.write(signed_in.org_id, write))

    return register


def _new(user: Row, signed_in: SignedInDevice) -> Row:
    values: dict[str, Any] = {
        "id": signed_in.id,
        "org_id": signed_in.org_id,
        "owner_id": signed_in.user_id,
        "team_id": user["home_team_id"],
        "created_at": signed_in.now_ms,
        "created_by": signed_in.user_id,
    }
    return _seen(new_row(ENTITIES["device"], values), signed_in)


def _seen(row: Row, signed_in: SignedInDevice) -> Row:
    return {
        **row,
        "name": signed_in.name or row.get("name") or "",
        "platform": signed_in.platform or row["platform"],
        "last_seen_at": signed_in.now_ms,
        "updated_at": signed_in.now_ms,
        "updated_by": signed_in.user_id,
    }
