"""Unsent work as a file: exported on one device, brought in on another of the same user's, happens once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import CaravanError, InvalidInput, StateConflict
from shared.ids import derived_id
from tests.sim.faults.people import sign_in
from tests.sim.faults.registry import fault
from tests.sim.promises import BrokenPromise

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

INSTALLS_MAX = 2


class Installs:
    def __init__(self) -> None:
        self.made = 0


@fault(3, apart=True)
def export(sim: Simulation, device: SimDevice) -> None:
    """The outbox is exported, and brought in on another device: one that its user has, or a new one. Sometimes the
    first device is begun afresh, which it allows without a question because the file holds everything."""
    if not device.running:
        return
    with device.gate.held_open():
        waiting = {entry.tx_id: entry.payload for entry in device.store.outbox()}
    body = sim.attempt(device, "export", device.engine.export_outbox)
    if body is None or not waiting:
        return
    sim.counts["exports"] += 1
    other = _other(sim, device)
    if other is not None and other.running:
        _refuses_half(sim, other, body)
        _bring_in(sim, other, body, waiting, own_view=device.own_view)
    if sim.chance.random() < 0.3 and device.running:
        _begin_afresh(sim, device, waiting)


def _other(sim: Simulation, device: SimDevice) -> SimDevice | None:
    same = [one for one in sim.devices if one is not device and one.user.user_id == device.user.user_id]
    book = sim.book(Installs)
    if book.made < INSTALLS_MAX and (not same or sim.chance.random() < 0.3):
        book.made += 1
        name = f"{device.name}i{book.made}"
        new = sim.install(name, device.user.user_id, derived_id("sim install", name))
        sim.devices.append(new)
        sim.start(new)
        sign_in(sim, new)
        return new
    return sim.chance.choice(same) if same else None


def _refuses_half(sim: Simulation, other: SimDevice, body: bytes) -> None:
    """A file that was cut is refused whole."""

    def refused() -> bool:
        try:
            other.engine.import_outbox(body[: sim.chance.randrange(len(body))])
        except InvalidInput:
            return True
        return False

    if sim.attempt(other, "import a half", refused) is False:
        raise BrokenPromise("defect", f"{other.name} has taken a file that was cut")


def _bring_in(
    sim: Simulation, other: SimDevice, body: bytes, waiting: dict[str, bytes], *, own_view: bool
) -> None:  # fmt: skip
    if not other.running:
        return
    try:
        report = sim.attempt(other, "import", lambda: other.engine.import_outbox(body))
    except CaravanError as error:
        sim.trace("not imported", other.name, error.code)
        return
    if report is None:
        return
    sim.trace("imported", other.name, len(report.added), len(report.waiting), len(report.answered))
    sim.counts["imported"] += len(report.added)
    with other.gate.held_open():
        if not own_view:
            other.own_view = False
        for tx_id in (*report.added, *report.waiting):
            sim.promises.queued(other, tx_id)
        here = {entry.tx_id: entry.payload for entry in other.store.outbox()}
    if {tx_id: here[tx_id] for tx_id in report.added} != {tx_id: waiting[tx_id] for tx_id in report.added}:
        raise BrokenPromise("defect", f"{other.name} has other bytes than were exported")


def _begin_afresh(sim: Simulation, device: SimDevice, waiting: dict[str, bytes]) -> None:
    with device.gate.held_open():
        same = [entry.tx_id for entry in device.store.outbox()] == list(waiting)
    try:
        sim.attempt(device, "start fresh", device.engine.start_fresh)
    except StateConflict as error:
        if same:
            raise BrokenPromise("defect", f"{device.name} does not know its export") from error
