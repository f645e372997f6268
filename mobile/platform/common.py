"""What the adapters share: clock, entropy, the way a database is opened, the fan-out of events."""
from __future__ import annotations

import gzip
import os
import re
import sqlite3
import time
from collections.abc import Callable

from mobile.platform.ports import EventCallback, PlatformError, PlatformEvent, StoreBusy, StoreUnavailable

DATABASE_NAME = "app.db"
EVENTS_KEPT_MAX = 200
_USER_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SystemClock:
    """The device's own clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class SystemEntropy:
    """The system's generator (WebCrypto in the browser)."""

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)


def check_user_key(user_key: str) -> str:
    """The key names a folder, so nothing else may pass. Raises ``ValueError``."""
    if not _USER_KEY.fullmatch(user_key):
        raise ValueError("a user key has 1 to 64 of A-Z a-z 0-9 _ -")
    return user_key


def gzip_body(body: bytes) -> bytes:
    """Without the time of day, so that equal bodies stay equal."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def open_database(path: str) -> sqlite3.Connection:
    """Open, recover and lock the database. Raises ``StoreBusy``, ``StoreUnavailable``.

    EXCLUSIVE comes before WAL: then the index of the log lives in memory (the browser has no shared memory), and the
    lock is held until the connection closes. FULL, because under WAL anything less may lose confirmed transactions.
    """
    try:
        connection = sqlite3.connect(path, timeout=0)
    except sqlite3.Error as error:
        raise _refused(error) from error
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise StoreUnavailable("failed", f"journal mode is {mode}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise _refused(error) from error
    except StoreUnavailable:
        connection.close()
        raise
    return connection


def _refused(error: sqlite3.Error) -> PlatformError:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy("open_elsewhere", str(error))
    reasons = {
        sqlite3.SQLITE_FULL: "full", sqlite3.SQLITE_CORRUPT: "damaged", sqlite3.SQLITE_NOTADB: "damaged",
        sqlite3.SQLITE_CANTOPEN: "denied", sqlite3.SQLITE_READONLY: "denied", sqlite3.SQLITE_PERM: "denied",
    }
    return StoreUnavailable(reasons.get(code, "failed"), f"{getattr(error, 'sqlite_errorname', '')} {error}".strip())


class Events:
    """Fan-out to subscribers. Before there is one, the newest events are kept for it."""

    def __init__(self) -> None:
        self._callbacks: list[EventCallback] = []
        self._kept: list[PlatformEvent] = []

    def emit(self, event: PlatformEvent) -> None:
        if not self._callbacks:
            self._kept = [*self._kept, event][-EVENTS_KEPT_MAX:]
        for callback in list(self._callbacks):
            callback(event)

    def subscribe(self, callback: EventCallback) -> Callable[[], None]:
        self._callbacks.append(callback)
        kept, self._kept = self._kept, []
        for event in kept:
            callback(event)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None
