"""What a pull reads it reads through the feed's index, however long the feed is."""

from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from server.db import tables
from server.db.bulk import Bulk
from server.db.engine import Database, Tx
from server.db.migrate import analyze
from server.db.view import LIVED_IN, PAGE
from tests.support.company import ORG

pytestmark = pytest.mark.anyio
ROWS = 20_000


@pytest.fixture
async def long_feed(database: Database) -> Database:
    """Rows of fifty buckets, with a year of history that all of them have come back from."""
    versions = [(ORG, "account", f"row {n}", n, False, f"user:{n % 50}", b"{}", b"") for n in range(1, ROWS)]
    members = [(ORG, "account", f"row {n}", f"user:{n % 50}", n, False) for n in range(1, ROWS)]
    months = [(ORG, f"user:{n}", f"2025-{month:02}", 1) for n in range(50) for month in range(1, 13)]

    async def fill(tx: Tx) -> None:
        await Bulk(tables.row_version).insert(tx, versions)
        await Bulk(tables.membership).insert(tx, members)
        await Bulk(tables.history_bucket).insert(tx, months)

    await database.run_tx(fill)
    await analyze(database)
    return database


async def plan(database: Database, statement: Any) -> str:
    """How the database goes about it, a line for each step."""
    dialect = sqlite.dialect() if database.dialect == "sqlite" else postgresql.dialect()
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "

    async def read(tx: Tx) -> str:
        return "\n".join(str(tuple(record)) for record in (await tx.driver(explain + sql)).all())

    return await database.read(read)


async def test_the_plan_of_a_page_uses_the_feeds_index_and_sorts_nothing(long_feed: Database) -> None:
    found = await plan(long_feed, PAGE.params(org_id=ORG, bucket="user:7", after=ROWS // 2, limit=20))
    assert "ix_membership_feed" in found, found
    assert "SCAN" not in found and "Seq Scan" not in found, found
    assert "TEMP B-TREE" not in found and "Sort" not in found, found


async def test_a_look_into_a_month_of_history_uses_the_feeds_index(long_feed: Database) -> None:
    """Found by a bench: SQLite read the memberships of the whole organisation for each month, in every pull."""
    asked = tables.history_bucket.c
    found = await plan(long_feed, LIVED_IN.where(asked.org_id == ORG, asked.bucket.in_(["user:7", "user:8"])))
    assert "ix_membership_feed" in found, found
    assert "membership USING PRIMARY KEY" not in found and "Seq Scan on membership" not in found, found
    assert "TEMP B-TREE" not in found, found
