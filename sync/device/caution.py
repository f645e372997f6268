"""A pull that would take away an unusual share of the rows stops and asks; nothing goes before the person says so.

Single removals of a page are gathered until the pull's last page and judged together. Not judged is what the server
has told in another way: buckets that ended for this user, a restore, a snapshot after a long absence. While it is
asked, everything else goes on: sending, new rows, local work.
"""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from shared.access import all_entities_on_devices
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


def admitted(store: LocalStore, response: SyncResponse, epoch_shift: int) -> list[Remove]:
    """The removals to apply with this answer; others wait in the store."""
    if not response.cursor or snapshot.is_open(store):
        return response.removes
    waiting = {(entity, row_id): rev for entity, row_id, rev in store.removals()}
    back = [put for outcome in response.outcomes for put in outcome.puts] + response.puts
    came_back = [_key(p) for p in back if (response.epoch << epoch_shift | p.rev) >= waiting.get(_key(p), 1 << 62)]
    store.forget_removals(came_back)
    for key in came_back:
        waiting.pop(key)
    if response.more or waiting or len(response.removes) > FEW:
        fresh = {_key(r): response.epoch << epoch_shift | r.rev for r in response.removes if store.holds(r.entity)}
        store.keep_removals([(entity, row_id, rev) for (entity, row_id), rev in fresh.items()])
        waiting |= fresh
        if response.more:
            return []
        return _judged(store, waiting, epoch_shift)
    return response.removes


def _key(message: Put | Remove) -> Key:
    return message.entity, message.id


def _judged(store: LocalStore, waiting: dict[Key, int], epoch_shift: int) -> list[Remove]:
    question = _question(store, waiting)
    if question is None:
        store.forget_removals(list(waiting))
        store.set_meta(META, None)
        mask = (1 << epoch_shift) - 1
        return [Remove(entity, row_id, rev & mask) for (entity, row_id), rev in waiting.items()]
    before = read(store)
    answered = before is not None and before.declined and before.going == question.going
    store.set_meta(META, _encode(msgspec.structs.replace(question, declined=answered)))
    return []


def on_devices() -> list[str]:
    return [entity.name for entity in all_entities_on_devices()]


def _question(store: LocalStore, waiting: dict[Key, int]) -> Question | None:
    """None when nothing unusual is going on. Rows that the person does not see any more do not count."""
    going: Counter[str] = Counter()
    for key, rev in waiting.items():
        row, known = store.get(*key), server_revision(store, key)
        if row is not None and row["deleted_at"] is None and known is not None and known <= rev:
            going[key[0]] += 1
    present = {entity: store.count(entity) for entity in going}
    going[ALL], present[ALL] = sum(going.values()), sum(map(store.count, on_devices()))
    if not any(count > FEW and count * SHARE > present[entity] for entity, count in going.items()):
        return None
    total, held = going.pop(ALL), present.pop(ALL)
    return Question(total=total, held=held, going=dict(going))


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
        changes = {}
        for entity, row_id, rev in store.removals():
            known = server_revision(store, (entity, row_id))
            if known is not None and known <= rev:
                changes[entity, row_id] = Change(None, rev)
        rebase(store, engine.work, store.outbox(), [], changes)
        store.forget_removals(list(changes))
        store.set_meta(META, None)


def decline(engine: "DeviceEngine") -> None:
    """Not now: the rows stay, and so does the question, more quietly."""
    question = read(engine.store)
    if question is not None:
        with engine.store.transaction():
            engine.store.set_meta(META, _encode(msgspec.structs.replace(question, declined=True)))
