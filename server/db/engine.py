"""SQLite and PostgreSQL behind one interface: ``run_tx`` writes, ``read`` reads.

A database function is ``async def fn(tx: Tx)`` and awaits nothing but its ``tx``. On PostgreSQL it runs on the event
loop over asyncpg. On SQLite it is driven to its end inside a thread (one for all writes, a few for reads), where no
await ever waits: no hop between threads for each statement, and still one form of code for both.

Functions must be short and idempotent: they run again after a serialisation failure, a deadlock or a busy database.
"""

import asyncio
import random
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from server.db.tables import metadata
from shared.errors import Unavailable

T = TypeVar("T")
Parameters = dict[str, Any] | list[dict[str, Any]] | None

MAX_ATTEMPTS = 8
READERS = 4
CONNECTION = {"check_same_thread": False, "isolation_level": None, "timeout": 5.0, "cached_statements": 500}
"""How SQLite's driver opens the file: each entity has some ten statements of its own, prepared once."""
_DEADLOCK = "40P01"
_TRANSIENT_STATES = frozenset({"40001", _DEADLOCK})
_SQLITE_BUSY = 5
_SQLITE_LOCKED = 6
_SQLITE_FULL = 13
_SQLITE_IOERR_WRITE = 778
"""A write that failed for another reason than a full disk: a quota, a limit on the size of files."""
_POSTGRES_FULL = frozenset({"53100"})
_POSTGRES_NOT_NOW = ("08", "53", "57")
"""Classes of states: connection, resources, operator intervention (shutting down, starting up)."""


class Answer(Protocol):
    """What a statement in the driver's own words gave: its records, and how many rows it wrote."""

    @property
    def rowcount(self) -> int: ...
    def all(self) -> Sequence[Any]: ...
    def scalar(self) -> Any: ...


class Tx(Protocol):
    """An open transaction. ``dialect`` is ``sqlite`` or ``postgresql``."""

    dialect: str

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]:
        """Runs a Core statement; the result is buffered."""

    async def driver(self, sql: str, parameters: Any = ()) -> Answer:
        """Runs SQL in the driver's own parameter style: a tuple, or (SQLite) a list of tuples for ``executemany``."""

    async def pause(self) -> None:
        """Lets the event loop turn during long computations; nothing on SQLite, which has a thread of its own."""


class _Records:
    """The answer of SQLite's own driver: SQLAlchemy's takes several times as long to make as the statement to run."""

    def __init__(self, records: list[tuple[Any, ...]], rowcount: int) -> None:
        self._records = records
        self.rowcount = rowcount

    def all(self) -> list[tuple[Any, ...]]:
        return self._records

    def scalar(self) -> Any:
        return self._records[0][0] if self._records else None


class _SqliteTx:
    dialect = "sqlite"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]:
        return self._connection.execute(statement, parameters)

    async def driver(self, sql: str, parameters: Any = ()) -> Answer:
        run = self._driver.executemany if isinstance(parameters, list) else self._driver.execute
        try:
            cursor = run(sql, parameters)
            return _Records(cursor.fetchall(), cursor.rowcount)
        except sqlite3.Error as error:
            dialect = self._connection.dialect
            raise DBAPIError.instance(sql, None, error, sqlite3.Error, True, dialect=dialect) from error

    async def pause(self) -> None:
        return None


class _PostgresTx:
    dialect = "postgresql"

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]:
        return await self._connection.execute(statement, parameters)

    async def driver(self, sql: str, parameters: Any = ()) -> Answer:
        return await self._connection.exec_driver_sql(sql, parameters)

    async def pause(self) -> None:
        await asyncio.sleep(0)


TxFunction = Callable[[Tx], Awaitable[T]]


