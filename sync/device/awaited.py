"""Work that the server, back from a backup, cannot decide yet: it builds on what another device will bring back.

It stays in the outbox and is offered again with each exchange, after all else; the server says when the time is over.
"""

from collections.abc import Collection, Sequence

import msgspec

from shared.protocol import SyncResponse, decode_transaction
from sync.ports import LocalStore, OutboxEntry

META = "awaited"
"""Ids of transactions, a JSON list; those that were offered last stand last, so that all get their turn."""


def read(store: LocalStore) -> list[str]:
    """Those that the server could not decide, in the order in which they are offered again."""
    return msgspec.json.decode(store.meta(META) or "[]", type=list[str])


def note(store: LocalStore, response: SyncResponse) -> None:
    """Keeps what the answer leaves undecided, for another number, and forgets what was decided."""
    before = read(store)
    if not before and not response.awaited:
        return
    waiting = {entry.tx_id: entry for entry in store.outbox()}
    offered = [tx_id for tx_id in response.awaited if tx_id in waiting]
    for tx_id in offered:
        entry = waiting[tx_id]
        entry.seq = None
        store.outbox_update(entry)
    kept = [tx_id for tx_id in before if tx_id in waiting and tx_id not in offered]
    store.set_meta(META, msgspec.json.encode([*kept, *offered]).decode() if kept or offered else None)


def following(outbox: Sequence[OutboxEntry], ids: Collection[str]) -> set[str]:
    """Ids of the transactions that name one of these in ``after``, directly or not."""
    met, found = set(ids), set()
    for entry in outbox if ids else ():
        if not met.isdisjoint(decode_transaction(entry.payload).after):
            met.add(entry.tx_id)
            found.add(entry.tx_id)
    return found
