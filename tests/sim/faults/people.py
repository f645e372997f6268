"""What the administrator does meanwhile: roles, teams, owners, revoked devices, people who leave and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.errors import CaravanError
from shared.ids import derived_id
from shared.protocol import Command
from tests.sim.faults.registry import fault, healer
from tests.support.authority import Caller
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, ORG, OTHER_TEAM, REP, STRANGER, TEAM, Company

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

PEOPLE = (REP, COLLEAGUE, MANAGER, STRANGER)
TRIES = 5


def decree(sim: Simulation, *commands: Command) -> None:
    """Commands of the administrator's, on the server, all or nothing."""
    try:
        sim.on_server(sim.server.authority.run(Caller(ADMIN, ORG), list(commands)))
    except CaravanError as error:
        sim.trace("decree refused", commands[0].name, error.code)


def change_user(sim: Simulation, user_id: str, **values: Any) -> None:
    row = sim.server_row("user", user_id)
    base = {name: row[name] for name in values}
    decree(sim, Command("user.patch", {"id": user_id, "base": base, "values": values}))


@fault(2)
def new_role(sim: Simulation, device: SimDevice) -> None:
    """A promotion or its end: buckets and restricted fields come and go."""
    change_user(sim, sim.chance.choice(PEOPLE), role=sim.chance.choice(("rep", "manager")))


@fault(2)
def new_team(sim: Simulation, device: SimDevice) -> None:
    change_user(sim, sim.chance.choice(PEOPLE), home_team_id=sim.chance.choice((TEAM, OTHER_TEAM)))


@fault(2)
def leave(sim: Simulation, device: SimDevice) -> None:
    """A person is deactivated, and comes back after a while."""
    user_id = sim.chance.choice(PEOPLE)
    change_user(sim, user_id, active=False)
    sim.time.later(sim.chance.randrange(10_000, 200_000), "back", lambda: change_user(sim, user_id, active=True))


@fault(2)
def revoke(sim: Simulation, device: SimDevice) -> None:
    """The device loses its access; later its user signs in again, which registers a new device."""
    decree(sim, Command("device.revoke", {"device_id": device.device_id}))
    sim.time.later(sim.chance.randrange(5_000, 200_000), "sign in", lambda: sign_in(sim, device))


def sign_in(sim: Simulation, device: SimDevice) -> None:
    """A new session on the same file."""
    sim.sign_ins += 1
    device_id = derived_id("sim device", device.name, sim.sign_ins)
    company = Company()
    row = company.add("device", device_id, name=device.name, owner_id=device.user.user_id)
    write = sim.server.authority.write_rows(ORG, [("device", row)], name="sim.sign_in", user_id=ADMIN)
    if not sim.on_server(write):
        sim.time.later(60_000, "sign in", lambda: sign_in(sim, device))
        return
    device.device_id = device_id
    if device.running:
        sim.attempt(device, "resume", device.engine.resume)


@healer
def people_heal(sim: Simulation) -> None:
    for user_id in PEOPLE:
        for _ in range(TRIES):  # the server may die over it once more
            if not sim.server_row("user", user_id)["active"]:
                change_user(sim, user_id, active=True)
    for device in sim.devices:
        sign_in(sim, device)
