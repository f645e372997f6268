"""PostgreSQL taken away under the server, and two server processes on one database."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from server.db import migrate
from server.db.engine import Database
from tests.blackbox.ground import Record, ground, pause, wait_for
from tests.support.postgres import OwnPostgres, create_database, own_postgres

CUTS, STOPS = 8, 4


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    """A server of this module's own: it is stopped and started."""
    with own_postgres() as server:
        yield server


@pytest.fixture
def url(postgres: OwnPostgres, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database."""

    async def make() -> str:
        made = await create_database(postgres.url, f"blackbox_{request.node.name[:40]}")
        database = Database.open(made)
        await migrate.upgrade(database)
        await database.close()
        return made

    return asyncio.run(make())


def cut_connections(url: str) -> int:
    """Ends every other connection to the database; how many there were."""

    async def cut() -> int:
        connection = await asyncpg.connect(url)
        try:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            ended = await connection.fetch(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
            return len(ended)
        finally:
            await connection.close()

    return asyncio.run(cut())


def test_cut_connections_and_a_database_stopped_under_the_server_lose_nothing(
    postgres: OwnPostgres, url: str, tmp_path: Path, record_property: Record
) -> None:
    chance, cut = random.Random(4), 0
    with ground(tmp_path, url) as at:
        at.begin("rep")
        at.begin("manager")
        for _ in range(CUTS):
            at.wait_for_exchanges(1)
            pause(chance, 0.2)
            cut += cut_connections(url)
        for _ in range(STOPS):
            at.wait_for_exchanges(1)
            pause(chance, 0.2)
            postgres.stop(immediate=True)
            pause(chance, 0.2)
            postgres.start()
        at.drain()
        record_property("played", f"postgres connections_cut={cut} immediate_stops={STOPS} {at.check()}")


def test_two_server_processes_on_one_database_are_one_server(url: str, tmp_path: Path, record_property: Record) -> None:
    """The devices take another process at each request; one of the two is killed in between."""
    with ground(tmp_path, url, servers=2) as at:
        at.begin("rep")
        at.begin("manager")
        at.wait_for_exchanges(5)
        at.servers[0].kill()
        at.wait_for_exchanges(2)
        at.servers[0].start()
        at.wait_for_exchanges(5)
        at.drain()
        record_property("kills", 1)
        record_property("played", f"processes=2 kills=1 {at.check()}")


def test_news_of_one_process_wake_those_who_wait_at_another(url: str, tmp_path: Path) -> None:
    with ground(tmp_path, url, servers=2) as at:
        (tmp_path / "devices").mkdir()
        (tmp_path / "devices" / "drain").touch()
        at.begin("manager")
        wait_for(lambda: at.devices["manager"].exitcode == 0, "the manager's first sync does not end")
        phone = at.phone("manager")
        cursor = phone.engine.cursor
        heard: list[tuple[bool, float]] = []

        def wait() -> None:
            headers = {"authorization": f"Bearer {at.tokens['manager']}"}
            query = {"since": cursor, "wait_s": "25"}
            answer = httpx.get(f"{at.urls[1]}/v1/changes", params=query, headers=headers, timeout=60)
            heard.append((answer.json()["changed"], time.monotonic()))

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(1.5)
        assert not heard
        phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": "新客户"}})])
        told = time.monotonic()
        headers = {"authorization": f"Bearer {at.tokens['manager']}", "content-type": "application/json"}
        answer = httpx.post(f"{at.urls[0]}/v1/sync", content=phone.engine.build_request(), headers=headers, timeout=60)
        assert phone.engine.apply_response(answer.content).accepted
        waiting.join(60)
        assert heard and heard[0][0] and heard[0][1] - told < 20
        phone.close()
