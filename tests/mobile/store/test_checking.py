"""The check of the local file by itself: real damage, and what is put right without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.store.checking import LocalFindings, slices
from tests.support.company import ACCOUNT
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    for name in ("晨星户外", "远山", "海岸线"):
        made.create("account", name=name)
    while made.engine.upkeep():
        pass
    yield made
    made.close()


def checked(shop: Shop) -> LocalFindings:
    found = LocalFindings()
    for _ in slices(shop.store, shop.engine, found):
        pass
    while shop.engine.upkeep():
        pass
    return found


def sql(shop: Shop, *statements: str) -> None:
    for statement in statements:
        assert shop.store.connection.execute(statement).rowcount != 0, statement


def test_a_good_file_has_no_finding_and_is_not_written(shop: Shop) -> None:
    touched: set[str] = set()
    shop.store.on_change(touched.update)
    assert checked(shop) == LocalFindings() and {name for name in touched if not name.startswith("_")} == set()


def test_search_entries_that_are_lost_or_wrong_are_made_anew(shop: Shop) -> None:
    for damage in (
        "INSERT INTO s_account (s_account) VALUES ('delete-all')",
        "UPDATE e_account SET _search = 'other', _stale = 0",
        f"UPDATE e_account SET name = '银河' WHERE id = '{ACCOUNT}'",
    ):
        sql(shop, damage)
        assert checked(shop).search == 1, damage
        assert [row["name"] for row in shop.store.search("account", "晨星")] == ["晨星户外"]
    assert [row["name"] for row in shop.store.search("account", "银河")] == ["银河"]


def test_a_stray_of_unsent_work_goes_back_to_the_servers_version(shop: Shop) -> None:
    with shop.store.transaction():
        row = shop.store.get("account", ACCOUNT)
        assert row is not None
        shop.store.set_shadow("account", ACCOUNT, row, 1)
        shop.store.put("account", {**row, "name": "改过"}, 1)
        shop.store.put("account", {**row, "id": "new", "name": "没有"}, 0)
        shop.store.set_shadow("account", "new", None, 0)
    assert checked(shop).mended == 2
    assert shop.store.get("account", ACCOUNT) == row and shop.store.get("account", "new") is None
    assert len(shop.store.shadows()) == 3, "those of waiting work stay"


def test_own_work_is_shown_again_when_its_row_was_damaged(shop: Shop) -> None:
    sql(shop, "UPDATE e_account SET name = 'x' WHERE name = '远山'")
    checked(shop)
    assert shop.store.count("account", "name = '远山'") == 1 and len(shop.store.outbox()) == 3


def test_rows_without_a_proper_id_go(shop: Shop) -> None:
    count = shop.store.count("account", "1")
    sql(shop, "INSERT INTO e_account (id, name) VALUES (x'00ff', 'ghost')", "INSERT INTO e_account (id) VALUES ('')")
    assert checked(shop).mended == 2 and shop.store.count("account", "1") == count


def test_damaged_unsent_work_is_told_and_kept(shop: Shop) -> None:
    tx_id = shop.store.outbox()[1].tx_id
    sql(shop, "DROP TRIGGER payload_is_kept", "UPDATE outbox SET payload_hash = 'other' WHERE position = 2")
    shop.restart()
    found = checked(shop)
    assert found.unsent == [tx_id] and not found.whole and len(shop.store.outbox()) == 3


def test_an_index_that_lost_an_entry_is_made_anew_and_other_damage_is_told(shop: Shop) -> None:
    index = "ix_e_contact_account_id"
    shop.create("contact", account_id=ACCOUNT, name="王")
    connection = shop.store.connection
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shop.close()
    with shop.path.open("r+b") as file:
        file.seek((page - 1) * size)
        content = bytearray(file.read(size))
        content[3:5] = b"\x00\x00"  # an index page of no cells
        file.seek((page - 1) * size)
        file.write(content)
    shop.open()
    found = checked(shop)
    assert found.mended == 1 and found.whole
    assert [row["name"] for row in shop.store.children("contact", "account_id", ACCOUNT)] == ["王"]
