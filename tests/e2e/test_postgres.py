"""The way of an order made without a network, with the company's books on PostgreSQL."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.stories import LANTERN, SKU, new_customer_who_wants_the_lantern
from tests.support.postgres import create_database, running_postgres


@pytest.fixture
def postgres_company(tmp_path: Path, site: Path) -> Iterator[DemoServer]:
    """The demo company on a PostgreSQL of its own."""
    # In threads of their own: Playwright's event loop may run in this one.
    with ThreadPoolExecutor(1) as thread, running_postgres() as url:
        database = thread.submit(asyncio.run, create_database(url, "caravan_story")).result()
        with DemoServer(tmp_path / "server", site, database_url=database) as running:
            yield running


def test_an_offline_order_is_confirmed_by_a_server_on_postgresql(postgres_company: DemoServer, invite: Invite) -> None:
    server = postgres_company
    assert server.environment["CARAVAN_DATABASE_URL"].startswith("postgresql://")
    lin = invite(server, "lin")
    server.stop()
    new_customer_who_wants_the_lantern(lin, "雪线户外俱乐部")
    lin.reloads()
    lin.sees("待联网确认")
    lin.sees("离线")
    server.start()
    lin.sees("已同步")
    lin.sees(re.compile(r"SO-\d{4}-\d{6}"))

    books = Books(server)
    (order,) = books.orders_for(SKU)
    assert (books.owner(order), order.state) == ("lin", "reserved")
    assert books.level(SKU) == (1, 1, 0)
    assert order.number in lin.everything()
    lin.visits("/catalogue")
    lin.types("品名、货号、拼音", LANTERN)
    lin.sees(re.compile(rf"{SKU}\s+缺货"))
    assert "intact" in server.cli("audit", "verify")
