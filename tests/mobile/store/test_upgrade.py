"""A local file of an older version opens after an update, with its rows and its unsent work."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from mobile.store.schema import LOCAL_VERSION
from mobile.store.store import SqliteStore
from shared.ids import derived_id
from sync.device.outbox import payload_hash
from tests.support.company import ACCOUNT, REP, Company
from tests.support.devices import Phone, open_store

OLDER = Path(__file__).with_name("older_local_file.sql")


def contents(store: SqliteStore) -> list[object]:
    tables = store.query("SELECT name, sql FROM sqlite_schema WHERE sql NOT LIKE '%fts5%' ORDER BY name")
    names = [table["name"] for table in tables if (table["sql"] or "").startswith("CREATE TABLE")]
    return [tables, *(store.query(f"SELECT * FROM [{name}]") for name in names)]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    path = tmp_path / "app.db"
    connection = sqlite3.connect(path)
    connection.executescript(OLDER.read_text(encoding="utf-8"))
    connection.close()
    return path


def test_an_older_file_gains_columns_and_tables_in_place(older: Path) -> None:
    store = open_store(older)
    row = store.get("account", ACCOUNT)
    assert row is not None and row["name"] == "山野户外" and row["tags"] == [] and row["bank_account"] == ""
    order = store.select("order")[0]
    assert (order["discount"], order["shortage_policy"]) == (Decimal(0), "backorder")
    assert store.count("activity") == 0 and store.drafts("basket") == []
    assert store.query("PRAGMA user_version")[0]["user_version"] == LOCAL_VERSION


def test_a_field_that_the_server_had_already_sent_moves_into_its_new_column(older: Path) -> None:
    row = open_store(older).get("account", ACCOUNT)
    assert row is not None and row["level"] == "A" and row["_unknown"] == {"mood": "good"}


def test_an_older_file_keeps_its_full_outbox_and_can_work_on(older: Path) -> None:
    phone = Phone(older, Company().actor(REP), seed=2)
    assert phone.engine.status().unsent == 3
    assert all(entry.payload_hash == payload_hash(entry.payload) for entry in phone.store.outbox())
    names = [command["name"] for entry in phone.engine.pending() for command in entry.commands]
    assert names[0] == "account.create" and names[-1] == "order.submit"
    phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"level": "A"}, "values": {"level": "B"}})])
    request = phone.engine.build_request()
    assert request.count(b'"seq":') == 4


def test_an_older_file_is_searchable_after_the_update(older: Path) -> None:
    store = open_store(older)
    assert [row["id"] for row in store.search("account", "云栖")] == [derived_id("new account")]
    while store.index_slice():
        pass
    assert [row["id"] for row in store.search("account", "yqly")] == [derived_id("new account")]


def test_opening_twice_changes_nothing(older: Path) -> None:
    first = open_store(older)
    before = contents(first)
    first.connection.close()
    assert contents(open_store(older)) == before


def test_a_file_of_a_newer_version_is_refused(older: Path) -> None:
    connection = sqlite3.connect(older)
    connection.execute(f"PRAGMA user_version = {LOCAL_VERSION + 1}")
    connection.close()
    with pytest.raises(ValueError, match="version"):
        open_store(older)
