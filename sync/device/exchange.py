"""One exchange: build the request, apply the answer, survive a refusal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shared import SCHEMA_VERSION, codec
from shared.catalog import ENTITIES
from shared.errors import CaravanError, StateConflict, Unavailable
from shared.protocol import (
    PROTOCOL_VERSION,
    Put,
    Remove,
    SentTransaction,
    SyncRequest,
    SyncResponse,
    decode_response,
    encode,
    version_key,
)
from sync.device import awaited, caution, history, outbox, restored, snapshot
from sync.device.keys import Key
from sync.device.rebase import Change, rebase, server_revision
from sync.device.reports import ExchangeReport
from sync.ports import LocalStore, OutboxEntry, TransportError

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

Advice = Literal["again", "later", "stopped"]

EPOCH_SHIFT = 40
"""Revisions stay below 2^40 for a thousand years of a million writes a day."""
TRIED_MAX = 512
"""Exchange ids remembered since the last answer. Should the server's be an older one, a harmless fork follows."""
REPLICA_META = (
    "dataset", "epoch", "cursor", "nonce", "tried", "open_exchange", "next_seq", "stopped", "stopped_code",
    "last_sync_ms", "complete", "skew_ms", "progress", "undecided", restored.META, "check", "checked_at", awaited.META,
    *history.META,
)  # fmt: skip
"""What belongs to this copy of this dataset and goes when it is begun again."""


class Limits(msgspec.Struct):
    """Sizes of one exchange; they adapt to the device and to refusals."""

    txs: int = 100
    bytes: int = 400_000
    rows: int = 250
    """Rows of a page. One page is one local transaction, aimed at ``apply_ms``."""
    apply_ms: int = 40
    allowed: int = 100
    """``txs`` after a refusal, while the cause is looked for."""
    suspect: str = ""
    """The only transaction of a refused exchange."""
    probe: bool = False
    """The next exchange carries no transaction: is it the transaction or the exchange that is refused?"""


def stamp(epoch: int, rev: int) -> int:
    """(epoch, rev) as one number that compares like the pair."""
    return epoch << EPOCH_SHIFT | rev


def renumber(store: LocalStore, install_id: str) -> None:
    """Begins the sequence of an install: what waits gets new numbers when it is sent, and keeps its ids."""
    store.set_meta("install", install_id)
    store.set_meta("next_seq", "1")
    for key in ("nonce", "tried", "open_exchange"):
        store.set_meta(key, None)
    _unnumber(store)


def _unnumber(store: LocalStore) -> None:
    for entry in store.outbox():
        if entry.seq is not None:
            entry.seq = None
            store.outbox_update(entry)


def build_request(engine: "DeviceEngine") -> bytes:
    store, limits = engine.store, engine.limits
    if engine.stopped in ("reset", "revoked", "refused"):
        raise StateConflict("sync_stopped", reason=engine.stopped)
    with store.transaction():
        exchange_id = engine.entropy.random_bytes(16).hex()
        tried = [*msgspec.json.decode(store.meta("tried") or "[]"), exchange_id][-TRIED_MAX:]
        store.set_meta("tried", msgspec.json.encode(tried).decode())
        store.set_meta("open_exchange", exchange_id)
        count = 0 if limits.probe else min(limits.txs, limits.allowed)
        waiting, late = store.outbox(), awaited.read(store)
        chosen = outbox.batch(waiting, count, limits.bytes, late) if count else []
        _number(store, chosen)
        request = SyncRequest(
            protocol=PROTOCOL_VERSION,
            schema=SCHEMA_VERSION,
            app_version=engine.app_version,
            install_id=engine.install_id,
            exchange_id=exchange_id,
            nonce=store.meta("nonce") or "",
            tried=tried,
            dataset=store.meta("dataset") or "",
            epoch=int(store.meta("epoch") or 0),
            cursor=store.meta("cursor") or "",
            txs=[_envelope(entry) for entry in chosen],
            page_rows=1 if outbox.is_resending(waiting, awaited=late) else limits.rows,
            check=engine.checks.ask(),
            history=history.note_asked(store),
            awaits=True,
        )
        engine.exchange_id = exchange_id
    limits.suspect = chosen[0].tx_id if len(chosen) == 1 else limits.suspect if limits.probe else ""
    limits.allowed = count or limits.allowed
    engine.sent = len(chosen)
    return encode(request)


def _envelope(entry: OutboxEntry) -> SentTransaction:
    given, refused = (entry.again.given, entry.again.refused) if entry.again else ({}, None)
    return SentTransaction(entry.seq or 0, msgspec.Raw(entry.payload), given, refused)


def _number(store: LocalStore, chosen: list[OutboxEntry]) -> None:
    following = int(store.meta("next_seq") or 1)
    for entry in chosen:
        if entry.seq is None:
            entry.seq = following
            following += 1
            store.outbox_update(entry)
    store.set_meta("next_seq", str(following))


