"""One row of a device's copy is damaged: the next check notices it and mends it. A good copy never calls for help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.device import snapshot
from tests.sim.faults.registry import fault, settler
from tests.sim.promises import BrokenPromise
from tests.support.damage import Vandal

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

ENTITIES = frozenset(
    {"account", "contact", "activity", "order", "order_line", "product", "price", "stock_level", "conflict"}
)
"""Not the user's own row: what he may do would be another question."""
KINDS = (Vandal.missing, Vandal.missing, Vandal.extra, Vandal.retitled, Vandal.buckets, Vandal.revision, Vandal.older)
"""Those that leave rows which can be read: the people of the story go on working with them."""
STEP_MS = 5_000
ATTEMPTS_MAX = 40
ALARMS = frozenset({"data_differs", "data_differs_again", "data_mended"})


class Damages:
    def __init__(self) -> None:
        self.since: dict[str, int] = {}
        """Device → when its last check before the damage ended, while the damage is there."""
        self.done = 0
        self.ever: set[str] = set()
        """Devices that were damaged."""


@fault(4, apart=True)
def damage(sim: Simulation, device: SimDevice) -> None:
    """Behind the engine's back, where unsent work has not touched. A person then asks for a check."""
    book = sim.book(Damages)
    if not device.running or device.name in book.since:
        return
    with device.gate.held_open():
        store = device.store
        # A check that is under way may have been past the row already.
        if store.meta("complete") != "1" or snapshot.is_open(store) or device.engine.checks.running:
            return
        book.done += 1
        vandal = Vandal(device, sim.plan.seed * 1_000 + book.done, KINDS)
        said = vandal.damage(ENTITIES, without=frozenset(store.shadows()))
        if not said:
            return
        book.since[device.name] = device.engine.checks.report.at
        book.ever.add(device.name)
        device.damaged = True
    sim.counts["damages"] += 1
    sim.trace("damaged", device.name, said)
    sim.time.later(STEP_MS, "check", lambda: _go_on(sim, device))


def _go_on(sim: Simulation, device: SimDevice) -> None:
    """The app's loop while a check is under way: exchange, slices, exchange."""
    book = sim.book(Damages)
    if device.name not in book.since:
        return
    if device.running:
        checks = device.engine.checks
        with device.gate.held_open():
            ended, result = checks.report.at != book.since[device.name], checks.report.result
        if ended:
            _ended(sim, device, result)
            return
        if not checks.running:
            checks.demand()
        sim.attempt(device, "upkeep", lambda: _slices(device))
        sim.exchange(device)
    sim.time.later(STEP_MS, "check", lambda: _go_on(sim, device))


def _slices(device: SimDevice) -> bool:
    while device.engine.upkeep():
        pass
    return True


def _ended(sim: Simulation, device: SimDevice, result: str) -> None:
    """``clean``: the row had changed on the server meanwhile, and its new version is here."""
    del sim.book(Damages).since[device.name]
    sim.trace("checked", device.name, result)
    sim.counts[f"damages_{result}"] += 1
    if result == "differs":
        raise BrokenPromise("damage", f"{device.name} was not mended by its check")
    device.damaged = False


@settler
def all_copies_are_good(sim: Simulation) -> None:
    """A last check on every device: it ends clean, after one repair where there was damage."""
    book = sim.book(Damages)
    for device in sim.devices:
        damaged = device.damaged
        if damaged:
            sim.counts["damages_open"] += 1
        result = _check(sim, device)
        if damaged and result == "mended":
            sim.counts["damages_mended"] += 1
            result = _check(sim, device)
        if result != "clean":
            kind = "damage" if damaged or device.name in book.ever else "false_alarm"
            raise BrokenPromise(kind, f"the check of {device.name} ends {result}: {device.store.errors(3)}")
        told = [error for error in device.store.errors() if error["code"] in ALARMS]
        if told and device.name not in book.ever and not device.copied:
            raise BrokenPromise("false_alarm", f"{device.name} was never damaged: {told[0]}")
        sim.counts["checks"] += 1


def _check(sim: Simulation, device: SimDevice) -> str:
    checks = device.engine.checks
    checks.demand()
    for _ in range(ATTEMPTS_MAX):
        sim.exchange(device)
        sim.time.advance(1_000)
        _slices(device)
        if not checks.running:
            return checks.report.result
    raise BrokenPromise("stuck", f"the check of {device.name} does not end")
