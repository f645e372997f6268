"""The local store keeps rows exactly, in transactions that do not nest, and tells who wants to know."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile.store.store import SqliteStore
from shared.access import all_entities_on_devices
from shared.catalog import ENTITIES, Entity
from shared.codec import UNKNOWN, new_row
from shared.fields import Kind
from sync.ports import OutboxEntry
from tests.support.devices import open_store

EXAMPLES: dict[Kind, Any] = {
    Kind.ID: "018f0000-0000-7000-8000-000000000001", Kind.REF: "018f0000-0000-7000-8000-000000000002",
    Kind.TEXT: "驼峰 \"O'Hara\"", Kind.LONG_TEXT: "一\n二", Kind.PHONE: "+86 138 0013 8000", Kind.EMAIL: "a@b.cn",
    Kind.CODE: "SO-2026-000123", Kind.BOOL: True, Kind.INT: 2**53 - 1, Kind.MONEY: Decimal("12345678901.0001"),
    Kind.QUANTITY: Decimal("-0.5"), Kind.PERCENT: Decimal("12.5"), Kind.DATE: "2026-11-22",
    Kind.TIME: "14:30",
    Kind.TIMESTAMP: 1_795_320_000_000, Kind.TAGS: ["vip", "老客户"], Kind.JSON: {"a": [1, None, "x"]},
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return open_store(tmp_path / "app.db")


def full_row(entity: Entity) -> dict[str, Any]:
    return {
        field.name: field.choices[-1] if field.kind is Kind.ENUM else EXAMPLES[field.kind]
        for field in entity.fields.values()
    }


def account(number: int, **values: Any) -> dict[str, Any]:
    row_id = f"018f0000-0000-7000-8000-{number:012d}"
    return new_row(ENTITIES["account"], {"id": row_id, "org_id": "o", "name": f"客户{number}", **values})


def entry(tx_id: str, payload: bytes = b"{}") -> OutboxEntry:
    return OutboxEntry(position=0, tx_id=tx_id, payload=payload, payload_hash="h", created_at=1)


@pytest.mark.parametrize("entity", all_entities_on_devices(), ids=lambda entity: entity.name)
def test_every_field_of_every_entity_comes_back_as_it_was(store: SqliteStore, entity: Entity) -> None:
    row = full_row(entity)
    with store.transaction():
        store.put(entity.name, row, 7)
    assert store.get(entity.name, row["id"]) == row
    assert store.revision(entity.name, row["id"]) == 7
    needed = {field.name: row[field.name] for field in entity.own_fields if field.required}
    empty = new_row(entity, {"id": "x", "org_id": "o", **needed})
    with store.transaction():
        store.put(entity.name, empty)
    assert store.get(entity.name, "x") == empty


@given(number=st.decimals(min_value=-(10**10), max_value=10**10, places=4))
@settings(max_examples=50, deadline=None)
def test_amounts_are_exact(tmp_path_factory: pytest.TempPathFactory, number: Decimal) -> None:
    store = open_store(tmp_path_factory.mktemp("store") / "app.db")
    row = new_row(ENTITIES["order"], {"id": "x", "org_id": "o", "account_id": "a", "total": number})
    with store.transaction():
        store.put("order", row)
    kept = store.get("order", "x")
    assert kept is not None and kept["total"] == number
    assert store.query("SELECT total FROM e_order")[0]["total"] == int(number * 10_000)
    store.connection.close()


def test_fields_of_a_newer_server_are_kept(store: SqliteStore) -> None:
    row = {**account(1), UNKNOWN: {"mood": "good"}}
    with store.transaction():
        store.put("account", row)
    assert store.get("account", row["id"]) == row


def test_a_failed_transaction_leaves_nothing(store: SqliteStore) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.put("account", account(1))
        store.outbox_add(entry("t"))
        store.set_buckets("account", account(1)["id"], ["org"])
        _ = 1 / 0
    assert store.get("account", account(1)["id"]) is None
    assert store.outbox() == []
    with store.transaction():
        store.put("account", account(2))
        store.set_buckets("account", account(2)["id"], ["org"])
    assert store.buckets("account", account(2)["id"]) == ["org"]


def test_transactions_do_not_nest(store: SqliteStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="nest"), store.transaction():
        pass


def test_writing_outside_a_transaction_is_refused(store: SqliteStore) -> None:
    for write in (
        lambda: store.put("account", account(1)),
        lambda: store.delete("account", "x"),
        lambda: store.set_meta("a", "b"),
        lambda: store.outbox_add(entry("t")),
        lambda: store.set_shadow("account", "x", None, 0),
        lambda: store.save_draft("d", "basket", {}, 1),
    ):
        with pytest.raises(RuntimeError):
            write()


def test_a_commit_tells_the_names_of_the_entities_once(store: SqliteStore) -> None:
    heard: list[set[str]] = []
    stop = store.on_change(heard.append)
    with store.transaction():
        store.put("account", account(1))
        store.put("account", account(2))
        store.save_draft("d", "basket", {"lines": []}, 1)
    with pytest.raises(ValueError, match="no"), store.transaction():
        store.put("product", full_row(ENTITIES["product"]))
        raise ValueError("no")
    assert heard == [{"account", "_draft"}]
    stop()
    with store.transaction():
        store.put("account", account(3))
    assert len(heard) == 1


def test_children_are_found_in_order_of_id_deleted_ones_too(store: SqliteStore) -> None:
    with store.transaction():
        for number in (3, 1, 2):
            row = new_row(ENTITIES["contact"], {"id": str(number), "org_id": "o", "account_id": "a", "name": "王"})
            store.put("contact", {**row, "deleted_at": 5 if number == 2 else None})
    assert [row["id"] for row in store.children("contact", "account_id", "a")] == ["1", "2", "3"]


def test_a_row_goes_only_with_its_last_bucket(store: SqliteStore) -> None:
    first, second = account(1), account(2)
    with store.transaction():
        for row, buckets in ((first, ["user:a", "team:b"]), (second, ["team:b"])):
            store.put("account", row, 1)
            store.set_buckets("account", row["id"], buckets)
        assert store.drop_bucket("team:b") == [("account", second["id"])]
        assert store.drop_bucket("team:never") == []
    assert store.buckets("account", first["id"]) == ["user:a"]
    assert store.buckets("account", second["id"]) == []


def test_the_shadow_keeps_the_servers_version_or_its_absence(store: SqliteStore) -> None:
    row = account(1, tags=["a"])
    with store.transaction():
        store.set_shadow("account", row["id"], row, 9)
        store.set_shadow("account", "new", None, 0)
    assert store.shadow("account", row["id"]) == (True, row, 9)
    assert store.shadow("account", "new") == (True, None, 0)
    assert store.shadow("account", "other") == (False, None, 0)


def test_the_outbox_keeps_bytes_and_order_over_a_restart(tmp_path: Path) -> None:
    store = open_store(tmp_path / "app.db")
    payload = '{"b":1,  "a":"驼"}'.encode()
    with store.transaction():
        for name in ("c", "a", "b"):
            store.outbox_add(entry(name, payload))
        store.archive(entry("a", payload), "discarded", 1)
        store.outbox_remove("a")
    store.connection.close()
    again = open_store(tmp_path / "app.db")
    assert [(kept.tx_id, kept.payload) for kept in again.outbox()] == [("c", payload), ("b", payload)]


def test_a_draft_is_stored_and_never_reaches_the_outbox(store: SqliteStore) -> None:
    with store.transaction():
        store.save_draft("basket:1", "basket", {"lines": [{"product_id": "p", "quantity": "2"}]}, 5)
        store.save_draft("basket:2", "basket", {"lines": []}, 6)
    assert [draft_id for draft_id, _ in store.drafts("basket")] == ["basket:2", "basket:1"]
    assert store.draft("basket:1") == {"lines": [{"product_id": "p", "quantity": "2"}]}
    with store.transaction():
        store.delete_draft("basket:1")
    assert store.draft("basket:1") is None and store.outbox() == []


def test_the_error_log_keeps_the_newest_entries(store: SqliteStore) -> None:
    with store.transaction():
        for number in range(520):
            store.log_error(number, "unexpected", f"detail {number}")
    assert len(store.errors(1_000)) == 500
    assert store.errors(1)[0]["detail"] == "detail 519"
