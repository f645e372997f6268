"""The authority's database port over ``Database``: one organisation's lock, its rows, feed and log."""

import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any, TypeVar

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from server.db import revision, tables
from server.db.bulk import Bulk, select_among
from server.db.engine import Database, Tx, is_not_now, is_out_of_room
from server.db.rows import AllRows
from server.db.view import StoreView, were_members
from server.security.crypto import Vault
from shared.catalog import ENTITIES
from shared.commands.work import Key
from shared.errors import CaravanError, NotFound, Problem, Unavailable
from shared.rules.history import split_bucket
from sync.authority.ports import (
    ChildKey,
    Flush,
    FlushError,
    Head,
    Install,
    LogEntry,
    Logged,
    RowWrite,
    StaleRows,
    Versioned,
    View,
)

log = structlog.get_logger("caravan.db")
T = TypeVar("T")

_row_version = Bulk(tables.row_version)
_membership = Bulk(tables.membership)
_history_bucket = Bulk(tables.history_bucket)
_tx_log = Bulk(tables.tx_log)
_install = Bulk(tables.install)
_quarantine = Bulk(tables.quarantine)

COUNTED = frozenset(name for name, entity in ENTITIES.items() if entity.options.counted)
"""Entities that are flushed as conditional updates on the version that was read."""
NOTIFY_CHANNEL = "caravan_commit"
_LOGGED = "SELECT tx_id, user_id, install_id, seq_of_install, salt, payload_hash, outcome FROM tx_log"
_INSTALLS = f"SELECT {', '.join(_install.columns)} FROM install"
_HEAD = select(tables.head).where(tables.head.c.org_id == bindparam("org_id"))


@cache
def _locking(dialect: str) -> Any:
    """The statement that locks the organisation: made once, it is the first of every write."""
    # BEGIN IMMEDIATE has locked SQLite already; there FOR UPDATE is not rendered.
    return revision.asked_with(_HEAD.with_for_update(), dialect)


class SqlStore:
    """``sync.authority.ports.AuthorityStore`` for SQLite and PostgreSQL."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.worker_id = secrets.token_hex(8)
        """Names this process in what it tells the other workers."""
        self.rows = AllRows(vault)

    async def write(self, org_id: str, fn: Callable[["SqlUnit"], Awaitable[T]]) -> T:
        """Runs the function under the organisation's lock, and commits."""

        async def locked(tx: Tx) -> T:
            return await fn(SqlUnit(tx, await _lock(tx, org_id), self))

        try:
            return await self.database.run_tx(locked)
        except (CaravanError, StaleRows, FlushError):
            raise
        except SQLAlchemyError as error:
            raise _flush_error(error) from error

    async def view(self, org_id: str, fn: Callable[[View], Awaitable[T]]) -> T:
        """Runs the function over one snapshot."""

        async def reading(tx: Tx) -> T:
            record = (await tx.execute(_HEAD, {"org_id": org_id})).first()
            if record is None:
                raise NotFound("unknown_organisation")
            return await fn(StoreView(tx, Head(**record._mapping), self.rows, self.vault))

        try:
            return await self.database.read(reading)
        except DBAPIError as error:
            if is_not_now(error):
                raise Unavailable("database_busy") from error
            raise


async def _lock(tx: Tx, org_id: str) -> Head:
    record = (await tx.execute(_locking(tx.dialect), {"org_id": org_id})).first()
    if record is None:
        raise NotFound("unknown_organisation")
    found = record._mapping
    revision.require_known(found[revision.COLUMN])
    return Head(**{name: found[name] for name in tables.head.c.keys()})  # noqa: SIM118


def _flush_error(error: SQLAlchemyError) -> Exception:
    """What the failure means to a batch: not now, or never."""
    if isinstance(error, IntegrityError):
        return FlushError(_detail(error), _uniqueness(error))
    if isinstance(error, DBAPIError) and is_out_of_room(error):
        log.error("no room left for the database", reason=_detail(error))
        return Unavailable("server_full")
    if isinstance(error, DBAPIError) and is_not_now(error):
        return Unavailable("database_busy")
    return FlushError(_detail(error))


