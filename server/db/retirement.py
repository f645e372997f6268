"""Rows that were marked as deleted long ago leave every device: their mark becomes a tombstone.

A deleted row stays on the devices for a time, so that whoever sees it can restore it there, offline too. Then it leaves
its buckets like a row that moved away, and ``compaction`` forgets that in its turn. The row itself stays in the
database: others refer to it, and the log tells of it.
"""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.store import COUNTED
from server.db.tables import feed_time, head, row_version, table
from shared.catalog import ENTITIES
from shared.commands.work import Key
from shared.fields import Scope
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite

ROWS_IN_ONE_COMMIT = 200
NAME = "system.retire"
"""Stands for the command in the log."""
_RETIRING = tuple(
    entity
    for entity in ENTITIES.values()
    if entity.on_devices and entity.name not in COUNTED and entity.options.scope is not Scope.ORGANISATION
)
"""Not what everybody chooses from: what was sold or lost long ago still says of which product, for which reason."""


async def retire(authority: Authority, now_ms: int, keep_ms: int) -> int:
    """Takes rows that were marked as deleted more than ``keep_ms`` ago out of their buckets; returns how many.

    Their age is told by the feed's noted times, as of tombstones: business time may be that of a device that was away.
    """
    count = 0
    for org_id, until in await authority.database.read(_due(now_ms - keep_ms)):
        for entity in _RETIRING:
            while keys := await authority.database.read(_deleted(org_id, entity.name, until)):
                await authority.write(org_id, _prepared(authority, keys, until))
                count += len(keys)
                if len(keys) < ROWS_IN_ONE_COMMIT:
                    break
    return count


def _due(before_ms: int) -> Callable[[Tx], Awaitable[list[tuple[str, int]]]]:
    """(org id, the ``seq`` up to which everything was written before then)"""

    async def read(tx: Tx) -> list[tuple[str, int]]:
        noted = (
            select(feed_time.c.org_id, func.max(feed_time.c.seq))
            .join(head, head.c.org_id == feed_time.c.org_id)
            .where(feed_time.c.at <= before_ms)
            .group_by(feed_time.c.org_id)
            .order_by(feed_time.c.org_id)
        )
        return [(org_id, seq) for org_id, seq in (await tx.execute(noted)).all()]

    return read


def _deleted(org_id: str, entity: str, until: int) -> Callable[[Tx], Awaitable[list[Key]]]:
    """Deleted rows that still travel, some of them."""
    row, version = table(entity).c, row_version.c

    async def read(tx: Tx) -> list[Key]:
        same = (version.org_id == row.org_id) & (version.entity == entity) & (version.row_id == row.id)
        statement = (
            select(row.id)
            .join_from(table(entity), row_version, same)
            .where(row.org_id == org_id, row.deleted_at.is_not(None), row.rev <= until, ~version.gone)
            .order_by(row.id)
            .limit(ROWS_IN_ONE_COMMIT)
        )
        return [(entity, row_id) for (row_id,) in (await tx.execute(statement)).all()]

    return read


def _prepared(authority: Authority, keys: list[Key], until: int) -> Callable[[Unit], Awaitable[SystemWrite | None]]:
    async def prepare(unit: Unit) -> SystemWrite | None:
        # Under the lock: somebody may have restored it meanwhile.
        found = await unit.rows(keys)
        rows = [
            (key[0], row) for key, (row, rev) in sorted(found.items()) if row["deleted_at"] is not None and rev <= until
        ]
        return SystemWrite(authority.new_id(), NAME, "", authority.clock.now_ms(), rows, retired=True)

    return prepare
