"""Who may send and read which blob, and what happens when one is complete.

A hash is not a key: content is served only for a row that the reader may see *and* whose author has sent the content
himself. So naming somebody else's hash in a row of one's own opens nothing, and every user uploads what he attaches,
whether the server has it already or not.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable

import msgspec
from sqlalchemy import and_, delete, func, select

from server.blobs import handed_in, scan
from server.blobs.files import BlobFiles, digest
from server.blobs.handed_in import Sender
from server.blobs.tables import upload
from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import membership, table
from server.security.sessions import Principal
from server.settings import Settings
from shared.codec import Row
from shared.errors import AuthError, InvalidInput, LimitExceeded, StateConflict
from shared.rules.media import Refused, detect
from sync.authority.feed import Reader, reader_for
from sync.authority.ports import Unit, View
from sync.authority.system import SystemWrite

DAY_MS = 86_400_000
attachment = table("attachment")


class Claim(msgspec.Struct, frozen=True):
    """What a user's own rows say about a hash, and how far its upload is. ``refusal``: why it was not taken."""

    size: int
    media_types: frozenset[str]
    complete: bool
    media_type: str
    """Of the complete content."""
    refusal: str
    used_today: int


class Shown(msgspec.Struct, frozen=True):
    """A blob under the name of a row that the reader may see."""

    file_name: str
    media_type: str


