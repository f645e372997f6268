"""A live query is true after every commit that concerns it, and runs once for many."""

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


def test_a_commit_to_its_entities_runs_it_again(store: SqliteStore) -> None:
    live = LiveQuery(store, ["account"], lambda: store.count("account"))
    add(store, "1")
    assert live.value == 1
    add(store, "2", "contact")
    assert live.runs == 2


def test_a_transaction_that_failed_runs_nothing(store: SqliteStore) -> None:
    live = LiveQuery(store, ["account"], lambda: store.count("account"))
    with pytest.raises(KeyError), store.transaction():
        store.put("account", new_row(ENTITIES["account"], {"id": "1", "org_id": "o", "name": "x"}))
        raise KeyError("no")
    assert live.value == 0 and live.runs == 1