def apply_response(engine: "DeviceEngine", body: bytes) -> ExchangeReport:
    response = _decoded(body)
    store = engine.store
    if store.meta("open_exchange") is None:
        return ExchangeReport(status=response.status, ignored=True)
    if response.status == "revoked":
        engine.stop("revoked")
        return ExchangeReport(status="revoked")
    dataset = store.meta("dataset")
    if response.status == "reset" or (dataset and response.dataset != dataset):
        engine.stop("reset")
        return ExchangeReport(status="reset")
    if response.status == "restored" or restored.was_missed(store, response):
        engine.checks.begin_again()
        restored.begin(engine, response)
        return ExchangeReport(status="restored", more=True)
    if response.status == "fork":
        engine.new_install()
        return ExchangeReport(status="fork", more=True)
    if response.status == "upgrade" and not response.nonce and _is_recent(engine, response):
        # It took nothing, and not because this app is too old: the server is, and will be updated.
        raise Unavailable("server_older")
    started = engine.clock.now_ms()
    response = restored.without_page(store, response)
    with store.transaction():
        report = _apply(engine, response)
    _adapt(engine.limits, len(response.puts), engine.clock.now_ms() - started)
    report.more = engine.checks.after(response) or response.more or _more_to_send(engine, report)
    _settle_suspect(engine)
    return report


def _is_recent(engine: "DeviceEngine", response: SyncResponse) -> bool:
    return version_key(engine.app_version) >= version_key(response.minimum_app)


