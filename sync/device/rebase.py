"""Server changes go under the user's unsent work: restore, apply, replay what they meet.

Runs inside one local transaction. The rows of a replica are *server state plus own unsent work*; beside each row that
unsent work touched stands the server's version, its shadow.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from shared.codec import Row
from shared.commands import execute
from shared.commands.work import RowSource, Work
from shared.errors import CaravanError
from shared.protocol import Transaction, decode_transaction
from sync.device.keys import Key, affected, all_keys, is_set, lists, row_keys, set_keys_of
from sync.device.overlay import Overlay
from sync.ports import LocalStore, OutboxEntry

MakeWork = Callable[[Transaction, RowSource], Work]


class Change(msgspec.Struct, frozen=True):
    """The server's current version of a row. ``row`` None: gone, or not for this user any more."""

    row: Row | None
    rev: int
    """As stored: epoch and revision in one number (``exchange.stamp``)."""
    buckets: tuple[str, ...] = ()


def write(store: LocalStore, work: Work) -> None:
    """Puts a transaction's rows into the replica, keeping the server's version of each beside it."""
    for (entity, row_id), row in work.written.items():
        if not store.holds(entity):
            continue
        rev = store.revision(entity, row_id)
        if not store.has_shadow(entity, row_id):
            store.set_shadow(entity, row_id, None if rev is None else store.get(entity, row_id), rev or 0)
        store.put(entity, row, rev or 0)


def server_revision(store: LocalStore, key: Key) -> int | None:
    """The stored revision of the server's version; None when the replica has no version of the server's."""
    shadowed, row, rev = store.shadow(*key)
    if shadowed:
        return rev if row is not None else None
    return store.revision(*key)


def rebase(
    store: LocalStore,
    make_work: MakeWork,
    waiting: Sequence[OutboxEntry],
    answered: Iterable[OutboxEntry],
    changes: Mapping[Key, Change],
) -> list[OutboxEntry]:
    """Brings the server's changes under the waiting transactions; returns those that became doubtful.

    ``answered`` have left the outbox: their local effect goes, the server's rows come instead.
    """
    # What is offered again is in the rows already, as the server had it: running it once more would double it.
    waiting = [entry for entry in waiting if entry.again is None]
    changed: set[Key] = set(changes)
    for entry in answered:
        changed |= all_keys(entry.writes)
    changed |= _sets_changed(store, waiting, changes)
    again, concerned = affected(waiting, changed)
    while True:
        overlay, doubtful = _replayed(store, make_work, again, concerned, changes)
        # On other rows a transaction may read and write others than before, and so meet more of those that wait.
        chosen, concerned = affected(waiting, concerned)
        if len(chosen) == len(again):
            break
        again = chosen
    overlay.flush({key: (change.row, change.rev) for key, change in changes.items()})
    for key, change in changes.items():
        if change.row is not None:
            store.set_buckets(*key, list(change.buckets))
    return doubtful


def _replayed(
    store: LocalStore,
    make_work: MakeWork,
    again: Sequence[OutboxEntry],
    concerned: set[Key],
    changes: Mapping[Key, Change],
) -> tuple[Overlay, list[OutboxEntry]]:
    """The rows after running these transactions on the server's versions, and those that failed. Nothing is written to
    the rows yet."""
    overlay = Overlay(store)
    overlay.restore(row_keys(concerned))
    for key, change in changes.items():
        overlay.put(key, change.row)
    overlay.load({key for entry in again for key in all_keys(entry.reads) | row_keys(entry.writes)})
    return overlay, [entry for entry in again if not _replay(store, overlay, make_work, entry)]


def _sets_changed(store: LocalStore, waiting: Sequence[OutboxEntry], changes: Mapping[Key, Change]) -> set[Key]:
    """Of the sets that waiting transactions read, those that the changed rows leave or join."""
    read = {(key[0], key[1]) for entry in waiting for key in entry.reads if is_set(key)}
    if not read:
        return set()
    entities = {key[0].partition(".")[0] for key in read}
    met: set[Key] = set()
    for (entity, row_id), change in changes.items():
        if entity not in entities:
            continue
        for version in (store.get(entity, row_id), store.shadow(entity, row_id)[1], change.row):
            if version is not None:
                met |= set_keys_of(entity, version) & read
    return met


def _replay(store: LocalStore, overlay: Overlay, make_work: MakeWork, entry: OutboxEntry) -> bool:
    """Runs a waiting transaction again. One that fails leaves nothing and is marked; the server decides, the pull
    goes on."""
    transaction = decode_transaction(entry.payload)
    work = make_work(transaction, overlay)
    doubt = ""
    try:
        execute(transaction, work)
    except CaravanError as error:
        doubt = error.code
        # It stays on the lookout for what it needed then and needs now, so that it is tried again in time.
        reads, writes = all_keys(entry.reads) | work.read_keys, all_keys(entry.writes)
    else:
        reads, writes = work.read_keys, work.write_keys
        overlay.cover(work.written)
    keys = lists(reads), lists(writes)
    if (doubt, *keys) != (entry.doubtful, entry.reads, entry.writes):
        entry.doubtful, (entry.reads, entry.writes) = doubt, keys
        store.outbox_update(entry)
    return not doubt
