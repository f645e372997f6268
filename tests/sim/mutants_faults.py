"""More mutants (``tests/sim/mutants.py``): what absences, damage, masses, files and hand-ins must notice."""

from typing import Any

import msgspec

from sync.authority import awaited
from sync.device import caution, checks, importing, outbox, snapshot
from sync.device.handin import HandIn
from tests.sim.mutants import Patch, mutant


@mutant("what a snapshot does not bring again stays", faults=("long_absence", "new_team"), profile="family")
def snapshot_without_end(patch: Patch) -> None:
    def leaving(store: Any, response: Any) -> Any:
        snapshot.begin(store, response.restarts)
        return [key for name in response.drops for key in store.drop_bucket(name)]

    patch.setattr(snapshot, "leaving", leaving)


@mutant("a range that differs is not noticed", faults=("damage",))
def difference_unnoticed(patch: Patch) -> None:
    patch.setattr(checks._Walk, "differing", lambda self: {})


@mutant("a range that differs is noticed and not mended", faults=("damage",))
def difference_unmended(patch: Patch) -> None:
    patch.setattr(checks.Checks, "repairs", lambda self, response: {})


@mutant("a mass of rows goes without a question", faults=("mass",))
def masses_unasked(patch: Patch) -> None:
    patch.setattr(caution, "_question", lambda store, waiting: None)


@mutant("a transaction that is brought in from a file gets another id", faults=("export",))
def imported_anew(patch: Patch) -> None:
    real = importing._queue

    def queue(engine: Any, payload: bytes) -> Any:
        transaction = msgspec.structs.replace(importing.decode_transaction(payload), id=engine.new_id())
        return real(engine, outbox.encode(transaction))

    patch.setattr(importing, "_queue", queue)


@mutant("a shut-out device wipes itself after the first answer", faults=("shut_out",))
def wiped_too_early(patch: Patch) -> None:
    real = HandIn.take

    def take(self: Any, answer: bytes) -> None:
        real(self, answer)
        self._left = []

    patch.setattr(HandIn, "take", take)


@mutant("work on another device's lost work is refused", test="tests/sync/restore/test_awaited.py -k either_order")
def nothing_awaited(patch: Patch) -> None:
    patch.setattr(awaited, "is_time", lambda head, now_ms: False)
