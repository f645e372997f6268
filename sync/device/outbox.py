"""The outbox: transactions are written once, their bytes never change, they leave with an outcome."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from shared import SCHEMA_VERSION, codec
from shared.errors import InvalidInput, LimitExceeded
from shared.protocol import MAX_REQUEST_BYTES, Command, Transaction, decode_transaction
from shared.upcast import upcast
from sync.device.awaited import following
from sync.device.keys import builds_on, interests
from sync.device.reports import PendingTransaction
from sync.ports import OutboxEntry

EXPORT_FORMAT = "caravan-outbox"
EXPORT_VERSION = 1
"""1 (2026-11-22): the first."""
TRANSACTION_BYTES_MAX = MAX_REQUEST_BYTES // 4
"""A transaction always fits into one exchange with room for its envelope."""


def payload_hash(payload: bytes) -> str:
    """SHA-256 (hex) of the bytes as stored."""
    return hashlib.sha256(payload).hexdigest()


def encode(transaction: Transaction) -> bytes:
    """The one canonical form: sorted keys, no spaces. Raises ``LimitExceeded`` for a transaction that is too large."""
    payload = codec.encode(msgspec.to_builtins(transaction))
    if len(payload) > TRANSACTION_BYTES_MAX:
        raise LimitExceeded("transaction_too_large", bytes=len(payload), limit=TRANSACTION_BYTES_MAX)
    return payload


Commands = Iterable[Command | tuple[str, dict[str, Any]]]
"""Commands as such, or as (name, arguments)."""


def new_transaction(tx_id: str, occurred_at: int, commands: Commands) -> Transaction:
    """A transaction under the present schema, not yet encoded."""
    listed = [command if isinstance(command, Command) else Command(*command) for command in commands]
    return Transaction(id=tx_id, schema=SCHEMA_VERSION, occurred_at=occurred_at, commands=listed)


def earlier(entry: OutboxEntry, outbox: Sequence[OutboxEntry]) -> list[str]:
    """``after``: unanswered transactions that wrote rows which this one read or wrote."""
    reads, writes = interests(entry)
    return [other.tx_id for other in outbox if builds_on(reads, writes, other)]


def waiting_for_a_person(outbox: Sequence[OutboxEntry]) -> set[str]:
    """Ids of held transactions and of those that name them in ``after``, directly or not."""
    held = {entry.tx_id for entry in outbox if entry.held}
    return held | following(outbox, held)


def is_resending(outbox: Sequence[OutboxEntry], answered: Collection[str] = (), awaited: Collection[str] = ()) -> bool:
    """Whether something that a restored server lost may still be offered again, apart from what is answered. What must
    wait for another device (``awaited``), with all that builds on it, holds up nothing."""
    aside = {*waiting_for_a_person(outbox), *answered, *awaited, *following(outbox, awaited)}
    return any(entry.again and entry.tx_id not in aside for entry in outbox)


def batch(
    outbox: Sequence[OutboxEntry], count_max: int, bytes_max: int, awaited: Sequence[str] = ()
) -> list[OutboxEntry]:
    """The transactions for one exchange: the oldest first, bounded in count and bytes, at least one when any may go.

    What has a number goes before what has none: one that was held and is tried again is older than those numbered
    meanwhile, and the server wants numbers in order. Last goes what the server could not decide before, each in its
    turn; what builds on it comes when it is decided, unless it has a number already.
    """
    held, behind = waiting_for_a_person(outbox), following(outbox, awaited)
    turn = {tx_id: number for number, tx_id in enumerate(awaited, 1)}
    chosen: list[OutboxEntry] = []
    size = 0
    for entry in sorted(outbox, key=lambda entry: (entry.seq is None, entry.seq or turn.get(entry.tx_id, 0))):
        if entry.tx_id in held or (entry.seq is None and entry.tx_id in behind):
            continue
        size += len(entry.payload) + 40
        if len(chosen) >= count_max or (chosen and size > bytes_max):
            break
        chosen.append(entry)
    return chosen


def describe(entry: OutboxEntry, awaited: Collection[str] = ()) -> PendingTransaction:
    """The entry as a person may see it."""
    transaction = upcast(decode_transaction(entry.payload))
    return PendingTransaction(
        tx_id=entry.tx_id,
        commands=[{"name": command.name, "args": command.args} for command in transaction.commands],
        occurred_at=transaction.occurred_at,
        sent=entry.seq is not None,
        doubtful=entry.doubtful,
        held=entry.held,
        again=entry.again is not None,
        awaited=entry.tx_id in awaited,
    )


def export(outbox: Sequence[OutboxEntry], about: dict[str, Any]) -> bytes:
    """A readable JSON file with everything that an import needs.

    ``transactions[].transaction`` is the payload itself; put into canonical form (``codec.encode``) it is the stored
    bytes again, which ``payload_hash`` proves. ``hash``: SHA-256 over the payload hashes in order, newline-separated.
    """
    listed = [
        {
            "transaction": msgspec.json.decode(entry.payload),
            "payload_hash": entry.payload_hash,
            "seq": entry.seq,
            "doubtful": entry.doubtful,
            "held": entry.held,
        }
        for entry in outbox
    ]
    document = {
        "format": EXPORT_FORMAT,
        "version": EXPORT_VERSION,
        **about,
        "transactions": listed,
        "hash": export_hash(outbox),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def read_exported(item: dict[str, Any]) -> bytes:
    """The payload of one exported transaction. Raises ``InvalidInput`` ``export_damaged`` when it was changed."""
    payload = codec.encode(item["transaction"])
    if payload_hash(payload) != item["payload_hash"]:
        raise InvalidInput("export_damaged", tx_id=str(item["transaction"].get("id", ""))[:36])
    return payload


def export_hash(outbox: Sequence[OutboxEntry]) -> str:
    """What identifies the exported work."""
    return hash_of_hashes(entry.payload_hash for entry in outbox)


def hash_of_hashes(hashes: Iterable[str]) -> str:
    """SHA-256 (hex) over payload hashes in order, newline-separated."""
    return payload_hash("\n".join(hashes).encode())
