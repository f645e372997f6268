"""Collects what nobody names any more: old parts, and the content of attachments deleted long ago.

An upload comes after its row, so content without a living row belongs to a deleted one, to work of a shut-out device
that a manager may still adopt, or to rows that a restored backup has lost and devices bring again: it stays for 30 days
after its arrival and after the deletion, and as long as such work is open.
"""

import asyncio
import contextlib

import structlog
from sqlalchemy import delete, or_, select

from server.blobs import handed_in
from server.blobs.files import BlobFiles
from server.blobs.store import attachment, rewrite_rows
from server.blobs.tables import upload
from server.db.authority import Authority
from server.db.engine import Tx
from server.settings import Settings
from shared.errors import CaravanError

log = structlog.get_logger("caravan.blobs")

KEEP_S = 30 * 86_400
PARTS_S = 7 * 86_400
FIRST_S, EVERY_S = 300.0, 86_400.0


class Collector:
    """The daily round of a server."""

    def __init__(self, authority: Authority, settings: Settings) -> None:
        self._authority = authority
        self._files = BlobFiles(settings.blobs, settings.blob_reserve)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins; the first round comes some minutes after the start."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                removed = await self.collect()
                if any(removed):
                    log.info("attachments collected", parts=removed[0], blobs=removed[1])
            except (CaravanError, OSError) as error:
                log.error("attachments were not collected", error=str(error))
            await asyncio.sleep(EVERY_S)

    async def collect(self) -> tuple[int, int]:
        """One round; how many parts and how many blobs were removed."""
        parts = await asyncio.to_thread(lambda: list(self._files.stale_parts(PARTS_S)))
        for part in parts:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        blobs = 0
        for sha256 in await asyncio.to_thread(lambda: list(self._files.old_blobs(KEEP_S))):
            blobs += await self._collected(sha256)
        return len(parts), blobs

    async def _collected(self, sha256: str) -> bool:
        """Removes the content when no row names it. First what says that it is here, then the file: after a crash in
        between the file is found by the next round."""
        c = attachment.c
        recent = self._authority.clock.now_ms() - KEEP_S * 1_000
        named = select(c.id).where(c.sha256 == sha256, or_(c.deleted_at.is_(None), c.deleted_at > recent)).limit(1)
        organisations = select(c.org_id).where(c.sha256 == sha256).distinct()

        async def read(tx: Tx) -> list[str] | None:
            if (await tx.execute(named)).first() is not None:
                return None
            if await handed_in.is_awaited(tx, self._authority.store.vault, sha256):
                return None
            return [record.org_id for record in (await tx.execute(organisations)).all()]

        found = await self._authority.database.read(read)
        if found is None:
            return False
        for org_id in found:
            await rewrite_rows(
                self._authority, org_id, sha256, "attachment.collected", lambda row: row["stored_at"] is not None, None
            )

        async def forget(tx: Tx) -> None:
            await tx.execute(delete(upload).where(upload.c.sha256 == sha256))

        await self._authority.database.run_tx(forget)
        await asyncio.to_thread(self._files.remove, sha256)
        return True
