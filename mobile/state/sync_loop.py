"""The exchange loop: when to talk to the server, and what to do when it does not answer.

One exchange at a time. It talks at the start, shortly after each local change, when the server has news (long poll),
when the network or the user comes back, and now and then for what never pokes (stock). Being offline is a normal
state: waits grow and are jittered, only after transport errors and 5xx; local work goes on and nothing is lost.
"""

import asyncio
import contextlib
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from shared.errors import AuthError, CaravanError
from sync.device.engine import DeviceEngine
from sync.device.reports import ExchangeReport
from sync.ports import Transport, TransportError

log = logging.getLogger("caravan.sync")

Phase = Literal["idle", "sending", "offline", "sign_in", "stopped"]
"""*sign_in*: the server wants a new sign-in; *stopped*: a person must decide (``problem`` says why)."""


@dataclass(frozen=True)
class Tuning:
    """Times in seconds."""

    debounce_s: float = 0.3
    interval_s: float = 60.0
    """Between exchanges without another reason."""
    backoff_first_s: float = 1.0
    backoff_max_s: float = 60.0
    poll_pause_s: float = 1.0
    """Least time between two long polls, should they return at once."""
    forks_max: int = 3
    """New installs in one round; a server that answers *fork* or *restored* for ever is waited for."""


@dataclass(frozen=True)
class LoopState:
    """What the pill and the sheet show of the exchange."""

    phase: Phase = "idle"
    online: bool = True
    """The last exchange had an answer."""
    unsent: int = 0
    doubtful: int = 0
    held: int = 0
    pulling: bool = False
    """More rows are on the way."""
    last_sync_ms: int | None = None
    problem: str = ""
    """Stable code of what is wrong."""


Listener = Callable[[LoopState], None]
Refresh = Callable[[], Awaitable[bool]]


