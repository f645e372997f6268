"""A device or a user that was shut out: the door is locked, the work is handed in, then everything of theirs here goes.

Never before: without a network, or while the server answers anything but *I have it*, all stays as it is, behind the
locked door, and is tried again; also at the next start. Bytes of photos and recordings follow their rows; what the
server refuses of them for good stays, and is said. Who is let in again (an active user who signs in anew) goes on with
the work.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from mobile.platform.ports import PlatformError, StoreBusy
from mobile.state.auth import AuthProblem, token_name
from mobile.state.session import SessionInfo
from mobile.store.wipe import wipe
from shared.errors import CaravanError
from sync.device.handin import HandIn
from sync.ports import TransportError

if TYPE_CHECKING:
    from mobile.state.app import App

CODES = frozenset({"device_revoked", "user_inactive"})
"""What the server says to a device or user that is shut out; a session that merely ended says something else."""
RETRY_S, HELD_UP_S = 20.0, 600.0
WIPING, KEPT = "wipe.", "kept "
"""Key in the device area: everything was handed in, and the wipe may have been cut. Its value tells how many files the
server did not take."""


class ShutOut:
    """Carries lock-outs to their end, one task for each person. ``session.handin`` tells the door how far it is."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again = asyncio.Event()

    async def lock(self, info: SessionInfo, code: str) -> None:
        """The server has shut this person out: remember why, close the work, hand in."""
        app = self._app
        locked = msgspec.structs.replace(info, shut_out=code)
        await app.known.save(locked)
        await app.doors.close()
        app.people = await app.known.all()
        self.show(locked)

    def show(self, info: SessionInfo) -> None:
        """The locked door, and the work behind it on its way."""
        session = self._app.session
        session.info, session.problem, session.auth = info, info.shut_out, "dead"
        session.handin, session.unsent, session.unsent_files, session.phase = "sending", 0, 0, "shut_out"
        self.begin(info)

    def begin(self, info: SessionInfo) -> None:
        """Hands in beside whatever else goes on here; harmless when it is under way."""
        task = self._tasks.get(info.key)
        if task is None or task.done():
            self._tasks[info.key] = asyncio.create_task(self._work(info))
        else:
            self.try_now()

    def try_now(self) -> None:
        """Somebody asked, or the network is back."""
        self._again.set()

    async def let_in(self, key: str) -> None:
        """Before the person's database is opened after a sign-in: nothing else may be at it, and a wipe that was cut is
        brought to its end."""
        await self.stop(key)
        if await self._app.platform.device_area.get(WIPING + key):
            await self._empty(key)

    async def stop(self, key: str | None = None) -> None:
        """Ends trying, for one person or for all; what is not confirmed stays here."""
        for one in [key] if key is not None else list(self._tasks):
            task = self._tasks.pop(one, None)
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _work(self, info: SessionInfo) -> None:
        while True:
            self._again.clear()
            wait_s = RETRY_S
            try:
                self._tell(info, "sending")
                await self._hand_in(info)
                await self._wipe(info)
            except (TransportError, PlatformError) as failure:
                self._tell(info, "busy" if isinstance(failure, StoreBusy) else "waiting")
                self._app.errors.add(failure, "hand-in")
            except CaravanError as refused:
                wait_s = HELD_UP_S
                self._tell(info, "held_up", held_up=refused)
                self._app.errors.add(refused, "hand-in")
            except AuthProblem as problem:
                self._app.errors.add(problem, "hand-in")
                if problem.code == "session_expired":
                    await self._is_merely_over(info)
                    return
                self._tell(info, "waiting")
            else:
                await self._app.doors.leave(info, "handed_in")
                return
            try:
                await asyncio.wait_for(self._again.wait(), wait_s)
            except TimeoutError:
                continue

    def _tell(
        self,
        info: SessionInfo,
        state: str,
        *,
        unsent: int | None = None,
        files: int | None = None,
        held_up: CaravanError | None = None,
    ) -> None:
        session = self._app.session
        if session.phase == "shut_out" and session.info is not None and session.info.key == info.key:
            session.handin, session.held_up = state, held_up
            if unsent is not None:
                session.unsent = unsent
            if files is not None:
                session.unsent_files = files

    async def _hand_in(self, info: SessionInfo) -> None:
        """Everything that the server takes is with it when it returns; that is marked before anything goes."""
        from mobile.state.handin_files import FileHandIn
        from mobile.store.blobs import BlobShelf
        from mobile.store.store import SqliteStore

        app, area = self._app, self._app.platform.device_area
        if mark := await area.get(WIPING + info.key):
            self._tell(info, "sending", files=int(mark.removeprefix(KEPT)) if mark.startswith(KEPT) else 0)
            return

        async def ask() -> str:
            return await app.auth.hand_in_ticket(info.user.login)

        ticket = await ask()
        with await app.platform.open_store(info.key) as handle:
            store = SqliteStore(handle.connection())
            handin = HandIn(store)
            files = FileHandIn(app.platform, BlobShelf(store), ticket, ask, lambda: app.look.language)
            while (body := handin.request()) is not None:
                self._tell(info, "sending", unsent=handin.left, files=len(files.left()))
                handin.take(await app.auth.hand_in(ticket, body))
            # The rows first: they say which bytes the server may expect.
            await files.run(lambda left: self._tell(info, "sending", unsent=0, files=left))
        self._tell(info, "sending", files=files.kept)
        await area.set(WIPING + info.key, f"{KEPT}{files.kept}")

    async def _wipe(self, info: SessionInfo) -> None:
        """Removes the person from this device: the database's contents first, the marks last."""
        app = self._app
        if app.platform.secrets.kind != "cookie":
            await app.platform.secrets.delete(token_name(info.user.login))
        await self._empty(info.key)

    async def _empty(self, key: str) -> None:
        app, area = self._app, self._app.platform.device_area
        with await app.platform.open_store(key) as handle:
            wipe(handle.connection())
        await area.delete(app.install_key(key))
        await app.known.forget(key)
        await area.delete(WIPING + key)

    async def _is_merely_over(self, info: SessionInfo) -> None:
        """Not shut out any more, or not known so long after: a session that ended, like any other. The work is kept."""
        await self._app.known.save(msgspec.structs.replace(info, shut_out="", lease_until=0))
        await self._app.doors.leave(info, "session_expired")
