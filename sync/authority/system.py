"""Rows that the server writes itself (a new organisation, a registered device, an import): same feed, same log."""

from collections.abc import Iterable

import msgspec

from shared.codec import Row, encode
from shared.commands.work import Need
from sync.authority import chain
from sync.authority.batch import SALT_BYTES, RandomBytes, commit_of, row_writes
from sync.authority.jobs import Outcome
from sync.authority.ports import Commit, Flush, LogEntry, Unit
from sync.authority.rows import BatchRows


class SystemWrite(msgspec.Struct, frozen=True):
    """Complete rows and who is answerable for them. ``name`` stands for the command in the log."""

    tx_id: str
    name: str
    user_id: str
    now_ms: int
    rows: list[tuple[str, Row]]
    device_id: str = ""
    retired: bool = False
    """The rows leave all their buckets, although they stay as they are: marked as deleted, long ago."""


async def write_rows(unit: Unit, write: SystemWrite, random: RandomBytes) -> Commit | None:
    """Stores the rows as they are. None when there are none, or this ``tx_id`` was written before: nothing happens."""
    if not write.rows or await unit.logged([write.tx_id]):
        return None
    rows = BatchRows()
    keys = [(entity, row["id"]) for entity, row in write.rows]
    await rows.fetch(unit, Need(rows=keys))
    for key, (_, row) in zip(keys, write.rows, strict=True):
        rows.written[key] = row
    flush = Flush(rows=row_writes(unit.head, rows), log=[entry_of(write, keys, random)])
    for one in flush.rows if write.retired else ():
        one.buckets, one.left = (), (*one.buckets, *one.left)
    chain.link(unit.head, flush.log)
    commit = commit_of(unit.head, flush.rows)
    await unit.flush(flush)
    return commit


def entry_of(write: SystemWrite, keys: Iterable[tuple[str, str]], random: RandomBytes) -> LogEntry:
    """The log entry of a system write of these rows."""
    # The rows themselves are in the feed; the log tells who brought which.
    payload = encode({"id": write.tx_id, "name": write.name, "rows": [list(key) for key in keys]})
    salt = random(SALT_BYTES)
    return LogEntry(
        tx_id=write.tx_id,
        user_id=write.user_id,
        device_id=write.device_id,
        install_id="",
        seq=0,
        received_at=write.now_ms,
        occurred_at=write.now_ms,
        status="accepted",
        code="",
        commands=write.name,
        payload=payload,
        salt=salt,
        fingerprint=chain.fingerprint(salt, payload),
        outcome=msgspec.json.encode(Outcome(write.tx_id, "accepted")),
    )
