"""Removes tombstones from the feed when they are old, and remembers how far (``sync.authority.compaction``).

The feed knows no times. So now and then the head's ``seq`` is noted with the time: what was written up to a noted
``seq`` is at least as old as the note.
"""

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import delete, func, insert, select

from server.db import revision
from server.db.engine import Database, Tx
from server.db.tables import feed_time, head, membership, row_version

NOTE_EVERY_MS = 3_600_000


class Compacted(msgspec.Struct, frozen=True):
    """What one organisation's feed has lost: entries of rows that left a bucket, versions of rows that are nowhere."""

    org_id: str
    horizon: int
    entries: int = 0
    versions: int = 0


async def note_time(database: Database, now_ms: int) -> None:
    """Notes each organisation's ``seq``, at most once an hour."""

    async def note(tx: Tx) -> None:
        latest = select(feed_time.c.org_id, func.max(feed_time.c.at)).group_by(feed_time.c.org_id)
        noted = {org_id: at for org_id, at in await tx.execute(latest)}
        for org_id, seq in (await tx.execute(select(head.c.org_id, head.c.seq))).all():
            if now_ms - noted.get(org_id, 0) >= NOTE_EVERY_MS:
                await tx.execute(insert(feed_time), {"org_id": org_id, "at": now_ms, "seq": seq})

    await database.run_tx(note)


async def compact(database: Database, now_ms: int, keep_ms: int, notes_ms: int = 0) -> list[Compacted]:
    """Removes the tombstones that are older than ``keep_ms``; one result for each organisation that lost some.

    ``notes_ms``: how far back the noted times are needed by others (``server.db.retirement``).
    """

    async def organisations(tx: Tx) -> list[str]:
        return [record[0] for record in (await tx.execute(select(head.c.org_id).order_by(head.c.org_id))).all()]

    done = []
    for org_id in await database.read(organisations):
        found = await database.run_tx(_compacting(org_id, now_ms - keep_ms, now_ms - max(keep_ms, notes_ms)))
        if found is not None:
            done.append(found)
    return done


def _compacting(org_id: str, before_ms: int, notes_before_ms: int) -> Callable[[Tx], Awaitable[Compacted | None]]:
    async def run(tx: Tx) -> Compacted | None:
        # The organisation's lock: no page may be read between the entries' end and the horizon's rise.
        known = (await tx.execute(select(head.c.horizon).where(head.c.org_id == org_id).with_for_update())).scalar_one()
        if not await revision.is_known(tx):
            return None
        old = (feed_time.c.org_id == org_id) & (feed_time.c.at <= before_ms)
        horizon = (await tx.execute(select(func.max(feed_time.c.seq)).where(old))).scalar() or 0
        if horizon <= known:
            return None
        m, v = membership.c, row_version.c
        entries = await tx.execute(delete(membership).where(m.org_id == org_id, m.gone, m.seq <= horizon))
        versions = await tx.execute(delete(row_version).where(v.org_id == org_id, v.gone, v.rev <= horizon))
        await tx.execute(delete(feed_time).where(old, feed_time.c.at <= notes_before_ms))
        await tx.execute(head.update().where(head.c.org_id == org_id).values(horizon=horizon))
        return Compacted(org_id, horizon, entries.rowcount, versions.rowcount)

    return run
