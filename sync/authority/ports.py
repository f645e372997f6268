"""What the authority asks of its database. ``server.db.store`` is the real adapter.

All methods of one ``Unit`` or ``View`` belong to one database transaction. Functions given to ``write`` and ``view``
must be idempotent: they run again from the start when the database asks for it.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from shared.commands.work import Key
from shared.errors import Problem

T = TypeVar("T")
Row = dict[str, Any]
Versioned = tuple[Row, int]
"""A row and its ``rev``."""
ChildKey = tuple[str, str, str]
"""(entity, field, parent id): *the children of*."""


class FlushError(Exception):
    """A batch cannot be stored for a reason that trying again would not cure.

    ``problem``: the words for its author when the reason is known (a value that must be unique), otherwise None.
    """

    def __init__(self, detail: str, problem: Problem | None = None) -> None:
        super().__init__(detail)
        self.problem = problem


class StaleRows(Exception):
    """A conditional update missed: a row is not at the version that the decision was made on."""


class Head(msgspec.Struct):
    """The organisation's head row; holding it is holding the organisation's only write lock."""

    org_id: str
    seq: int
    chain_count: int
    chain_head: bytes
    access_version: int
    dataset_id: str
    epoch: int
    safe_rev: int = 0
    """Whatever was written up to this ``seq`` is in a verified backup."""
    horizon: int = 0
    """Tombstones up to this ``seq`` were removed from the feed."""
    lineage: str = ""
    """Drawn at each restore: tells two restores apart that came to the same epoch."""


class Install(msgspec.Struct):
    """One user's replica on one device."""

    install_id: str
    user_id: str
    device_id: str
    last_seq: int = 0
    nonce: str = ""
    last_exchange_id: str = ""
    last_exchange_at: int = 0
    safe_seq: int = 0
    """Transactions up to here are in a verified backup."""


class Logged(msgspec.Struct, frozen=True):
    """What the log remembers of an answered transaction. ``fingerprint`` is H(salt ‖ payload)."""

    tx_id: str
    user_id: str
    install_id: str
    seq: int
    salt: bytes
    fingerprint: bytes
    outcome: bytes


class LogEntry(msgspec.Struct, kw_only=True):
    """A new entry of the transaction log; the chain fields are filled in order (``chain.link``)."""

    tx_id: str
    user_id: str
    device_id: str
    install_id: str
    seq: int
    received_at: int
    occurred_at: int
    status: str
    code: str
    commands: str
    payload: bytes
    salt: bytes
    fingerprint: bytes
    outcome: bytes
    sensitive: bool = False
    """The payload holds restricted values: it is stored sealed."""
    n: int = 0
    prev_hash: bytes = b""
    hash: bytes = b""


class RowWrite(msgspec.Struct):
    """One row to store, with its feed version and memberships."""

    entity: str
    row: Row
    rev: int
    old_rev: int | None
    """None for a new row."""
    buckets: tuple[str, ...]
    left: tuple[str, ...]
    """Buckets that it was in before and is not in any more."""
    body: bytes
    restricted: bytes
    sensitive: bool = False
    """An inbox row about restricted values: its structures and its body are stored sealed."""


class Quarantined(msgspec.Struct):
    """A transaction that failed for a reason of the server's own."""

    tx_id: str
    error_id: str
    error: str
    received_at: int


class Flush(msgspec.Struct):
    """Everything that a batch leaves, stored together."""

    rows: list[RowWrite] = []
    log: list[LogEntry] = []
    installs: list[Install] = []
    quarantined: list[Quarantined] = []


class Unit(Protocol):
    """An open write transaction that holds the organisation's lock."""

    head: Head
    """As locked; ``flush`` stores what the batch has made of it."""

    async def rows(self, keys: Iterable[Key]) -> dict[Key, Versioned]: ...
    async def children(self, asked: Iterable[ChildKey]) -> dict[ChildKey, list[Versioned]]: ...
    async def logged(self, tx_ids: Iterable[str]) -> dict[str, Logged]: ...
    async def installs(self, install_ids: Iterable[str]) -> dict[str, Install]: ...
    async def were_members(self, keys: Iterable[Key], buckets: Iterable[str]) -> set[Key]:
        """Those of the rows that are or were in one of the buckets or in its history, as stored."""

    async def pause(self) -> None:
        """Lets others run between two transactions of a long batch, where that is possible."""

    async def flush(self, changes: Flush) -> None:
        """Raises ``StaleRows`` when a row that only commands may count (stock) is not at its ``old_rev``."""


class FeedRow(msgspec.Struct, frozen=True):
    """A feed entry of one bucket (``seq``, ``gone``) joined to its row's current version."""

    entity: str
    id: str
    seq: int
    gone: bool
    rev: int
    buckets: tuple[str, ...]
    body: bytes
    restricted: bytes
    """Plain bytes, or empty when not asked for."""


class View(Protocol):
    """An open read transaction over one snapshot of the organisation."""

    head: Head

    async def rows(self, keys: Iterable[Key]) -> dict[Key, Versioned]: ...
    async def team_ids(self) -> tuple[str, ...]: ...
    async def page(self, bucket: str, after: int, limit: int, *, restricted: bool) -> list[FeedRow]:
        """Entries of the bucket with ``seq`` above ``after``, in order of ``seq``."""

    async def versions(self, keys: Iterable[Key], *, restricted: bool) -> list[FeedRow]:
        """The current versions of rows (``seq`` is 0); rows that never travel are not among them."""

    async def were_members(self, keys: Iterable[Key], buckets: Iterable[str]) -> set[Key]:
        """Those of the rows that are or were in one of the buckets or in its history."""

    async def months(self, buckets: Iterable[str]) -> dict[str, int]:
        """The last ``seq`` of each bucket of history of the buckets named, by its own name."""

    async def lived_in(self, buckets: Iterable[str]) -> set[str]:
        """The buckets of history of the buckets named that have rows now, by their own names."""

    async def members(self, bucket: str) -> list[Key]:
        """The rows that are in the bucket now."""

    async def bucket_heads(self, buckets: Iterable[str]) -> dict[str, int]:
        """The last ``seq`` of each bucket, 0 for an empty one."""


class AuthorityStore(Protocol):
    """The database of the authority.

    Both raise ``shared.errors.Unavailable`` when the database is busy or gone, ``NotFound`` ``unknown_organisation``,
    and ``write`` raises ``FlushError``.
    """

    async def write(self, org_id: str, fn: Callable[[Unit], Awaitable[T]]) -> T: ...
    async def view(self, org_id: str, fn: Callable[[View], Awaitable[T]]) -> T: ...


class Commit(msgspec.Struct, frozen=True):
    """What a batch has changed, for those who wait: told after the commit."""

    head: Head
    buckets: frozenset[str]
    access_changed: bool
