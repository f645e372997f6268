"""Two processes over one database: the head row is the lock for both."""

import asyncio
import time

import pytest

from server.db.authority import Authority
from server.db.engine import Database, Tx
from server.db.migrate import MIGRATING, newest
from shared.errors import Unavailable
from shared.ids import stock_level_id
from shared.protocol import Outcome
from sync.authority.ports import Unit
from tests.support.authority import SECRETS, TestAuthority, Wire, make_authority
from tests.support.company import LAMP, MANAGER, NOW, ORG, REP, WAREHOUSE, order_commands
from tests.support.devices import HandClock, SeededEntropy

pytestmark = pytest.mark.anyio
ORDERS = 12
HELD_S = 0.3


async def test_two_workers_never_oversell_and_never_give_a_number_twice(database: Database, database_url: str) -> None:
    first = await make_authority(database)
    second_database = Database.open(database_url)
    second = TestAuthority(second_database, SECRETS, HandClock(NOW + 500), SeededEntropy(8))

    async def buy(number: int, authority: Authority) -> Outcome:
        wire = Wire(authority, REP, seed=number + 10)
        _, commands = order_commands((LAMP, 1), name=f"order {number}")
        return await wire.push(*commands)

    outcomes = await asyncio.gather(*(buy(number, (first, second)[number % 2]) for number in range(ORDERS)))
    assert [outcome.status for outcome in outcomes] == ["accepted"] * ORDERS
    manager = Wire(second, MANAGER)
    await manager.pull()
    level = manager.rows[("stock_level", stock_level_id(WAREHOUSE, LAMP))]
    assert (level["on_hand"], level["reserved"], level["backordered"]) == ("1", "1", str(ORDERS - 1))
    assert len({row["number"] for row in manager.all("order")}) == ORDERS
    assert [line["state"] for line in manager.all("order_line")].count("reserved") == 1
    await second_database.close()


async def test_a_retry_through_another_worker_is_the_same_transaction(database: Database, database_url: str) -> None:
    first = await make_authority(database)
    second_database = Database.open(database_url)
    second = TestAuthority(second_database, SECRETS, HandClock(NOW + 500), SeededEntropy(8))
    wire = Wire(first, REP)
    order_id, commands = order_commands((LAMP, 1))
    sent = wire.envelope(wire.tx(*commands))
    await wire.lose(wire.request(sent))
    wire.authority = second
    outcome = (await wire.send(wire.request(sent))).outcomes[0]
    assert outcome.status == "accepted"
    await wire.pull()
    assert [row["id"] for row in wire.all("order")] == [order_id]
    assert wire.rows[("stock_level", stock_level_id(WAREHOUSE, LAMP))]["reserved"] == "1"
    await second_database.close()


async def test_a_write_that_a_migration_overtakes_is_not_stored_by_the_older_process(
    database: Database, database_url: str
) -> None:
    """The migration is under way when the write begins, and is committed while it waits."""
    authority = await make_authority(database)
    other = Database.open(database_url)
    wire = Wire(authority, REP)
    await wire.pull()
    sent = wire.envelope(wire.tx(("account.create", {"id": wire.new_id(), "values": {"name": "迟到"}})))

    async def migrate(tx: Tx) -> None:
        if tx.dialect == "postgresql":
            await tx.driver(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        await tx.driver("UPDATE alembic_version SET version_num = '9999'")
        if tx.dialect == "postgresql":
            await asyncio.sleep(0.5)
        else:
            time.sleep(0.5)

    migrating = asyncio.create_task(other.run_tx(migrate))
    await asyncio.sleep(0.2)
    with pytest.raises(Unavailable, match="server_older"):
        await wire.send(wire.request(sent))
    await migrating
    stored = await database.run_sync(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM e_account WHERE name = '迟到'").scalar()
    )
    assert stored == 0
    back = f"UPDATE alembic_version SET version_num = '{newest()}'"
    await database.run_sync(lambda connection: connection.exec_driver_sql(back))
    assert (await wire.send(wire.request(sent))).outcomes[0].status == "accepted"
    await other.close()


async def test_a_second_worker_waits_until_the_first_has_committed(database: Database, database_url: str) -> None:
    """Uniqueness of the log would find most of what two at once can do, not all: a head that is written back."""
    first = await make_authority(database)
    second_database = Database.open(database_url)
    second = TestAuthority(second_database, SECRETS, HandClock(NOW + 500), SeededEntropy(8))
    happened: list[str] = []

    async def hold(_unit: Unit) -> None:
        happened.append("first in")
        if database.dialect == "sqlite":
            time.sleep(HELD_S)  # in the writer's own thread, where nothing may be awaited
        else:
            await asyncio.sleep(HELD_S)
        happened.append("first out")

    async def follow(_unit: Unit) -> None:
        happened.append("second in")

    holding = asyncio.ensure_future(first.store.write(ORG, hold))
    while not happened:
        await asyncio.sleep(0.005)
    await second.store.write(ORG, follow)
    await holding
    assert happened == ["first in", "first out", "second in"]
    await second_database.close()
