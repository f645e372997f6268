"""Those who wait for the executor always hear something."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.db.engine import Database
from server.db.store import SqlStore
from shared.errors import Unavailable
from sync.authority.executor import Executor
from sync.authority.jobs import Job
from sync.authority.ports import Unit
from tests.support.authority import SECRETS
from tests.support.company import NOW, ORG, REP
from tests.support.devices import SeededEntropy

pytestmark = pytest.mark.anyio


class Stuck(SqlStore):
    """A database that never comes to an end."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, SECRETS)
        self.entered = asyncio.Event()

    async def write(self, org_id: str, fn: Callable[[Unit], Awaitable[Any]]) -> Any:
        self.entered.set()
        await asyncio.Event().wait()


async def test_when_the_work_is_cancelled_those_behind_it_are_told_to_ask_again(database: Database) -> None:
    store = Stuck(database)
    executor = Executor(store, SeededEntropy(3))
    asked = [asyncio.create_task(executor.run(Job(REP, ORG, "", NOW, [])))]
    await store.entered.wait()
    asked.append(asyncio.create_task(executor.run(Job(REP, ORG, "", NOW, []))))
    await asyncio.sleep(0)
    worker = executor._lanes[ORG].worker
    assert worker is not None
    worker.cancel()
    for each in asked:
        with pytest.raises(Unavailable, match="database_busy"):
            await asyncio.wait_for(each, 10)
