"""A device of the simulation: the real engine on a real file, that can be killed, copied, and put back in time."""

import itertools
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from mobile.store.store import SqliteStore
from shared.access import Actor
from shared.ids import uuid7
from sync.device.engine import DeviceEngine
from tests.sim import chaos
from tests.sim.chaos import Gate, SimulatedCrash
from tests.sim.power import Disk, torn
from tests.sim.timeline import Time
from tests.support.company import ORG
from tests.support.devices import Phone

T = TypeVar("T")
_numbers = itertools.count(1)
UNBOUNDED_PAGES = 1_073_741_823
POWER_CUT = "power cut"


class DeviceClock:
    """Simulated time, wrong by as much as this device is wrong."""

    def __init__(self, time: Time, gate: Gate) -> None:
        self._time = time
        self._gate = gate
        self.wrong_ms = 0

    def now_ms(self) -> int:
        self._gate.point("clock")
        return self._time.now_ms + self.wrong_ms


class DeviceEntropy:
    """Bytes from a seed. Not part of the file: two copies of one database draw different ones."""

    def __init__(self, seed: str, gate: Gate) -> None:
        self._random = random.Random(seed)
        self._gate = gate

    def random_bytes(self, count: int) -> bytes:
        self._gate.point("entropy")
        return self._random.randbytes(count)


class Snapshot(NamedTuple):
    """A backup of the device's file, and what its user had been told then."""

    path: Path
    acknowledged: frozenset[str]
    damaged: bool


