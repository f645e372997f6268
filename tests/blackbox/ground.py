"""Real server processes and real device processes over real HTTP, and what must be true of them afterwards."""

import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.security.audit import verify
from server.settings import REPOSITORY
from tests.blackbox import device
from tests.blackbox.device import Files
from tests.support.authority import SECRETS, device_of
from tests.support.browser import free_port
from tests.support.company import ORG
from tests.support.devices import Phone
from tests.support.oracle import FIRST_STOCK, held, server_rows, stock_faults, visible
from tests.support.served import settings_for
from tests.support.stage import PEOPLE, open_sessions

KILLS = int(os.environ.get("KILLS", "40"))
"""Kills of one run, a half of servers and a half of devices, of each a half on each database. With those of the
browser's storage (``CARAVAN_OPFS_KILLS``) and of the second server process more than 50."""
Record = Callable[[str, object], None]
"""pytest's ``record_property``: ``kills`` are summed, ``played`` are lines for the end of the run."""
WAIT_S = 240
"""Much more than anything takes: only a machine that is busy with ten other things comes near."""
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.blackbox.device"])


class Server:
    """``caravan serve`` in a process of its own, at the same port after each start."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.data = data
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts, and waits until it answers."""
        environ = {
            **os.environ,
            "CARAVAN_PORT": str(self.port),
            "CARAVAN_DATA": str(self.data),
            "CARAVAN_DATABASE_URL": self.database_url,
            "CARAVAN_LOG_LEVEL": "error",
            "CARAVAN_WEB": "",
        }
        command = [sys.executable, "-m", "server.cli", "serve"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=environ, cwd=REPOSITORY, stdout=log, stderr=log)
        wait_for(self._answers, f"no answer: {self.log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()[-2000:]}")
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/v1/time", timeout=5).status_code == 200
        return False

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Ground:
    """The small company's database, its servers and its devices."""

    def __init__(self, folder: Path, database_url: str, servers: int = 1) -> None:
        self.folder = folder
        self.database_url = database_url
        settings_for(database_url, folder / "data")
        self.tokens = asyncio.run(open_sessions(database_url, seed=True))
        self.servers = [Server(folder / "data", database_url) for _ in range(servers)]
        self.devices: dict[str, Any] = {}
        self._seeds = iter(range(1, 10_000))

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self.servers]

    def files(self, who: str) -> Files:
        return Files(self.folder / "devices" / who)

    def begin(self, who: str, urls: list[str] | None = None) -> None:
        """Starts the device's process, or starts it again on its files."""
        arguments = (self.folder / "devices" / who, PEOPLE[who], urls or self.urls, self.tokens[who], next(self._seeds))
        self.devices[who] = _forking.Process(target=device.run, args=arguments, daemon=True)
        self.devices[who].start()

    def kill_device(self, who: str) -> None:
        """kill -9."""
        self.devices[who].kill()
        self.devices[who].join()

    def wait_for_exchanges(self, more: int = 3) -> None:
        """Until each device has got some more answers."""
        before = {who: self.answers(who) for who in self.devices}
        wait_for(lambda: all(self.answers(who) >= count + more for who, count in before.items()), self.trouble())

    def answers(self, who: str) -> int:
        path = self.files(who).exchanges
        return path.stat().st_size if path.exists() else 0

    def trouble(self) -> str:
        """What the devices have met so far."""
        seen: Counter[str] = Counter()
        for who in self.devices:
            errors = self.files(who).errors
            seen.update(errors.read_text().splitlines() if errors.exists() else [])
        return str(dict(seen))

    def drain(self) -> None:
        """No more work; until everything is sent and everybody has everything. Twice, for what came in between."""
        (self.folder / "devices" / "drain").touch()
        for _ in range(2):
            for who, process in self.devices.items():
                process.join(WAIT_S)
                assert process.exitcode == 0, (who, process.exitcode, self.trouble())
            for who in list(self.devices):
                self.begin(who)
        for who, process in self.devices.items():
            process.join(WAIT_S)
            assert process.exitcode == 0, (who, self.trouble())

    def check(self) -> str:
        """Nothing lost, nothing doubled, the chain verifies, everybody sees the same; the counts, to be printed."""
        return asyncio.run(self._check())

    async def _check(self) -> str:
        issued = [tx_id for who in self.devices for tx_id in self.files(who).issued()]
        database = Database.open(self.database_url)
        try:
            rows = await server_rows(database, ORG, SECRETS)
            report = await verify(database, self.folder / "data" / "audit-heads.log", SECRETS)

            async def logged(tx: Tx) -> dict[str, str]:
                log = tables.tx_log.c
                return {record.tx_id: record.status for record in await tx.execute(select(log.tx_id, log.status))}

            log = await database.read(logged)
        finally:
            await database.close()
        lost = set(issued) - log.keys()
        receipts = sum(row["quantity"] for (name, _), row in rows.items() if name == "stock_move")
        accepted = await self._accepted_receipts()
        doubled = abs(receipts - accepted) + len(issued) - len(set(issued))
        assert not lost and not doubled, f"lost={lost} doubled={doubled}"
        assert report.ok, report.findings
        assert list(stock_faults(rows, FIRST_STOCK)) == []
        for who in self.devices:
            phone = self.phone(who)
            assert phone.store.shadows() == [] and held(phone) == visible(phone.actor, rows), who
            phone.close()
        return f"transactions={len(issued)} lost=0 doubled=0 drained=100%"

    async def _accepted_receipts(self) -> int:
        """Receipts that the server accepted, counted in its log."""
        database = Database.open(self.database_url)

        async def count(tx: Tx) -> int:
            log = tables.tx_log.c
            found = await tx.execute(select(log.tx_id).where(log.commands == "stock.receive", log.status != "rejected"))
            return len(found.all())

        try:
            return await database.read(count)
        finally:
            await database.close()

    def phone(self, who: str, seed: int = 1) -> Phone:
        """The device's files, opened in this process. ``seed``: devices that make ids need different ones."""
        files = self.files(who)
        actor = device.actor_of(PEOPLE[who])
        assert actor.device_id == device_of(PEOPLE[who])
        return Phone(files.database, actor, seed, install_id=files.install_id())

    def close(self) -> None:
        for process in self.devices.values():
            if process.is_alive():
                process.kill()
                process.join()
        for server in self.servers:
            server.stop()


@contextlib.contextmanager
def ground(folder: Path, database_url: str, servers: int = 1) -> Iterator[Ground]:
    """The servers run; devices are begun by the test."""
    made = Ground(folder, database_url, servers)
    try:
        for server in made.servers:
            server.start()
        yield made
    finally:
        made.close()


def wait_for(condition: Callable[[], bool], otherwise: str, seconds: float = WAIT_S) -> None:
    """Raises ``AssertionError`` with the words when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.02)


def pause(chance: random.Random, longest_s: float = 0.4) -> None:
    time.sleep(chance.uniform(0, longest_s))
