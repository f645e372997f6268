"""Copies of a whole database, out of a running one into a file and out of a file into another database.

SQLite with its online backup, PostgreSQL with its own ``pg_dump`` and ``pg_restore``, which must be on the machine.
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.settings import Settings, SettingsError


def kind_of(settings: Settings) -> str:
    """``sqlite`` or ``postgresql``."""
    return "sqlite" if settings.sqlite_path else "postgresql"


async def dump(settings: Settings, target: Path) -> None:
    """Writes the database as it is now into a file, while a server may go on writing. The disk is synced."""
    if settings.sqlite_path:
        await asyncio.to_thread(_copy_sqlite, settings.sqlite_path, target)
    else:
        arguments = ["--format=custom", "--no-owner", f"--file={target}"]
        await _run("pg_dump", arguments, make_url(settings.database_url))
    descriptor = os.open(target, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _copy_sqlite(source: Path, target: Path) -> None:
    reading, writing = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    with contextlib.closing(reading), contextlib.closing(writing):
        # In one step: in WAL mode a long reader keeps nobody from writing, and nothing begins again.
        reading.backup(writing, pages=-1)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


async def load(settings: Settings, backup: Path, name: str) -> str:
    """Brings a backup into a database of the given name beside the settings' own; its URL.

    SQLite: a file of that name in the database's folder. Raises ``SettingsError``.
    """
    if settings.sqlite_path:
        target = settings.sqlite_path.with_name(name)
        await asyncio.to_thread(shutil.copyfile, backup, target)
        target.chmod(0o600)
        return f"sqlite:///{target}"
    url = make_url(settings.database_url)
    async with _maintenance(url) as server:
        await server.run(f"CREATE DATABASE {_quoted(name)}")
    try:
        await _run("pg_restore", ["--no-owner", "--exit-on-error", str(backup)], url.set(database=name))
    except SettingsError:
        await remove(settings, name)
        raise
    return url.set(database=name).render_as_string(hide_password=False)


async def remove(settings: Settings, name: str) -> None:
    """Takes away a database that ``load`` made."""
    if settings.sqlite_path:
        for suffix in ("", "-wal", "-shm"):
            settings.sqlite_path.with_name(name + suffix).unlink(missing_ok=True)
        return
    async with _maintenance(make_url(settings.database_url)) as server:
        await server.run(f"DROP DATABASE IF EXISTS {_quoted(name)}")


async def swap(settings: Settings, name: str, kept: str) -> str:
    """Puts the database ``name`` in the place of the settings' own, which is kept; returns where.

    Raises ``SettingsError`` ``server_running`` when somebody is connected to it (PostgreSQL).
    """
    if settings.sqlite_path:
        return str(await asyncio.to_thread(_swap_files, settings.sqlite_path, name, kept))
    url = make_url(settings.database_url)
    try:
        async with _maintenance(url) as server:
            if await server.exists(str(url.database)):
                await server.run(f"ALTER DATABASE {_quoted(str(url.database))} RENAME TO {_quoted(kept)}")
            await server.run(f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(str(url.database))}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "55006":
            raise SettingsError("server_running", path=str(url.database)) from error
        raise
    return kept


def _swap_files(place: Path, name: str, kept: str) -> Path:
    fresh, old = place.with_name(name), place.with_name(kept)
    with open(fresh, "rb") as file:
        os.fsync(file.fileno())
    # A log is left only by a database that could not be closed; under another one it would be played into that.
    for suffix in ("-wal", "-shm"):
        beside = place.with_name(place.name + suffix)
        if beside.exists():
            beside.replace(old.with_name(old.name + suffix))
    if place.exists():
        os.link(place, old)
    fresh.replace(place)  # there is a whole database under the name at every moment
    descriptor = os.open(place.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return old


class _Server:
    """The PostgreSQL server around our database: making, renaming and dropping want no transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(self, sql: str) -> None:
        async with self._engine.connect() as connection:
            await connection.exec_driver_sql(sql)

    async def exists(self, name: str) -> bool:
        async with self._engine.connect() as connection:
            found = await connection.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = $1", (name,))
            return found.first() is not None


@contextlib.asynccontextmanager
async def _maintenance(url: URL) -> AsyncIterator[_Server]:
    place = url.set(drivername="postgresql+asyncpg", database="postgres")
    engine = create_async_engine(place, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        yield _Server(engine)
    except ProgrammingError as error:
        raise SettingsError("backup_forbidden", reason=_first_line(str(error.orig))) from error
    finally:
        await engine.dispose()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _run(program: str, arguments: list[str], url: URL) -> None:
    """One of PostgreSQL's own programs. The password goes by its environment: arguments can be seen by others."""
    found = shutil.which(program)
    if found is None:
        raise SettingsError("backup_program_missing", program=program)
    place = {"--host": url.host, "--port": url.port, "--username": url.username, "--dbname": url.database}
    given = [f"{option}={value}" for option, value in place.items() if value]
    environment = {**os.environ, "PGPASSWORD": url.password or os.environ.get("PGPASSWORD", "")}
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            found, "--no-password", *given, *arguments, env=environment, stdin=asyncio.subprocess.DEVNULL, stderr=said
        )
        if await process.wait():
            said.seek(0)
            reason = _first_line(said.read(4_000).decode("utf-8", "replace"))
            raise SettingsError("backup_program_failed", program=program, reason=reason)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "-")[:300]
