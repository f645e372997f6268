"""Follows the log behind its commits: verifies each new entry's place in the chain and notes which rows it touched.

Old entries are looked at again, a chunk with each ``follow``, round and round: an edit of the past is noticed within
some calls, which come from the server's upkeep and from who asks for the chain. ``catch_up`` does only what is new.
What only the file outside of the database can tell (``server.security.audit``) is not asked here.
"""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import delete, select, update

from server.db import revision, tables
from server.db.bulk import Bulk
from server.db.engine import Database, Tx
from server.security.audit import entry_of_record, payload_fits
from server.security.crypto import SealError, Vault, is_sealed_bytes
from server.trail.tables import audit_check, audit_touch
from shared.audit_trail import ChainState
from shared.catalog import ENTITIES
from shared.errors import Unavailable
from shared.ids import is_id
from shared.protocol import Command
from sync.authority.chain import GENESIS, entry_hash
from sync.authority.jobs import Outcome

T = TypeVar("T")
CHUNK = 500
_touch = Bulk(audit_touch)
_log = tables.tx_log.c
_decode_outcome = msgspec.json.Decoder(Outcome).decode


class _System(msgspec.Struct, frozen=True):
    """What the server writes about its own entries (``sync.authority.system``)."""

    rows: list[tuple[str, str]] = []


class _Sent(msgspec.Struct, frozen=True):
    """What the trail needs of a transaction."""

    commands: list[Command] = []


async def follow(database: Database, vault: Vault, org_id: str, now_ms: int, *, chunks: int = 20) -> ChainState:
    """Catches up with the log, at most ``chunks`` transactions of ``CHUNK`` entries, looks at old ones again, and says
    how the chain stands. Raises ``Unavailable`` ``server_older``."""
    state = await database.run_tx(_step(vault, org_id, now_ms, again=True))
    return await _caught_up(database, vault, org_id, now_ms, state, chunks - 1)


async def catch_up(database: Database, vault: Vault, org_id: str, now_ms: int, *, chunks: int = 20) -> ChainState:
    """Like ``follow`` for what is new alone: without anything new it writes nothing."""

    async def known(tx: Tx) -> ChainState:
        head = tables.head.c
        statement = (
            select(head.chain_count, *(audit_check.c[name] for name in ("verified_to", "checked_at", "broken_at")))
            .select_from(tables.head.outerjoin(audit_check, audit_check.c.org_id == head.org_id))
            .where(head.org_id == org_id)
        )
        row = (await tx.execute(statement)).one()
        return ChainState(
            row.broken_at is None, row.verified_to or 0, row.chain_count, row.checked_at or 0, row.broken_at
        )

    return await _caught_up(database, vault, org_id, now_ms, await database.read(known), chunks)


async def _caught_up(
    database: Database, vault: Vault, org_id: str, now_ms: int, state: ChainState, chunks: int
) -> ChainState:
    for _ in range(chunks):
        if state.entries == state.head:
            break
        state = await database.run_tx(_step(vault, org_id, now_ms, again=False))
    return state


def _step(vault: Vault, org_id: str, now_ms: int, *, again: bool) -> Any:
    async def step(tx: Tx) -> ChainState:
        if not await revision.is_known(tx):
            raise Unavailable("server_older")
        known = await _known(tx, org_id)
        verified, previous, broken = known.verified_to, bytes(known.hash), known.broken_at
        count = (await tx.execute(select(tables.head.c.chain_count).where(tables.head.c.org_id == org_id))).scalar_one()
        if count < verified and broken is None:
            broken = count + 1
        records = await _chunk(tx, org_id, verified)
        touches: dict[tuple[str, str, int], None] = {}
        for record in records:
            if broken is None and not _fits(org_id, record, verified + 1, previous, vault):
                broken = verified + 1
            touches |= dict.fromkeys((entity, row_id, record.n) for entity, row_id in touched(record, vault))
            verified, previous = record.n, bytes(record.hash)
        await _note(tx, org_id, list(touches))
        again_to = known.again_to
        if again:
            again_to, found = await _look_again(tx, org_id, again_to, known.verified_to, bytes(known.hash), vault)
            broken = found if broken is None else broken
        values = {"verified_to": verified, "hash": previous, "again_to": again_to, "checked_at": now_ms}
        change = update(audit_check).where(audit_check.c.org_id == org_id)
        await tx.execute(change.values(**values, broken_at=broken))
        return ChainState(broken is None, verified, max(count, verified), now_ms, broken)

    return step


