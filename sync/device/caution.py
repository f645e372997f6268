"""A pull that would take away an unusual share of the rows stops and asks; nothing goes before the person says so.

Single removals of a page, and rows that somebody has marked as deleted, are gathered until the pull's last page and
judged together. Not judged is what the server
has told in another way: buckets that ended for this user, a restore, a snapshot after a long absence. While it is
asked, everything else goes on: sending, new rows, local work.
"""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from shared import codec
from shared.access import all_entities_on_devices
from shared.catalog import ENTITIES
from shared.protocol import Put, Remove, SyncResponse
from sync.device import snapshot
from sync.device.keys import Key
from sync.device.rebase import Change, rebase, server_revision
from sync.device.reports import Question
from sync.ports import LocalStore

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

META = "question"
FEW = 50
"""So many rows may go without a question, however few there are."""
SHARE = 5
"""A question is asked when more than one row in so many goes, of one entity or of all."""
ALL = "*"
Going = tuple[int, bytes | None]
"""Stored revision, and the message that marks the row as deleted; None for a removal."""


class _Marked(msgspec.Struct):
    deleted_at: int | None = None


_decode_marked = msgspec.json.Decoder(_Marked).decode
_decode_put = msgspec.json.Decoder(Put).decode


def admitted(store: LocalStore, response: SyncResponse, epoch_shift: int) -> list[Put | Remove]:
    """What the page may change with this answer; other removals and deletions wait in the store."""
    page: list[Put | Remove] = [*response.puts, *response.removes]
    if not response.cursor or snapshot.is_open(store):
        return page
    told = {_key(put) for outcome in response.outcomes for put in outcome.puts}
    going: list[Put | Remove] = [put for put in response.puts if _deletes(store, put, told, epoch_shift, response)]
    # What was filed as history is told as such, and is no loss.
    going += [remove for remove in response.removes if not remove.history]
    filed = [remove for remove in response.removes if remove.history]
    leaving = {_key(message) for message in going}
    stays = [put for put in response.puts if _key(put) not in leaving]
    waiting = {(entity, row_id): (rev, put) for entity, row_id, rev, put in store.removals()}
    back = [*(put for outcome in response.outcomes for put in outcome.puts), *stays]
    came_back = [_key(p) for p in back if _key(p) in waiting and _rev(p, response, epoch_shift) >= waiting[_key(p)][0]]
    store.forget_removals(came_back)
    for key in came_back:
        waiting.pop(key, None)
    if not (response.more or waiting or len(going) > FEW):
        return page
    fresh = {_key(m): (_rev(m, response, epoch_shift), _encoded(m)) for m in going if store.holds(m.entity)}
    store.keep_removals([(entity, row_id, rev, put) for (entity, row_id), (rev, put) in fresh.items()])
    # What it knows nothing of is no loss: kept or taken out of the rows for later.
    unknown = [message for message in going if not store.holds(message.entity)]
    if response.more:
        return [*stays, *filed, *unknown]
    return [*stays, *filed, *unknown, *_judged(store, waiting | fresh, epoch_shift)]


def _key(message: Put | Remove) -> Key:
    return message.entity, message.id


def _rev(message: Put | Remove, response: SyncResponse, epoch_shift: int) -> int:
    return response.epoch << epoch_shift | message.rev


def _encoded(message: Put | Remove) -> bytes | None:
    return msgspec.json.encode(message) if isinstance(message, Put) else None


def _deletes(store: LocalStore, put: Put, told: set[Key], epoch_shift: int, response: SyncResponse) -> bool:
    """Whether somebody else has marked a row as deleted that the server still showed to this device before."""
    if _decode_marked(put.row).deleted_at is None or _key(put) in told or not store.holds(put.entity):
        return False
    shadowed, row, known = store.shadow(*_key(put))
    if not shadowed:
        row, known = store.get(*_key(put)), store.revision(*_key(put)) or 0
    return row is not None and row["deleted_at"] is None and known < _rev(put, response, epoch_shift)


def _judged(store: LocalStore, waiting: dict[Key, Going], epoch_shift: int) -> list[Put | Remove]:
    question = _question(store, waiting)
    if question is None:
        store.forget_removals(list(waiting))
        store.set_meta(META, None)
        mask = (1 << epoch_shift) - 1
        return [_decode_put(put) if put else Remove(*key, rev & mask) for key, (rev, put) in waiting.items()]
    before = read(store)
    answered = before is not None and before.declined and before.going == question.going
    store.set_meta(META, _encode(msgspec.structs.replace(question, declined=answered)))
    return []


def on_devices() -> list[str]:
    return [entity.name for entity in all_entities_on_devices()]


def _question(store: LocalStore, waiting: dict[Key, Going]) -> Question | None:
    """None when nothing unusual is going on. Rows that the person does not see any more do not count."""
    going: Counter[str] = Counter()
    deleted = 0
    for key, (rev, put) in waiting.items():
        row, known = store.get(*key), server_revision(store, key)
        if row is not None and row["deleted_at"] is None and known is not None and known <= rev:
            going[key[0]] += 1
            deleted += put is not None
    present = {entity: store.count(entity) for entity in going}
    going[ALL], present[ALL] = sum(going.values()), sum(map(store.count, on_devices()))
    if not any(count > FEW and count * SHARE > present[entity] for entity, count in going.items()):
        return None
    total, held = going.pop(ALL), present.pop(ALL)
    return Question(total=total, held=held, going=dict(going), deleted=deleted)


def read(store: LocalStore) -> Question | None:
    """The open question."""
    text = store.meta(META)
    return msgspec.json.decode(text, type=Question) if text else None


def _encode(question: Question) -> str:
    return msgspec.json.encode(question).decode()


def accept(engine: "DeviceEngine") -> None:
    """The person says that it is right: the rows go, unsent work is treated as by any removal."""
    store = engine.store
    with store.transaction():
        changes, waiting = {}, store.removals()
        for entity, row_id, rev, put in waiting:
            known = server_revision(store, (entity, row_id))
            if known is not None and known <= rev:
                changes[entity, row_id] = _change(entity, rev, put)
        rebase(store, engine.work, store.outbox(), [], changes)
        store.forget_removals([(entity, row_id) for entity, row_id, *_ in waiting])
        store.set_meta(META, None)


def _change(entity: str, rev: int, put: bytes | None) -> Change:
    if put is None:
        return Change(None, rev)
    message = _decode_put(put)
    return Change(codec.from_wire(ENTITIES[entity], msgspec.json.decode(message.row)), rev, tuple(message.buckets))


def in_question(store: LocalStore) -> set[Key]:
    """The rows that wait for the end of a pull, for the person's word, or as history for unsent work to be answered."""
    asked = {(entity, row_id) for entity, row_id, *_ in store.removals()}
    return asked | {(entity, row_id) for entity, row_id, _ in store.filed()}


def decline(engine: "DeviceEngine") -> None:
    """Not now: the rows stay, and so does the question, more quietly."""
    question = read(engine.store)
    if question is not None:
        with engine.store.transaction():
            engine.store.set_meta(META, _encode(msgspec.structs.replace(question, declined=True)))
