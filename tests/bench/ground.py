"""Where the figures are taken: a database with the company in it, an equal one beside it, the server's own process."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.db import migrate
from server.db.authority import Authority
from server.ops.opened import opened
from server.settings import REPOSITORY
from tests.bench.company import ORG, rows
from tests.support.browser import free_port, running
from tests.support.postgres import create_database, running_postgres
from tests.support.served import settings_for


class Ground(msgspec.Struct):
    """``server``: its address. ``database``: the URL behind it. ``spare``: the same company, for the raw driver."""

    kind: str
    server: str
    database: str
    spare: str


@contextlib.contextmanager
def prepared(kind: str) -> Iterator[Ground]:
    """A running server over a fresh company on ``sqlite`` or ``postgresql``."""
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        if kind == "sqlite":
            database, spare = (f"sqlite:///{folder / part}" for part in ("data.db", "spare.db"))
            asyncio.run(_fill(database, folder / "data"))
            shutil.copyfile(folder / "data.db", folder / "spare.db")
        else:
            server = stack.enter_context(running_postgres(durable=True))
            database = asyncio.run(create_database(server, "bench_data"))
            asyncio.run(_fill(database, folder / "data"))
            spare = asyncio.run(create_database(server, "bench_spare", template="bench_data"))
        address = stack.enter_context(_serving(database, folder))
        yield Ground(kind, address, database, spare)


async def _fill(url: str, data: Path) -> None:
    async with opened(settings_for(url, data)) as at:
        await create(at.authority)
        await migrate.analyze(at.database)


async def create(authority: Authority) -> None:
    """Makes the company."""
    await authority.create_organisation(ORG, rows())


@contextlib.contextmanager
def _serving(url: str, folder: Path) -> Iterator[str]:
    """``caravan serve`` in a process of its own."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "server.cli", "serve", "--data", str(folder / "data"), "--database-url", url]
    environment = {"CARAVAN_LOG_LEVEL": "warning", "CARAVAN_WEB": ""}
    with running([*command, "--port", str(port)], f"{address}/health", env=environment, cwd=REPOSITORY,
                 log=folder / "server.log"):  # fmt: skip
        yield address


@contextlib.contextmanager
def hello_world() -> Iterator[str]:
    """The framework with one route that says a word, in a process of its own."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "uvicorn", "tests.bench.hello:app", "--host", "127.0.0.1", "--port", str(port)]
    with running([*command, "--log-level", "warning", "--no-access-log"], address, cwd=REPOSITORY):
        yield address
