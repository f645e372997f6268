"""Fixtures: each test on a database of its own, once on SQLite and once on PostgreSQL.

A folder's ``conftest.py`` imports them: ``from tests.support.databases import *``.
"""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.db import migrate
from server.db.engine import Database
from tests.support.postgres import create_database, drop_databases, running_postgres

__all__ = ["anyio_backend", "database", "database_kind", "database_url", "postgres_server", "templates"]

_numbers = itertools.count(1)
KINDS = ("sqlite", "postgresql")


class Templates:
    """Migrated empty databases; a test gets a copy, which is faster than migrating again."""

    def __init__(self, folder: Path, postgres_url: str, prefix: str = "caravan") -> None:
        self.folder = folder
        self.postgres_url = postgres_url
        self._prefix = prefix
        """Of databases' names: processes that share a PostgreSQL server need different ones."""
        self._ready: set[str] = set()

    def fresh(self, kind: str) -> str:
        """URL of a new, migrated, empty database."""
        name = f"{self._prefix}_{next(_numbers)}"
        if kind == "sqlite":
            template, copy = self.folder / "template.db", self.folder / f"{name}.db"
            if kind not in self._ready:
                _migrate(f"sqlite:///{template}")
            shutil.copyfile(template, copy)
            url = f"sqlite:///{copy}"
        else:
            template_name = f"{self._prefix}_template"
            if kind not in self._ready:
                _migrate(asyncio.run(create_database(self.postgres_url, template_name)))
            url = asyncio.run(create_database(self.postgres_url, name, template=template_name))
        self._ready.add(kind)
        return url

    def drop(self, url: str) -> None:
        """Takes a database away that nobody needs any more."""
        if url.startswith("sqlite"):
            for suffix in ("", "-wal", "-shm", "_backup", "_backup-wal"):
                Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        else:
            name = url.rpartition("/")[2]
            asyncio.run(drop_databases(self.postgres_url, name, f"{name}_backup"))


def _migrate(url: str) -> None:
    async def run() -> None:
        made = Database.open(url)
        await migrate.upgrade(made)
        await made.close()

    asyncio.run(run())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server for the whole run."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Templates:
    return Templates(tmp_path_factory.mktemp("databases"), postgres_server)


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(templates: Templates, database_kind: str) -> Iterator[str]:
    """URL of a migrated, empty database of the test's own."""
    url = templates.fresh(database_kind)
    yield url
    templates.drop(url)


@pytest.fixture
def anyio_backend() -> str:
    """Tests marked with ``anyio`` run on asyncio."""
    return "asyncio"


@pytest.fixture
async def database(database_url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """The opened database."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()
