"""The list of leads, who is known already, and what is left to fill in, over a real store."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from mobile.store.queries import leads
from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from tests.support.company import NOW, ORG, REP

EVENT = derived_id("event")


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = SqliteStore(sqlite3.connect(":memory:"))
    put(made, "user", "rep", id=REP, name="林小满", login="lin")
    put(made, "event", "event", name="深圳户外展", starts_on="2026-11-20", ends_on="2026-11-24")
    yield made
    made.connection.close()


def put(store: SqliteStore, entity: str, tag: str, **values: Any) -> str:
    row_id = values.pop("id", derived_id(tag))
    blank = {"id": row_id, "org_id": ORG, "owner_id": REP, "created_at": NOW, "updated_at": NOW, "created_by": REP}
    with store.transaction():
        store.put(entity, new_row(ENTITIES[entity], {**blank, **values}), 1)
    return str(row_id)


def found(store: SqliteStore, phone: str = "", email: str = "", company: str = "") -> list[tuple[str, str, str]]:
    return [(one.entity, one.name, one.why) for one in leads.same(store, phone, email, company)]


def test_the_list_is_found_by_name_company_pinyin_and_last_digits(store: SqliteStore) -> None:
    put(
        store,
        "lead",
        "a",
        name="陈立群",
        company="昆明驼铃山野旅行用品店",
        phone="138 2660 4471",
        event_id=EVENT,
        grade="A",
    )
    put(store, "lead", "b", name="Anna Berg", company="Nordlys Outdoor GmbH", created_at=NOW + 1, state="following")
    put(store, "lead", "c", name="走了", deleted_at=NOW)
    assert [row["name"] for row in leads.leads(store)] == ["Anna Berg", "陈立群"]
    for text in ("立群", "chenliqun", "clq", "驼铃", "tuoling", "4471"):
        assert [row["name"] for row in leads.leads(store, text=text)] == ["陈立群"], text
    assert [row["name"] for row in leads.leads(store, grade="A", event_id=EVENT)] == ["陈立群"]
    assert [row["name"] for row in leads.leads(store, state="following", text="nord")] == ["Anna Berg"]
    assert leads.leads(store, state="invalid") == []
    assert leads.state_counts(store) == {"": 2, "new": 1, "following": 1}
    assert leads.leads(store)[1]["owner_name"] == "林小满"


def test_the_same_number_is_known_however_it_is_written_and_the_contact_with_it(store: SqliteStore) -> None:
    account = put(store, "account", "acc", name="昆明驼铃", phone="0871 6512 3456")
    contact = put(store, "contact", "con", account_id=account, name="陈立群", phone="+86 138-2660-4471")
    (one,) = leads.same(store, "13826604471", "", "")
    assert (one.entity, one.id, one.contact_id, one.why) == ("account", account, contact, "phone")
    assert found(store, phone="087165123456") == [("account", "昆明驼铃", "phone")]
    assert found(store, phone="138 2660 447") == [], "a number that is not whole yet"
    assert found(store, phone="138 2660 4472") == []


def test_an_address_is_compared_without_capitals_and_a_lead_never_with_itself(store: SqliteStore) -> None:
    mine = put(store, "lead", "mine", name="周岚", email="Zhou@Shanye.cn")
    assert found(store, email="zhou@shanye.cn ") == [("lead", "周岚", "email")]
    assert leads.same(store, "", "zhou@shanye.cn", "", but=mine) == []
    assert found(store, email="zhou") == []


@pytest.mark.parametrize(
    "typed",
    [
        "杭州山野户外用品",
        "杭州山野户外用品有限责任公司",
        "杭州 山也 户外用品",
        "hangzhoushanyehuwaiyongpin",
        "山野户外用品",
    ],
)
def test_a_company_is_known_by_its_sound_and_without_its_legal_form(store: SqliteStore, typed: str) -> None:
    put(store, "account", "acc", name="杭州山野户外用品有限公司")
    assert found(store, company=typed) == [("account", "杭州山野户外用品有限公司", "company")]


def test_companies_that_only_begin_alike_are_not_the_same(store: SqliteStore) -> None:
    put(store, "account", "acc", name="杭州山野户外用品有限公司")
    put(store, "lead", "lead", name="Anna", company="Nordlys Outdoor GmbH")
    for typed in ("杭州", "杭州山野体育用品有限公司", "有限公司", "上海禾木", "杭"):
        assert found(store, company=typed) == [], typed
    assert found(store, company="NORDLYS outdoor") == [("lead", "Anna", "company")]


def test_deleted_people_are_not_offered(store: SqliteStore) -> None:
    account = put(store, "account", "acc", name="昆明驼铃", deleted_at=NOW)
    put(store, "contact", "con", account_id=account, name="陈立群", phone="138 2660 4471")
    put(store, "lead", "lead", name="陈立群", phone="138 2660 4471", deleted_at=NOW)
    assert found(store, phone="138 2660 4471", company="昆明驼铃") == []


def test_the_show_that_runs_is_the_one_of_the_day(store: SqliteStore) -> None:
    put(store, "event", "old", name="广州展", starts_on="2026-09-01", ends_on="2026-09-03")
    put(store, "event", "off", name="停用", starts_on="2026-11-21", ends_on="2026-11-23", active=False)
    running = leads.running(store, "2026-11-22")
    assert running is not None and running["name"] == "深圳户外展"
    assert leads.running(store, "2026-11-25") is None


def test_what_is_left_before_leaving_is_of_this_show_and_open(store: SqliteStore) -> None:
    whole = {"grade": "A", "note": "谈了", "next_step": "发报价"}
    put(store, "lead", "whole", name="齐", event_id=EVENT, **whole)
    put(store, "lead", "bare", name="缺", event_id=EVENT)
    put(store, "lead", "gone", name="无效", event_id=EVENT, state="invalid")
    put(store, "lead", "else", name="别处")
    assert [row["name"] for row in leads.unfinished(store, EVENT)] == ["缺"]
    assert {row["name"] for row in leads.unfinished(store, None)} == {"缺", "别处"}
    assert leads.unfinished(store, EVENT, derived_id("somebody else")) == []
    assert leads.captured(store, (NOW, NOW + 1), REP) == 4
    assert leads.captured(store, (NOW + 1, NOW + 2), REP) == 0


def test_the_booth_that_closes_is_of_the_show_that_is_open_or_was_last_and_never_of_one_to_come(
    store: SqliteStore,
) -> None:
    put(store, "event", "later", name="广州展", starts_on="2026-12-10", ends_on="2026-12-12")
    put(store, "event", "before", name="上海展", starts_on="2026-10-01", ends_on="2026-10-03")
    for day, name in (("2026-11-22", "深圳户外展"), ("2026-11-27", "深圳户外展"), ("2026-12-11", "广州展"),
                      ("2026-11-01", "上海展"), ("2026-09-30", "")):  # fmt: skip
        assert (leads.latest(store, day) or {"name": ""})["name"] == name, day
