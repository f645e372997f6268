"""What is settled becomes history on the server, comes back from it, and is asked for by devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.db.filing import file_before, take_back
from tests.sim.faults.registry import fault
from tests.support.company import ORG

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

ZONE = "Asia/Shanghai"


@fault(4)
def filing(sim: Simulation, device: SimDevice) -> None:
    """Files what nobody has touched for a while; a crash in between leaves the rest for the next time."""
    before_ms = sim.server.clock.now_ms() - sim.chance.randrange(0, 120_000)
    sim.on_server(file_before(sim.server.authority, ORG, before_ms, ZONE))


@fault(1)
def no_history(sim: Simulation, device: SimDevice) -> None:
    """The operator wants everything on every device again."""
    sim.on_server(take_back(sim.server.authority, ORG, ""))


@fault(3)
def ask_for_older(sim: Simulation, device: SimDevice) -> None:
    """The user presses *load what is older*."""
    if device.running:
        asked = sim.attempt(device, "ask for older", lambda: device.engine.ask_history(1))
        sim.trace("asked for", device.name, *(asked or ()))
        sim.exchange(device)


@fault(3, apart=True)
def give_back(sim: Simulation, device: SimDevice) -> None:
    """The user lets a loaded month go again, mostly with unsent work about."""
    if device.running:
        with device.gate.held_open():
            months = device.engine.history.wanted
        if months:
            month = sim.chance.choice(months)
            sim.attempt(device, "give back", lambda: device.engine.leave_history([month]))
            sim.trace("gave back", device.name, month)
            sim.counts["given_back"] += 1
            if sim.chance.random() < 0.5:
                sim.exchange(device)