async def _known(tx: Tx, org_id: str) -> Any:
    """The organisation's row, locked: two workers follow one after the other."""
    statement = select(audit_check).where(audit_check.c.org_id == org_id).with_for_update()
    found = (await tx.execute(statement)).first()
    if found is not None:
        return found
    # Under the organisation's own lock, so that only one of two first ones makes it.
    await tx.execute(select(tables.head.c.org_id).where(tables.head.c.org_id == org_id).with_for_update())
    found = (await tx.execute(statement)).first()
    if found is None:
        empty = {"org_id": org_id, "verified_to": 0, "hash": GENESIS, "again_to": 0, "checked_at": 0, "broken_at": None}
        await tx.execute(audit_check.insert(), empty)
        found = (await tx.execute(statement)).first()
    return found


async def _chunk(tx: Tx, org_id: str, after: int, until: int | None = None) -> list[Any]:
    statement = select(tables.tx_log).where(_log.org_id == org_id, _log.n > after).order_by(_log.n).limit(CHUNK)
    if until is not None:
        statement = statement.where(_log.n <= until)
    return list((await tx.execute(statement)).all())


def _fits(org_id: str, record: Any, n: int, previous: bytes, vault: Vault) -> bool:
    """Whether the entry is the next one, follows on the one before, and says what it said when it was made."""
    entry = entry_of_record(record)
    if record.n != n or entry.prev_hash != previous:
        return False
    return entry_hash(org_id, entry) == entry.hash and payload_fits(record, vault)


async def _look_again(
    tx: Tx, org_id: str, again_to: int, verified: int, verified_hash: bytes, vault: Vault
) -> tuple[int, int | None]:
    """The next chunk of old entries: how far this round is, and the first entry that does not fit any more. The round
    ends at entry ``verified``, whose hash was ``verified_hash``."""
    records = await _chunk(tx, org_id, again_to, verified)
    n, previous = again_to, await _hash_of(tx, org_id, again_to)
    for record in records:
        n += 1
        if not _fits(org_id, record, n, previous, vault):
            return again_to, n
        previous = bytes(record.hash)
    if n < min(verified, again_to + CHUNK):
        return again_to, n + 1
    if n >= verified:
        # An end that was written anew, fitting in itself, is not the one that was verified.
        return 0, None if previous == verified_hash else n
    return n, None


async def _hash_of(tx: Tx, org_id: str, n: int) -> bytes:
    """The hash that the entry after the ``n``-th follows on; empty, which no entry does, when that one is missing."""
    if n == 0:
        return GENESIS
    found = (await tx.execute(select(_log.hash).where(_log.org_id == org_id, _log.n == n))).scalar_one_or_none()
    return bytes(found or b"")


def touched(record: Any, vault: Vault) -> list[tuple[str, str]]:
    """(entity, id) of the rows that an entry wrote; of a refused one, those that its commands name."""
    found = [(entity, row_id) for entity, row_id, _ in _decode_outcome(bytes(record.outcome)).written]
    payload = _payload(record, vault)
    # Only the server's own entries: what a device sends, or hands in, might say anything in the place of rows.
    if record.status == "accepted" and not record.install_id and not record.seq_of_install:
        found += _decoded(payload, _System, _System()).rows
    found += [key for command in _decoded(payload, _Sent, _Sent()).commands for key in [target(command)] if key[1]]
    return [key for key in dict.fromkeys(found) if key[0] in ENTITIES]


def target(command: Command) -> tuple[str, str]:
    """The row that a command is about: by its argument ``id``, or ``<entity>_id``."""
    entity = command.name.partition(".")[0]
    row_id = command.args.get("id") or command.args.get(f"{entity}_id")
    return entity, row_id if is_id(row_id) else ""


def commands_of(record: Any, vault: Vault) -> list[Command]:
    """The commands that were sent; none when they were erased, cannot be read any more, or never were commands."""
    return _decoded(_payload(record, vault), _Sent, _Sent()).commands


def _payload(record: Any, vault: Vault) -> bytes:
    payload = bytes(record.payload or b"")
    try:
        return vault.unseal("tx_log", "payload", record.tx_id, payload) if is_sealed_bytes(payload) else payload
    except SealError:
        return b""


def _decoded(payload: bytes, kind: type[T], empty: T) -> T:
    """The log keeps what came as it came: what is of another shape is as good as nothing."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return empty


async def _note(tx: Tx, org_id: str, touches: list[tuple[str, str, int]]) -> None:
    """Stores which entries touched which rows; the same transaction moves ``verified_to`` past them."""
    await _touch.insert(tx, [(org_id, entity, row_id, n) for entity, row_id, n in touches])


async def forget_broken(tx: Tx) -> None:
    """Has logs that were told to be broken followed from their beginning again: after somebody looked and found them
    whole."""
    broken = select(audit_check.c.org_id).where(audit_check.c.broken_at.is_not(None))
    org_ids = list((await tx.execute(broken)).scalars())
    for table in (audit_touch, audit_check):
        await tx.execute(delete(table).where(table.c.org_id.in_(org_ids)))
