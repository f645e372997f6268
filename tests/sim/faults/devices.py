"""What happens to devices: kills, full disks, copies, backups put back, wrong clocks, updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.faults.registry import fault, healer

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

YEAR_MS = 365 * 86_400_000
CLONES_MAX = 2
VERSIONS = ("0.1.0", "0.1.1", "0.2.0", "0.3.0")


@fault(12)
def crash(sim: Simulation, device: SimDevice) -> None:
    """The app dies at one of its next calls: a statement, the clock, the entropy, the install id."""
    longest = sim.chance.choice((4, 30, 200, 1_000))
    device.gate.arm(sim.chance.randrange(1, longest), after=sim.chance.random() < 0.5)


@fault(4)
def kill(sim: Simulation, device: SimDevice) -> None:
    """The app ends between two things it does; what it waits for never comes."""
    device.kill()
    sim.start(device)


@fault(3)
def disk_full(sim: Simulation, device: SimDevice) -> None:
    if device.running and not device.full:
        device.fill()
        sim.time.later(sim.chance.randrange(1_000, 120_000), "room on the disk", device.make_room)


@fault(2)
def clone(sim: Simulation, device: SimDevice) -> None:
    """The device's data are copied to a second device and both go on."""
    if sim.clones < CLONES_MAX and device.running:
        sim.clones += 1
        twin = device.clone(f"{device.name}c{sim.clones}", sim.time)
        sim.devices.append(twin)
        sim.start(twin)


@fault(3)
def back_up(sim: Simulation, device: SimDevice) -> None:
    device.back_up()


@fault(3)
def rewind(sim: Simulation, device: SimDevice) -> None:
    """The backup is put in place of the data."""
    if device.snapshot is not None:
        sim.promises.unwound |= device.rewind()
        sim.start(device)


@fault(4)
def clock(sim: Simulation, device: SimDevice) -> None:
    """The clock is set wrong, or right again."""
    device.clock.wrong_ms = sim.chance.choice((0, sim.chance.randrange(-YEAR_MS, YEAR_MS), YEAR_MS, -YEAR_MS, 60_000))


@fault(4)
def update(sim: Simulation, device: SimDevice) -> None:
    """Another version of the app starts over the same file, perhaps while a request is on its way."""
    device.kill()
    device.app_version = sim.chance.choice(VERSIONS)
    device.protocol = None
    sim.start(device)


@fault(2)
def outdated(sim: Simulation, device: SimDevice) -> None:
    """The app is too old to pull and may still hand in its work, or it speaks what the server does not know."""
    if sim.chance.random() < 0.5:
        device.protocol = 99
        return
    device.kill()
    device.app_version = "0.0.9"
    sim.start(device)


@fault(6)
def offline(sim: Simulation, device: SimDevice) -> None:
    """No network for a while."""
    device.online = False

    def back() -> None:
        device.online = True

    sim.time.later(sim.chance.randrange(10_000, 600_000), "online", back)


@fault(3)
def page_sizes(sim: Simulation, device: SimDevice) -> None:
    """Small pages and small batches: more can happen in between."""
    device.pages = (sim.chance.choice((1, 3, 10, 250)), sim.chance.choice((1, 2, 5, 100)))
    if device.running:
        limits = device.engine.limits
        limits.rows, limits.txs, limits.allowed = device.pages[0], device.pages[1], device.pages[1]


@fault(1)
def fresh_start(sim: Simulation, device: SimDevice) -> None:
    """A person begins again with the server's data; unsent work goes to the archive."""
    if device.running:
        sim.attempt(device, "start fresh", lambda: device.engine.start_fresh(even_unexported=True))


@healer
def devices_heal(sim: Simulation) -> None:
    for device in sim.devices:
        device.gate.disarm()
        device.make_room()
        device.online, device.protocol, device.pages = True, None, (250, 100)
        # Too old for the server: only another version of the app ends that.
        device.kill()
        device.app_version = "9.0.0"
        sim.start(device)
    for device in sim.devices:
        device.engine.limits.rows, device.engine.limits.txs, device.engine.limits.allowed = 250, 100, 100
