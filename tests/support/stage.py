"""A server whose clock stands still between two acts, behind a real port, and the small company's people."""

import asyncio
import contextlib
import gzip
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import httpx
import msgspec

from server.db.engine import Database, Tx
from server.security import sessions
from tests.support.authority import device_of, make_authority
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, NOW, ORG, REP, STRANGER
from tests.support.devices import SeededEntropy
from tests.support.http import NO_TLS
from tests.support.served import served, settings_for

PEOPLE = {"rep": REP, "colleague": COLLEAGUE, "manager": MANAGER, "admin": ADMIN, "stranger": STRANGER}
MANY_YEARS_MS = 10**12
HEADERS = {"content-type": "application/json", "accept-language": "en", "x-caravan-client": "native"}


class StillClock:
    """Shows what it was set to."""

    def __init__(self, now_ms: int = NOW) -> None:
        self.value = now_ms

    def now_ms(self) -> int:
        return self.value


class Exchanged(msgspec.Struct, kw_only=True):
    """One request and its answer, as they went over the wire."""

    who: str
    """A key of ``PEOPLE``."""
    at: int
    """The server's clock, UTC milliseconds."""
    path: str
    request: str | None
    """Body of the ``POST``; None for a ``GET``."""
    status: int
    answer: str
    note: str = ""
    lost: bool = False
    """The device never saw the answer."""


class Stage:
    """The running server; ``send`` is one request of a person's device."""

    def __init__(self, url: str, clock: StillClock, tokens: dict[str, str]) -> None:
        self.clock = clock
        self._tokens = tokens
        self._client = httpx.Client(base_url=url, timeout=60, verify=NO_TLS)

    def send(self, who: str, path: str, body: bytes | None) -> httpx.Response:
        """``POST`` with a body, ``GET`` without."""
        headers = {**HEADERS, "authorization": f"Bearer {self._tokens[who]}"}
        return self._client.request("GET" if body is None else "POST", path, content=body, headers=headers)

    def close(self) -> None:
        self._client.close()


@contextlib.contextmanager
def staged(database_url: str, data: Path, *, seed: bool = True) -> Iterator[Stage]:
    """The server over a migrated database. ``seed``: put the small company into it; otherwise it is there."""
    clock = StillClock()
    tokens = asyncio.run(open_sessions(database_url, seed=seed))
    with (
        mock.patch("server.ops.opened.SystemClock", lambda: clock),
        mock.patch("server.ops.opened.SystemEntropy", lambda: SeededEntropy(11)),
        served(settings_for(database_url, data)) as url,
    ):
        stage = Stage(url, clock, tokens)
        try:
            yield stage
        finally:
            stage.close()


async def open_sessions(database_url: str, *, seed: bool) -> dict[str, str]:
    """Access tokens of ``PEOPLE`` that outlast every story. ``seed``: put the small company into the database."""
    database = Database.open(database_url)
    try:
        authority = await make_authority(database, seed=seed)
        ids = {name: authority.new_id() for name in PEOPLE}

        async def start(tx: Tx) -> dict[str, str]:
            tokens = {}
            for name, user_id in PEOPLE.items():
                now_ms = NOW + MANY_YEARS_MS
                issued = await sessions.start(tx, ORG, ids[name], user_id, device_of(user_id), now_ms)
                tokens[name] = issued.view.access_token
            return tokens

        return await database.run_tx(start)
    finally:
        await database.close()


def pack_database(path: Path, packed: Path, *, forget: tuple[str, ...] = ()) -> None:
    """A compressed copy of a SQLite file as it is now, its log included; tables of ``forget`` are emptied in it."""
    copy = packed.with_suffix(".copy")
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        for table in forget:
            target.execute(f"DELETE FROM {table}")
        target.commit()
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("VACUUM")
    write_packed(packed, copy.read_bytes())
    copy.unlink()


def write_packed(path: Path, content: bytes) -> None:
    """Compressed; the same content gives the same file."""
    path.write_bytes(gzip.compress(content, 9, mtime=0))
