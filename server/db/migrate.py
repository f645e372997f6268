"""Brings a database to the current schema, and gives the planner its statistics afterwards.

Alembic is loaded when there is something to migrate: with its templates it takes a fifth of a command's start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select

from server.db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
MIGRATING = 0x63617261
"""PostgreSQL's advisory lock: exclusive while a migration runs, shared by each write (``server.db.revision``). So two
processes that start together migrate one after the other, and no write is half in the old schema."""
VERSION = select(Table("alembic_version", MetaData(), Column("version_num", Text())).c.version_num)
"""Where Alembic keeps the migration that the database is at."""


class NewerDatabase(Exception):
    """The database is at a migration that this code does not have."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration over an open connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


@cache
def known() -> frozenset[str]:
    """The migrations of this code, by their files: ``v0019_handed_in_files.py`` is 0019."""
    return frozenset(path.stem[1:].partition("_")[0] for path in (MIGRATIONS / "versions").glob("v*.py"))


def newest() -> str:
    """The migration that this code needs; they are in one line."""
    return max(known())


async def current(database: Database) -> str:
    """The migration that the database is at; empty for a new one."""
    return await database.run_sync(_current)


def _current(connection: Connection) -> str:
    return (connection.scalar(VERSION) or "") if inspect(connection).has_table("alembic_version") else ""


async def upgrade(database: Database) -> bool:
    """Runs the migrations that are missing; returns whether there were any.

    Raises ``NewerDatabase``; then nothing was changed.
    """

    def run(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        at = _current(connection)
        if at == newest():
            return False
        if at and at not in known():
            raise NewerDatabase(at)
        from alembic import command

        command.upgrade(config(connection), "head")
        return True

    changed = await database.run_sync(run)
    if changed:
        await analyze(database)
    return changed


async def analyze(database: Database) -> None:
    """Renews the planner's statistics: after migrations and bulk loads, or new tables are read without a plan."""
    await database.run_sync(lambda connection: connection.exec_driver_sql("ANALYZE"))
