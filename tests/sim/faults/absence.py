"""A device is away for longer than tombstones live, while the others go on: it gets a snapshot, and keeps its work."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.exc import OperationalError

from server.db.compaction import compact, note_time
from shared.protocol import decode_response
from tests.sim.faults.registry import fault

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

DAY_MS = 86_400_000
KEEP_MS = 180 * DAY_MS
ABSENCES_MAX = 2


class Absences:
    def __init__(self) -> None:
        self.begun = 0


@fault(3, apart=True)
def long_absence(sim: Simulation, device: SimDevice) -> None:
    """The device has no network for half a year. The feed's time is noted some time after it left, the others exchange
    for a while after that; then the tombstones up to there are removed, and it comes back."""
    book = sim.book(Absences)
    if book.begun >= ABSENCES_MAX or not device.running:
        return
    with device.gate.held_open():
        if device.store.meta("complete") != "1":
            return
    book.begun += 1
    if book.begun == 1:
        sim.watchers.append(lambda _, answer: _count_snapshots(sim, answer))
    device.online = False
    _after_a_while(sim, "note the time", lambda: _note_time(sim, device))


def _after_a_while(sim: Simulation, kind: str, then: Callable[[], None]) -> None:
    sim.time.later(sim.chance.randrange(10_000, 150_000), kind, then)


def _note_time(sim: Simulation, device: SimDevice) -> None:
    if not _housekeeping(sim, note_time(sim.server.database, sim.server.clock.now_ms())):
        _after_a_while(sim, "note the time", lambda: _note_time(sim, device))
        return
    device.online = False

    def half_a_year_later() -> None:
        sim.time.jump(KEEP_MS + 2 * DAY_MS)
        _compact(sim, device)

    _after_a_while(sim, "half a year", half_a_year_later)


def _compact(sim: Simulation, device: SimDevice) -> None:
    if not _housekeeping(sim, compact(sim.server.database, sim.server.clock.now_ms(), KEEP_MS)):
        sim.time.later(60_000, "compact", lambda: _compact(sim, device))
        return
    sim.counts["compactions"] += 1
    device.online = True


def _housekeeping(sim: Simulation, work: Coroutine[Any, Any, Any]) -> bool:
    """The server's own upkeep, which tries again later when it fails."""
    try:
        return sim.on_server(work)
    except OperationalError as error:
        sim.trace("upkeep failed", type(error.orig).__name__)
        return False


def _count_snapshots(sim: Simulation, answer: bytes) -> Callable[[], None]:
    if b'"restarts":["' in answer:
        # The network may have cut it.
        with contextlib.suppress(msgspec.DecodeError):
            sim.counts["snapshots"] += bool(decode_response(answer).restarts)
    return lambda: None
