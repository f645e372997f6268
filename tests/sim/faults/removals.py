"""A mass of rows is taken from somebody at once, by mistake or not: the device asks before it lets them go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.ids import derived_id
from shared.protocol import Command, SyncResponse, decode_response
from sync.device import snapshot
from sync.device.caution import FEW, SHARE, on_devices
from tests.sim.faults.people import decree
from tests.sim.faults.registry import fault
from tests.sim.promises import BrokenPromise
from tests.support.company import ADMIN, COLLEAGUE, ORG, REP, TEAM, Company

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

FLOOD = 70
AT_ONCE = 35
MASSES_MAX = 3
OWNERS = (REP, COLLEAGUE)


class Mass:
    def __init__(self) -> None:
        self.ids: list[str] = []
        self.owner = 0
        self.times = 0


@fault(4, apart=True)
def mass(sim: Simulation, device: SimDevice) -> None:
    """The first time many customers come in, then they all go from one person to another: a hand-over, or a mistake."""
    book = sim.book(Mass)
    if sim.network.down or book.times == MASSES_MAX:
        return
    if not book.ids:
        _flood(sim, book)
        return
    if not device.running or device.user.user_id != OWNERS[book.owner]:
        return
    with device.gate.held_open():
        if device.store.count("account") < FLOOD:
            return
    book.times += 1
    book.owner = 1 - book.owner
    found = [(row_id, sim.server_row("account", row_id)) for row_id in book.ids]
    there = [row_id for row_id, row in found if row is not None and row["deleted_at"] is None]
    for start in range(0, len(there), AT_ONCE):
        part = there[start : start + AT_ONCE]
        given = [Command("account.assign", {"id": row_id, "owner_id": OWNERS[book.owner]}) for row_id in part]
        decree(sim, *given)
    sim.trace("mass", OWNERS[book.owner])
    sim.counts["masses"] += 1


def _flood(sim: Simulation, book: Mass) -> None:
    """Rows of an import, in one commit."""
    company, now_ms = Company(), sim.server.clock.now_ms()
    ids = [derived_id("mass", sim.plan.seed, number) for number in range(FLOOD)]
    who = {"owner_id": REP, "team_id": TEAM, "created_by": ADMIN, "created_at": now_ms, "updated_at": now_ms}
    rows = [("account", company.add("account", row_id, name=f"导入 {row_id[:4]}", **who)) for row_id in ids]
    write = sim.server.authority.write_rows(ORG, rows, name="sim.mass", user_id=ADMIN)
    if sim.on_server(write):
        book.ids = ids
        sim.watchers.append(lambda one, answer: _watch(sim, one, answer))


def _watch(sim: Simulation, device: SimDevice, answer: bytes) -> Callable[[], None]:
    """More than the allowed share goes only with a question, or in a way that the server has told otherwise."""
    response = _read(answer)
    if response is None or response.drops or response.restarts or response.status != "ok":
        return lambda: None
    if snapshot.is_open(device.store) or device.engine.status().question is not None:
        return lambda: _answered(sim, device)
    before = _counts(device)

    def compare() -> None:
        after = _counts(device)
        for entity, count in before.items():
            gone = count - after[entity]
            if gone > FEW and gone * SHARE > count:
                raise BrokenPromise("unasked", f"{gone} of {count} rows of {entity} left {device.name} at once")
        _answered(sim, device)

    return compare


def _answered(sim: Simulation, device: SimDevice) -> None:
    """Its person, when there is a question: yes, not now, or nothing yet."""
    if not device.running or device.engine.status().question is None:
        return
    sim.counts["questions"] += 1
    choice = sim.chance.random()
    if choice < 0.2:
        device.engine.accept_removals()
        sim.counts["questions_accepted"] += 1
    elif choice < 0.4:
        device.engine.decline_removals()


def _read(answer: bytes) -> SyncResponse | None:
    try:
        return decode_response(answer)
    except ValueError:
        return None  # cut on its way


def _counts(device: SimDevice) -> Counter[str]:
    return Counter({entity: device.store.count(entity) for entity in on_devices()})
