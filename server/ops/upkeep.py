"""Work in the background of a serving process: the times of the feed, its compaction, the chain of the log, old
deletions, and history."""

import asyncio
import random

import structlog
from sqlalchemy import select

from server.db.authority import Authority
from server.db.compaction import compact, note_time
from server.db.filing import file_history
from server.db.retirement import retire
from server.db.tables import head
from server.settings import Settings
from server.trail.follow import follow
from shared.errors import Unavailable

log = structlog.get_logger("caravan.upkeep")

NOTE_S = 1_800
COMPACT_MS = 86_400_000


class Upkeep:
    """Started and stopped with the server. Several processes may do the same work: it is done once."""

    def __init__(self, authority: Authority, settings: Settings) -> None:
        self._authority = authority
        self._settings = settings
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        authority, compacted_at = self._authority, 0
        while True:
            try:
                await note_time(authority.database, authority.clock.now_ms())
                await self._look_again()
                if authority.clock.now_ms() - compacted_at >= COMPACT_MS:
                    await self._compact()
                    compacted_at = authority.clock.now_ms()
            except Unavailable:
                log.warning("upkeep must wait: the database is busy")
            except Exception:
                # Nothing depends on it today; it says why, and tries again.
                log.exception("upkeep failed")
            await asyncio.sleep(NOTE_S * random.uniform(0.75, 1.25))

    async def _look_again(self) -> None:
        """A part of each organisation's old log, so that an edit of the past is noticed also when nobody asks."""
        authority = self._authority
        org_ids = await authority.database.read(lambda tx: tx.execute(select(head.c.org_id).order_by(head.c.org_id)))
        for (org_id,) in org_ids.all():
            state = await follow(authority.database, authority.store.vault, org_id, authority.clock.now_ms())
            if not state.intact:
                log.error("the log is not whole", org_id=org_id, broken_at=state.broken_at)

    async def _compact(self) -> None:
        authority, settings, now_ms = self._authority, self._settings, self._authority.clock.now_ms()
        retired = await retire(authority, now_ms, settings.restorable_ms)
        if retired:
            log.info("deleted rows have left the devices", rows=retired)
        for done in await file_history(authority, settings.history_months):
            log.info("history filed", org_id=done.org_id, rows=done.filed, taken_back=done.taken_back)
        for found in await compact(authority.database, now_ms, settings.tombstone_ms, settings.restorable_ms):
            log.info("feed compacted", org_id=found.org_id, horizon=found.horizon, entries=found.entries)
