"""The demo company behind a real server process that can be stopped and started again, as a stranger starts it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.support.browser import free_port, stop

ROOT = Path(__file__).parents[2]
PASSWORD = "caravan-demo"
START_TIMEOUT_S = 180


class DemoServer:
    """``caravan serve --demo`` on a folder and a port of its own. ``with DemoServer(folder, web) as server:``."""

    def __init__(self, folder: Path, web: Path, *, database_url: str = "", **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "server.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "CARAVAN_HOST": "127.0.0.1",
            "CARAVAN_PORT": str(self.port),
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

    def code(self, login: str) -> str:
        """A TOTP code that works now, as ``make codes`` shows it; waits for the next one when this one was given."""
        while True:
            line = next(line for line in self.cli("codes").splitlines() if line.split()[:1] == [login])
            found = re.search(r"\b\d{6}\b", line)
            assert found is not None, line
            if self._given.get(login) != found.group():
                self._given[login] = found.group()
                return found.group()
            time.sleep(1)
