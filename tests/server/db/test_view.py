"""The pull reads its page through the index, however long the feed is."""

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from server.db import tables
from server.db.bulk import Bulk
from server.db.engine import Database, Tx
from server.db.migrate import analyze
from server.db.view import PAGE
from tests.support.company import ORG

pytestmark = pytest.mark.anyio
ROWS = 20_000


async def test_the_plan_of_a_page_uses_the_feeds_index_and_sorts_nothing(database: Database) -> None:
    versions = [(ORG, "account", f"row {n}", n, False, f"user:{n % 50}", b"{}", b"") for n in range(1, ROWS)]
    members = [(ORG, "account", f"row {n}", f"user:{n % 50}", n, False) for n in range(1, ROWS)]

    async def fill(tx: Tx) -> None:
        await Bulk(tables.row_version).insert(tx, versions)
        await Bulk(tables.membership).insert(tx, members)

    await database.run_tx(fill)
    await analyze(database)
    dialect = sqlite.dialect() if database.dialect == "sqlite" else postgresql.dialect()
    statement = PAGE.params(org_id=ORG, bucket="user:7", after=ROWS // 2, limit=20)
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "

    async def plan(tx: Tx) -> str:
        return "\n".join(str(tuple(record)) for record in (await tx.driver(explain + sql)).all())

    found = await database.read(plan)
    assert "ix_membership_feed" in found, found
    assert "SCAN" not in found and "Seq Scan" not in found, found
    assert "TEMP B-TREE" not in found and "Sort" not in found, found
