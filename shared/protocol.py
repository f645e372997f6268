"""Every message on the wire, and its version. ``sync/README.md`` tells the story; the shapes are here.

Times are UTC milliseconds, ids canonical UUID text, rows the wire form of ``shared.codec``.
"""

import re
from typing import Any, Literal

import msgspec

from shared.errors import Problem

PROTOCOL_VERSION = 2
"""1 (2026-11-22): the first. 2 (2026-11-27): status ``restored``."""
SUPPORTED_PROTOCOLS = (2, 1)
"""What a server of this version speaks (``sync.authority.dialects``)."""

MAX_TXS = 200
"""Transactions in one exchange."""
MAX_REQUEST_BYTES = 4_000_000
MAX_COMMANDS = 400
"""Commands in one transaction: an order of a few hundred lines."""
PAGE_ROWS = 1_000
"""Puts and removes in one response, apart from those of outcomes."""

OutcomeStatus = Literal["accepted", "merged", "rejected", "duplicate"]
ExchangeStatus = Literal["ok", "upgrade", "fork", "reset", "restored", "revoked"]


class Command(msgspec.Struct, frozen=True):
    """A named intention with its arguments, for example ``account.patch``."""

    name: str
    args: dict[str, Any]


class Transaction(msgspec.Struct, frozen=True):
    """The ordered commands of one user action, all or nothing. Encoded once on the device; the bytes never change."""

    id: str
    """UUIDv7."""
    schema: int
    """``shared.SCHEMA_VERSION`` at the time of writing."""
    occurred_at: int
    commands: list[Command]
    after: list[str] = []
    """Unanswered transactions that wrote rows which this one read or wrote."""


class SentTransaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transaction in an envelope. ``payload`` is kept and hashed exactly as it came."""

    seq: int
    """Given on first sending, per install, without gaps, from 1."""
    payload: msgspec.Raw
    given: dict[str, str] = {}
    """Of a transaction that was accepted before the server was restored: the official numbers by row id."""
    refused: Problem | None = None
    """Of one that was refused before: the refusal, so that it is not decided anew behind its author's back."""


class CheckRequest(msgspec.Struct, frozen=True):
    """Asks for checksums of what the device has, or for whole ranges that differ. Answered when ``more`` is false."""

    columns: dict[str, list[str]] = {}
    """Entity → its fields, as the device knows them: asks for the digests of all buckets."""
    ranges: dict[str, list[int]] = {}
    """Bucket → ranges (``shared.digests``) to be sent whole."""


class SyncRequest(msgspec.Struct, frozen=True):
    """Both directions in one round trip: ``POST /v1/sync``."""

    protocol: int
    schema: int
    app_version: str
    install_id: str
    exchange_id: str
    """Fresh for each try, stored before sending."""
    nonce: str = ""
    """The last one received from the server; empty at first."""
    tried: list[str] = []
    """Exchange ids tried since that nonce, this one included: a stale nonce is then known as a lost answer."""
    dataset: str = ""
    """The dataset that the local rows came from; empty on a first sync."""
    epoch: int = 0
    """The dataset's epoch at the last exchange; 0 on a first sync."""
    cursor: str = ""
    txs: list[SentTransaction] = []
    page_rows: int = PAGE_ROWS
    check: CheckRequest | None = None
    history: list[str] | None = None
    """Months whose history the device wants beside what is current: ``2026-05``. None: a client that knows nothing of
    months, and is sent all of them under the names of the buckets that they are the history of."""
    awaits: bool = False
    """The device keeps what the server cannot decide yet (``SyncResponse.awaited``); otherwise it is refused."""


class Put(msgspec.Struct, frozen=True):
    """The current version of a row, and the device's buckets that it is in now (all of them, not only the new ones)."""

    entity: str
    id: str
    rev: int
    """The organisation's ``seq`` at which the row was last written."""
    buckets: list[str]
    row: msgspec.Raw


