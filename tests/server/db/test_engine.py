"""Both databases behind one interface: commits, snapshots, retries."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.db import tables
from server.db.engine import Database, Tx
from shared.errors import Unavailable
from sync.authority.chain import GENESIS

pytestmark = pytest.mark.anyio


def head(org_id: str) -> dict:
    return {
        "org_id": org_id,
        "seq": 0,
        "chain_count": 0,
        "chain_head": GENESIS,
        "access_version": 1,
        "dataset_id": "d",
        "epoch": 1,
    }


async def count(tx: Tx) -> int:
    return (await tx.execute(select(func.count()).select_from(tables.head))).scalar_one()


async def test_a_function_that_raises_leaves_nothing(database: Database) -> None:
    async def fail(tx: Tx) -> None:
        await tx.execute(tables.head.insert(), head("o"))
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await database.run_tx(fail)
    assert await database.read(count) == 0


async def test_reading_cannot_write(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await tx.execute(tables.head.insert(), head("o"))

    with pytest.raises(DBAPIError):
        await database.read(write)


async def test_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    await database.run_tx(lambda tx: tx.execute(tables.head.insert(), head("o")))

    async def increase(tx: Tx) -> None:
        statement = select(tables.head.c.seq).where(tables.head.c.org_id == "o").with_for_update()
        seq = (await tx.execute(statement)).scalar_one()
        await tx.execute(tables.head.update().where(tables.head.c.org_id == "o").values(seq=seq + 1))

    await asyncio.gather(*(database.run_tx(increase) for _ in range(40)))

    async def read(tx: Tx) -> int:
        return (await tx.execute(select(tables.head.c.seq))).scalar_one()

    assert await database.read(read) == 40


async def test_foreign_keys_are_checked_at_the_commit_and_not_before(database: Database) -> None:
    account = tables.table("account")
    values = {column.name: None for column in account.columns}
    for field in account.columns:
        if not field.nullable:
            values[field.name] = 0 if field.type.python_type is int else "x"

    async def orphan(tx: Tx) -> None:
        await tx.execute(account.insert(), {**values, "org_id": "o", "id": "a", "price_list_id": "nowhere"})
        assert (await tx.execute(select(func.count()).select_from(account))).scalar_one() == 1

    with pytest.raises(IntegrityError):
        await database.run_tx(orphan)


async def test_a_deadlock_or_serialisation_failure_runs_the_function_again(database: Database) -> None:
    attempts = []

    async def twice(tx: Tx) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise _transient(database.dialect)
        await tx.execute(tables.head.insert(), head("o"))
        return "done"

    assert await database.run_tx(twice) == "done"
    assert len(attempts) == 3
    assert await database.read(count) == 1


async def test_retries_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.db import engine

    monkeypatch.setattr(engine, "MAX_ATTEMPTS", 3)

    async def never(_tx: Tx) -> None:
        raise _transient(database.dialect)

    with pytest.raises(Unavailable, match="database_busy"):
        await database.run_tx(never)


def _transient(dialect: str) -> DBAPIError:
    class Deadlock(Exception):
        sqlstate = "40P01"
        sqlite_errorcode = sqlite3.SQLITE_BUSY

    return DBAPIError("UPDATE", {}, Deadlock(dialect))


async def test_an_embedded_database_that_another_process_holds_is_waited_for(templates) -> None:
    url = templates.fresh("sqlite")
    database = Database.open(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.3, other.execute, "COMMIT")
    await database.run_tx(lambda tx: tx.execute(tables.head.insert(), head("o")))
    assert await database.read(count) == 1
    other.close()
    await database.close()


async def test_an_embedded_database_survives_a_power_cut(templates) -> None:
    database = Database.open(templates.fresh("sqlite"))

    async def pragmas(tx: Tx) -> list:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [(await tx.driver(f"PRAGMA {name}")).scalar() for name in names]

    full = 2
    assert await database.run_tx(pragmas) == ["wal", full, 1]
    await database.close()


async def test_a_function_may_await_nothing_but_its_transaction(templates) -> None:
    database = Database.open(templates.fresh("sqlite"))

    async def sleepy(_tx: Tx) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its own transaction"):
        await database.run_tx(sleepy)
    await database.close()


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="sqlite or postgresql"):
        Database.open("mysql://x/y")
