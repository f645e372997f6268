"""The server came back from a backup: what it lost is offered to it again, once, with the numbers that were given.

The rows stay as they are shown. First everything is offered that was answered and is in no verified backup; only then
the replica is filled anew, so that nothing flickers back to what the backup says (``sync/README.md``, *After a
restore*).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from shared.protocol import Outcome, SyncResponse, decode_transaction
from sync.device import awaited, caution, outbox, snapshot
from sync.device.keys import Key, row_keys
from sync.device.rebase import server_revision
from sync.device.reports import Recovery
from sync.ports import UNCONFIRMED, LocalStore, OutboxEntry

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

META = "recovery"
LINEAGE = "lineage"
"""Dataset and restore of the last answer. It outlives the replica, as the sent log does that it is about."""
_SUBMIT = "order.submit"


class _Numbered(msgspec.Struct):
    number: str = ""


_decode_numbered = msgspec.json.Decoder(_Numbered).decode


def numbers_given(outcome: Outcome) -> dict[str, str]:
    """The official numbers of the orders that an outcome brings, by id."""
    orders = [put for put in outcome.puts if put.entity == "order"]
    numbers = {put.id: _decode_numbered(put.row).number for put in orders}
    return {row_id: number for row_id, number in numbers.items() if number}


def was_missed(store: LocalStore, response: SyncResponse) -> bool:
    """Whether the answer is of a server that came back from a backup since this device's work was answered.

    A replica that was begun afresh asks like a new one, and is not told: its sent log has work of an earlier epoch, or
    of another restore to the same one.
    """
    from sync.device.exchange import stamp

    if store.meta("epoch") is not None:
        return False
    dataset, _, lineage = (store.meta(LINEAGE) or "").partition(" ")
    other = dataset == response.dataset and response.lineage not in (None, lineage)
    return store.has_sent_before(response.dataset, stamp(response.epoch + other, 0))


def begin(engine: "DeviceEngine", response: SyncResponse) -> None:
    """The device's half of a restore: one local transaction, after the platform knows the new install id.

    A crash between the two is found at the next start as a renewed id, and the server says ``restored`` again.
    """
    from sync.device.exchange import renumber

    store, install_id = engine.store, engine.renew_install_id()
    with store.transaction():
        before = read(store)
        lost = store.take_sent(response.dataset)
        for entry in lost:
            store.outbox_put_back(entry)
        renumber(store, install_id)
        snapshot.begin(store, store.bucket_names())
        store.forget_revisions()
        store.forget_removals([(entity, row_id) for entity, row_id, *_ in store.removals()])
        store.forget_filed([(entity, row_id) for entity, row_id, _ in store.filed()])
        store.set_meta(caution.META, None)
        store.set_meta(awaited.META, None)
        store.set_meta("cursor", None)
        store.set_meta("epoch", str(response.epoch))
        orders = sum(_submits(entry) for entry in lost)
        if before is not None and not before.done:
            orders, lost_count = max(orders, before.orders), max(len(lost), before.changes)
        else:
            lost_count = len(lost)
        write(store, Recovery(at=engine.clock.now_ms(), changes=lost_count, orders=orders))


def _submits(entry: OutboxEntry) -> bool:
    if entry.again is None or entry.again.refused is not None:
        return False
    return any(command.name == _SUBMIT for command in decode_transaction(entry.payload).commands)


def read(store: LocalStore) -> Recovery | None:
    """The recovery under way or over, until the person has taken note."""
    text = store.meta(META)
    return msgspec.json.decode(text, type=Recovery) if text else None


def write(store: LocalStore, recovery: Recovery | None) -> None:
    """Keeps it; None forgets it."""
    store.set_meta(META, msgspec.json.encode(recovery).decode() if recovery else None)


def without_page(store: LocalStore, response: SyncResponse) -> SyncResponse:
    """The answer without its page, as long as something else is still to be offered again."""
    answered = {outcome.tx_id for outcome in response.outcomes}
    late = [*awaited.read(store), *response.awaited]
    if response.status != "ok" or not outbox.is_resending(store.outbox(), answered, late):
        return response
    return msgspec.structs.replace(response, puts=[], removes=[], drops=[], restarts=[], cursor="", more=False)


def left_behind(store: LocalStore, answered: Sequence[OutboxEntry]) -> list[Key]:
    """Rows of the old state that answered transactions had kept from being swept."""
    if snapshot.is_open(store):
        return []
    keys = {key for entry in answered if entry.again for key in row_keys(entry.writes) if store.holds(key[0])}
    return [key for key in sorted(keys) if server_revision(store, key) == UNCONFIRMED]


def settle(store: LocalStore) -> None:
    """Notes the end: everything was offered, and the last page has come."""
    recovery = read(store)
    if recovery is not None and not recovery.done and not snapshot.is_open(store):
        write(store, msgspec.structs.replace(recovery, done=True))