class Blobs:
    """Uploads and downloads of one server."""

    def __init__(self, authority: Authority, settings: Settings) -> None:
        self.files = BlobFiles(settings.blobs, settings.blob_reserve)
        self._authority = authority
        self._settings = settings
        self._writers: dict[tuple[str, str], object] = {}
        self._locks: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = weakref.WeakValueDictionary()
        """One for each upload, as long as anybody holds it or waits for it."""

    # What is allowed

    async def claim(self, principal: Sender, sha256: str) -> Claim | None:
        """The user's own claim to the hash, by his rows that are not deleted and by his work in the quarantine
        (``handed_in``); None when he has none."""
        since = self._authority.clock.now_ms() - DAY_MS
        c, u = attachment.c, upload.c
        rows = select(c.size, c.media_type).where(
            c.org_id == principal.org_id,
            c.sha256 == sha256,
            c.created_by == principal.user_id,
            c.deleted_at.is_(None),
        )
        mine = and_(u.org_id == principal.org_id, u.user_id == principal.user_id)
        record = select(u.refusal, u.media_type, u.ended_at).where(mine, u.sha256 == sha256)
        used = select(func.coalesce(func.sum(u.size), 0)).where(mine, u.ended_at > since, u.refusal == "")

        async def read(tx: Tx) -> Claim | None:
            found = [(size, kind) for size, kind in (await tx.execute(rows)).all()]
            claims = await handed_in.named(tx, self._authority.store.vault, principal, sha256)
            found += [(one.size, one.media_type) for one in claims]
            if not found:
                return None
            ended = (await tx.execute(record)).first()
            # A refusal holds for a day: the virus check may have learned better.
            refused = ended is not None and ended.refusal and ended.ended_at > since
            return Claim(
                size=max(size for size, _ in found),
                media_types=frozenset(kind for _, kind in found),
                complete=ended is not None and not ended.refusal,
                media_type=ended.media_type if ended else "",
                refusal=ended.refusal if ended and refused else "",
                used_today=int((await tx.execute(used)).scalar_one()),
            )

        return await self._authority.database.read(read)

    async def shown(self, principal: Principal, sha256: str) -> Shown | None:
        """The blob as a row shows it that is in one of the reader's buckets now."""
        reader = await self._reader(principal)
        c, m = attachment.c, membership.c
        same = and_(m.org_id == c.org_id, m.entity == "attachment", m.row_id == c.id, m.gone.is_(False))
        statement = (
            select(c.file_name, c.media_type)
            .join_from(attachment, membership, same)
            .where(
                c.org_id == principal.org_id,
                c.sha256 == sha256,
                c.deleted_at.is_(None),
                c.stored_at.is_not(None),
                m.bucket.in_(reader.buckets),
            )
            .order_by(c.created_at, c.id)
            .limit(1)
        )

        async def read(tx: Tx) -> Shown | None:
            found = (await tx.execute(statement)).first()
            return Shown(found.file_name, found.media_type) if found else None

        return await self._authority.database.read(read)

    async def _reader(self, principal: Principal) -> Reader:
        async def look(view: View) -> Reader | None:
            return await reader_for(view, principal.user_id, principal.org_id, principal.device_id)

        reader = await self._authority.store.view(principal.org_id, look)
        if reader is None:
            raise AuthError("device_revoked")
        return reader

    # Uploads

    def owner(self, principal: Sender) -> str:
        """The folder of a user's parts."""
        return f"{principal.org_id}.{principal.user_id}"

    async def offset(self, principal: Sender, sha256: str, claim: Claim) -> int:
        """How many bytes of the user's upload the server has."""
        if claim.complete:
            return claim.size
        return await asyncio.to_thread(self.files.part_size, self.owner(principal), sha256)

    async def require_allowed(self, principal: Sender, claim: Claim, offset: int) -> None:
        """Raises before a byte is read: ``InvalidInput`` for what was refused earlier, ``LimitExceeded`` (413
        ``file_too_large``, 429 ``upload_quota``, 507 ``server_storage_full``)."""
        if claim.refusal:
            raise InvalidInput(claim.refusal)
        limit, daily = self._settings.blob_limit, self._settings.blob_daily
        if claim.size > limit:
            raise LimitExceeded("file_too_large", status=413, given=_megabytes(claim.size), limit=_megabytes(limit))
        unfinished = await asyncio.to_thread(self.files.parts_size, self.owner(principal))
        if claim.used_today + unfinished - offset + claim.size > daily:
            raise LimitExceeded("upload_quota", limit=_megabytes(daily), seconds=3_600)
        await asyncio.to_thread(self.files.require_room, claim.size - offset)

    @contextlib.asynccontextmanager
    async def writing(self, principal: Sender, sha256: str, offset: int) -> "AsyncIterator[Writer]":
        """The right to add to an upload from ``offset`` on. A later request of the same upload takes it over: after a
        cut the server may wait for the first one for a long time.

        Raises ``StateConflict`` ``upload_offset`` when the server has another number of bytes.
        """
        key = (self.owner(principal), sha256)
        lock = self._locks.setdefault(key, asyncio.Lock())
        writer = Writer(self.files, key, lock, offset, lambda: self._writers.get(key) is writer)
        async with lock:
            self._writers[key] = writer
            here = await asyncio.to_thread(self.files.part_size, *key)
            if here != offset:
                raise StateConflict("upload_offset", offset=here)
        try:
            yield writer
        finally:
            if self._writers.get(key) is writer:
                del self._writers[key]

    async def finish(self, principal: Sender, sha256: str, claim: Claim, writer: "Writer") -> None:
        """Checks a whole upload and makes it visible to those who see its rows; nobody writes to it meanwhile.

        Raises ``StateConflict`` ``upload_taken_over``; ``InvalidInput``: ``file_mismatch`` (not the announced content:
        it may be sent again), or why such content is never taken; ``Unavailable`` ``scan_failed``: it stays, and may
        be finished later.
        """
        async with writer.alone():
            await self._finish(principal, sha256, claim)

    async def _finish(self, principal: Sender, sha256: str, claim: Claim) -> None:
        owner = self.owner(principal)
        kind = await asyncio.to_thread(self._checked, owner, sha256, claim)
        if isinstance(kind, str) and not await scan.is_clean(
            self._settings.scan_command, self.files.part(owner, sha256)
        ):
            await asyncio.to_thread(self.files.put_aside, owner, sha256)
            kind = Refused("file_refused")
        if isinstance(kind, Refused):
            await self._record(principal, sha256, claim.size, "", kind.code)
            await asyncio.to_thread(self.files.drop_part, owner, sha256)
            raise InvalidInput(kind.code)
        await asyncio.to_thread(self.files.keep, owner, sha256)
        await self._record(principal, sha256, claim.size, kind, "")
        await self.mark_stored(principal, sha256, kind)

    def _checked(self, owner: str, sha256: str, claim: Claim) -> str | Refused:
        part = self.files.part(owner, sha256)
        if part.stat().st_size == claim.size and digest(part) == sha256:
            # By the declared type, and not by a name, a table is told from a text.
            kind = detect(part.read_bytes(), ".csv" if "text/csv" in claim.media_types else "")
            if isinstance(kind, Refused) or kind in claim.media_types:
                return kind
        self.files.drop_part(owner, sha256)
        raise InvalidInput("file_mismatch")

    async def _record(self, principal: Sender, sha256: str, size: int, kind: str, refusal: str) -> None:
        now = self._authority.clock.now_ms()
        key = {"org_id": principal.org_id, "user_id": principal.user_id, "sha256": sha256}
        values = {**key, "size": size, "media_type": kind, "ended_at": now, "refusal": refusal}

        async def write(tx: Tx) -> None:
            await tx.execute(delete(upload).where(*(upload.c[name] == value for name, value in key.items())))
            await tx.execute(upload.insert(), values)

        await self._authority.database.run_tx(write)

    async def mark_stored(self, principal: Sender, sha256: str, media_type: str) -> None:
        """Tells every row of the user's that names the content that it is here, and his work in the quarantine; the
        rows travel to who sees them."""

        def due(row: Row) -> bool:
            return row["stored_at"] is None and (row["created_by"], row["media_type"]) == (
                principal.user_id,
                media_type,
            )

        now = self._authority.clock.now_ms()
        await rewrite_rows(
            self._authority, principal.org_id, sha256, "attachment.stored", due, now, user_id=principal.user_id
        )
        await handed_in.note(self._authority, principal, sha256, media_type)