def _detail(error: SQLAlchemyError) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else None
    return f"{type(origin or error).__name__}: {str(origin or error).splitlines()[0][:200]}"


def _uniqueness(error: IntegrityError) -> Problem | None:
    """The words for a value that another row has already, by the name of the index it violates."""
    text = str(error.orig)
    for index in _UNIQUE:
        table, field = index.table.name, str(index.columns.keys()[-1])
        # PostgreSQL names the index, SQLite the columns.
        if f'"{index.name}"' in text or f"{table}.org_id, {table}.{field}" in text:
            return Problem("not_unique", field, {"entity": table.removeprefix("e_")})
    return None


_UNIQUE = [
    index
    for table in tables.metadata.tables.values()
    if table.name.startswith("e_")
    for index in table.indexes
    if index.unique
]


class SqlUnit:
    """``sync.authority.ports.Unit``: an open transaction that holds the lock."""

    def __init__(self, tx: Tx, head: Head, store: SqlStore) -> None:
        self.tx = tx
        """For what belongs into the same commit and is in no feed (the sign-in's tables)."""
        self._rows = store.rows
        self._vault = store.vault
        self._worker_id = store.worker_id
        self.head = head
        self._org_id = head.org_id

    async def rows(self, keys: Iterable[Key]) -> dict[Key, Versioned]:
        by_entity: defaultdict[str, list[str]] = defaultdict(list)
        for entity, row_id in keys:
            by_entity[entity].append(row_id)
        found: dict[Key, Versioned] = {}
        for entity, ids in by_entity.items():
            for row, rev in await self._rows[entity].by_ids(self.tx, self._org_id, ids):
                found[(entity, row["id"])] = (row, rev)
        return found

    async def children(self, asked: Iterable[ChildKey]) -> dict[ChildKey, list[Versioned]]:
        found: dict[ChildKey, list[Versioned]] = {key: [] for key in asked}
        by_field: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for entity, field, parent in found:
            by_field[(entity, field)].append(parent)
        for (entity, field), parents in by_field.items():
            for row, rev in await self._rows[entity].by_field(self.tx, self._org_id, field, parents):
                found[(entity, field, row[field])].append((row, rev))
        return found

    async def logged(self, tx_ids: Iterable[str]) -> dict[str, Logged]:
        records = await select_among(self.tx, _LOGGED, self._org_id, "tx_id", tx_ids)
        return {record[0]: Logged(*record[:4], *(bytes(part or b"") for part in record[4:])) for record in records}

    async def installs(self, install_ids: Iterable[str]) -> dict[str, Install]:
        records = await select_among(self.tx, _INSTALLS, self._org_id, "install_id", install_ids)
        return {record[1]: Install(*record[1:]) for record in records}

    async def were_members(self, keys: Iterable[Key], buckets: Iterable[str]) -> set[Key]:
        return await were_members(self.tx, self._org_id, keys, buckets)

    async def pause(self) -> None:
        await self.tx.pause()

    async def flush(self, changes: Flush) -> None:
        try:
            await self._flush(changes)
        except (OverflowError, ValueError) as error:
            # Values that the driver itself cannot carry: a number past 64 bits, text that is no Unicode.
            raise FlushError(f"{type(error).__name__}: {error}") from error

    async def _flush(self, changes: Flush) -> None:
        await self._flush_rows(changes.rows)
        await self._flush_feed([write for write in changes.rows if write.buckets or write.left])
        await _tx_log.insert(self.tx, [self._log_record(entry) for entry in changes.log])
        await _install.upsert(self.tx, [self._install_record(install) for install in changes.installs])
        await _quarantine.insert(
            self.tx,
            [
                (self._org_id, item.tx_id, item.error_id, item.error, item.received_at, 1)
                for item in changes.quarantined
            ],
        )
        await self._flush_head()

    async def _flush_rows(self, writes: list[RowWrite]) -> None:
        by_entity: defaultdict[str, list[RowWrite]] = defaultdict(list)
        for write in writes:
            by_entity[write.entity].append(write)
        for entity in sorted(by_entity):  # one order for all writers
            rows = self._rows[entity]
            counted = [w for w in by_entity[entity] if entity in COUNTED and w.old_rev is not None]
            plain = [w for w in by_entity[entity] if not (entity in COUNTED and w.old_rev is not None)]
            await rows.bulk.upsert(self.tx, [rows.to_columns(w.row, w.rev, sensitive=w.sensitive) for w in plain])
            counted.sort(key=lambda write: write.row["id"])
            records = [rows.to_columns(write.row, write.rev) for write in counted]
            if await rows.bulk.update_at(self.tx, records, [w.old_rev or 0 for w in counted]) != len(counted):
                raise StaleRows(entity)

    async def _flush_feed(self, writes: list[RowWrite]) -> None:
        await _row_version.upsert(self.tx, [self._version_record(write) for write in writes])
        members = [
            (self._org_id, write.entity, write.row["id"], bucket, write.rev, gone)
            for write in writes
            for buckets, gone in ((write.buckets, False), (write.left, True))
            for bucket in buckets
        ]
        await _membership.upsert(self.tx, members)
        last: dict[str, int] = {}
        for write in writes:
            last.update((bucket, write.rev) for bucket in (*write.buckets, *write.left))
        months = [(*split_bucket(bucket), seq) for bucket, seq in last.items()]
        records = [(self._org_id, bucket, month, seq) for bucket, month, seq in sorted(months) if month]
        await _history_bucket.upsert(self.tx, records)

    def _version_record(self, write: RowWrite) -> tuple[Any, ...]:
        row_id = write.row["id"]
        place = f"{write.entity}/{row_id}"
        body = self._vault.seal("row_version", "body", place, write.body) if write.sensitive else write.body
        restricted = write.restricted
        if restricted:
            restricted = self._vault.seal("row_version", "restricted", place, restricted)
        buckets = " ".join(write.buckets)
        return (self._org_id, write.entity, row_id, write.rev, not write.buckets, buckets, body, restricted)

    def _log_record(self, entry: LogEntry) -> tuple[Any, ...]:
        payload, outcome = entry.payload, entry.outcome
        if entry.sensitive:
            payload = self._vault.seal("tx_log", "payload", entry.tx_id, payload)
        return (
            self._org_id,
            entry.n,
            entry.tx_id,
            entry.user_id,
            entry.device_id,
            entry.install_id,
            entry.seq,
            entry.received_at,
            entry.occurred_at,
            entry.status,
            entry.code,
            entry.commands,
            payload,
            entry.salt,
            entry.fingerprint,
            entry.prev_hash,
            entry.hash,
            outcome,
        )

    def _install_record(self, install: Install) -> tuple[Any, ...]:
        return (
            self._org_id,
            install.install_id,
            install.user_id,
            install.device_id,
            install.last_seq,
            install.nonce,
            install.last_exchange_id,
            install.last_exchange_at,
            install.safe_seq,
        )

    async def _flush_head(self) -> None:
        head = self.head
        changes = {
            "seq": head.seq,
            "chain_count": head.chain_count,
            "chain_head": head.chain_head,
            "access_version": head.access_version,
            "epoch": head.epoch,
            "safe_rev": head.safe_rev,
            "lineage": head.lineage,
        }
        await self.tx.execute(tables.head.update().where(tables.head.c.org_id == self._org_id).values(changes))
        if self.tx.dialect == "postgresql":
            # Inside the transaction, so that it is heard at the commit and never for a rollback; other workers
            # read the head again and need no more than the organisation's name.
            notify = f"SELECT pg_notify($1, $2), ({revision.SQL})"
            told = await self.tx.driver(notify, (NOTIFY_CHANNEL, f"{self._worker_id} {self._org_id}"))
            revision.require_known(told.all()[0][1])