def _decoded(body: bytes) -> SyncResponse:
    try:
        return decode_response(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TransportError("server", "an answer that is none of ours") from error


def _apply(engine: "DeviceEngine", response: SyncResponse) -> ExchangeReport:
    """Outcomes with their rows, the page, ended buckets and the cursor: one local transaction."""
    store = engine.store
    report = ExchangeReport(status=response.status)
    engine.checks.before(response)
    answered = _take_outcomes(engine, response, report)
    awaited.note(store, response)
    report.awaited = response.awaited
    changes = _changes(store, response, restored.left_behind(store, answered)) | engine.checks.repairs(response)
    doubtful = rebase(store, engine.work, store.outbox(), answered, changes)
    report.doubtful = [entry.tx_id for entry in doubtful]
    report.rows = len(changes)
    _store_position(engine, response)
    if response.cursor and not response.more:
        restored.settle(store)
    history.settle(store, response)
    return report


def _take_outcomes(engine: "DeviceEngine", response: SyncResponse, report: ExchangeReport) -> list[OutboxEntry]:
    store = engine.store
    waiting = {entry.tx_id: entry for entry in store.outbox()}
    answered: list[OutboxEntry] = []
    for outcome in response.outcomes:
        report.conflicts += outcome.conflicts
        entry = waiting.pop(outcome.tx_id, None)
        if entry is None:
            continue
        if outcome.status == "rejected":
            report.rejected[outcome.tx_id] = outcome.problem
        else:
            report.accepted.append(outcome.tx_id)
        problem = msgspec.json.encode(outcome.problem).decode() if outcome.problem else None
        store.log_sent(
            entry,
            engine.install_id,
            outcome.status,
            problem,
            engine.clock.now_ms(),
            dataset=response.dataset,
            stamp=stamp(response.epoch, response.seq) if response.seq else 0,
            given=restored.numbers_given(outcome),
        )
        store.outbox_remove(entry.tx_id)
        answered.append(entry)
    if response.safe_seq:
        store.prune_sent(engine.install_id, response.safe_seq)
    if response.safe_rev:
        store.prune_sent_until(stamp(response.epoch, response.safe_rev))
    return answered


def _changes(store: LocalStore, response: SyncResponse, gone: Iterable[Key]) -> dict[Key, Change]:
    """The newest word on each row, without what the replica has already. ``gone`` leave unless a put keeps them."""
    newest: dict[Key, tuple[int, Put | Remove]] = {}
    told = caution.admitted(store, response, EPOCH_SHIFT)
    for outcome in response.outcomes:
        told += [*outcome.puts, *outcome.removes]
    for message in history.spared(store, told, response.epoch, EPOCH_SHIFT):
        key = (message.entity, message.id)
        rev = stamp(response.epoch, message.rev)
        if key not in newest or rev > newest[key][0]:
            newest[key] = (rev, message)
    changes: dict[Key, Change] = {}
    for key in (*snapshot.leaving(store, response), *gone):
        changes[key] = Change(None, server_revision(store, key) or 0)
    for key, (rev, message) in newest.items():
        if not store.holds(key[0]):
            _keep_for_later(store, rev, message)
            continue
        change = _change(store, key, rev, message, dropped=key in changes)
        if change is not None:
            changes[key] = change
    return changes


def _keep_for_later(store: LocalStore, rev: int, message: Put | Remove) -> None:
    """An entity of a newer server: kept as it came, for the version of the app that will know it."""
    if isinstance(message, Put):
        store.keep_later(message.entity, message.id, rev, message.buckets, bytes(message.row))
    else:
        store.forget_later(message.entity, message.id, rev)


def _change(store: LocalStore, key: Key, rev: int, message: Put | Remove, *, dropped: bool) -> Change | None:
    """``dropped``: the row is leaving with its bucket, unless this puts it into another one."""
    known = None if dropped and isinstance(message, Put) else server_revision(store, key)
    if isinstance(message, Remove):
        return Change(None, rev) if known is not None and rev >= known else None
    if known is not None and rev <= known:
        if rev == known and sorted(message.buckets) != store.buckets(*key):
            store.set_buckets(*key, list(message.buckets))
        return None
    row = codec.from_wire(ENTITIES[key[0]], msgspec.json.decode(message.row))
    return Change(row, rev, tuple(message.buckets))


def _store_position(engine: "DeviceEngine", response: SyncResponse) -> None:
    now = engine.clock.now_ms()
    position: dict[str, Any] = {
        "dataset": response.dataset,
        "epoch": response.epoch,
        "open_exchange": None,
        "stopped": "upgrade" if response.status == "upgrade" else None,
        "stopped_code": response.minimum_app or None,
        "last_sync_ms": now,
        "skew_ms": now - response.server_time if response.server_time else 0,
        "undecided": response.undecided.code if response.undecided else None,
    }
    if response.lineage is not None:
        position[restored.LINEAGE] = f"{response.dataset} {response.lineage}"
    if response.nonce:
        # Without one (the server took nothing) the tried ids are still what tells a lost answer from a fork.
        position |= {"nonce": response.nonce, "tried": _still_tried(engine.store, response.nonce)}
    if response.status == "ok" and response.cursor:
        refilled = snapshot.is_open(engine.store) and engine.store.meta("complete") == "1"
        position |= {
            "cursor": response.cursor,
            "complete": int(not response.more or refilled),
            "progress": msgspec.json.encode(response.progress).decode(),
        }
    for key, value in position.items():
        engine.store.set_meta(key, None if value is None else str(value))


def _still_tried(store: LocalStore, nonce: str) -> str | None:
    """While the nonce stays the same, an exchange that was given up may still arrive at the server and change it."""
    if nonce != store.meta("nonce"):
        return None
    answered = store.meta("open_exchange")
    tried = [exchange_id for exchange_id in msgspec.json.decode(store.meta("tried") or "[]") if exchange_id != answered]
    return msgspec.json.encode(tried).decode() if tried else None


def _more_to_send(engine: "DeviceEngine", report: ExchangeReport) -> bool:
    """Only while the server answers: what it cannot decide now is offered again at the next occasion."""
    if engine.limits.probe:
        return True
    late = awaited.read(engine.store)
    following = [entry.tx_id for entry in outbox.batch(engine.store.outbox(), 1, 1, late)]
    if report.accepted or report.rejected:
        return any(tx_id not in report.awaited for tx_id in following)
    return bool(report.awaited) and any(tx_id not in late for tx_id in following)


def _adapt(limits: Limits, rows: int, took_ms: int) -> None:
    """Pages of such a size that applying one takes about ``apply_ms`` on this device."""
    if rows >= limits.rows // 2 and took_ms > 0:
        wanted = limits.rows * limits.apply_ms // took_ms
        limits.rows = max(50, min(1_000, wanted, limits.rows * 2))


def _settle_suspect(engine: "DeviceEngine") -> None:
    """The empty exchange passed: then it was the transaction, which is held. Otherwise all is well again."""
    limits = engine.limits
    if limits.probe and limits.suspect:
        store = engine.store
        if any(entry.tx_id == limits.suspect and entry.seq is not None for entry in store.outbox()):
            # Its number cannot be given to another one: it may have been executed by an exchange whose answer was
            # lost. Under a new install id all that waits is numbered anew, and ids tell the server what it knows.
            engine.new_install()
        with store.transaction():
            for entry in store.outbox():
                if entry.tx_id == limits.suspect:
                    entry.held = store.meta("suspect_code") or "refused"
                    store.outbox_update(entry)
            store.set_meta("suspect_code", None)
    limits.probe, limits.suspect, limits.allowed = False, "", limits.txs


def refused(engine: "DeviceEngine", error: CaravanError) -> Advice:
    """The server refused a whole exchange. It must neither be repeated for ever nor lose work.

    Too often or not now: later. Otherwise the batch is halved until one transaction is left, then an empty exchange
    tells whether that transaction is at fault: it is held for a person and the rest goes on; or the exchange itself:
    the engine stops until somebody asks to try again.
    """
    limits = engine.limits
    if error.status == 429 or error.status >= 500:
        return "later"
    if error.status == 426:
        engine.stop("upgrade", error.code)
        return "stopped"
    if error.status == 403:
        engine.stop("revoked", error.code)
        return "stopped"
    if engine.sent > 1:
        limits.allowed = engine.sent // 2
        return "again"
    if engine.sent == 1:
        limits.probe = True
        with engine.store.transaction():
            engine.store.set_meta("suspect_code", error.code)
        return "again"
    limits.probe, limits.suspect, limits.allowed = False, "", limits.txs
    engine.stop("refused", error.code)
    return "stopped"
