"""What waits for the authority: requests with their transactions, and parts of them that commit together."""

from itertools import takewhile
from typing import Any

import msgspec

from shared import SCHEMA_VERSION
from shared.errors import InvalidInput, Problem
from shared.ids import is_id
from shared.protocol import Command, SentTransaction, Transaction, decode_transaction
from shared.upcast import upcast
from sync.authority.restored import refusal_again

MAX_INSTANT_MS = 2**53


class _Named(msgspec.Struct):
    id: str
    schema: Any = 0


_decode_id = msgspec.json.Decoder(_Named).decode


class Sent(msgspec.Struct):
    """A transaction as it came. One that cannot be read keeps its id, so that it can be answered."""

    seq: int
    payload: bytes
    tx: Transaction
    problem: Problem | None = None
    given: dict[str, str] = {}
    """What its device says that it was given before the server was restored (``SentTransaction.given``)."""
    refused: Problem | None = None
    """The refusal that its device was told before the server was restored."""


class Outcome(msgspec.Struct, frozen=True):
    """An outcome as it is stored and repeated: without rows, which are looked up for each reader."""

    tx_id: str
    status: str
    problem: Problem | None = None
    conflicts: list[str] = []
    written: list[tuple[str, str, bool]] = []


class Job(msgspec.Struct):
    """One request: an install's next transactions (none for a plain pull), or a server-side command."""

    user_id: str
    org_id: str
    device_id: str
    received_at: int
    sent: list[Sent]
    install_id: str = ""
    """Empty for commands that the server itself runs in a user's name: they have no sequence."""
    shut_out: str = ""
    """Code of why the sender is shut out: its work goes to the managers, nothing of it is executed."""
    nonce: str = ""
    exchange_id: str = ""
    tried: frozenset[str] = frozenset()
    awaits: bool = False
    """The device keeps what is not decided yet."""
    status: str = "ok"
    new_nonce: str = ""
    safe_seq: int = 0
    outcomes: list[Outcome] = []
    awaited: list[str] = []
    """Transactions that are not decided yet (``sync.authority.awaited``)."""
    failure: Exception | None = None


class Slice(msgspec.Struct, frozen=True):
    """Transactions ``start`` to ``stop`` of a job: what one commit takes of it."""

    job: Job
    start: int
    stop: int

    @property
    def first(self) -> bool:
        return self.start == 0

    @property
    def sent(self) -> list[Sent]:
        return self.job.sent[self.start : self.stop]


def read_sent(envelope: SentTransaction) -> Sent:
    """Decodes a transaction out of its envelope; what is wrong inside becomes its refusal.

    Raises ``InvalidInput`` ``malformed`` only when not even its id can be read.
    """
    payload = bytes(envelope.payload)
    try:
        tx = upcast(decode_transaction(payload))
        problem = None
        if abs(tx.occurred_at) > MAX_INSTANT_MS or not 0 <= tx.schema <= MAX_INSTANT_MS:
            raise msgspec.ValidationError("a number is out of range - at `$.occurred_at` or `$.schema`")
    except msgspec.DecodeError as error:
        tx = _placeholder(payload, error)
        problem = Problem("malformed_transaction", None, {"detail": str(error)[:200]})
    if not is_id(tx.id):
        raise InvalidInput("malformed", field="txs", status=400, detail="a transaction's id is no UUID")
    return Sent(envelope.seq, payload, tx, problem, envelope.given, refusal_again(envelope))


def _placeholder(payload: bytes, error: msgspec.DecodeError) -> Transaction:
    try:
        named = _decode_id(payload)
    except msgspec.DecodeError:
        raise InvalidInput("malformed", field="txs", status=400, detail=str(error)[:200]) from error
    schema = named.schema if isinstance(named.schema, int) and 0 <= named.schema <= MAX_INSTANT_MS else 0
    return Transaction(id=named.id, schema=schema, occurred_at=0, commands=[Command("malformed", {})])


def decidable(sent: list[Sent]) -> list[Sent]:
    """Those before the first one of a newer schema than this server knows.

    It is not refused: a refusal is final, and would be the refusal of all that builds on it, while the work is good and
    the server only a little late (an update on its way, another process that is updated already). Without an outcome
    the device keeps it, and all after it, and offers it again.
    """
    return list(takewhile(lambda one: one.tx.schema <= SCHEMA_VERSION, sent))


def split(slices: list[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Two halves, by transactions, in order; for the search of the one that cannot be stored."""
    total = sum(part.stop - part.start for part in slices)
    left: list[Slice] = []
    right: list[Slice] = []
    room = total // 2
    for part in slices:
        size = part.stop - part.start
        if size <= room:
            left.append(part)
        elif room > 0:
            left.append(Slice(part.job, part.start, part.start + room))
            right.append(Slice(part.job, part.start + room, part.stop))
        else:
            right.append(part)
        room = max(0, room - size)
    return left, right
