"""The power goes in the middle of a commit: of what it wrote, any sectors have reached the disk and the others not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.faults.registry import fault

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation


@fault(5, apart=True)
def power_cut(sim: Simulation, device: SimDevice) -> None:
    """At one of the next commits. The log is moved into the file often, so that both are met."""
    if device.running:
        device.cut_power(sim.chance.randrange(1, 12), sim.chance)
