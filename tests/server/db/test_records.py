"""A page of the open API is one statement over an index: its plans on SQLite, and how many statements a page takes."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy.dialects import sqlite

from server.db import records
from server.db.engine import Database
from server.db.record_query import read_query
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.ids import derived_id
from sync.authority.feed import Reader
from tests.support.authority import SECRETS, make_authority
from tests.support.company import ADMIN, ORG, REP, TEAM
from tests.support.databases import Templates

pytestmark = pytest.mark.anyio
ROW = derived_id("a row")
READER = Reader(Actor(REP, ORG, "rep", TEAM), ("org", "stock", f"user:{REP}"), False)


@pytest.mark.parametrize(
    ("entity", "parameters", "index", "after"),
    [
        ("account", [], "PRIMARY KEY (org_id=? AND id>?)", ("x", ROW)),
        ("account", [("sort", "-id")], "PRIMARY KEY (org_id=? AND id<?)", ("x", ROW)),
        ("order", [("sort", "number")], "ix_e_order_number (org_id=? AND (number,id)>(?,?))", ("SO-1", ROW)),
        ("order", [("sort", "-number")], "ix_e_order_number (org_id=? AND (number,id)<(?,?))", ("SO-1", ROW)),
    ],
)
def test_a_page_begins_in_an_index_where_the_last_one_ended(
    templates: Templates, entity: str, parameters: list[tuple[str, str]], index: str, after: tuple[str, str]
) -> None:
    query = read_query(ENTITIES[entity], "rep", parameters)
    statement = records.page_statement(query, READER, after, "sqlite")
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    sql, values = str(compiled), tuple(compiled.params[name] for name in compiled.positiontup or ())
    with closing(sqlite3.connect(templates.fresh("sqlite").removeprefix("sqlite:///"))) as connection:
        lines = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any(f"e_{entity}" in line and index in line for line in lines), lines
    assert not any("SCAN" in line or "TEMP B-TREE" in line for line in lines), lines


async def test_a_page_takes_one_statement_however_long_it_is(database: Database) -> None:
    authority = await make_authority(database)
    query = read_query(ENTITIES["user"], "admin", [("limit", "3")])
    reader = Reader(Actor(ADMIN, ORG, "admin"), ("org",), True)
    counted = []

    async def page(view):
        selected = view.selected

        async def count(statement, *, restricted):
            counted.append(statement)
            return await selected(statement, restricted=restricted)

        view.selected = count
        return await records.read_records(view, reader, query, SECRETS)

    found = await authority.store.view(ORG, page)
    assert len(found.puts) == 3 and found.cursor and len(counted) == 1
