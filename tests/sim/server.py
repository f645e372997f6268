"""The server of the simulation: the real authority on a real database, that can be killed at any statement.

On SQLite everything runs in this one thread, and the event loop's time is simulated: nothing depends on threads or on
the wall clock. On PostgreSQL the network between is real, so only the outcome is compared, not the order of events.
"""

import asyncio
import random
import selectors
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from server.api.sync import decode
from server.db.engine import Database, Tx, _PostgresDatabase, _SqliteDatabase
from server.security.crypto import Vault
from shared import protocol
from shared.errors import CaravanError
from sync.authority.ports import Commit
from tests.sim.chaos import Gate, SimulatedCrash, copy_files
from tests.sim.timeline import Time
from tests.support.authority import SECRETS, Caller, TestAuthority
from tests.support.devices import SeededEntropy
from tests.support.postgres import create_database

T = TypeVar("T")
SERVER_PAGES = 1_073_741_823


class _Instant(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Waits for nothing: the time that would pass is added to the loop's own."""

    passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the simulated server waits for something that will never come")
        self.passed_s += timeout or 0
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._instant = _Instant()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.passed_s


class _GatedTx:
    """A transaction whose statements go through the gate."""

    def __init__(self, tx: Tx, gate: Gate) -> None:
        self._tx = tx
        self._gate = gate
        self.dialect = tx.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        self._gate.point("execute")
        return await self._tx.execute(statement, parameters)

    async def driver(self, sql: str, parameters: Any = ()) -> Any:
        self._gate.point(sql[:60])
        return await self._tx.driver(sql, parameters)

    async def pause(self) -> None:
        await self._tx.pause()


class _Gated(Database):
    """Between two statements, before the commit and after it the process can die; between two transactions of one
    request other requests get their turn."""

    gate: Gate
    turns: Callable[[], int]

    async def run_tx(self, fn: Any) -> Any:
        await self._give_turns()
        return await super().run_tx(self._gated(fn))

    async def read(self, fn: Any) -> Any:
        await self._give_turns()
        return await super().read(self._gated(fn))

    async def _give_turns(self) -> None:
        for _ in range(self.turns()):
            await asyncio.sleep(0)

    def _gated(self, fn: Any) -> Any:
        async def gated(tx: Tx) -> Any:
            result = await fn(_GatedTx(tx, self.gate))
            self.gate.point("before the commit")
            return result

        return gated

    async def _write(self, fn: Any) -> Any:
        result = await super()._write(fn)  # type: ignore[safe-super]
        # A failure here is a commit whose answer got lost: it is run again.
        self.gate.point("after the commit")
        return result


class _Inline(_SqliteDatabase):
    """In this thread, and without waiting for the disk (see ``chaos.open_database``)."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        for engine in (self._writer, self._reader):
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))

    async def _write(self, fn: Any) -> Any:
        return self._run(self._writer, fn)

    async def _read(self, fn: Any) -> Any:
        return self._run(self._reader, fn)

    async def run_sync(self, fn: Any) -> Any:
        with self._writer.begin() as connection:
            return fn(connection)

    async def close(self) -> None:
        """Its connections end. Used again it opens new ones: what a process knows of itself is in the authority."""
        for engine in (self._reader, self._writer):
            engine.dispose()


class _SimSqlite(_Gated, _Inline):
    def limit_pages(self, more: int | None) -> None:
        with self._writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            pages = SERVER_PAGES if more is None else raw.execute("PRAGMA page_count").fetchone()[0] + more
            raw.execute(f"PRAGMA max_page_count = {pages}")


class _SimPostgres(_Gated, _PostgresDatabase):
    pass


def _open(url: str, gate: Gate, turns: Callable[[], int]) -> _Gated:
    parsed = make_url(url)
    made: _Gated
    if parsed.get_backend_name() == "sqlite":
        made = _SimSqlite(parsed.set(drivername="sqlite+pysqlite"))
    else:
        made = _SimPostgres(parsed.set(drivername="postgresql+asyncpg"))
    made.gate, made.turns = gate, turns
    return made


class _DriverError(Exception):
    """What a driver raises, as far as anybody looks at it."""

    def __init__(self, text: str, sqlstate: str, sqlite_errorcode: int) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.sqlite_errorcode = sqlite_errorcode


def disk_full() -> Exception:
    return OperationalError("", {}, _DriverError("no space left on device", "53100", sqlite3.SQLITE_FULL))


def serialisation() -> Exception:
    """A transient failure: the transaction is run again."""
    return OperationalError("", {}, _DriverError("deadlock detected", "40P01", sqlite3.SQLITE_BUSY))


class ServerClock:
    def __init__(self, time: Time) -> None:
        self._time = time
        self.wrong_ms = 0

    def now_ms(self) -> int:
        return self._time.now_ms + self.wrong_ms


class Asked(NamedTuple):
    """One request as it arrived."""

    caller: Caller
    body: bytes
    protocol: int | None
    """Set: the client speaks another version than the server."""


class SimServer:
    """Answers requests; after a kill it is made anew over the same database."""

    def __init__(self, url: str, time: Time, seed: int, folder: Path, vault: Vault = SECRETS) -> None:
        self.url = url
        self.heads = folder / "audit-heads.log"
        """The audit chain's copy outside of the database, in the form of ``server.security.audit.HeadsFile``."""
        self.sqlite = url.startswith("sqlite")
        self.loop: asyncio.AbstractEventLoop = _VirtualLoop() if self.sqlite else asyncio.new_event_loop()
        self.loop.set_exception_handler(self._unhandled)
        self.clock = ServerClock(time)
        self.gate = Gate()
        self.vault = vault
        self.crashes = 0
        self.defects: list[str] = []
        """Errors of the server's own that nobody caused on purpose."""
        self.listeners: list[Callable[[Commit], None]] = []
        self._turns = random.Random(f"{seed} turns")
        self._entropy = SeededEntropy(seed)
        self.backup_at: int | None = None
        """When the last backup was made, by the server's clock."""
        self.database = _open(url, self.gate, lambda: self._turns.choice((0, 0, 0, 1, 2, 5)))
        self.plain: Database = _open(url, Gate(), lambda: 0) if self.sqlite else Database.open(url)
        """For the oracle: nothing goes wrong here."""
        self._start()

    def _start(self) -> None:
        self.gate.dead = False
        self.gate.disarm()
        self.authority = TestAuthority(self.database, self.vault, self.clock, self._entropy)
        for listener in (self._note_head, *self.listeners):
            self.authority.listen(listener)

    def listen(self, listener: Callable[[Commit], None]) -> None:
        """Has it told of each commit, of this process and of the following ones."""
        self.listeners.append(listener)
        self.authority.listen(listener)

    def _note_head(self, commit: Commit) -> None:
        head = commit.head
        with self.heads.open("a", encoding="ascii") as file:
            file.write(f"{head.org_id} {head.dataset_id} {head.chain_count} {head.chain_head.hex()}\n")

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), SimulatedCrash):
            self.defects.append(str(context))

    def answer(self, requests: Sequence[Asked]) -> list[bytes | CaravanError | None]:
        """Answers requests that arrive together: bytes, a refusal (4xx), or None for a 5xx or a dead server."""
        return self._together([self._exchange(asked) for asked in requests])

    def hand_in(self, caller: Caller, body: bytes, code: str) -> bytes | CaravanError | None:
        """Takes what a shut-out device hands in; ``code`` says why it is shut out."""
        request = protocol.decode_handin(body)

        async def taken() -> bytes:
            return protocol.encode(await self.authority.hand_in(caller, request, code))

        return self._together([taken()])[0]

    def _together(self, asked: Sequence[Coroutine[Any, Any, bytes]]) -> list[bytes | CaravanError | None]:
        async def together() -> list[Any]:
            return await asyncio.gather(*asked, return_exceptions=True)

        answers = self.run(together())
        if self.gate.dead:
            self.restart()
            return [None] * len(asked)
        return [self._over_http(answer) for answer in answers]

    async def _exchange(self, asked: Asked) -> bytes:
        request = decode(asked.body)
        if asked.protocol is not None:
            request = msgspec.structs.replace(request, protocol=asked.protocol)
        return protocol.encode(await self.authority.exchange(asked.caller, request))

    def _over_http(self, answer: Any) -> bytes | CaravanError | None:
        if isinstance(answer, bytes):
            return answer
        if isinstance(answer, CaravanError):
            return answer if answer.status < 500 else None
        if isinstance(answer, BaseException):
            self.defects.append(f"{type(answer).__name__}: {answer}")
        return None

    def restart(self) -> None:
        """A new process over the same database, after a kill."""
        self.crashes += 1
        self._end()
        self._start()

    def _end(self, *, files: bool = False) -> None:
        """``files``: they are going to be copied or replaced, the oracle lets go of them too."""
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.run(self.database.close())
        if files:
            self.run(self.plain.close())

    def close(self) -> None:
        self.run(self.authority.close())
        self._end(files=True)
        self.loop.close()

    # Backups

    @property
    def _backup(self) -> str:
        return f"{make_url(self.url).database}_backup"

    def back_up(self) -> None:
        """Makes a copy of the database, in place of the one before."""
        self._end(files=True)
        self._copy(str(make_url(self.url).database), self._backup)
        self.backup_at = self.clock.now_ms()
        self._start()

    def put_back(self) -> None:
        """The server ends; the database is the backup when it starts again."""
        self.crashes += 1
        self._end(files=True)
        self._copy(self._backup, str(make_url(self.url).database))
        self.heads.unlink(missing_ok=True)
        self._start()

    def _copy(self, source: str, to: str) -> None:
        if self.sqlite:
            copy_files(Path(source), Path(to))
        else:
            server_url = self.url.rpartition("/")[0]
            self.run(create_database(server_url, to, template=source))

    def fill_disk(self, pages: int | None) -> None:
        """Lets the database grow by so many pages only; None makes room again. SQLite only."""
        if isinstance(self.database, _SimSqlite):
            self.database.limit_pages(pages)
