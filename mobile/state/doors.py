"""Opens, closes and hands over a user's database; remembers people; signs in and out. Work is never deleted here."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

import msgspec

from mobile.platform.ports import PlatformError, StoreBusy, StoreHandle
from mobile.state.auth import AuthProblem
from mobile.state.session import SessionInfo, Tokens
from mobile.state.shut_out import CODES
from sync.ports import TransportError

if TYPE_CHECKING:
    from mobile.state.app import App

LEASE_MS = 7 * 86_400_000
"""How long the app opens without the server, counted from its last answer (the server may give less)."""
DEAD_CODES = frozenset({"session_expired", "session_revoked", "device_revoked", "user_inactive", "sign_in_needed"})
LEASE_CHECK_S = 60.0


class Doors:
    """The ways in and out of the app."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._renewing: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._locking: asyncio.Task[None] | None = None

    async def start(self, *, choose: bool = False) -> None:
        """At the start: open the last user's database, or show who works here. ``choose``: always show."""
        app = self.app
        # The browser calls from outside of any page: what is drawn then belongs to this page.
        here = contextvars.copy_context()

        async def asked(user_key: str) -> None:
            await asyncio.get_running_loop().create_task(self._hand_over(user_key), context=here.copy())

        app.platform.on_take_over_requested(asked)
        app.people = await app.known.all()
        for shut_out in (person for person in app.people if person.shut_out):
            app.shut_out.begin(shut_out)
        last = await app.known.last()
        info = next((person for person in app.people if person.key == last), None)
        if info is not None and info.shut_out and not choose:
            app.shut_out.show(info)
            return
        if choose or info is None or not self.may_open(info):
            app.session.problem = "lease_over" if info and not choose and not info.signed_out else ""
            app.session.phase = "signed_out"
            return
        await self.open(info)

    def may_open(self, info: SessionInfo) -> bool:
        """Without the server: not after signing out, not after the lease, not when shut out."""
        return not info.signed_out and not info.shut_out and info.lease_left_ms(self.app.now_ms()) > 0

    async def open(self, info: SessionInfo, tokens: Tokens | None = None) -> None:
        """Open the user's database and start the exchange. The phase tells how it went."""
        await self._open(info, tokens, self.app.platform.open_store(info.key))

    async def take_over(self) -> None:
        """Ask the other tab for the database."""
        info = self.app.session.info
        if info is not None:
            await self._open(info, None, self.app.platform.take_over(info.key))

    async def _open(self, info: SessionInfo, tokens: Tokens | None, opening: asyncio.Future | object) -> None:
        app, session = self.app, self.app.session
        session.info, session.phase, session.problem = info, "opening", ""
        try:
            handle: StoreHandle = await opening  # type: ignore[misc]
        except StoreBusy as busy:
            session.problem, session.detail, session.phase = busy.reason, busy.detail, "elsewhere"
            return
        except PlatformError as failure:
            session.problem, session.detail, session.phase = failure.reason, failure.detail, "blocked"
            return
        try:
            await app.attach_store(handle, info)
        except BaseException:
            handle.close()
            raise
        app.tokens = tokens or Tokens()
        session.auth = "live" if tokens else "unknown"
        await app.known.set_last(info.key)
        app.people = await app.known.all()
        session.phase = "open"
        app.start_exchange()
        self._watch = asyncio.create_task(self._watch_lease())

    async def signed_in(self, info: SessionInfo, tokens: Tokens) -> None:
        """The server accepted the code: remember the person, open or resume their work, ask for lasting storage."""
        app = self.app
        await app.shut_out.let_in(info.key)
        await self._remember(info)
        if app.session.phase == "open" and app.session.info and app.session.info.key == info.key:
            app.session.info, app.tokens = info, tokens
            app.session.auth, app.session.problem = "live", ""
            app.device.resume()
            app.start_exchange()
        else:
            await self.close()
            await self.open(info, tokens)
            if app.session.phase == "open":
                app.device.resume()
        await app.platform.request_persistence()

    async def _remember(self, info: SessionInfo) -> None:
        lease = info.lease_until or self.app.now_ms() + LEASE_MS
        info = msgspec.structs.replace(info, lease_until=lease, signed_out=False)
        await self.app.known.save(info)
        if self.app.session.info and self.app.session.info.key == info.key:
            self.app.session.info = info

    async def renew(self) -> None:
        """Get a new access token; several callers share one request. Raises ``AuthProblem``, ``TransportError``."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        await asyncio.shield(self._renewing)

    async def _renew(self) -> None:
        app, info = self.app, self.app.session.info
        if info is None:
            raise AuthProblem("sign_in_needed")
        try:
            fresh, tokens = await app.auth.refresh(info.user.login)
        except AuthProblem as problem:
            if problem.code in CODES:
                self._locking = asyncio.create_task(app.shut_out.lock(info, problem.code))
            if problem.code in DEAD_CODES:
                app.session.problem, app.session.auth = problem.code, "dead"
                app.sync.phase = "sign_in"
            raise
        if fresh.key != info.key:
            raise AuthProblem("sign_in_needed")
        app.tokens = tokens
        app.session.auth, app.session.problem = "live", ""
        await self._remember(fresh)

    def ask_why(self) -> None:
        """An exchange was answered *revoked*: the renewal tells whether device or user is shut out."""

        async def ask() -> None:
            try:
                await self.renew()
            except (AuthProblem, TransportError) as told:
                self.app.errors.add(told, "revoked")

        self._asking = asyncio.create_task(ask())

    async def leave(self, info: SessionInfo, problem: str) -> None:
        """From the locked door of this person to the sign-in; whoever else works here meanwhile is not disturbed."""
        session = self.app.session
        if session.phase == "shut_out" and session.info is not None and session.info.key == info.key:
            await self._choose()
            session.problem = problem
        else:
            self.app.people = await self.app.known.all()

    async def sign_out(self) -> None:
        """Close the database and lock it behind a new sign-in. Unsent work stays in it. Works offline too."""
        app, info = self.app, self.app.session.info
        if info is None:
            return
        await self.close()
        await app.known.save(msgspec.structs.replace(info, signed_out=True))
        await app.known.set_last(None)
        try:
            await app.auth.sign_out(info.user.login)
        except (TransportError, AuthProblem) as unheard:
            # The server's session ends by itself; here the door is locked already.
            app.errors.add(unheard, "sign-out")
        await self._choose()

    async def sign_in_again(self) -> None:
        """The session is dead: to this person's password. The work stays in the closed database."""
        self.app.wanted = self.app.session.info
        await self.switch()

    async def switch(self) -> None:
        """Close the database without signing out: somebody else wants to work here."""
        await self.close()
        await self._choose()

    async def _choose(self) -> None:
        app = self.app
        app.people = await app.known.all()
        app.session.info, app.session.problem, app.session.auth = None, "", "unknown"
        app.session.phase = "signed_out"

    async def close(self) -> None:
        """Stop the exchange and close the store; idempotent."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        await self.app.detach_store()

    async def _hand_over(self, user_key: str) -> None:
        """Another tab takes this user's database."""
        info = self.app.session.info
        if info is None or info.key != user_key:
            return
        self.app.session.phase = "handed_over"
        await self.close()

    async def _watch_lease(self) -> None:
        """While the app stays open: the lease is renewed by each contact; when it ends, the door closes."""
        while True:
            await asyncio.sleep(LEASE_CHECK_S)
            info = self.app.session.info
            if info is not None and info.lease_left_ms(self.app.now_ms()) <= 0:
                await self.app.detach_store()
                await self._choose()
                self.app.session.problem = "lease_over"
                return
