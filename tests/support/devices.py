"""Real device replicas for tests: SQLite files opened as the native app opens them, clock and entropy from a seed."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

from mobile.platform.common import open_database
from mobile.store.store import SqliteStore
from shared import protocol
from shared.access import Actor
from shared.ids import uuid7
from sync.device.engine import DeviceEngine
from sync.device.reports import ExchangeReport

if TYPE_CHECKING:
    from tests.support.authority import TestAuthority

START_MS = 1_795_320_000_000


class HandClock:
    """Moves when told to, and a millisecond with each look, so that ids stay in order."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.value = now_ms

    def now_ms(self) -> int:
        self.value += 1
        return self.value


class SeededEntropy:
    """The same bytes for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


def open_store(path: Path) -> SqliteStore:
    """The store on the platform's own connection: exclusive, WAL, synchronous FULL."""
    return SqliteStore(open_database(str(path)))


class Phone:
    """One user's app on one device, without its screens: can be closed and opened again on the same file."""

    def __init__(
        self, path: Path, actor: Actor, seed: int = 1, *, app_version: str = "0.1.0", install_id: str = ""
    ) -> None:
        self.path = path
        self.actor = actor
        self.clock = HandClock()
        self.entropy = SeededEntropy(seed)
        self.app_version = app_version
        self.install_id = install_id or uuid7(START_MS, self.entropy.random_bytes(10))
        self.open()

    def open(self) -> None:
        self.store = open_store(self.path)
        self.engine = DeviceEngine(
            self.store, self.clock, self.entropy, lambda: self.actor, self.install_id, self.app_version,
            on_install=self._keep_install, device_name=f"phone {self.actor.user_id[:4]}",
        )  # fmt: skip

    def close(self) -> None:
        self.store.connection.close()

    def restart(self) -> None:
        """As if the app had been killed and started again."""
        self.close()
        self.open()

    def _keep_install(self, install_id: str) -> None:
        self.install_id = install_id


async def answer_to(authority: "TestAuthority", phone: Phone, body: bytes) -> bytes:
    """What the server answers to a request's bytes."""
    request = protocol.decode_request(body)
    return protocol.encode(await authority.exchange(phone.actor.user_id, request))


async def exchange(authority: "TestAuthority", phone: Phone) -> ExchangeReport:
    """One exchange that works."""
    return phone.engine.apply_response(await answer_to(authority, phone, phone.engine.build_request()))


async def sync(authority: "TestAuthority", phone: Phone, rounds_max: int = 50) -> list[ExchangeReport]:
    """Exchanges until there is no more."""
    reports = []
    for _ in range(rounds_max):
        reports.append(await exchange(authority, phone))
        if not reports[-1].more:
            return reports
    raise AssertionError(f"still more after {rounds_max} exchanges")
