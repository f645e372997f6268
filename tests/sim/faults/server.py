"""What happens to the server: kills between and within statements, a full disk, failures that pass, a wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.faults.registry import fault, healer
from tests.sim.server import disk_full as no_space
from tests.sim.server import serialisation

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation


@fault(8)
def server_crash(sim: Simulation, device: SimDevice) -> None:
    """The server dies at one of its next statements, before the commit, or after it and before the answer."""
    sim.server.gate.arm(sim.chance.randrange(1, sim.chance.choice((6, 40, 100))), after=sim.chance.random() < 0.5)


@fault(4)
def server_error(sim: Simulation, device: SimDevice) -> None:
    """One statement fails: the disk is full, or a deadlock or a lost connection that passes."""
    failure = sim.chance.choice((no_space, serialisation))
    sim.server.gate.arm(sim.chance.randrange(1, 40), failure=failure)


@fault(2)
def server_disk_full(sim: Simulation, device: SimDevice) -> None:
    """The database may not grow for a while."""
    sim.server.fill_disk(sim.chance.randrange(0, 3))
    sim.time.later(sim.chance.randrange(1_000, 60_000), "server has room", lambda: sim.server.fill_disk(None))


@fault(3)
def server_away(sim: Simulation, device: SimDevice) -> None:
    """Stopped for a while, and started again."""
    sim.network.down = True

    def back() -> None:
        sim.network.down = False
        sim.server.restart()

    sim.time.later(sim.chance.randrange(1_000, 60_000), "server is back", back)


@fault(1)
def server_clock(sim: Simulation, device: SimDevice) -> None:
    sim.server.clock.wrong_ms = sim.chance.choice((0, -3_600_000, 3_600_000, -86_400_000))


@healer
def server_heals(sim: Simulation) -> None:
    sim.network.down = False
    sim.server.gate.disarm()
    sim.server.restart()
    sim.server.fill_disk(None)
