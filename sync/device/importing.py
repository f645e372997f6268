"""Brings set-aside work back into the outbox: from an exported file, on any device of the same user, or from the
archive. Transactions keep their ids and bytes, so that what the server has had already is answered ``duplicate``."""

from typing import TYPE_CHECKING, Any

import msgspec

from shared.commands import execute
from shared.errors import CaravanError, InvalidInput, NotAllowed, StateConflict
from shared.ids import is_id
from shared.protocol import decode_transaction
from sync.device import outbox
from sync.device.keys import lists
from sync.device.rebase import write
from sync.device.reports import ArchivedTransaction
from sync.ports import LocalStore, OutboxEntry

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

FILE_BYTES_MAX = 64_000_000


class ImportReport(msgspec.Struct, kw_only=True):
    """What became of the transactions of a file, by id."""

    added: list[str] = []
    """In the outbox now, in the file's order."""
    waiting: list[str] = []
    """Were in the outbox already."""
    answered: list[str] = []
    """Have been answered on this device already."""
    doubtful: list[str] = []
    """Of the added ones, those that cannot be applied here: the server decides."""


class _Exported(msgspec.Struct):
    format: str
    version: int
    user_id: str
    org_id: str
    dataset: str
    transactions: list[dict[str, Any]]
    hash: str


def bring_in(engine: "DeviceEngine", body: bytes, *, even_other_dataset: bool = False) -> ImportReport:
    """Adds the work of an exported file to the outbox, all or nothing. Nothing of it is sent by this.

    Raises ``InvalidInput`` (``export_unreadable``, ``export_newer``, ``export_damaged``), ``NotAllowed``
    (``export_other_user``, ``export_other_company``), and ``StateConflict`` ``export_other_dataset`` unless the person
    has said that it shall be tried against other data than it was made on.
    """
    exported = _read(body)
    actor = engine.actor()
    if exported.org_id != actor.org_id:
        raise NotAllowed("export_other_company")
    if exported.user_id != actor.user_id:
        raise NotAllowed("export_other_user")
    payloads = [_payload(item) for item in exported.transactions]
    if outbox.hash_of_hashes(map(outbox.payload_hash, payloads)) != exported.hash:
        raise InvalidInput("export_damaged", tx_id="")
    here = engine.store.meta("dataset") or ""
    if exported.dataset and here and exported.dataset != here and not even_other_dataset:
        raise StateConflict("export_other_dataset", count=len(payloads))
    report = ImportReport()
    store = engine.store
    with store.transaction():
        waiting = {entry.tx_id for entry in store.outbox()}
        for payload in payloads:
            tx_id = decode_transaction(payload).id
            if tx_id in waiting:
                report.waiting.append(tx_id)
            elif store.was_sent(tx_id):
                report.answered.append(tx_id)
            else:
                entry = _queue(engine, payload)
                store.unarchive(tx_id)
                waiting.add(tx_id)
                report.added.append(tx_id)
                if entry.doubtful:
                    report.doubtful.append(tx_id)
    if report.added:
        engine.tell_queued()
    return report


def archived(store: LocalStore) -> list[ArchivedTransaction]:
    """What was set aside and has no outcome, the newest last."""
    found = []
    for row in store.archived():
        if store.was_sent(row["tx_id"]):
            continue
        transaction = decode_transaction(bytes(row["payload"]))
        found.append(
            ArchivedTransaction(
                tx_id=row["tx_id"],
                commands=[{"name": command.name, "args": command.args} for command in transaction.commands],
                occurred_at=transaction.occurred_at,
                reason=row["reason"],
                archived_at=row["archived_at"],
            )
        )
    return found


def send_again(engine: "DeviceEngine", tx_id: str) -> None:
    """Moves a transaction from the archive back into the outbox.

    Raises ``StateConflict``: ``not_archived``, or ``already_answered`` when the server has decided it since.
    """
    store = engine.store
    payload = next((row["payload"] for row in store.archived() if row["tx_id"] == tx_id), None)
    if payload is None:
        raise StateConflict("not_archived", tx_id=tx_id)
    if store.was_sent(tx_id):
        raise StateConflict("already_answered", tx_id=tx_id)
    with store.transaction():
        if all(entry.tx_id != tx_id for entry in store.outbox()):
            _queue(engine, bytes(payload))
        store.unarchive(tx_id)
    engine.tell_queued()


def _queue(engine: "DeviceEngine", payload: bytes) -> OutboxEntry:
    """Runs the transaction here and appends it; one that cannot run here waits all the same, marked doubtful."""
    store, transaction = engine.store, decode_transaction(payload)
    work = engine.work(transaction)
    doubt = ""
    try:
        execute(transaction, work)
    except CaravanError as error:
        doubt = error.code
    else:
        write(store, work)
    entry = OutboxEntry(
        position=0, tx_id=transaction.id, payload=payload, payload_hash=outbox.payload_hash(payload),
        reads=lists(work.read_keys), writes=lists(work.write_keys), doubtful=doubt,
        created_at=engine.clock.now_ms(),
    )  # fmt: skip
    store.outbox_add(entry)
    return entry


def _read(body: bytes) -> _Exported:
    if len(body) > FILE_BYTES_MAX:
        raise InvalidInput("export_unreadable")
    try:
        exported = msgspec.json.decode(body, type=_Exported)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("export_unreadable") from error
    if exported.format != outbox.EXPORT_FORMAT:
        raise InvalidInput("export_unreadable")
    if exported.version > outbox.EXPORT_VERSION:
        raise InvalidInput("export_newer")
    return exported


def _payload(item: dict[str, Any]) -> bytes:
    """The bytes of one transaction, proved by their hash, and one that can be sent at all."""
    if not isinstance(item.get("transaction"), dict) or not isinstance(item.get("payload_hash"), str):
        raise InvalidInput("export_damaged", tx_id="")
    payload = outbox.read_exported(item)
    try:
        transaction = decode_transaction(payload)
    except msgspec.DecodeError as error:
        raise InvalidInput("export_damaged", tx_id="") from error
    if not is_id(transaction.id) or len(payload) > outbox.TRANSACTION_BYTES_MAX:
        raise InvalidInput("export_damaged", tx_id=transaction.id[:36])
    return payload
