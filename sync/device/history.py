"""History on demand: which months the device wants, which it has, and rows that are filed under unsent work.

The server files what is settled and old into buckets of their months. A device has those that its user asked for. What
is younger than the last month that it does not have is on the device, whole.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from shared.catalog import ENTITIES
from shared.protocol import Put, Remove, SyncResponse
from shared.rules.history import following_month, split_bucket
from sync.device.keys import Key, all_keys
from sync.device.rebase import server_revision
from sync.ports import LocalStore

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

_WANTED, _ASKED, _HELD, _THERE = META = ("history_wanted", "history_asked", "history_held", "history_there")
"""Months, each a JSON list: what the user wants, what the open exchange asks for, what has arrived whole, of which
months there is history at all."""


class History(msgspec.Struct, frozen=True):
    """Months as ``2026-05``, the newest first."""

    there: tuple[str, ...] = ()
    """Of which there is history on the server for this user."""
    held: tuple[str, ...] = ()
    """Whole on this device."""
    wanted: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not on this device, or not whole yet."""
        return tuple(month for month in self.there if month not in self.held)

    @property
    def loading(self) -> bool:
        """Whether a month that was asked for is still on its way."""
        return any(month in self.wanted for month in self.missing)

    @property
    def going(self) -> tuple[str, ...]:
        """What is on this device and goes with the next exchange."""
        return tuple(month for month in self.held if month not in self.wanted)

    @property
    def since(self) -> str:
        """The month from which on everything is on this device; empty: everything is."""
        return following_month(self.missing[0]) if self.missing else ""


def read(store: LocalStore) -> History:
    """As it stands."""
    return History(*(tuple(_months(store, key)) for key in (_THERE, _HELD, _WANTED)))


def ask(engine: "DeviceEngine", count: int) -> tuple[str, ...]:
    """Wants the newest ``count`` months that are missing or about to go, from the next exchange on; returns them."""
    store, now = engine.store, read(engine.store)
    asked = tuple(month for month in now.there if month in now.missing or month in now.going)[:count]
    with store.transaction():
        _set(store, _WANTED, {*_months(store, _WANTED), *asked})
    return asked


def leave(engine: "DeviceEngine", months: Iterable[str]) -> None:
    """Does not want the months any more. Their rows go with the answer of the next exchange, together with the cursor
    that has them: until then nothing has happened, and asking again brings nothing twice and misses nothing."""
    store, left = engine.store, frozenset(months)
    with store.transaction():
        _set(store, _WANTED, (month for month in _months(store, _WANTED) if month not in left))


def note_asked(store: LocalStore) -> list[str]:
    """What the request that is being made asks for."""
    wanted = _months(store, _WANTED)
    _set(store, _ASKED, wanted)
    return wanted


def settle(store: LocalStore, response: SyncResponse) -> None:
    """Notes what there is, and with a pull's last page what has arrived."""
    if not response.cursor:
        return
    # A server that knows nothing of months has sent everything.
    _set(store, _THERE, response.history or ())
    if not response.more:
        _set(store, _HELD, _months(store, _ASKED))
    elif response.drops:
        gone = {month for _, month in map(split_bucket, response.drops)}
        _set(store, _HELD, (month for month in _months(store, _HELD) if month not in gone))


def leaving(store: LocalStore, bucket: str, drops: Sequence[str]) -> list[Key]:
    """Ends a bucket as the answer says; the rows that leave with it. Of a month that was given back stays what unsent
    work stands on, until that is answered. ``drops``: all that end with this answer."""
    left = store.drop_bucket(bucket)
    base, month = split_bucket(bucket)
    if not left or not month or month in _months(store, _ASKED) or base in drops:
        return left
    pinned = _pinned(store)
    kept = [key for key in left if _is_pinned(store, key, pinned)]
    store.keep_filed([(*key, max(0, server_revision(store, key) or 0)) for key in kept])
    return [key for key in left if key not in kept]


def spared(store: LocalStore, told: Sequence[Put | Remove], epoch: int, epoch_shift: int) -> list[Put | Remove]:
    """What is told, without the removals of filed rows that unsent work stands on, and with those of earlier ones that
    it does not stand on any more: sending it brings the row back, a refusal lets it go."""
    filed = [message for message in told if isinstance(message, Remove) and message.history]
    kept = store.filed()
    if not filed and not kept:
        return list(told)
    kept = _without_held(store, kept, told, epoch << epoch_shift)
    pinned = _pinned(store)
    waiting = [(r.entity, r.id, epoch << epoch_shift | r.rev) for r in filed if _is_pinned(store, _key(r), pinned)]
    store.keep_filed(waiting)
    spare = {(entity, row_id) for entity, row_id, _ in waiting}
    over = [removal for removal in kept if not _is_pinned(store, removal[:2], pinned)]
    store.forget_filed([removal[:2] for removal in over])
    mask = (1 << epoch_shift) - 1
    rest = [message for message in told if not (isinstance(message, Remove) and _key(message) in spare)]
    return [*rest, *(Remove(entity, row_id, rev & mask) for entity, row_id, rev in over)]


def _without_held(
    store: LocalStore, kept: list[tuple[str, str, int]], told: Sequence[Put | Remove], since: int
) -> list[tuple[str, str, int]]:
    """The kept removals, without those of rows that are told again: their month is held by now."""
    puts = {_key(message): since | message.rev for message in told if isinstance(message, Put)}
    held = [removal[:2] for removal in kept if puts.get(removal[:2], -1) >= removal[2]]
    store.forget_filed(held)
    return [removal for removal in kept if removal[:2] not in held]


def _pinned(store: LocalStore) -> set[Key]:
    """What unsent work reads or writes."""
    return {key for entry in store.outbox() for key in all_keys([*entry.reads, *entry.writes])}


def _is_pinned(store: LocalStore, key: Key, pinned: set[Key]) -> bool:
    """Whether unsent work stands on the row, or on the one that it is history together with."""
    if key in pinned or key[0] not in ENTITIES:
        return key in pinned
    follows = ENTITIES[key[0]].options.follows
    above = ENTITIES[key[0]].fields[follows].options.ref if follows else None
    if not follows or not above or ENTITIES[above].options.window is None:
        return False
    row = store.get(*key)
    return row is not None and (above, row[follows]) in pinned


def _key(message: Put | Remove) -> Key:
    return message.entity, message.id


def _months(store: LocalStore, key: str) -> list[str]:
    return msgspec.json.decode(store.meta(key) or "[]", type=list[str])


def _set(store: LocalStore, key: str, months: Iterable[str]) -> None:
    text = msgspec.json.encode(sorted(set(months), reverse=True)).decode()
    if text != (store.meta(key) or "[]"):
        store.set_meta(key, text)
