"""Live queries under a running event loop: one run for each turn."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mobile.store.live import LiveQuery
from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.codec import new_row
from tests.support.devices import open_store


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return open_store(tmp_path / "app.db")


def add(store: SqliteStore, row_id: str, entity: str = "account") -> None:
    values: dict[str, Any] = {"id": row_id, "org_id": "o", "name": row_id, "account_id": "a"}
    with store.transaction():
        store.put(entity, new_row(ENTITIES[entity], {k: v for k, v in values.items() if k in ENTITIES[entity].fields}))


def test_commits_of_one_turn_make_one_run(store: SqliteStore) -> None:
    heard: list[int] = []

    async def story() -> None:
        live = LiveQuery(store, ["account"], lambda: store.count("account"), heard.append)
        for number in range(5):
            add(store, str(number))
        assert heard == []
        await asyncio.sleep(0)
        assert heard == [5] and live.runs == 2
        live.close()
        add(store, "more")
        await asyncio.sleep(0)
        assert heard == [5]

    asyncio.run(story())


def test_its_value_is_true_before_the_loop_has_come_round(store: SqliteStore) -> None:
    async def story() -> None:
        live = LiveQuery(store, ["account"], lambda: store.count("account"))
        add(store, "1")
        assert live.value == 1
        await asyncio.sleep(0)
        assert live.runs == 2

    asyncio.run(story())