class SimDevice(Phone):
    """One user's app on one device. ``call`` runs the engine; a crash inside closes the app as a kill does."""

    def __init__(self, folder: Path, name: str, user: Actor, time: Time, seed: int, template: Path) -> None:
        self.folder = folder
        self.name = self.device_name = name
        self.user = user
        """As the session says: what counts until the user's own row has arrived."""
        self.device_id = user.device_id or ""
        self.app_version = "0.1.0"
        self.gate = Gate()
        self.clock = DeviceClock(time, self.gate)
        self.seed = f"{seed} {name}"
        self.entropy = DeviceEntropy(self.seed, self.gate)
        self.install_id = uuid7(time.now_ms, self.entropy.random_bytes(10))
        self.path = self._new_path()
        self.pages = (250, 100)
        """Rows of a page and transactions of an exchange, for engines opened from now on."""
        self.acknowledged: set[str] = set()
        """Transactions that the user saw queued here."""
        self.copied = False
        """Its file has been in two places, or was put back: a fork is then no false alarm."""
        self.forks_in_a_row = 0
        self.running = False
        self.waiting: int | None = None
        """Number of the request whose answer it waits for."""
        self.requests = 0
        """Number of the last request."""
        self.online = True
        self.protocol: int | None = None
        """Set: what it speaks the server does not understand any more, until the app is updated."""
        self.full = False
        self.crashes = 0
        self.power_cuts = 0
        self.torn: tuple[bytes, bytes] | None = None
        """File and log as a power cut has left them, until the app has opened them again."""
        self.own_view = True
        """Unsent work was all done under the role that the user has now."""
        self.damaged = False
        """A row of its file was damaged, and no check has mended it since."""
        self.snapshot: Snapshot | None = None
        chaos.copy_files(template, self.path)

    def _new_path(self) -> Path:
        return self.folder / f"{self.name}-{next(_numbers)}.db"

    @property
    def actor(self) -> Actor:  # type: ignore[override]
        """As the app finds it: the user's row, or the session's word before the first sync."""
        row = self.store.get("user", self.user.user_id)
        if row is None:
            return self.user
        return Actor(
            self.user.user_id, ORG, row["role"], row["home_team_id"], self.device_id, row["discount_limit"]
        )  # fmt: skip

    def open(self) -> None:
        """Starts the app. Raises ``SimulatedCrash`` when it is to die while it starts."""
        self.gate.dead, self.gate.around_commit = False, None
        connection = chaos.open_database(self.path, self.gate)
        self._connection = connection
        self.running = True
        try:
            self.store = SqliteStore(connection)
            self.engine = DeviceEngine(
                self.store, self.clock, self.entropy, lambda: self.actor, self.install_id, self.app_version,
                on_install=self._keep_install, device_name=self.device_name,
            )  # fmt: skip
        except BaseException:
            self.kill()
            raise
        self.engine.limits.rows, self.engine.limits.txs = self.pages
        self.engine.limits.allowed = self.engine.limits.txs
        if self.full:
            self.fill()

    def _keep_install(self, install_id: str) -> None:
        self.gate.point("install id")
        self.install_id = install_id

    def call(self, do: Callable[[], T]) -> T:
        """Runs something of the app's. A ``SimulatedCrash`` leaves the app dead, to be opened again."""
        try:
            return do()
        except SimulatedCrash:
            self.kill()
            raise

    def kill(self) -> None:
        """The process is gone. What it had committed lies in the files; a new process works on those."""
        if not self.running:
            return
        following = self._new_path()
        chaos.copy_files(self.path, following)
        if self.gate.where == POWER_CUT and self.torn is not None:
            file, log = self.torn
            following.write_bytes(file)
            Path(f"{following}-wal").write_bytes(log)
            self.gate.where = ""
        self._connection.close()
        chaos.remove_files(self.path)
        self.path = following
        self.running = False
        self.waiting = None
        self.crashes += 1

    def close(self) -> None:
        if self.running:
            self._connection.close()
            self.running = False

    # Disk

    def cut_power(self, commits: int, chance: random.Random) -> None:
        """Lets the power go during the commit with this number from now on. Until then the log is moved into the file
        after a few pages already."""
        left = commits

        def around(commit: Callable[[], object]) -> object:
            nonlocal left
            left = max(0, left - 1)
            if left:
                return commit()
            before = Disk(self.path)
            commit()
            self.torn = torn(before, Disk(self.path), random.Random(chance.random()))
            self.power_cuts += 1
            self.gate.dead, self.gate.where = True, POWER_CUT
            raise SimulatedCrash(POWER_CUT)

        sqlite3.Connection.execute(self._connection, "PRAGMA wal_autocheckpoint = 40")
        self.gate.around_commit = around

    def integrity(self) -> str:
        """What SQLite says of the file."""
        return str(sqlite3.Connection.execute(self._connection, "PRAGMA integrity_check").fetchone()[0])

    def fill(self) -> None:
        """The disk is full: the file may not grow any more."""
        self.full = True
        pages = sqlite3.Connection.execute(self._connection, "PRAGMA page_count").fetchone()[0]
        sqlite3.Connection.execute(self._connection, f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self.full = False
        if self.running:
            sqlite3.Connection.execute(self._connection, f"PRAGMA max_page_count = {UNBOUNDED_PAGES}")

    # Copies

    def back_up(self) -> None:
        """Takes a copy of the file, as an operating system's backup would."""
        path = self._new_path()
        chaos.copy_files(self.path, path)
        if self.snapshot is not None:
            chaos.remove_files(self.snapshot.path)
        self.snapshot = Snapshot(path, frozenset(self.acknowledged), self.damaged)

    def rewind(self) -> set[str]:
        """Puts the backup in place of the file; returns what the user had been told since, and is gone here."""
        assert self.snapshot is not None
        self.kill()
        chaos.remove_files(self.path)
        self.path = self._new_path()
        chaos.copy_files(self.snapshot.path, self.path)
        gone = self.acknowledged - self.snapshot.acknowledged
        self.acknowledged = set(self.snapshot.acknowledged)
        self.copied, self.damaged = True, self.snapshot.damaged
        return gone

    def clone(self, name: str, time: Time) -> "SimDevice":
        """A second device with the same file and the same install id; both go on."""
        twin = SimDevice(self.folder, name, self.user, time, 0, self.path)
        twin.entropy = DeviceEntropy(f"{self.seed} {name}", twin.gate)
        twin.device_id, twin.app_version, twin.install_id = self.device_id, self.app_version, self.install_id
        twin.device_name = self.device_name  # under which its unsent work was done, as the rows say
        twin.acknowledged, twin.own_view, twin.pages = set(self.acknowledged), self.own_view, self.pages
        twin.clock.wrong_ms, twin.damaged = self.clock.wrong_ms, self.damaged
        twin.copied = self.copied = True
        return twin

    # What the oracle looks at

    def known(self) -> set[str]:
        """Transactions that the file holds: waiting, answered, or set aside by a person."""
        sql = "SELECT tx_id FROM outbox UNION SELECT tx_id FROM sent_log UNION SELECT tx_id FROM archive"
        return {tx_id for (tx_id,) in sqlite3.Connection.execute(self._connection, sql)}

    def archived(self) -> set[str]:
        return {row["tx_id"] for row in self.store.archived()}

    def told(self) -> dict[str, str]:
        """Final outcomes by transaction, as this device was told them."""
        return {row["tx_id"]: row["status"] for row in self.store.sent()}

    def tried(self) -> int:
        """Exchanges without an answer since the last one."""
        return len(msgspec.json.decode(self.store.meta("tried") or "[]"))
