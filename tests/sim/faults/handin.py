"""A device is shut out: it hands in all that is unsent and empties itself; managers decide what becomes of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobile.store.wipe import wipe
from shared.ids import uuid7
from shared.protocol import Command
from sync.device.exchange import Limits
from sync.device.handin import HandIn
from tests.sim.faults.people import decree, sign_in
from tests.sim.faults.registry import fault
from tests.support.authority import Caller
from tests.support.company import ADMIN, MANAGER, ORG
from tests.support.work import settle_handover

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

AGAIN_MS = 15_000


@fault(2, apart=True)
def shut_out(sim: Simulation, device: SimDevice) -> None:
    """The device is revoked. Its app locks the door and hands in, as often as it takes on this network."""
    decree(sim, Command("device.revoke", {"device_id": device.device_id}))
    row = sim.server_row("device", device.device_id)
    # A restore may have lost the device, and the decree may have been refused.
    if row is not None and row["revoked_at"] is not None:
        _later(sim, device, device.device_id)


@fault(3, apart=True)
def desk(sim: Simulation, device: SimDevice) -> None:
    """A manager decides about something that was handed over: takes it over, or leaves it undone."""
    desks = [one for one in sim.devices if one.running and one.user.user_id in (MANAGER, ADMIN)]
    if desks:
        a, b = sim.chance.randrange(8), sim.chance.choice((1, 1, 7))
        sim.work(sim.chance.choice(desks), lambda one: ("settle_handover", settle_handover(sim, one, a, b)))


def _later(sim: Simulation, device: SimDevice, revoked: str) -> None:
    delay = sim.chance.randrange(1_000, AGAIN_MS)
    sim.time.later(delay, "hand in", lambda: _hand_in(sim, device, revoked))


def _hand_in(sim: Simulation, device: SimDevice, revoked: str) -> None:
    """One attempt, over the network as it is; ends when somebody has signed in here again."""
    if device.device_id != revoked:
        return
    if not device.running or device.full or not device.online or not _all_taken(sim, device):
        _later(sim, device, revoked)
        return
    with device.gate.held_open():
        sim.promises.handed_in(device)
    if sim.attempt(device, "wipe", lambda: wipe(device.store.connection) or True) is None:
        _later(sim, device, revoked)  # it died over it, and ends in the same place
        return
    sim.counts["wiped"] += 1
    device.kill()
    device.install_id = uuid7(sim.time.now_ms, device.entropy.random_bytes(10))
    device.own_view = True
    sim.start(device)
    sign_in(sim, device)


def _all_taken(sim: Simulation, device: SimDevice) -> bool:
    """Whether the server has confirmed everything; a request or an answer may get lost at any time."""
    with device.gate.held_open():
        handing_in = HandIn(device.store, Limits(txs=sim.chance.choice((1, 3, 100))))
    caller = Caller(device.user.user_id, ORG, device.device_id)
    while (body := handing_in.request()) is not None:
        if sim.network.down or sim.network.happens(sim.network.weather.drop_request):
            return False
        answer = sim.server.hand_in(caller, body, "device_revoked")
        sim.network.after()
        sim.trace("handed in", device.name, answer)
        if not isinstance(answer, bytes) or sim.network.happens(sim.network.weather.drop_answer):
            return False
        before = handing_in.left
        handing_in.take(answer)
        sim.counts["handed_in"] += before - handing_in.left
    return True
