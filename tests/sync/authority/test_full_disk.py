"""No room for the database: nobody's work is to blame."""

import pytest

from server.db.engine import Database, Tx
from shared import protocol
from shared.errors import Unavailable
from tests.support.authority import Wire, make_authority
from tests.support.company import REP

pytestmark = pytest.mark.anyio
REFUSING = (
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{state}'; END $$",
    "CREATE TRIGGER no_room BEFORE INSERT ON tx_log EXECUTE FUNCTION no_room()",
)


async def run(database: Database, *statements: str) -> None:
    async def each(tx: Tx) -> None:
        for statement in statements:
            await tx.driver(statement)

    await database.run_tx(each)


async def take_room(database: Database, state: str) -> None:
    """SQLite may not grow any more; PostgreSQL answers with the state that it has for it."""
    if database.dialect == "sqlite":
        await run(database, "PRAGMA max_page_count = 1")  # at least what it has
    else:
        await run(database, *(statement.format(state=state) for statement in REFUSING))


async def give_room(database: Database) -> None:
    lift = "PRAGMA max_page_count = 1000000"
    await run(database, lift if database.dialect == "sqlite" else "DROP TRIGGER no_room ON tx_log")


def plenty(rep: Wire) -> protocol.SentTransaction:
    """More than fits into what is free inside the file."""
    values = {"name": "客户", "notes": "x" * 1_500}
    return rep.envelope(rep.tx(*(("account.create", {"id": rep.new_id(), "values": values}) for _ in range(300))))


@pytest.mark.parametrize("state", ["53100", "57P01"])
async def test_a_full_disk_refuses_nothing_for_good(database: Database, state: str) -> None:
    rep = Wire(await make_authority(database), REP)
    sent = plenty(rep)
    await take_room(database, state)
    full = database.dialect == "sqlite" or state == "53100"
    with pytest.raises(Unavailable, match="server_full" if full else "database_busy"):
        await rep.send(rep.request(sent))
    await give_room(database)
    answer = await rep.send(rep.request(sent))
    assert [outcome.status for outcome in answer.outcomes] == ["accepted"] and len(rep.all("account")) > 300
