"""The queue of attachments: a loop of its own beside the exchange, which always goes first.

There is no list of uploads to keep: what must be sent follows from the rows, the notices about handed-over work and the
bytes that are here (``BlobShelf.waiting``), and how far each is the server says. So a killed app has nothing to repair.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import replace

from mobile.state.upload_status import UploadStatus
from mobile.store.blobs import BlobShelf, Waiting
from shared.errors import AuthError, CaravanError
from sync.device.blobs import BlobTransport, Pace, upload
from sync.device.engine import DeviceEngine
from sync.ports import TransportError

log = logging.getLogger("caravan.uploads")

BACKOFF_FIRST_S, BACKOFF_MAX_S = 2.0, 300.0
FULL_WAIT_S = 600.0
"""After the server said that it has no room, or that today's share is used up."""
MISMATCHES_MAX = 3
NAMES_CONTENT = frozenset({"attachment", "_blob", "conflict"})
"""Entities whose commits change what waits: rows, bytes, and notices about handed-over work."""
LATER = frozenset({"upload_quota", "server_storage_full", "scan_failed"})
ONCE_MORE = frozenset({"upload_taken_over", "upload_slow", "upload_offset", "not_found"})
"""Refusals that say nothing about the content: it is tried again as after a cut."""


class Uploads:
    """Sends what waits, one part after the other, on the event loop that called ``start``."""

    def __init__(
        self,
        engine: DeviceEngine,
        shelf: BlobShelf,
        transport: BlobTransport,
        *,
        on_status: Callable[[UploadStatus], None] | None = None,
        on_stored: Callable[[], None] | None = None,
        backoff_first_s: float = BACKOFF_FIRST_S,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.status = UploadStatus()
        self.pace = Pace(time.monotonic)
        self._engine = engine
        self._shelf = shelf
        self._transport = transport
        self._on_status = on_status
        self._on_stored = on_stored
        self._first_s = backoff_first_s
        self._chance = chance
        self._failures = 0
        self._mismatches: dict[str, int] = {}
        self._done: set[str] = set()
        """Attachments that have arrived, the row that says so has not come back yet; and of handed-over work those that
        nobody wants any more."""
        self._online = True
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] | None = None

    def start(self) -> None:
        """Begins; harmless when it is under way."""
        if self._task is None or self._task.done():
            self._shelf.sweep(self._engine.clock.now_ms())
            self._unwatch = self._unwatch or self._shelf.store.on_change(self._changed)
            self._publish()
            self._task = asyncio.get_running_loop().create_task(self._run())
        self.kick()

    async def stop(self) -> None:
        """Ends it; a part under way may or may not have arrived. Idempotent."""
        task, self._task = self._task, None
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def kick(self) -> None:
        """Try now: the network is back, the outbox is empty, or somebody asked."""
        self._failures = 0
        self._wake.set()

    def exchanged(self, *, online: bool, idle: bool) -> None:
        """The exchange has said how it went: only a server that answers is sent photos."""
        came_back = online and not self._online
        self._online = online
        if idle and (came_back or not self._failures):
            self._wake.set()

    def try_again(self, sha256: str) -> None:
        """A person asks for a refused one once more."""
        self._mismatches.pop(sha256, None)
        self._shelf.set_problem(sha256, "")
        self.kick()

    def _changed(self, touched: set[str]) -> None:
        if touched & NAMES_CONTENT:
            self._publish()
        if touched & {*NAMES_CONTENT, "_outbox"} and not self._failures:
            self._wake.set()

    def _may_go(self) -> bool:
        """Orders first: nothing is sent while a transaction waits that could be sent."""
        return self._online and all(entry.held for entry in self._engine.store.outbox())

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            wait_s = await self._round()
            if self._wake.is_set() and not self._failures:
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _round(self) -> float | None:
        """Sends until nothing is left or something holds it up; returns how long to wait then (None: for a call)."""
        skipped: set[str] = set()
        while True:
            item = next((item for item in self._waiting() if self._sendable(item) and item.id not in skipped), None)
            if item is None or not self._may_go():
                self._publish(current="", sent=0)
                return None
            try:
                if not await self._send(item):
                    self._publish(current="", sent=0)
                    return None
                self._failures = 0
            except TransportError as error:
                return self._failed(error.reason)
            except CaravanError as error:
                if isinstance(error, AuthError) or error.status == 401:
                    self._publish(current="", sent=0, problem=error.code)
                    return None
                if error.code in LATER:
                    self._publish(current="", sent=0, problem=error.code, params=error.params)
                    return FULL_WAIT_S * (0.5 + self._chance())
                if item.handed_over and error.code == "not_found":
                    self._done.add(item.id)  # dismissed, or adopted without it: asked again at the next start
                    continue
                if error.code in ONCE_MORE or error.status >= 500:
                    return self._failed(error.code)
                skipped.add(item.id)
                self._refused(item, error)

    def _waiting(self) -> list[Waiting]:
        return self._shelf.waiting(self._engine.actor().user_id)

    def _sendable(self, item: Waiting) -> bool:
        return item.ready and not item.problem and item.id not in self._done

    async def _send(self, item: Waiting) -> bool:
        self._publish(current=item.sha256, problem="", params={})
        complete = await upload(
            self._transport,
            item.sha256,
            item.size,
            lambda offset, length: self._shelf.read(item.sha256, offset, length),
            pace=self.pace,
            may_go=self._may_go,
            progress=lambda sent: self._publish(current=item.sha256, sent=sent),
        )
        if complete:
            self._done.add(item.id)
            if item.handed_over:
                self._shelf.handed_in(item.sha256)
            if self._on_stored is not None:
                self._on_stored()
        return complete

    def _refused(self, item: Waiting, error: CaravanError) -> None:
        """The content itself is at fault; damage on the way gets some more tries."""
        tries = self._mismatches[item.sha256] = self._mismatches.get(item.sha256, 0) + 1
        if error.code != "file_mismatch" or tries >= MISMATCHES_MAX:
            log.warning("an attachment was refused: %s", error.code)
            self._shelf.set_problem(item.sha256, error.code)
        else:
            self._wake.set()

    def _failed(self, problem: str) -> float:
        self._failures += 1
        longest = min(BACKOFF_MAX_S, self._first_s * 2 ** min(self._failures - 1, 16))
        self._publish(current="", sent=0, problem=problem)
        return longest * (0.5 + self._chance() / 2)

    def _publish(self, **changes: object) -> None:
        left = [item for item in self._waiting() if item.id not in self._done]
        counts = {"count": len(left), "total": sum(item.size for item in left)}
        status = replace(self.status, **{**counts, **changes})  # type: ignore[arg-type]
        if status != self.status:
            self.status = status
            if self._on_status is not None:
                self._on_status(status)
