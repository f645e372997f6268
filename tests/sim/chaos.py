"""Where a process can die: before or after any SQL statement and any call of a port."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class SimulatedCrash(BaseException):
    """The process ends here. No ``except Exception`` of the product may see it, as none sees a kill."""


class Gate:
    """Counts calls and lets the process die at the chosen one, or lets that one fail with an error.

    Once dead nothing passes any more, so that no handler can write what a killed process would not have written.
    """

    def __init__(self) -> None:
        self.passed = 0
        self.dead = False
        self.where = ""
        """What was about to be done when the process died."""
        self.around_commit: Callable[[Callable[[], Any]], Any] | None = None
        """Set: does the commits of the database."""
        self._left = 0
        self._after = False
        self._failure: Callable[[], Exception] | None = None

    def arm(self, calls: int, *, after: bool = False, failure: Callable[[], Exception] | None = None) -> None:
        """Lets the process die at the call with this number from now on (1 is the next one), before it takes effect
        or, with ``after``, once it has. With a ``failure`` that call fails instead, and the process goes on."""
        self._left, self._after, self._failure = calls, after, failure

    def disarm(self) -> None:
        self._left = 0

    @property
    def armed(self) -> bool:
        return self._left > 0

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """The oracle looks: nothing is counted and nothing dies of it."""
        left, self._left, dead, self.dead = self._left, 0, self.dead, False
        try:
            yield
        finally:
            self._left, self.dead = left, dead

    def call(self, what: str, do: Callable[[], T]) -> T:
        """Does it, unless the process is dead or dies here."""
        if not self._passes(what):
            if self._after:
                do()
            raise SimulatedCrash(what)
        return do()

    def point(self, what: str) -> None:
        """A place without an effect of its own."""
        if not self._passes(what):
            raise SimulatedCrash(what)

    def _passes(self, what: str) -> bool:
        if self.dead:
            raise SimulatedCrash(what)
        self.passed += 1
        if not self._left:
            return True
        self._left -= 1
        if self._left:
            return True
        if self._failure is not None:
            raise self._failure()
        self.dead, self.where = True, what
        return False


class _Connection(sqlite3.Connection):
    """Every statement goes through the gate."""

    gate: Gate

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        gate = self.gate
        if gate.around_commit is not None and sql == "COMMIT" and not gate.dead:
            around = gate.around_commit
            return gate.call(sql, lambda: around(lambda: sqlite3.Connection.execute(self, sql, parameters)))
        if not gate.armed and not gate.dead:
            gate.passed += 1
            return super().execute(sql, parameters)
        return gate.call(sql[:60], lambda: sqlite3.Connection.execute(self, sql, parameters))

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        return self.gate.call(sql[:60], lambda: sqlite3.Connection.executemany(self, sql, parameters))


def open_database(path: Path, gate: Gate) -> sqlite3.Connection:
    """As ``mobile.platform.common.open_database`` does, without waiting for the disk: what a killed process has
    written the operating system still has, and what a power cut leaves ``power.py`` works out itself, from the files
    before and after the commit, as if the product's syncs had been done."""
    connection = sqlite3.connect(path, timeout=0, factory=_Connection)
    connection.gate = gate
    connection.isolation_level = None
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=OFF"):
        sqlite3.Connection.execute(connection, f"PRAGMA {pragma}")
    return connection


def copy_files(path: Path, to: Path) -> None:
    """The database as it lies on the disk at this moment, its log included: what a kill or a backup leaves."""
    for suffix in ("", "-wal"):
        source, target = Path(f"{path}{suffix}"), Path(f"{to}{suffix}")
        if source.exists():
            target.write_bytes(source.read_bytes())
        else:
            target.unlink(missing_ok=True)


def remove_files(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
