"""Attachments as screens use them: take a file in, show it, fetch it. The bytes are stored before the row is queued,
and seen together with it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from mobile.platform.ports import Platform
from mobile.state.upload_status import UploadStatus
from mobile.state.uploads import Uploads
from mobile.store.blobs import HELD, BlobShelf
from shared.errors import CaravanError, InvalidInput, LimitExceeded
from shared.protocol import Command
from shared.rules.media import MAX_BYTES, Refused, clean_name, detect, is_picture
from sync.device.blobs import BlobTransport, Pace, download

if TYPE_CHECKING:
    from collections.abc import Callable

    from mobile.store.store import SqliteStore
    from sync.device.engine import DeviceEngine

ANIMATED = "image/gif"
FETCH_AT_ONCE_BYTES = 1_000_000
"""Pictures up to this size are fetched as soon as they are shown, larger ones and files when somebody asks."""


@dataclass(frozen=True)
class TakenFile:
    """A file that may be attached: checked, made small, hashed."""

    name: str
    media_type: str
    data: bytes
    sha256: str
    width: int | None = None
    height: int | None = None
    thumb: bytes | None = None
    seconds: int | None = None
    """Of a voice note."""


class Attachments:
    """The attachments of the open store. ``uploads`` is the queue."""

    def __init__(
        self,
        platform: Platform,
        engine: DeviceEngine,
        store: SqliteStore,
        transport: BlobTransport,
        *,
        on_status: Callable[[UploadStatus], None],
        on_stored: Callable[[], None],
    ) -> None:
        self.shelf = BlobShelf(store)
        self.uploads = Uploads(engine, self.shelf, transport, on_status=on_status, on_stored=on_stored)
        self._platform = platform
        self._engine = engine
        self._transport = transport
        self._pace = Pace(time.monotonic)
        self._begun: dict[str, bytearray] = {}
        self._fetching: set[str] = set()

    async def take(self, name: str, data: bytes, *, seconds: int | None = None) -> TakenFile:
        """Checks a chosen file by its content, makes a photo small, and stages the bytes. ``seconds``: of a voice note.

        Raises ``InvalidInput`` (``file_type`` …) and ``LimitExceeded`` (``file_too_large``, ``device_storage_full``);
        then nothing is left of it. What is not attached in the end goes with ``forget``, or at the next start unless a
        form holds it.
        """
        file = replace(await self._checked(name, data), seconds=seconds)
        await self._stage(file.sha256, file.data, own=True)
        return file

    async def _stage(self, sha256: str, data: bytes, *, own: bool) -> None:
        for _ in self.shelf.staging(sha256, data, own=own):
            await asyncio.sleep(0)

    async def _checked(self, name: str, data: bytes) -> TakenFile:
        kind = detect(data, name)
        if isinstance(kind, Refused):
            raise InvalidInput(kind.code)
        if is_picture(kind):
            made = await self._platform.shrink_picture(data, kind)
            if made is not None and kind != ANIMATED:
                kind, data = "image/jpeg", made.data
            if made is not None:
                size = made.width, made.height
                return _taken(clean_name(name, kind), kind, data, *size, made.thumb)
        return _taken(clean_name(name, kind), kind, data)

    def commands(self, files: Sequence[TakenFile], **belongs: str | None) -> list[Command]:
        """The commands that attach the files. They run with ``publish`` beside them, in the same local transaction.

        ``belongs``: ``account_id``, with an ``activity_id`` where they are a follow-up's; or ``lead_id``.
        """
        return [self._command(file, belongs) for file in files]

    def hold(self, form: str, files: Sequence[TakenFile]) -> None:
        """Keeps what a form that is not saved yet has, so that it is there again after a reload: a draft names the
        files, whose bytes are staged already. ``form``: its name, the same whenever it is opened. Call it with every
        change, and before ``forget`` of what was taken out."""
        store = self.shelf.store
        with store.transaction():
            if files:
                kept = [msgspec.to_builtins(replace(file, data=b"")) for file in files]
                store.save_draft(_held(form), HELD, {"files": kept}, self._engine.clock.now_ms())
            else:
                store.delete_draft(_held(form))

    def held(self, form: str) -> list[TakenFile]:
        """What the form had when it was last on the screen, as far as the bytes are here."""
        kept = (self.shelf.store.draft(_held(form)) or {}).get("files", [])
        files = [msgspec.convert(body, TakenFile) for body in kept]
        whole = [replace(file, data=self.shelf.staged(file.sha256)) for file in files]
        return [file for file in whole if hashlib.sha256(file.data).hexdigest() == file.sha256]

    def publish(self, files: Sequence[TakenFile], form: str | None = None) -> None:
        """Makes the bytes of taken files the device's own, inside the transaction that attaches them. ``form``: the
        one that held them, and needs them no more."""
        if form is not None:
            self.shelf.store.delete_draft(_held(form))
        for file in files:
            self.shelf.publish(file.sha256, file.data, self._engine.clock.now_ms(), own=True, thumb=file.thumb)

    def _command(self, file: TakenFile, belongs: dict[str, str | None]) -> Command:
        values: dict[str, Any] = {
            "file_name": file.name,
            "media_type": file.media_type,
            "size": len(file.data),
            "sha256": file.sha256,
        }
        optional = {**belongs, "width": file.width, "height": file.height, "seconds": file.seconds}
        values |= {key: value for key, value in optional.items() if value is not None}
        return Command("attachment.create", {"id": self._engine.new_id(), "values": values})

    def forget(self, file: TakenFile) -> None:
        """The file is not attached after all."""
        self.shelf.forget(file.sha256)

    def attach(self, files: Sequence[TakenFile], **belongs: str) -> None:
        """Attaches files to a customer or a lead in one transaction. Raises ``CaravanError``; then nothing was kept."""
        try:
            self._engine.run(self.commands(files, **belongs), beside=lambda: self.publish(files))
        except CaravanError:
            for file in files:
                self.forget(file)
            raise

    async def content(self, row: dict[str, Any]) -> bytes:
        """The bytes of an attachment: from here, otherwise from the server, and kept in the cache.

        Raises ``sync.ports.TransportError`` without a network, ``CaravanError`` ``blob_not_here``.
        """
        sha256, now = row["sha256"], self._engine.clock.now_ms()
        here = self.shelf.whole(sha256, now)
        if here is not None:
            return here
        begun = self._begun.setdefault(sha256, bytearray())
        found = await download(
            self._transport,
            sha256,
            row["size"],
            pace=self._pace,
            may_go=lambda: True,
            progress=lambda _: None,
            begun=begun,
        )
        assert found is not None
        self._begun.pop(sha256, None)
        made = await self._platform.shrink_picture(found, row["media_type"]) if is_picture(row["media_type"]) else None
        await self._stage(sha256, found, own=False)
        self.shelf.keep_staged(sha256, found, now, own=False, thumb=made.thumb if made else None)
        return found

    def should_fetch(self, row: dict[str, Any]) -> bool:
        """Whether a picture that is shown small should be fetched now. True once for each, until it was tried."""
        wanted = (
            is_picture(row["media_type"])
            and row["stored_at"] is not None
            and row["size"] <= FETCH_AT_ONCE_BYTES
            and row["sha256"] not in self._fetching
            and not self.shelf.has(row["sha256"])
        )
        if wanted:
            self._fetching.add(row["sha256"])
        return wanted

    def fetched(self, row: dict[str, Any]) -> None:
        """The try is over, whatever came of it."""
        self._fetching.discard(row["sha256"])


def _held(form: str) -> str:
    return f"files:{form}"


def _taken(
    name: str, kind: str, data: bytes, width: int | None = None, height: int | None = None, thumb: bytes | None = None
) -> TakenFile:
    if len(data) > MAX_BYTES:
        given, limit = f"{len(data) / 1e6:.1f}", f"{MAX_BYTES / 1e6:.0f}"
        raise LimitExceeded("file_too_large", status=413, given=given, limit=limit)
    return TakenFile(name, kind, data, hashlib.sha256(data).hexdigest(), width, height, thumb)
