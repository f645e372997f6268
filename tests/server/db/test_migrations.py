"""Migrations that do more than add: what was there stays."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from server.db import migrate
from server.db.engine import Database, Tx
from server.settings import REPOSITORY
from tests.support.databases import Templates

pytestmark = pytest.mark.anyio


def test_the_names_of_the_files_are_what_alembic_reads_in_them() -> None:
    scripts = ScriptDirectory.from_config(migrate.config())
    assert migrate.known() == {script.revision for script in scripts.walk_revisions()}
    assert migrate.newest() == scripts.get_current_head()


def test_a_start_with_nothing_to_migrate_does_not_load_alembic() -> None:
    asked = "import sys, server.cli, server.ops.serving; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_attachments_keep_every_value_when_leads_may_have_them_too(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'older.db'}")
    values = {"org_id": "o", "id": "a", "stamps": "{}", "custom": "{}", "shared_with": '["u"]', "account_id": "c",
              "file_name": "a.jpg", "media_type": "image/jpeg", "size": 7, "sha256": "ab", "width": 3, "height": None,
              "created_at": 1, "updated_at": 2, "stored_at": 5, "rev": 9}  # fmt: skip

    def before(connection: Connection) -> None:
        command.upgrade(migrate.config(connection), "0007")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        marks = ", ".join("?" for _ in values)
        insert = f"INSERT INTO e_attachment ({', '.join(values)}) VALUES ({marks})"
        connection.exec_driver_sql(insert, tuple(values.values()))
        command.upgrade(migrate.config(connection), "head")
        row = connection.exec_driver_sql("SELECT * FROM e_attachment").mappings().one()
        assert {name: row[name] for name in values} == values
        assert row["lead_id"] is None
        connection.exec_driver_sql("DELETE FROM e_attachment")

    await database.run_sync(before)
    await database.close()


@pytest.fixture
def postgres_url(templates: Templates) -> str:
    return templates.fresh("postgresql")


async def test_a_migration_that_meets_a_waiting_writer_in_a_deadlock_runs_again(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    began, attempts = asyncio.Event(), 0
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    def migration(connection: Connection) -> None:
        nonlocal attempts
        attempts += 1
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '10ms'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({migrate.MIGRATING})")
        began.set()
        while attempts == 1 and not connection.exec_driver_sql(waiting).scalar():
            connection.exec_driver_sql("SELECT pg_sleep(0.01)")
        connection.exec_driver_sql("ALTER TABLE head ADD COLUMN later TEXT")

    async def write(tx: Tx) -> None:
        # It looks for a deadlock after the migration does, so that the migration is the one that is ended.
        await tx.execute(text("SET LOCAL deadlock_timeout = '20s'"))
        await tx.execute(text("SELECT seq FROM head FOR UPDATE"))
        await tx.execute(text(f"SELECT pg_advisory_xact_lock_shared({migrate.MIGRATING})"))

    async def writer() -> None:
        await began.wait()
        await database.run_tx(write)

    await asyncio.gather(database.run_sync(migration), writer())
    assert attempts == 2
    assert (await database.read(lambda tx: tx.execute(text("SELECT later FROM head")))).all() == []
    await database.close()
