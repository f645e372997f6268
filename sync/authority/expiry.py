"""Ends stock leases whose time is over: the authority's own transaction, by its own clock."""

from shared.access import Actor
from shared.commands.leases import expire
from shared.commands.work import Need, Work
from sync.authority.ports import Unit
from sync.authority.rows import BatchRows
from sync.authority.system import SystemWrite


async def expired_lease(unit: Unit, lease_id: str, tx_id: str, now_ms: int) -> SystemWrite:
    """What ending the lease writes, decided under the lock, in the name of who granted it, or the server's own.

    Without rows when it is over already, was extended meanwhile, or is not due.
    """
    rows = BatchRows()
    await rows.fetch(unit, Need(rows=[("stock_lease", lease_id)]))
    lease = rows.get("stock_lease", lease_id)
    actor = Actor(user_id=(lease and lease["created_by"]) or "", org_id=unit.head.org_id, role="system")
    while True:
        work = Work(rows, actor, authority=True, tx_id=tx_id, now_ms=now_ms)
        try:
            expire(work, lease_id)
        except Need as need:
            await rows.fetch(unit, need)
        else:
            written = [(entity, row) for (entity, _), row in work.written.items()]
            return SystemWrite(tx_id, "lease.expire", actor.user_id, now_ms, written)
