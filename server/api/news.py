"""Who waits for news, and who tells them: within the process, and between workers over PostgreSQL's LISTEN.

A poke only means *pull now*. Between workers it is a hint: whoever hears one looks at the database, and a worker whose
connection was lost looks after it has come back, so that nothing depends on a message that may be lost.
"""

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import structlog
from litestar import Request
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.db import tables
from server.db.engine import Database, Tx
from server.db.store import NOTIFY_CHANNEL
from shared.errors import CaravanError, Unavailable
from sync.authority.ports import Commit

log = structlog.get_logger("caravan.news")

MAX_WAITING = 5_000
MAX_WAITING_OF_ONE = 8
RECONNECT_S = 1.0
LOOK_S = 2.0
SPREAD_S = 0.5
"""Devices that look at the database because of another worker's poke do so within this time, not all at once."""


class Waiter:
    """One request that waits. ``sure`` is set when the news certainly concern it, ``left`` when its caller has gone."""

    def __init__(self, org_id: str, user_id: str, buckets: frozenset[str]) -> None:
        self.org_id = org_id
        self.user_id = user_id
        self.buckets = buckets
        self.sure = False
        self.left = False
        self._woken = asyncio.Event()

    def wake(self, *, sure: bool) -> None:
        self.sure = self.sure or sure
        self._woken.set()

    @contextlib.asynccontextmanager
    async def heeding(self, request: Request[Any, Any, Any]) -> AsyncIterator[None]:
        """Ends the wait when the caller goes away: a device that asks anew after each exchange would otherwise have as
        many places as it had exchanges in 25 s, and soon no further one."""
        watching = asyncio.create_task(self._heed(request))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _heed(self, request: Request[Any, Any, Any]) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue
        self.left = True
        self._woken.set()

    async def wait(self, timeout_s: float) -> bool:
        """Whether it was woken in time; to be called again after a hint that was nothing."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        if self.left:
            return False
        if not self.sure:
            self._woken.clear()
            await asyncio.sleep(random.uniform(0, SPREAD_S))
        return True


class News:
    """The waiting requests of this process; ``heard`` is a listener of the authority."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[Waiter]] = defaultdict(set)
        self._by_user: defaultdict[str, int] = defaultdict(int)
        self._count = 0
        self.ended = False

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._count

    @contextlib.contextmanager
    def waiter(self, org_id: str, user_id: str, buckets: tuple[str, ...]) -> Iterator[Waiter]:
        """A place among those who wait. Raises ``Unavailable`` ``too_many_waiting``: memory stays bounded."""
        if self._count >= MAX_WAITING or self._by_user[user_id] >= MAX_WAITING_OF_ONE:
            raise Unavailable("too_many_waiting")
        made = Waiter(org_id, user_id, frozenset(buckets))
        self._waiting[org_id].add(made)
        self._by_user[user_id] += 1
        self._count += 1
        try:
            yield made
        finally:
            self._count -= 1
            self._waiting[org_id].discard(made)
            self._by_user[user_id] -= 1
            if not self._waiting[org_id]:
                del self._waiting[org_id]
            if not self._by_user[user_id]:
                del self._by_user[user_id]

    def heard(self, commit: Commit) -> None:
        """A commit of this process: wakes those whom it concerns."""
        for waiter in self._waiting.get(commit.head.org_id, ()):
            if commit.access_changed or waiter.buckets & commit.buckets:
                waiter.wake(sure=True)

    def hint(self, org_id: str | None) -> None:
        """Something may have happened in the organisation (None: in any): they look for themselves."""
        for waiters in self._waiting.values() if org_id is None else [self._waiting.get(org_id, set())]:
            for waiter in waiters:
                waiter.wake(sure=False)

    def end(self) -> None:
        """The server stops: everybody is let go."""
        self.ended = True
        self.hint(None)


class WorkerNews:
    """Hears the commits of other processes: over one LISTEN connection on PostgreSQL, by a look at the head rows
    every other second on SQLite (the command line writes to the same file)."""

    def __init__(self, database: Database, news: News, worker_id: str) -> None:
        self._database = database
        self._news = news
        self._worker_id = worker_id
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        hearing = self._listen() if self._database.dialect == "postgresql" else self._look()
        self._task = asyncio.create_task(hearing)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        dsn = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                await self._listen_once(dsn)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("connection for news lost", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _listen_once(self, dsn: str) -> None:
        connection = await asyncpg.connect(dsn, timeout=10)
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        try:
            await connection.add_listener(NOTIFY_CHANNEL, self._heard)
            # What was said while nobody listened is not repeated.
            self._news.hint(None)
            await ended.wait()
        finally:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=2)

    async def _look(self) -> None:
        known: dict[str, tuple[str, int]] = {}
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                heads = await self._database.read(_heads) if self._news.waiting else {}
            except (DBAPIError, CaravanError) as error:
                log.warning("no look at the heads", error=type(error).__name__)
                continue
            for org_id, head in heads.items():
                if known.get(org_id, head) != head:
                    self._news.hint(org_id)
            known = heads or known

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        worker_id, _, org_id = payload.partition(" ")
        if worker_id != self._worker_id:
            self._news.hint(org_id)


async def _heads(tx: Tx) -> dict[str, tuple[str, int]]:
    columns = tables.head.c
    found = await tx.execute(select(columns.org_id, columns.dataset_id, columns.seq))
    return {record.org_id: (record.dataset_id, record.seq) for record in found}
