"""Work in the background of a serving process: the times of the feed, and its compaction."""

import asyncio
import random

import structlog

from server.db.compaction import compact, note_time
from server.db.engine import Database
from shared.errors import Unavailable
from sync.ports import Clock

log = structlog.get_logger("caravan.upkeep")

NOTE_S = 1_800
COMPACT_MS = 86_400_000


class Upkeep:
    """Started and stopped with the server. Several processes may do the same work: it is done once."""

    def __init__(self, database: Database, clock: Clock, keep_ms: int) -> None:
        self._database = database
        self._clock = clock
        self._keep_ms = keep_ms
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        compacted_at = 0
        while True:
            try:
                await note_time(self._database, self._clock.now_ms())
                if self._clock.now_ms() - compacted_at >= COMPACT_MS:
                    for found in await compact(self._database, self._clock.now_ms(), self._keep_ms):
                        log.info("feed compacted", org_id=found.org_id, horizon=found.horizon, entries=found.entries)
                    compacted_at = self._clock.now_ms()
            except Unavailable:
                log.warning("upkeep must wait: the database is busy")
            except Exception:
                # Nothing depends on it today; it says why, and tries again.
                log.exception("upkeep failed")
            await asyncio.sleep(NOTE_S * random.uniform(0.75, 1.25))