class SyncLoop:
    """Drives an engine over a transport. Everything runs on the event loop that called ``start``.

    ``refresh``: renews the session once after a 401; False when a person must sign in. ``on_state`` hears every change
    of ``state``. ``chance``: numbers from 0 to 1 for the jitter.
    """

    def __init__(
        self,
        engine: DeviceEngine,
        transport: Transport,
        *,
        refresh: Refresh | None = None,
        on_state: Listener | None = None,
        tuning: Tuning | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.engine = engine
        self.transport = transport
        self.state = LoopState()
        self.exchanges = 0
        """Answers applied since the start."""
        self._refresh = refresh
        self._listeners: list[Listener] = [on_state] if on_state else []
        self._tuning = tuning or Tuning()
        self._chance = chance
        self._failures = 0
        self._begun = self._ended = 0
        """Rounds."""
        self._wake = asyncio.Event()
        self._round_done = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._unwatch: Callable[[], None] | None = None

    # For the app

    def start(self) -> None:
        """Begins, or goes on after a sign-in; harmless when it is under way."""
        self.engine.resume()
        if self._task is None or self._task.done():
            self._unwatch = self._unwatch or self.engine.on_queued(self._queued)
            self._task = asyncio.get_running_loop().create_task(self._run())
        self.kick()

    async def stop(self) -> None:
        """Ends it; an exchange under way counts as a lost answer. Idempotent."""
        task, self._task = self._task, None
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._round_done.set()

    def kick(self) -> None:
        """Exchange now: the network is back, the app is in sight again, or somebody pressed the button."""
        self._failures = 0
        if self.engine.stopped == "refused":
            self.engine.resume()
        self._wake.set()

    async def sync_now(self) -> LoopState:
        """Kicks and waits for the round to end; returns the state then."""
        if self._task is None or self._task.done():
            raise RuntimeError("the loop is not running")
        wanted = self._begun + 1
        self.kick()
        while self._ended < wanted and self._task is not None:
            self._round_done.clear()
            await self._round_done.wait()
        return self.state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hears every change of ``state``. Returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # The loop

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            self._begun += 1
            try:
                wait_s = await self._round()
                await self._upkeep()
            except Exception as error:
                # A defect or a full disk: nothing was committed, the work is safe; say it, keep it, try again later.
                log.exception("exchange failed")
                self._remember(error)
                wait_s = self._failed("sync_failed", online=True)
            self._ended = self._begun
            self._round_done.set()
            await self._wait(wait_s)

    async def _wait(self, seconds: float | None) -> None:
        """Until something calls, or news arrive by long poll, or the time is over (None: only a call ends it)."""
        clock = asyncio.get_running_loop().time
        end = None if seconds is None else clock() + seconds
        called = asyncio.ensure_future(self._wake.wait())
        try:
            while not called.done():
                left = None if end is None else end - clock()
                if left is not None and left <= 0:
                    return
                if self._failures or self.state.phase != "idle":
                    await asyncio.wait({called}, timeout=left)
                    continue
                if await self._poll(called, left):
                    return
        finally:
            called.cancel()

    async def _poll(self, called: "asyncio.Future[bool]", left: float | None) -> bool:
        """One long poll, given up as soon as something else calls. True when there is news."""
        asked = asyncio.ensure_future(self.transport.changed(self.engine.cursor))
        try:
            await asyncio.wait({asked, called}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                return False
            if asked.result():
                return True
        except (TransportError, CaravanError) as error:
            # Whatever it is, the next exchange meets it too and decides what it means.
            log.debug("long poll ended: %s", error)
            pause = self._tuning.interval_s / 4
        else:
            pause = self._tuning.poll_pause_s
        finally:
            asked.cancel()
        await asyncio.wait({called}, timeout=pause if left is None else min(left, pause))
        return False

    async def _round(self) -> float | None:
        """Exchanges until both sides are even; returns how long to wait for the next round."""
        forks, refreshed = 0, False
        while not self._is_stopped():
            self._publish(phase="sending")
            try:
                report = await self._exchange()
            except TransportError as error:
                return self._failed(error.reason, online=error.reason == "server")
            except CaravanError as error:
                if isinstance(error, AuthError) or error.status == 401:
                    if not refreshed and self._refresh is not None and await self._refresh():
                        refreshed = True
                        continue
                    self._publish(phase="sign_in", online=True, pulling=False, problem=error.code)
                    return None
                advice = self.engine.exchange_refused(error)
                if advice == "later":
                    return self._failed(error.code, online=True)
                continue
            self._failures = 0
            forks += report.status in ("fork", "restored")
            if forks > self._tuning.forks_max:
                return self._failed(report.status, online=True)
            self._publish(online=True, pulling=report.more, problem="")
            if not report.more:
                break
            await asyncio.sleep(0)
        return self._rest()

    async def _exchange(self) -> ExchangeReport:
        body = self.engine.build_request()
        report = self.engine.apply_response(await self.transport.exchange(body))
        self.exchanges += 1
        return report

    def _is_stopped(self) -> bool:
        """A client that is too old still pushes."""
        stopped = self.engine.stopped
        return bool(stopped) and not (stopped == "upgrade" and self.engine.status().unsent)

    def _rest(self) -> float | None:
        stopped = self.engine.stopped
        if stopped:
            code = self.engine.status().stopped_code or stopped
            self._publish(phase="stopped", pulling=False, problem=code if stopped == "refused" else stopped)
            return None
        self._publish(phase="idle", pulling=False, problem=self.engine.status().undecided)
        return self._tuning.interval_s * (0.75 + self._chance() / 2)

    def _failed(self, problem: str, *, online: bool) -> float:
        """Notes the failure; the wait doubles and is jittered, so that a thousand devices do not return at once."""
        self._failures += 1
        longest = min(self._tuning.backoff_max_s, self._tuning.backoff_first_s * 2 ** min(self._failures - 1, 16))
        self._publish(phase="idle" if online else "offline", online=online, pulling=False, problem=problem)
        return longest * (0.5 + self._chance() / 2)

    async def _upkeep(self) -> None:
        """Background work of the store, in short slices, as long as nothing calls."""
        await asyncio.sleep(0)
        while not self._wake.is_set() and self.engine.upkeep():
            await asyncio.sleep(0.005)
        if self.engine.checks.calls:
            self._wake.set()

    def _queued(self) -> None:
        """A local change: send it soon, together with what follows. While the server is away it waits its turn."""
        self._publish()
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(self._tuning.debounce_s, self._send_soon)

    def _send_soon(self) -> None:
        self._soon = None
        waits = self.state.phase == "sign_in" or (self.state.phase == "stopped" and self.engine.stopped != "upgrade")
        if not self._failures and not waits:
            self._wake.set()

    def _remember(self, error: Exception) -> None:
        store = self.engine.store
        try:
            with store.transaction():
                store.log_error(self.engine.clock.now_ms(), "sync", f"{type(error).__name__}: {error}")
        except sqlite3.Error:
            log.exception("the local error log cannot be written")

    def _publish(self, **changes: object) -> None:
        status = self.engine.status()
        counts = {
            "unsent": status.unsent,
            "doubtful": status.doubtful,
            "held": status.held,
            "last_sync_ms": status.last_sync_ms,
        }
        state = replace(self.state, **{**counts, **changes})  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            for listener in list(self._listeners):
                listener(state)
