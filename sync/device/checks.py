"""Is this copy the server's? Checksums now and then, and repair of only what differs (``sync/README.md``, *Checks*).

The device asks in an exchange, the server answers with sums from the snapshot of that page. Then the device goes
through its own tables in short slices. Exchanges go on meanwhile: what they are going to change is summed just before,
so that what is compared is always the state of the cursor at which the sums were made.
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from shared import codec
from shared.access import all_entities_on_devices
from shared.catalog import ENTITIES
from shared.digests import Sums, canonical, defaults_of, digest_of, range_of
from shared.protocol import CheckAnswer, CheckRequest, Put, Remove, Repair, SyncResponse
from sync.device import caution, snapshot
from sync.device.exchange import EPOCH_SHIFT, stamp
from sync.device.keys import Key
from sync.device.rebase import Change
from sync.ports import Held

if TYPE_CHECKING:
    from sync.device.engine import DeviceEngine

EVERY_MS = 86_400_000
"""A check a day; the first one a day after the first sync."""
AFTER_CRASH_MS = 3_600_000
"""After a close that was not clean, unless the last check is younger: a browser's tab is seldom closed cleanly."""
SLICE_MS = 30
PATIENCE_MS = 60_000
"""Before asking again when the server had no time for sums, or does not know of them; it doubles up to an hour."""
LOCAL_MARK = "~"
"""Buckets of such names are caches of the device's own: the server knows nothing of them, and checks leave them out."""
LOGGED = 20
"""Rows named in the error log."""

Result = Literal["", "clean", "mended", "differs"]


class CheckReport(msgspec.Struct, frozen=True):
    """How the last check ended. ``differs``: also after its repair; the next check tries again."""

    result: Result = ""
    at: int = 0
    """Device time, ms."""
    rows: int = 0
    """Rows compared."""
    mended: int = 0
    """Rows that were replaced, added or removed."""


class _Walk:
    """One pass over the tables, against the server's sums at one cursor."""

    def __init__(self, theirs: dict[str, Sums], epoch: int) -> None:
        self.theirs = theirs
        self.epoch = epoch
        self.ours: dict[str, Sums] = {name: Sums() for name in theirs}
        self.rows = 0
        self.entities = [entity.name for entity in all_entities_on_devices()]
        self.place = 0
        self.after = ""
        self.done: set[Key] = set()
        """Rows ahead that were summed before an exchange changed them."""

    def passed(self, key: Key) -> bool:
        place = self.entities.index(key[0])
        return place < self.place or (place == self.place and key[1] <= self.after)

    def add(self, entity: str, held: Held) -> None:
        """Adds a row to the sums of its buckets; one whose buckets nobody knows disturbs all of them, to be found."""
        self.rows += 1
        digest = own_digest(entity, held, self.epoch)
        if not held.buckets:
            digest += 1
        for name in held.buckets or self.theirs:
            if not name.startswith(LOCAL_MARK):
                self.ours.setdefault(name, Sums()).add(held.id, digest)

    def differing(self) -> dict[str, list[int]]:
        """Ranges that differ, by bucket."""
        found = {}
        for name in sorted({*self.ours, *self.theirs}):
            ranges = self.ours.get(name, Sums()).differing(self.theirs.get(name, Sums()))
            if ranges:
                found[name] = ranges
        return found


def own_digest(entity: str, held: Held, epoch: int) -> int:
    """The digest of what the replica has; a value of its own for what cannot be read or cannot be true."""
    if held.row is None or not 0 < held.rev >> EPOCH_SHIFT <= epoch:
        return 1
    try:
        body = canonical(defaults_of(entity), codec.to_wire(ENTITIES[entity], held.row))
        return digest_of(entity, held.id, held.rev & ((1 << EPOCH_SHIFT) - 1), body)
    except (ValueError, TypeError, ArithmeticError):
        return 1