class Writer:
    """The right to add to one upload, as long as no later request has it."""

    def __init__(
        self, files: BlobFiles, key: tuple[str, str], lock: asyncio.Lock, offset: int, is_mine: Callable[[], bool]
    ) -> None:
        self.offset = offset
        """Bytes that are on the server."""
        self._files = files
        self._key = key
        self._lock = lock
        self._is_mine = is_mine

    @contextlib.asynccontextmanager
    async def alone(self) -> "AsyncIterator[None]":
        """While this request has the upload, and nobody else can take it over. Raises ``StateConflict``
        ``upload_taken_over``."""
        async with self._lock:
            if not self._is_mine():
                raise StateConflict("upload_taken_over")
            yield

    async def append(self, data: bytes) -> None:
        """Adds to the file. Raises ``StateConflict`` ``upload_taken_over``, ``LimitExceeded`` (507)."""
        async with self.alone():
            self.offset = await asyncio.to_thread(self._files.append, *self._key, self.offset, data)

    async def sync(self) -> None:
        """Puts what was added on the disk: an offset that was told survives a power cut."""
        async with self._lock:
            if self._is_mine():
                await asyncio.to_thread(self._files.sync_part, *self._key)


async def rewrite_rows(
    authority: Authority,
    org_id: str,
    sha256: str,
    name: str,
    due: Callable[[Row], bool],
    stored_at: int | None,
    *,
    user_id: str = "",
) -> None:
    """Sets ``stored_at`` on the rows of a content that are ``due``, in one commit of the server's own."""
    c = attachment.c
    statement = select(c.id).where(c.org_id == org_id, c.sha256 == sha256)

    async def ids(tx: Tx) -> list[str]:
        return [record.id for record in (await tx.execute(statement)).all()]

    keys = [("attachment", row_id) for row_id in await authority.database.read(ids)]

    async def is_due(view: View) -> bool:
        return any(due(row) for row, _ in (await view.rows(keys)).values())

    async def prepare(unit: Unit) -> SystemWrite:
        found = [row for row, _ in (await unit.rows(keys)).values() if due(row)]
        now = authority.clock.now_ms()
        rows = [("attachment", {**row, "stored_at": stored_at, "updated_at": now}) for row in found]
        return SystemWrite(authority.new_id(), name, user_id, now, rows)

    if keys and await authority.store.view(org_id, is_due):
        await authority.write(org_id, prepare)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")