class Database(ABC):
    """One database, opened by ``Database.open(url)``; close it with ``await close()``.

    ``run_tx`` and ``read`` raise ``Unavailable`` (``database_busy``) when a transient failure outlasts all attempts,
    and otherwise whatever the function or SQLAlchemy raises.
    """

    dialect: str
    metadata: MetaData = metadata

    def __init__(self, url: URL) -> None:
        self.url = url

    @staticmethod
    def open(url: str) -> "Database":
        """A database by URL: ``sqlite:///file`` or ``postgresql://…``. Raises ``ValueError`` for another kind."""
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind == "sqlite":
            return _SqliteDatabase(parsed.set(drivername="sqlite+pysqlite"))
        if kind == "postgresql":
            return _PostgresDatabase(parsed.set(drivername="postgresql+asyncpg"))
        raise ValueError(f"no support for databases of the kind {kind!r}: use sqlite or postgresql")

    async def run_tx(self, fn: TxFunction[T]) -> T:
        """Runs the function in one write transaction and commits; bounded retries, with jitter, when it must wait."""
        return await self._retried(lambda: self._write(fn))

    async def read(self, fn: TxFunction[T]) -> T:
        """Runs the function over one snapshot, read-only."""
        return await self._retried(lambda: self._read(fn))

    @abstractmethod
    async def close(self) -> None:
        """Ends threads and connections."""

    @abstractmethod
    async def run_sync(self, fn: Callable[[Connection], T]) -> T:
        """Runs a synchronous function over a Core connection in one write transaction: for migrations. It runs again
        when PostgreSQL ended it to resolve a deadlock."""

    @abstractmethod
    async def _write(self, fn: TxFunction[T]) -> T: ...

    @abstractmethod
    async def _read(self, fn: TxFunction[T]) -> T: ...

    @staticmethod
    async def _retried(attempt: Callable[[], Awaitable[T]]) -> T:
        last: DBAPIError | OSError | None = None
        for number in range(MAX_ATTEMPTS):
            if number:
                await asyncio.sleep(random.uniform(0.5, 1.5) * 0.005 * 2**number)
            try:
                return await attempt()
            except OSError as error:  # asyncpg's own: nobody answers at the address
                last = error
            except DBAPIError as error:
                if not is_transient(error):
                    raise
                last = error
        raise Unavailable("database_busy") from last


def is_transient(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is run again: serialisation, deadlock, busy, lost connection."""
    if error.connection_invalidated:
        return True
    if _state(error) in _TRANSIENT_STATES:
        return True
    return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in (_SQLITE_BUSY, _SQLITE_LOCKED)


def is_out_of_room(error: DBAPIError) -> bool:
    """Whether nothing can be stored until somebody makes room."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code == _SQLITE_IOERR_WRITE or code & 0xFF == _SQLITE_FULL or _state(error) in _POSTGRES_FULL


def is_not_now(error: DBAPIError) -> bool:
    """Whether the database is to blame and not what was to be stored."""
    return isinstance(error, OperationalError | InterfaceError) or _state(error).startswith(_POSTGRES_NOT_NOW)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or ""


def _drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError("a database function may await nothing but its own transaction")


class _SqliteDatabase(Database):
    """One writer thread with BEGIN IMMEDIATE, a few reader threads; WAL, so that neither waits for the other."""

    dialect = "sqlite"

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        if not url.database or url.database == ":memory:":
            raise ValueError("an SQLite database needs a file: write-ahead logging has none in memory")
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._engine("BEGIN IMMEDIATE", 1)
        self._reader = self._engine("BEGIN", READERS)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")

    def _engine(self, begin: str, size: int) -> Engine:
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,  # an error's text goes to the log; the values stay out of it
            connect_args=CONNECTION,
        )

        def on_connect(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            # An acknowledged transaction survives a power cut.
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA cache_size=-32000")
            cursor.execute("PRAGMA temp_store=MEMORY")
            if begin == "BEGIN":
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        def on_begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        event.listen(engine, "connect", on_connect)
        event.listen(engine, "begin", on_begin)
        return engine

    async def _write(self, fn: TxFunction[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._run, self._writer, fn)

    async def _read(self, fn: TxFunction[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._run, self._reader, fn)

    @staticmethod
    def _run(engine: Engine, fn: TxFunction[T]) -> T:
        with engine.begin() as connection:
            return _drive(fn(_SqliteTx(connection)))  # type: ignore[arg-type]

    async def run_sync(self, fn: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self._writer.begin() as connection:
                return fn(connection)

        return await asyncio.get_running_loop().run_in_executor(self._writing, run)

    async def close(self) -> None:
        for threads, engine in ((self._reading, self._reader), (self._writing, self._writer)):
            await asyncio.to_thread(threads.shutdown)
            engine.dispose()


class _PostgresDatabase(Database):
    """asyncpg through SQLAlchemy; writes at READ COMMITTED behind the head row's lock, reads over one snapshot."""

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        # SQLAlchemy prepares and caches statements by connection; types are fixed by the casts in the statements.
        self._engine: AsyncEngine = create_async_engine(
            url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True
        )
        self._writing = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def _write(self, fn: TxFunction[T]) -> T:
        async with self._writing.begin() as connection:
            return await fn(_PostgresTx(connection))

    async def _read(self, fn: TxFunction[T]) -> T:
        async with self._reading.begin() as connection:
            return await fn(_PostgresTx(connection))

    async def run_sync(self, fn: Callable[[Connection], T]) -> T:
        async def attempt() -> T:
            async with self._writing.begin() as connection:
                return await connection.run_sync(fn)

        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return await attempt()
            except DBAPIError as error:
                # Another process writes, and waits for the migration's lock with the table's in its hand.
                if _state(error) != _DEADLOCK:
                    raise
        return await attempt()

    async def close(self) -> None:
        await self._engine.dispose()