class Checks:
    """When to ask, what to compare, what to mend. Belongs to one engine; everything but the report is in memory."""

    def __init__(self, engine: "DeviceEngine") -> None:
        self._engine = engine
        self._wanted = False
        self._walk: _Walk | None = None
        self._ranges: dict[str, list[int]] = {}
        """Still to be repaired."""
        self._mended = 0
        self._again = False
        """This pass verifies a repair."""
        self._slice_rows = 100
        self._asked = False
        self._unanswered = 0
        self._not_before = 0
        self.calls = False
        """Something is to be asked at once."""

    # For the app

    def opened(self) -> None:
        """The app has opened the replica. Looks after a close that was not clean."""
        store = self._engine.store
        unclean = store.meta("open") == "1" and self._since_last() > AFTER_CRASH_MS
        with store.transaction():
            store.set_meta("open", "1")
        self._wanted = self._wanted or unclean

    def closed(self) -> None:
        """The app is going to close the replica, cleanly."""
        with self._engine.store.transaction():
            self._engine.store.set_meta("open", None)

    def demand(self) -> None:
        """A person asks."""
        self._wanted = self.calls = True
        self._unanswered = self._not_before = 0

    @property
    def running(self) -> bool:
        """Whether a check is wanted or under way."""
        return self._wanted or self._walk is not None or bool(self._ranges)

    @property
    def report(self) -> CheckReport:
        """How the last check ended."""
        return msgspec.json.decode(self._engine.store.meta("check") or "{}", type=CheckReport)

    # For the exchange

    def ask(self) -> CheckRequest | None:
        """What the next request asks for."""
        self.calls = self._asked = False
        if self._ranges:
            return CheckRequest(ranges=self._ranges)
        if self._walk is not None or not (self._wanted or self._due()):
            return None
        self._wanted = True
        if self._unanswered and 0 <= self._not_before - self._engine.clock.now_ms() <= EVERY_MS:
            return None
        self._asked = True
        return CheckRequest(columns={entity.name: list(entity.fields) for entity in all_entities_on_devices()})

    def before(self, response: SyncResponse) -> None:
        """Inside the transaction that applies an answer, before it does: sums what is going to change."""
        if response.drops or response.restarts:
            self.begin_again()
        walk = self._walk
        if walk is None:
            return
        told: list[Put | Remove] = [*response.puts, *response.removes]
        for outcome in response.outcomes:
            told += [*outcome.puts, *outcome.removes]
        for key in {(message.entity, message.id) for message in told}:
            if not self._engine.store.holds(key[0]) or walk.passed(key) or key in walk.done:
                continue
            walk.done.add(key)
            held = self._engine.store.held_one(*key)
            if held is not None:
                walk.add(key[0], held)

    def repairs(self, response: SyncResponse) -> dict[Key, Change]:
        """Inside that transaction: the changes that mend what differs."""
        answer = self._answer(response)
        if answer is None or not self._ranges or not self._settled(response):
            return {}
        store = self._engine.store
        changes: dict[Key, Change] = {}
        for repair in answer.repairs:
            for put in repair.puts:
                if store.holds(put.entity) and self._differs(put, response.epoch):
                    row = codec.from_wire(ENTITIES[put.entity], msgspec.json.decode(put.row))
                    changes[put.entity, put.id] = Change(row, stamp(response.epoch, put.rev), tuple(put.buckets))
            changes |= {key: change for key, change in self._strangers(repair).items() if key not in changes}
        for key in caution.in_question(store) & changes.keys():
            del changes[key]  # whether it goes is the person's to say
        for key in changes:
            store.forget_unreadable(*key)
        if changes:
            named = ", ".join("/".join(key) for key in sorted(changes)[:LOGGED])
            store.log_error(self._engine.clock.now_ms(), "data_mended", f"{len(changes)}: {named}")
        self._mended += len(changes)
        return changes

    def after(self, response: SyncResponse) -> bool:
        """After an answer was applied; True when another exchange should follow at once."""
        answer = self._answer(response)
        if answer is None:
            self._be_patient(response)
            return False
        if answer.digests and not self._settled(response):
            return False
        if answer.digests:
            theirs = {one.bucket: Sums.decode(one.count, one.ranges) for one in answer.digests}
            self._wanted, self._walk, self._unanswered = False, _Walk(theirs, response.epoch), 0
            return False
        if not self._ranges:
            return False  # the check has begun again since this was asked
        for repair in answer.repairs:
            left = [place for place in self._ranges.get(repair.bucket, []) if place != repair.range]
            self._ranges[repair.bucket] = left
        self._ranges = {bucket: places for bucket, places in self._ranges.items() if places}
        if answer.repairs and not self._ranges:
            self._wanted = self._again = True  # look whether it is right now
        return bool(answer.repairs)

    # Between exchanges

    def slice(self) -> bool:
        """Goes through some rows, about 30 ms; True while more are waiting."""
        walk, engine = self._walk, self._engine
        if walk is None:
            return False
        if walk.place == len(walk.entities):
            self._compare(walk)
            return False
        started = engine.clock.now_ms()
        entity = walk.entities[walk.place]
        held, after = engine.store.held(entity, walk.after, self._slice_rows)
        for one in held:
            if (entity, one.id) not in walk.done:
                walk.add(entity, one)
        if after is None:
            walk.place, walk.after = walk.place + 1, ""
        else:
            walk.after = after
            took = max(1, engine.clock.now_ms() - started)
            self._slice_rows = max(20, min(2_000, self._slice_rows * 2, self._slice_rows * SLICE_MS // took))
        return True

    def begin_again(self) -> None:
        """The replica is going to be filled anew (a bucket ends, a server restored): a rare event. What is found after
        it is repaired like what is found first."""
        self._wanted = self.running
        self._walk, self._ranges, self._again = None, {}, False

    def cancel(self) -> None:
        """The rows are going to be others."""
        self._walk, self._ranges, self._again, self._mended = None, {}, False, 0

    def _compare(self, walk: _Walk) -> None:
        self._walk = None
        differing = self._unasked(walk.differing())
        if not differing:
            self._finish("mended" if self._mended else "clean", walk.rows)
            return
        store, count = self._engine.store, sum(map(len, differing.values()))
        with store.transaction():
            said = "data_differs_again" if self._again else "data_differs"
            named = ", ".join(f"{bucket} {places[:LOGGED]}" for bucket, places in differing.items())
            store.log_error(self._engine.clock.now_ms(), said, f"{count} ranges of {walk.rows} rows: {named}")
        if self._again:
            self._finish("differs", walk.rows)
        else:
            self._ranges, self.calls = differing, True

    def _unasked(self, differing: dict[str, list[int]]) -> dict[str, list[int]]:
        """Without the ranges of rows that a person is asked about: they differ until there is an answer."""
        store = self._engine.store
        asked = {(name, range_of(key[1])) for key in caution.in_question(store) for name in store.buckets(*key)}
        left = {name: [place for place in places if (name, place) not in asked] for name, places in differing.items()}
        return {name: places for name, places in left.items() if places}

    def _finish(self, result: Result, rows: int) -> None:
        store, now = self._engine.store, self._engine.clock.now_ms()
        report = CheckReport(result, now, rows, self._mended)
        with store.transaction():
            store.set_meta("check", msgspec.json.encode(report).decode())
            store.set_meta("checked_at", str(now))
        self._mended, self._again = 0, False

    def _answer(self, response: SyncResponse) -> CheckAnswer | None:
        """The answer to what was asked in the open exchange."""
        answer = response.check
        if answer is None or answer.exchange_id != self._engine.exchange_id:
            return None
        return answer

    def _settled(self, response: SyncResponse) -> bool:
        """Whether the replica is what its cursor says: no restore is under way."""
        store = self._engine.store
        return bool(response.cursor) and not snapshot.is_open(store) and not any(e.again for e in store.outbox())

    def _be_patient(self, response: SyncResponse) -> None:
        if self._asked and response.cursor and not response.more:
            wait = min(PATIENCE_MS << min(self._unanswered, 6), 60 * PATIENCE_MS)
            self._unanswered += 1
            self._not_before = self._engine.clock.now_ms() + wait

    def _since_last(self) -> int:
        """Milliseconds since the last check, or since the first sync; a clock that jumped counts as long."""
        checked = self._engine.store.meta("checked_at")
        return abs(self._engine.clock.now_ms() - int(checked)) if checked else 0

    def _due(self) -> bool:
        store = self._engine.store
        if store.meta("complete") != "1":
            return False
        if store.meta("checked_at") is None:
            store.set_meta("checked_at", str(self._engine.clock.now_ms()))
        return self._since_last() > EVERY_MS

    def _differs(self, put: Put, epoch: int) -> bool:
        held = self._engine.store.held_one(put.entity, put.id)
        if held is None or held.buckets is None or sorted(held.buckets) != sorted(put.buckets):
            return True
        row = codec.from_wire(ENTITIES[put.entity], msgspec.json.decode(put.row))
        theirs = Held(put.id, row, stamp(epoch, put.rev), ())
        return own_digest(put.entity, held, epoch) != own_digest(put.entity, theirs, epoch)

    def _strangers(self, repair: Repair) -> dict[Key, Change]:
        """Rows here that the server does not list: out of this bucket, and gone when it was their last."""
        store = self._engine.store
        listed = {(put.entity, put.id) for put in repair.puts}
        changes: dict[Key, Change] = {}
        for key in store.held_keys(repair.bucket):
            if key in listed or range_of(key[1]) != repair.range:
                continue
            held = store.held_one(*key)
            others = [name for name in (held.buckets or ()) if name != repair.bucket] if held else []
            if others:
                store.set_buckets(*key, others)
                self._mended += 1
            else:
                changes[key] = Change(None, 0)
        return changes
