"""Derives again what follows from the rows: feed versions, memberships, and the numbers of installs.

A row is written anew as it is, under the organisation's lock and the next ``seq``: the ordinary way of a write, so that
every device hears of it, and the log tells that it was done.
"""

from sqlalchemy import update

from server.db import tables
from server.db.authority import Authority
from server.db.engine import Tx
from server.doctor.findings import Examined
from shared.commands.work import Key, Need
from sync.authority import chain
from sync.authority.batch import commit_of, row_writes
from sync.authority.ports import Commit, Flush, Unit
from sync.authority.rows import BatchRows
from sync.authority.system import SystemWrite, entry_of

BATCH = 200


async def mend(authority: Authority, found: Examined) -> int:
    """Repairs what can be; returns how many rows and installs were written."""
    keys = sorted(found.derivable)
    for start in range(0, len(keys), BATCH):
        await _write_anew(authority, found, keys[start : start + BATCH])
    await _raise_installs(authority, found)
    return len(keys) + len(found.installs)


async def _write_anew(authority: Authority, found: Examined, keys: list[Key]) -> None:
    tx_id = authority.new_id()

    async def flush(unit: Unit) -> Commit | None:
        rows = BatchRows()
        await rows.fetch(unit, Need(rows=keys))
        for key in keys:
            row = rows.base.get(key)
            if row is not None:
                rows.written[key] = row
        if not rows.written:
            return None
        writes = row_writes(unit.head, rows)
        for write in writes:
            strangers = found.derivable[write.entity, write.row["id"]] - set(write.buckets)
            write.left = tuple(sorted({*write.left, *strangers}))
        system = SystemWrite(tx_id, "doctor.repair", "", authority.clock.now_ms(), [])
        entry = entry_of(system, rows.written, authority.entropy.random_bytes)
        changes = Flush(rows=writes, log=[entry])
        chain.link(unit.head, changes.log)
        commit = commit_of(unit.head, writes)
        await unit.flush(changes)
        return commit

    commit = await authority.store.write(found.org_id, flush)
    if commit is not None:
        authority.tell(commit)


async def _raise_installs(authority: Authority, found: Examined) -> None:
    install = tables.install

    async def write(tx: Tx) -> None:
        for install_id, number in found.installs.items():
            mine = (install.c.org_id == found.org_id, install.c.install_id == install_id)
            await tx.execute(update(install).where(*mine, install.c.last_seq < number).values(last_seq=number))

    if found.installs:
        await authority.database.run_tx(write)