class Remove(msgspec.Struct, frozen=True, omit_defaults=True):
    """The row is in none of the device's buckets any more."""

    entity: str
    id: str
    rev: int
    history: str = ""
    """The month to whose history it belongs now, when it is still the reader's to see."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The final word on a transaction, with the rows that it wrote as they are now."""

    tx_id: str
    status: OutcomeStatus
    problem: Problem | None = None
    """Why it was rejected."""
    conflicts: list[str] = []
    """Ids of the inbox rows it caused, all in the author's bucket."""
    puts: list[Put] = []
    removes: list[Remove] = []


class BucketProgress(msgspec.Struct, frozen=True):
    """How far the device is: ``at`` and ``head`` are seqs of the bucket."""

    bucket: str
    at: int
    head: int


class BucketDigest(msgspec.Struct, frozen=True):
    """Checksums of a bucket's rows, as the reader gets them (``shared.digests.Sums``)."""

    bucket: str
    count: int
    ranges: str


class Repair(msgspec.Struct, frozen=True):
    """All rows of a bucket in one range: taken even with an equal ``rev``; rows not listed are not in the bucket."""

    bucket: str
    range: int
    puts: list[Put]


class CheckAnswer(msgspec.Struct, frozen=True):
    """From the same snapshot as the page. Of ranges asked for, some may be missing: they are asked for again."""

    exchange_id: str
    """Of the request: an answer that comes late repairs nothing."""
    digests: list[BucketDigest] = []
    repairs: list[Repair] = []


class SyncResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. Outcomes, puts, removes, drops and cursor are applied in one local transaction."""

    status: ExchangeStatus
    dataset: str
    epoch: int = 1
    """Rises when the server comes back from a backup."""
    server_time: int = 0
    outcomes: list[Outcome] = []
    puts: list[Put] = []
    removes: list[Remove] = []
    drops: list[str] = []
    """Buckets that ended for this device."""
    restarts: list[str] = []
    """Buckets that begin anew with this page: what the pull does not bring again goes with its last page."""
    cursor: str = ""
    more: bool = False
    nonce: str = ""
    safe_seq: int = 0
    """Transactions of this install up to here are in a verified backup."""
    seq: int = 0
    """The organisation's ``seq`` that the answer was read at: all that it answers was written up to here."""
    safe_rev: int = 0
    """Whatever was written up to this ``seq`` is in a verified backup."""
    progress: list[BucketProgress] = []
    minimum_app: str = ""
    """With status ``upgrade``: the oldest app version that may pull."""
    undecided: Problem | None = None
    """Why the request's transactions got no outcome from the first one without on. They were not taken: the device
    keeps them and offers them again."""
    check: CheckAnswer | None = None
    history: list[str] | None = None
    """With a page, for a client that knows of months: those of which there is history for it, the newest first. What
    is younger than the last of them that the device does not have is on the device, whole."""
    awaited: list[str] = []
    """Transactions of the request that are not decided yet, because they build on rows that another device may still
    bring back after a restore. Their numbers are used; they are offered again under others."""
    lineage: str | None = None
    """Which restore the data are of, opaque: together with ``epoch`` it tells any two restores apart."""


class HandinRequest(msgspec.Struct, frozen=True):
    """What a shut-out device has not sent: ``POST /v1/handin``, with a ticket. At most ``MAX_TXS`` payloads, each as it
    was stored."""

    txs: list[msgspec.Raw]


class HandinAnswer(msgspec.Struct, frozen=True):
    """Ids of the transactions that the server has now, from this time or an earlier one. It tells nothing else."""

    taken: list[str]


class Poll(msgspec.Struct, frozen=True):
    """Answer of ``GET /v1/changes``: whether a pull would bring something."""

    changed: bool


def version_key(text: str) -> tuple[int, ...]:
    """``0.10.2`` as numbers that compare; a text that is no version is newer than any: it is nobody's old app."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6}){0,3}).*", text, re.ASCII | re.DOTALL)
    return tuple(map(int, found[1].split("."))) if found else (1_000_000,)


encode = msgspec.json.Encoder().encode
decode_request = msgspec.json.Decoder(SyncRequest).decode
decode_response = msgspec.json.Decoder(SyncResponse).decode
decode_handin = msgspec.json.Decoder(HandinRequest).decode
decode_handin_answer = msgspec.json.Decoder(HandinAnswer).decode
decode_transaction = msgspec.json.Decoder(Transaction).decode
