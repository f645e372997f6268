"""The server comes back from an older backup: what it lost, devices offer again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from server.db.engine import Tx
from sync.authority.backups import begin_epoch, next_epoch
from sync.authority.ports import Commit, Unit
from tests.sim.faults.registry import fault
from tests.support.company import ORG
from tests.support.rewind import note_backup

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation


@fault(3)
def server_backup(sim: Simulation, device: SimDevice) -> None:
    """A backup is made and, mostly, verified: devices may then forget what it covers."""
    if sim.network.down:
        return
    sim.server.back_up()
    if sim.chance.random() < 0.7:
        sim.on_server(note_backup(sim.server.authority))


@fault(2)
def server_restore(sim: Simulation, device: SimDevice) -> None:
    """The database is replaced by the last backup, and a new epoch begins."""
    made_at = sim.server.backup_at
    if made_at is None or sim.network.down:
        return
    server = sim.server
    # As the command line does, which reads the database that it replaces.
    epoch, counted = server.run(server.plain.read(_known))
    server.put_back()
    sim.promises.put_back()

    async def begin(unit: Unit) -> Commit | None:
        now_ms = server.clock.now_ms()
        return await begin_epoch(
            unit, next_epoch(now_ms, unit.head.epoch, epoch), tx_id=server.authority.new_id(), now_ms=now_ms,
            backup_ms=made_at, counted=counted, random=server.authority.entropy.random_bytes,
        )  # fmt: skip

    server.gate.disarm()
    server.fill_disk(None)
    sim.on_server(server.authority.store.write(ORG, begin))
    sim.trace("restored")


async def _known(tx: Tx) -> tuple[int, dict[int, int]]:
    """Epoch, and the highest numbers by year."""
    epoch = (await tx.execute(text("SELECT epoch FROM head"))).scalar_one()
    counters = (await tx.execute(text("SELECT name, value FROM e_counter"))).all()
    return epoch, {int(name.rpartition(":")[2]): value for name, value in counters}
