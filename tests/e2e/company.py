"""The demo company behind a real server process that can be stopped and started again, as a stranger starts it."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx

from server.db.engine import Database
from server.demo import seed
from server.demo.people import TIME_ZONE
from server.security.crypto import Vault
from shared.timezone import business_date
from tests.support.browser import stop, the_port

ROOT = Path(__file__).parents[2]
PASSWORD = "caravan-demo"
START_TIMEOUT_S = 180


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Demos:
    """Data folders with the demo company as it is on its first day: made once for each day, and copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, to: Path) -> None:
        """Makes the folder ``to`` one of them."""
        made = self._folder / business_date(now_ms(), TIME_ZONE).isoformat()
        if not made.exists():
            command = [sys.executable, "-m", "server.cli", "seed-demo"]
            subprocess.run(command, cwd=ROOT, env={**os.environ, "CARAVAN_DATA": str(made)}, check=True)
        shutil.copytree(made, to)


class DemoServer:
    """``caravan serve --demo`` on a folder of its own. ``with DemoServer(folder, web) as server:``."""

    def __init__(self, folder: Path, web: Path, *, database_url: str = "", **environment: str) -> None:
        self.url = f"http://127.0.0.1:{the_port()}"
        self.folder = folder
        self.log = folder / "server.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "CARAVAN_HOST": "127.0.0.1",
            "CARAVAN_PORT": str(the_port()),
            "CARAVAN_DATA": str(folder / "data"),
            "CARAVAN_WEB": str(web),
            "LANG": "en_US.UTF-8",
            **environment,
        }
        if database_url:
            self.environment["CARAVAN_DATABASE_URL"] = database_url
        self._given: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "DemoServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process; returns when it says its address."""
        with self.log.open("ab") as log:
            before = self.log.stat().st_size
            command = [sys.executable, "-m", "server.cli", "serve", "--demo"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while f"{self.url}\n".encode() not in self.log.read_bytes()[before:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text(errors="replace")[-3_000:])
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends the process; what it had confirmed stays."""
        if self.process is not None:
            stop(self.process)

    def cli(self, *arguments: str) -> str:
        """Runs ``caravan …`` on the same folder; returns what it printed. Raises ``CalledProcessError``."""
        command = [sys.executable, "-m", "server.cli", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def database_url(self) -> str:
        return self.environment.get("CARAVAN_DATABASE_URL") or f"sqlite:///{self.folder / 'data' / 'caravan.db'}"

    @contextmanager
    def api(self, login: str) -> Iterator[httpx.Client]:
        """A session of the user over HTTP."""
        with httpx.Client(base_url=self.url, trust_env=False) as desk:
            asked = {"login": login, "password": PASSWORD, "device_name": "desk", "platform": "browser"}
            challenge = desk.post("/v1/auth/password", json=asked).raise_for_status().json()["challenge"]
            answer = desk.post("/v1/auth/totp", json={"challenge": challenge, "code": self.code(login)})
            desk.headers["authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
            yield desk

    def code(self, login: str) -> str:
        """A TOTP code that works now, as ``caravan codes`` shows it; waits for the next one when this one was given."""
        while True:
            found = self._codes()[login]
            if self._given.get(login) != found:
                self._given[login] = found
                return found
            time.sleep(1)

    def _codes(self) -> dict[str, str]:
        async def read() -> list[seed.DemoCode]:
            database = Database.open(self.database_url)
            try:
                return await seed.codes(database, Vault.open(self.folder / "data" / "secret.keys"), now_ms())
            finally:
                await database.close()

        # In a thread of its own: Playwright's event loop runs in this one.
        with ThreadPoolExecutor(1) as thread:
            return {user.login: user.code for user in thread.submit(asyncio.run, read()).result()}
