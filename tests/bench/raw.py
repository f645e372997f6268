"""The same rows through the bare driver: what the storage costs when nothing is decided, checked or encoded.

Reads what the server has stored for the sales, then writes exactly those rows into the equal company beside it, in the
same batches, with the same tables, indexes, constraints and pragmas; and reads the pages of the feed again.
"""

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec

from tests.bench.company import ORG

ROWS_OF_A_SALE = 4
TABLES = ("e_order", "e_order_line", "row_version", "membership", "tx_log")
_NEWER = {"membership": "seq > {0}", "tx_log": "n > {1}"}
_PAGE = (
    "SELECT m.entity, m.row_id, m.seq, m.gone, v.rev, v.buckets, v.body, v.restricted FROM membership m "
    "JOIN row_version v ON v.org_id = m.org_id AND v.entity = m.entity AND v.row_id = m.row_id "
    "WHERE m.org_id = {0} AND m.bucket = {1} AND m.seq > {2} ORDER BY m.seq LIMIT {3}"
)
_HEAD = "UPDATE head SET seq = {0}, chain_count = {1} WHERE org_id = {2}"
Record = tuple[Any, ...]


class Mark(msgspec.Struct, frozen=True):
    """How far the company's feed and log are."""

    seq: int
    count: int


class Stored(msgspec.Struct):
    """What the sales left, as batches of (table, records)."""

    batches: list[list[tuple[str, list[Record]]]]
    seq: int
    rows: int


class Raw(ABC):
    """The bare driver over a database URL; use it in a ``with``."""

    @staticmethod
    def open(url: str) -> "Raw":
        return _Sqlite(url) if url.startswith("sqlite") else _Postgres(url)

    @abstractmethod
    def fetch(self, sql: str, *values: Any) -> list[Record]:
        """All records; ``{0}`` in the statement stands for the first value."""

    @abstractmethod
    def write(self, stored: Stored) -> float:
        """Seconds to store all batches, each in a transaction of its own."""

    @abstractmethod
    def read(self, bucket: str, after: int, limit: int) -> tuple[float, int]:
        """Seconds to read the bucket's pages, and their rows."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def mark(self) -> Mark:
        """Where the company stands now."""
        return Mark(*self.fetch("SELECT seq, chain_count FROM head WHERE org_id = {0}", ORG)[0])

    def stored_since(self, mark: Mark, batch: int) -> Stored:
        """The records newer than the mark, ``batch`` sales in each batch."""
        found: dict[int, dict[str, list[Record]]] = {}
        for table in TABLES:
            wanted = _NEWER.get(table, "rev > {0}").format(mark.seq, mark.count)
            names = ", ".join(column for column, _ in self.columns(table))
            number = {"membership": "seq", "tx_log": "n"}.get(table, "rev")
            start, size = (mark.count, batch) if table == "tx_log" else (mark.seq, batch * ROWS_OF_A_SALE)
            for record in self.fetch(f"SELECT {number}, {names} FROM {table} WHERE {wanted} ORDER BY {number}"):
                part = found.setdefault((record[0] - start - 1) // size, {})
                part.setdefault(table, []).append(tuple(record[1:]))
        batches = [list(found[index].items()) for index in sorted(found)]
        rows = sum(len(records) for part in batches for _, records in part)
        return Stored(batches, self.mark().seq, rows)

    @abstractmethod
    def columns(self, table: str) -> list[tuple[str, str]]:
        """Names and types of a table's columns."""


class _Sqlite(Raw):
    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        # As server.db.engine opens it.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()

    def fetch(self, sql: str, *values: Any) -> list[Record]:
        return self._connection.execute(sql.format(*(f"?{n}" for n in range(1, 5))), values).fetchall()

    def columns(self, table: str) -> list[tuple[str, str]]:
        return [(record[1], record[2]) for record in self.fetch(f"PRAGMA table_info({table})")]

    def write(self, stored: Stored) -> float:
        inserts = {}
        for table in TABLES:
            names = [name for name, _ in self.columns(table)]
            inserts[table] = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        run = self._connection.execute
        started = time.perf_counter()
        for batch in stored.batches:
            run("BEGIN IMMEDIATE")
            for table, records in batch:
                self._connection.executemany(inserts[table], records)
            run(_HEAD.format("?", "?", "?"), (stored.seq, stored.rows, ORG))
            run("COMMIT")
        return time.perf_counter() - started

    def read(self, bucket: str, after: int, limit: int) -> tuple[float, int]:
        count, started = 0, time.perf_counter()
        while page := self.fetch(_PAGE, ORG, bucket, after, limit):
            count += len(page)
            after = page[-1][2]
        return time.perf_counter() - started, count

    def close(self) -> None:
        self._connection.close()


class _Postgres(Raw):
    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection = self._wait(asyncpg.connect(url))

    def _wait(self, coroutine: Awaitable[Any]) -> Any:
        return self._loop.run_until_complete(coroutine)

    def fetch(self, sql: str, *values: Any) -> list[Record]:
        return [tuple(r) for r in self._wait(self._connection.fetch(sql.format("$1", "$2", "$3", "$4"), *values))]

    def columns(self, table: str) -> list[tuple[str, str]]:
        sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = {0} ORDER BY 1"
        return self.fetch(sql, table)

    def write(self, stored: Stored) -> float:
        inserts: dict[str, str] = {}
        for table in TABLES:
            columns = self.columns(table)
            arrays = ", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(columns, 1))
            names = ", ".join(name for name, _ in columns)
            inserts[table] = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})"
        return float(self._wait(self._timed(lambda: self._write(stored, inserts))))

    async def _write(self, stored: Stored, inserts: dict[str, str]) -> None:
        for batch in stored.batches:
            async with self._connection.transaction():
                for table, records in batch:
                    await self._connection.execute(
                        inserts[table], *(list(column) for column in zip(*records, strict=True))
                    )
                await self._connection.execute(_HEAD.format("$1", "$2", "$3"), stored.seq, stored.rows, ORG)

    @staticmethod
    async def _timed(work: Callable[[], Awaitable[None]]) -> float:
        started = time.perf_counter()
        await work()
        return time.perf_counter() - started

    def read(self, bucket: str, after: int, limit: int) -> tuple[float, int]:
        count = 0

        async def pages() -> None:
            nonlocal after, count
            sql = _PAGE.format("$1", "$2", "$3", "$4")
            while page := await self._connection.fetch(sql, ORG, bucket, after, limit):
                count += len(page)
                after = page[-1][2]

        return float(self._wait(self._timed(pages))), count

    def close(self) -> None:
        self._wait(self._connection.close())
        self._loop.close()
