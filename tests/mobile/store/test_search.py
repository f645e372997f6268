"""Search finds customers by what people remember of them, also before the index is complete."""

from pathlib import Path
from typing import Any

import pytest

from mobile.store import make_pinyin, search
from mobile.store.search import TOKENS_VERSION
from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.codec import new_row
from tests.support.devices import open_store

NAMES = {
    "1": ("深圳市腾讯计算机系统有限公司", "+86 138-0013-8000"),
    "2": ("重庆长江户外用品", "023-6868 1234"),
    "3": ("Lotus Trading Café", "0755 2601"),
    "4": ("绿洲露营", "13900139000"),
    "5": ("厦门行远户外", ""),
}


def account(row_id: str, name: str, phone: str = "", **values: Any) -> dict[str, Any]:
    return new_row(ENTITIES["account"], {"id": row_id, "org_id": "o", "name": name, "phone": phone, **values})


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    store = open_store(tmp_path / "app.db")
    with store.transaction():
        for row_id, (name, phone) in NAMES.items():
            store.put("account", account(row_id, name, phone))
    return store


def found(store: SqliteStore, text: str, **filters: Any) -> list[str]:
    return [row["id"] for row in store.search("account", text, filters=filters)]


QUERIES = [
    ("深圳", "1"), ("讯", "1"), ("腾讯", "1"), ("计算机系统", "1"), ("szs", "1"), ("shenzhen", "1"), ("tengxun", "1"),
    ("txjsj", "1"), ("shenzs", "1"), ("szhen", "1"), ("8000", "1"), ("138-0013", "1"), ("138 0013 8000", "1"),
    ("chongqing", "2"), ("cqcj", "2"), ("changjiang", "2"), ("681", "2"), ("lotus", "3"), ("LOT tra", "3"),
    ("cafe", "3"), ("ｌｏｔｕｓ", "3"), ("2601", "3"), ("lvzhou", "4"), ("lz", "4"), ("绿", "4"), ("xiamen", "5"),
    ("hangyuan", "5"), ("xingyuan", "5"), ("厦门 户外", "5"), ("xm hw", "5"), ("长江 1234", "2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row_id"), QUERIES)
def test_name_pinyin_initials_and_digits_find_the_customer(store: SqliteStore, text: str, row_id: str) -> None:
    assert row_id in found(store, text)
    assert store.index.stale("account") == 0


@pytest.mark.parametrize("text", ["上海", "深川", "shenzhem", "xyz", "9999", "腾讯 上海", "!!!"])
def test_what_is_not_there_is_not_found(store: SqliteStore, text: str) -> None:
    assert found(store, text) == []


@pytest.mark.parametrize("text", ['"', 'a"b OR c', "NEAR(", "*", '深"圳', "-", "%", "' OR 1=1"])
def test_no_sign_that_a_person_types_breaks_the_query(store: SqliteStore, text: str) -> None:
    found(store, text)


def test_the_best_match_comes_first(store: SqliteStore) -> None:
    with store.transaction():
        for row_id, name in (("6", "大户外"), ("7", "户外"), ("8", "户外之家")):
            store.put("account", account(row_id, name))
    assert found(store, "户外")[:2] == ["7", "8"]
    assert found(store, "hw")[:2] == ["7", "8"]


@pytest.mark.parametrize(("text", "row_id"), QUERIES)
def test_rows_not_indexed_yet_are_found_by_their_text(tmp_path: Path, text: str, row_id: str) -> None:
    store = open_store(tmp_path / "app.db")
    with store.transaction():
        for known, (name, phone) in NAMES.items():
            store.put("account", account(known, name, phone))
        for number in range(100, 130):
            store.put("account", account(str(number), f"别家{number}"))
    assert store.index.stale("account") > 20
    assert row_id in found(store, text)


def test_a_long_first_sync_is_searchable_by_what_the_names_contain(tmp_path: Path) -> None:
    store = open_store(tmp_path / "app.db")
    with store.transaction():
        for known, (name, phone) in NAMES.items():
            store.put("account", account(known, name, phone))
        for number in range(100, 400):
            store.put("account", account(str(number), f"别家{number}"))
    assert found(store, "腾讯") == ["1"] and found(store, "LOTUS") == ["3"] and found(store, "别家399") == ["399"]


def test_indexing_in_slices_resumes_after_a_cut(tmp_path: Path) -> None:
    store = open_store(tmp_path / "app.db")
    with store.transaction():
        for number in range(300):
            store.put("account", account(str(number), f"客户{number}"))
    assert store.index_slice()
    left = store.index.stale("account")
    assert 0 < left < 300
    store.connection.close()
    again = open_store(tmp_path / "app.db")
    assert again.index.stale("account") == left
    while again.index_slice():
        pass
    assert again.index.stale("account") == 0
    assert found(again, "客户299") == ["299"]


def test_a_changed_name_is_found_by_the_new_one_only(store: SqliteStore) -> None:
    with store.transaction():
        store.put("account", account("1", "广州南方", "020 1111"))
    assert found(store, "腾讯") == [] and found(store, "8000") == []
    assert found(store, "广州") == ["1"]


def test_a_deleted_row_is_found_by_nobody(store: SqliteStore) -> None:
    with store.transaction():
        store.delete("account", "1")
        store.put("account", account("4", *NAMES["4"], deleted_at=5))
    assert found(store, "深圳") == [] and found(store, "绿洲") == []
    assert store.query("SELECT count(*) AS n FROM s_account WHERE s_account MATCH '\"c腾讯\"'") == [{"n": 0}]


def test_filters_narrow_what_is_found(store: SqliteStore) -> None:
    with store.transaction():
        store.put("account", account("6", "深圳乙", account_class="won"))
    assert found(store, "深圳", account_class="won") == ["6"]
    assert set(found(store, "深圳", account_class=["won", "potential"])) == {"1", "6"}
    assert found(store, "", account_class="won") == ["6"]
    with pytest.raises(KeyError):
        found(store, "深圳", nonsense=1)


def test_pages_of_results_follow_each_other(tmp_path: Path) -> None:
    store = open_store(tmp_path / "app.db")
    with store.transaction():
        for number in range(60):
            store.put("account", account(f"{number:02}", f"客户{number:02}"))
    while store.index_slice():
        pass
    first = [row["id"] for row in store.search("account", "客户", limit=25)]
    second = [row["id"] for row in store.search("account", "客户", limit=25, offset=25)]
    assert len(set(first + second)) == 50
    assert [row["id"] for row in store.search("account", "", limit=2, offset=1)] == ["01", "02"]


def test_another_version_of_the_tokens_builds_the_index_anew(
    tmp_path: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.connection.close()
    monkeypatch.setattr(search, "TOKENS_VERSION", TOKENS_VERSION + 1)
    again = open_store(tmp_path / "app.db")
    assert again.index.stale("account") == len(NAMES)
    while again.index_slice():
        pass
    assert found(again, "tengxun") == ["1"]


def test_the_pinyin_table_is_what_its_maker_makes() -> None:
    assert Path(make_pinyin.__file__).with_name("pinyin_table.py").read_text(encoding="utf-8") == make_pinyin.source()
