"""What the engine tells the app: the outcome of an exchange, the state of the replica, the outbox."""

from typing import Any, Literal

import msgspec

from shared.errors import Problem
from shared.protocol import BucketProgress, ExchangeStatus

Stop = Literal["", "reset", "revoked", "upgrade", "refused"]
"""Why the engine does not exchange. ``upgrade`` still pushes. The outbox is kept in every case."""


class ExchangeReport(msgspec.Struct, kw_only=True):
    """What one answer brought."""

    status: ExchangeStatus
    ignored: bool = False
    """The answer belonged to no open exchange (it came twice) and changed nothing."""
    accepted: list[str] = []
    """Transaction ids, in order; those merged or answered before included."""
    rejected: dict[str, Problem | None] = {}
    conflicts: list[str] = []
    """Ids of inbox rows."""
    awaited: list[str] = []
    """Waiting transactions that the server cannot decide yet (``sync.device.awaited``)."""
    doubtful: list[str] = []
    """Waiting transactions that can no longer be applied here."""
    rows: int = 0
    """Rows written or removed."""
    more: bool = False
    """Another exchange would bring or send more at once."""


class PendingTransaction(msgspec.Struct, kw_only=True):
    """One line of the outbox as a person may see it."""

    tx_id: str
    commands: list[dict[str, Any]]
    occurred_at: int
    sent: bool
    """Offered to the server at least once: it may have been decided already."""
    doubtful: str = ""
    held: str = ""
    again: bool = False
    """The server had it, came back from a backup without it, and is offered it again."""
    awaited: bool = False
    """It builds on what another device has yet to bring back to that server; it is offered again by itself."""


class Recovery(msgspec.Struct, frozen=True):
    """The server came back from a backup."""

    at: int
    """When the device heard of it, UTC milliseconds."""
    changes: int
    """Transactions that are offered again."""
    orders: int
    """Those of them that submit an order."""
    done: bool = False
    """Everything was offered and the replica is complete again."""


class ArchivedTransaction(msgspec.Struct, kw_only=True):
    """One line of what was set aside, as a person may see it."""

    tx_id: str
    commands: list[dict[str, Any]]
    occurred_at: int
    reason: str
    """``start_fresh``, ``discarded``, or what else set it aside."""
    archived_at: int


class Question(msgspec.Struct, frozen=True):
    """A pull would take away an unusual share of the rows: is that right?"""

    total: int
    """Rows that would go."""
    held: int
    """Rows that are here now."""
    going: dict[str, int]
    """By entity."""
    deleted: int = 0
    """Of the total: rows that somebody has marked as deleted, and that can still be restored."""
    declined: bool = False
    """The person said: not now."""


class DeviceStatus(msgspec.Struct, kw_only=True):
    """The state of the replica."""

    unsent: int
    doubtful: int
    held: int
    last_sync_ms: int | None
    """Server answered last, device time."""
    complete: bool
    """Everything that the server had then is here."""
    skew_ms: int
    """Device clock minus server clock, at the last exchange."""
    progress: list[BucketProgress]
    stopped: Stop
    stopped_code: str
    """Code of the refusal that stopped the engine, when there was one."""
    undecided: str
    """Code of the reason why the server left the last work without an answer; empty when it did not."""
    dataset: str
    install_id: str
    question: Question | None = None
    recovery: Recovery | None = None
    """Until the person has taken note of it."""
