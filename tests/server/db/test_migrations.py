"""Migrations that do more than add: what was there stays."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection

from server.db import migrate
from server.db.engine import Database

pytestmark = pytest.mark.anyio


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
