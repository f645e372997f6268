"""Brings a database to the current schema, and gives the planner its statistics afterwards."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.db.engine import Database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
MIGRATING = 0x63617261
"""PostgreSQL's advisory lock: exclusive while a migration runs, shared by each write (``server.db.revision``). So two
processes that start together migrate one after the other, and no write is half in the old schema."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration over an open connection."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


@cache
def newest() -> str:
    """The migration that this code needs. Finding it loads every migration: once for a process."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


async def current(database: Database) -> str:
    """The migration that the database is at; empty for a new one."""
    return await database.run_sync(_current)


def _current(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


async def upgrade(database: Database) -> bool:
    """Runs the migrations that are missing; returns whether there were any.

    Raises ``alembic.util.CommandError`` when the database is newer than this code.
    """

    def run(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        if _current(connection) == newest():
            return False
        command.upgrade(config(connection), "head")
        return True

    changed = await database.run_sync(run)
    if changed:
        await analyze(database)
    return changed


async def analyze(database: Database) -> None:
    """Renews the planner's statistics: after migrations and bulk loads, or new tables are read without a plan."""
    await database.run_sync(lambda connection: connection.exec_driver_sql("ANALYZE"))
