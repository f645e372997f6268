"""What the engine asks of the world. Real adapters live in ``mobile`` and ``server``; the simulator brings its own."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from shared.errors import Problem

Row = dict[str, Any]


class Clock(Protocol):
    """Time, UTC milliseconds. May be wrong, may jump."""

    def now_ms(self) -> int: ...


class Entropy(Protocol):
    """Unpredictable bytes."""

    def random_bytes(self, count: int) -> bytes: ...


class TransportError(Exception):
    """No answer arrived: offline, timed out, cut, or the server said 5xx. Always safe to try again.

    ``reason`` is one of ``offline``, ``timeout``, ``server``, ``aborted``.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Transport(Protocol):
    """Carries one exchange. Raises ``TransportError``, or ``shared.errors.CaravanError`` for a refusal (4xx)."""

    async def exchange(self, body: bytes) -> bytes:
        """``POST /v1/sync`` with an encoded ``SyncRequest``; the encoded ``SyncResponse``."""

    async def changed(self, cursor: str) -> bool:
        """``GET /v1/changes``: waits up to 25 s on the server; whether a pull from the cursor would bring something."""


class Again(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the server said of a transaction before it came back from a backup."""

    given: dict[str, str] = {}
    """Official numbers by row id."""
    refused: Problem | None = None


class OutboxEntry(msgspec.Struct, kw_only=True):
    """A transaction of the local user without a final outcome, in order of ``position``."""

    position: int
    tx_id: str
    payload: bytes
    """Canonical bytes of ``protocol.Transaction``; immutable."""
    payload_hash: str
    seq: int | None = None
    """Given on first sending."""
    reads: list[list[str]] = []
    """Rows read and not written: ``[entity, id]``."""
    writes: list[list[str]] = []
    doubtful: str = ""
    """Code of the error when a replay failed: still queued, the server decides."""
    held: str = ""
    """Code of the refusal when the server would not even read an exchange with this alone: kept, and sent again only
    when a person says so. What depends on it waits too."""
    created_at: int = 0
    again: Again | None = None
    """Set when the server had answered it and lost it: it is offered again. Its effect is in the rows already, so it
    is never replayed."""


UNCONFIRMED = -1
"""Revision of a version that the server had before it came back from a backup and has not sent since."""


class Held(msgspec.Struct, frozen=True):
    """The server's version of a row as the replica has it: the row itself, or its shadow where unsent work touched it.

    ``row`` None: it cannot be read. ``buckets`` None: they cannot be read.
    """

    id: str
    row: Row | None
    rev: int
    buckets: tuple[str, ...] | None


class LocalStore(Protocol):
    """The user's replica: one SQLite file, one connection, synchronous transactions, no nesting."""

    def transaction(self) -> AbstractContextManager[None]:
        """One local transaction. Raises ``RuntimeError`` when one is open already."""

    def get(self, entity: str, row_id: str) -> Row | None: ...
    def children(self, entity: str, field: str, parent_id: str) -> list[Row]: ...
    def get_many(self, entity: str, ids: list[str]) -> dict[str, Row]:
        """Rows by id; those that are not there are left out."""

    def ids_of_children(self, entity: str, field: str, parent_ids: list[str]) -> list[tuple[str, str]]:
        """(id, parent's id) of the rows whose ``field`` points to one of the parents, deleted ones too."""

    def put(self, entity: str, row: Row, rev: int | None = None) -> None:
        """Insert or replace; ``rev`` None keeps the stored revision (0 for a new row)."""

    def delete(self, entity: str, row_id: str) -> None: ...
    def revision(self, entity: str, row_id: str) -> int | None: ...

    # The server's version of rows that unsent work has touched. ``None`` inside means: not there on the server.
    def shadow(self, entity: str, row_id: str) -> tuple[bool, Row | None, int]: ...
    def shadows_of(self, entity: str, ids: list[str]) -> dict[str, tuple[Row | None, int]]:
        """Row and revision by id; rows without a shadow are left out."""

    def has_shadow(self, entity: str, row_id: str) -> bool: ...
    def set_shadow(self, entity: str, row_id: str, row: Row | None, rev: int) -> None: ...
    def clear_shadow(self, entity: str, row_id: str) -> None: ...

    # Memberships of rows in the device's buckets.
    def set_buckets(self, entity: str, row_id: str, buckets: list[str]) -> None: ...
    def buckets(self, entity: str, row_id: str) -> list[str]: ...
    def drop_bucket(self, bucket: str) -> list[tuple[str, str]]:
        """Ends a bucket; returns the rows that are in no bucket any more."""

    def set_bucket_aside(self, bucket: str) -> None:
        """The bucket begins anew under its name; its rows so far are in a bucket of ``buckets_aside``."""

    def bucket_names(self) -> list[str]:
        """The buckets that rows are in, without those set aside."""

    def buckets_aside(self) -> list[str]: ...
    # Removals that wait for the end of a pull, or for a person's word.
    def removals(self) -> list[tuple[str, str, int, bytes | None]]:
        """(entity, id, revision, put); ``put`` is the message that marks the row as deleted, None for a removal."""

    def keep_removals(self, removals: list[tuple[str, str, int, bytes | None]]) -> None: ...
    def forget_removals(self, keys: list[tuple[str, str]]) -> None: ...
    # Removals of rows that became history while unsent work stands on them.
    def filed(self) -> list[tuple[str, str, int]]:
        """(entity, id, revision)"""

    def keep_filed(self, filed: list[tuple[str, str, int]]) -> None: ...
    def forget_filed(self, keys: list[tuple[str, str]]) -> None: ...
    def count(self, entity: str) -> int:
        """Rows that are not marked as deleted."""

    def forget_revisions(self) -> None:
        """Marks every version of the server's as ``UNCONFIRMED``: older than anything that the server sends."""

    def holds(self, entity: str) -> bool:
        """Whether there is a table for the entity (a newer server may send more)."""

    # Rows of entities that a newer server has: kept as they came until a version of the app knows the entity.
    def keep_later(self, entity: str, row_id: str, rev: int, buckets: list[str], row: bytes) -> None:
        """Keeps the row's JSON, unless a newer version of it is kept."""

    def forget_later(self, entity: str, row_id: str, rev: int) -> None:
        """Takes it out, unless a newer version is kept."""

    # For checksums: what is really in the file, damaged or not.
    def held(self, entity: str, after: str, limit: int) -> tuple[list[Held], str | None]:
        """Server versions in order of id, out of ``limit`` rows after an id; where to go on, None at the end."""

    def held_one(self, entity: str, row_id: str) -> Held | None:
        """The server's version of one row, None when the replica has none."""

    def held_keys(self, bucket: str) -> list[tuple[str, str]]:
        """Rows of the server's that are in the bucket, and those that are in none or whose buckets cannot be read."""

    def forget_unreadable(self, entity: str, row_id: str) -> None:
        """Takes out a row or a shadow that cannot be read, so that a good one can come in its place."""

    def clear_rows(self) -> None:
        """Empties rows, shadows and memberships; outbox, archive and meta stay."""

    def outbox(self) -> list[OutboxEntry]: ...
    def outbox_add(self, entry: OutboxEntry) -> None: ...
    def outbox_update(self, entry: OutboxEntry) -> None: ...
    def outbox_remove(self, tx_id: str) -> None: ...
    def outbox_put_back(self, entry: OutboxEntry) -> None:
        """Adds at the entry's own position: where it had been before."""

    # What left the outbox: answered by the server, or set aside by a person (never deleted by the engine).
    def log_sent(
        self,
        entry: OutboxEntry,
        install_id: str,
        status: str,
        problem: str | None,
        at: int,
        *,
        dataset: str = "",
        stamp: int = 0,
        given: dict[str, str] | None = None,
    ) -> None:
        """``stamp``: epoch and organisation's ``seq`` of the answer. ``given``: official numbers by row id."""

    def prune_sent(self, install_id: str, safe_seq: int) -> None: ...
    def has_sent_before(self, dataset: str, stamp: int) -> bool:
        """Whether the log holds work of the dataset that was answered before the stamp (0, unknown, aside)."""
        ...

    def prune_sent_until(self, stamp: int) -> None:
        """Forgets what was answered before the stamp, under whichever install."""

    def take_sent(self, dataset: str) -> list[OutboxEntry]:
        """Takes the dataset's answered transactions out of the log, in order, each with ``again``."""

    def answered(self, dataset: str) -> list[tuple[str, bytes]]:
        """Ids and bytes of the dataset's answered transactions (of all, when it is empty), the newest last."""

    def archive(self, entry: OutboxEntry, reason: str, at: int) -> None: ...
    def was_sent(self, tx_id: str) -> bool:
        """Whether the sent log has an answer to it."""

    def archived(self) -> list[dict[str, Any]]:
        """What was set aside: ``tx_id, payload, payload_hash, reason, archived_at``, the newest last."""

    def unarchive(self, tx_id: str) -> None:
        """The transaction waits in the outbox again. Nothing happens when it was not in the archive."""

    def upkeep(self) -> bool:
        """One slice of background work, at most about 50 ms in a transaction of its own; True while there is more."""

    def log_error(self, at: int, code: str, detail: str) -> None:
        """Adds to the local error log, which the user may look at and share."""

    def meta(self, key: str) -> str | None: ...
    def set_meta(self, key: str, value: str | None) -> None: ...
