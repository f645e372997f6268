"""The open records API over HTTP: reading by the declarations, writing by commands, for people with a session."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from shared import SCHEMA_VERSION
from shared.catalog import ENTITIES
from shared.ids import derived_id, uuid7
from tests.api.test_permission_matrix import pulled
from tests.support.company import ACCOUNT, ADMIN, COLLEAGUE, MANAGER, REP, STRANGER, TENT, WAREHOUSE
from tests.support.databases import KINDS, Templates
from tests.support.served import Browser, seed_people, served, settings_for

CITIES = ("深圳", "杭州", "Suzhou", "")
_numbers = itertools.count(1)


class Office:
    """People at the records API, each signed in at the first request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.people: dict[str, Browser] = {}

    def person(self, user_id: str) -> Browser:
        if user_id not in self.people:
            self.people[user_id] = Browser(self.url)
            self.people[user_id].sign_in(user_id[:8])
        return self.people[user_id]

    def get(self, path: str, *, by: str = REP, **parameters: Any) -> httpx.Response:
        return self.person(by).get(f"/v1/records/{path}", params=parameters)

    def items(self, path: str, *, by: str = REP, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.get(path, by=by, **parameters)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def run(self, *commands: tuple[str, dict[str, Any]], by: str = REP, key: str = "", **more: Any) -> httpx.Response:
        body = {
            "id": key or derived_id("api tx", next(_numbers)),
            "occurred_at": 1_795_320_000_000,
            "commands": [{"name": name, "args": args} for name, args in commands],
            **more,
        }
        return self.person(by).post("/v1/commands", json=body)


@pytest.fixture(scope="module", params=KINDS)
def office(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One server for the file; each test has customers of its own by the word in their names."""
    database_url = templates.fresh(request.param)
    seed_people(database_url, REP, STRANGER, MANAGER, ADMIN)
    with served(settings_for(database_url, tmp_path_factory.mktemp("data"))) as url:
        made = Office(url)
        yield made
        for browser in made.people.values():
            browser.close()


def account(word: str, number: int, **values: Any) -> tuple[str, dict[str, Any]]:
    given = {"name": f"{word} {number:02}", "city": CITIES[number % 4], **values}
    return "account.create", {"id": derived_id("api account", word, number), "values": given}


def twenty(office: Office, word: str) -> None:
    answer = office.run(*(account(word, number) for number in range(20)))
    assert answer.status_code == 200, answer.text


def test_pages_follow_each_other_without_gap_or_repetition_while_others_write(office: Office) -> None:
    twenty(office, "Paged")
    seen, cursor = [], ""
    for page in range(10):
        more = {"cursor": cursor} if cursor else {}
        asked = {"where": "name:contains:paged", "sort": "-name", "fields": "name"}
        answer = office.get("account", limit=6, **asked, **more).json()
        seen += [row["name"] for row in answer["items"]]
        assert all(set(row) == {"id", "name", "rev"} for row in answer["items"])
        cursor = answer["next"]
        if cursor is None:
            break
        # Before and behind the page: what comes in front is not seen any more, and nothing is seen twice.
        office.run(account("Zz paged", page), account("Paged 00 behind", page))
    assert cursor is None
    assert [name for name in seen if "behind" not in name] == [f"Paged {number:02}" for number in range(19, -1, -1)]
    assert len(set(seen)) == len(seen) and any("behind" in name for name in seen)


def test_filters_ask_of_each_kind_what_fits_it(office: Office) -> None:
    twenty(office, "Asked")
    tagged = account("Asked", 50, name="Asked, tagged", tags=["vip", "trade,show"], notes="Line 1\nnext LINE")
    assert office.run(tagged).status_code == 200

    def names(*where: str) -> set[str]:
        rows = office.items("account", where=["name:contains:asked", *where], limit=200)
        return {row["name"].removeprefix("Asked").strip(" ,") for row in rows}

    assert names("city:eq:杭州") == {f"{number:02}" for number in range(1, 20, 4)}
    assert names("city:in:杭州,Suzhou", "name:lt:Asked 04") == {"01", "02"}
    assert names("name:contains:SKED 1") == {str(number) for number in range(10, 20)}
    assert names("tags:contains:vip") == names("notes:contains:next line") == {"tagged"}
    assert names("tags:contains:trade,show") == {"tagged"} and names("tags:contains:v") == set()
    assert names("city:ne:杭州", "name:gte:Asked 18", "name:lte:Asked 19") == {"18", "19"}
    assert len(names("price_list_id:null:true")) == 21 and names("price_list_id:null:false") == set()
    levels = office.items("stock_level", where="on_hand:gt:1.5")
    assert [row["product_id"] for row in levels] == [TENT]
    assert [row["sku"] for row in office.items("product", sort="sku", where="active:eq:true")] == ["LAMP", "TENT"]


def test_empty_values_have_their_place_in_the_order(office: Office) -> None:
    base = {"account_id": ACCOUNT, "body": "x", "channel": "call"}
    days = [None, "2026-12-01", None, "2026-11-30", "2026-12-01"]
    commands = [
        ("activity.create", {"id": derived_id("visit", n), "values": {**base, **({"due_on": day} if day else {})}})
        for n, day in enumerate(days)
    ]
    assert office.run(*commands).status_code == 200
    for sort in ("due_on", "-due_on"):
        whole = office.items("activity", sort=sort)
        paged, cursor = [], ""
        while cursor is not None:
            answer = office.get("activity", sort=sort, limit=1, **({"cursor": cursor} if cursor else {})).json()
            paged += answer["items"]
            cursor = answer["next"]
        assert paged == whole and len(whole) == 5
        due = [row["due_on"] for row in whole]
        expected = [None, None, "2026-11-30", "2026-12-01", "2026-12-01"]
        assert due == (expected if sort == "due_on" else expected[::-1])


def test_everybody_reads_exactly_what_a_device_of_theirs_has(office: Office) -> None:
    office.run(("account.create", {"id": derived_id("foreign"), "values": {"name": "Of the others"}}), by=STRANGER)
    office.run(("account.share", {"id": ACCOUNT, "user_id": COLLEAGUE}), by=MANAGER)
    for user_id in (REP, STRANGER, MANAGER, ADMIN):
        device = {}
        for put in pulled(office.person(user_id), user_id):
            device.setdefault(put.entity, {})[put.id] = msgspec.json.decode(put.row)
        for name, entity in ENTITIES.items():
            if not entity.on_devices:
                assert office.get(name, by=user_id).json()["code"] == "unknown_entity"
                continue
            rows = office.items(name, by=user_id, limit=200, deleted="true")
            assert all(row.pop("rev") for row in rows)
            assert {row["id"]: row for row in rows} == device.get(name, {}), name


def test_one_row_is_there_for_whom_it_is_visible_and_nobody_else(office: Office) -> None:
    assert office.get(f"account/{ACCOUNT}").json()["name"] == "山野户外"
    assert set(office.get(f"account/{ACCOUNT}", fields="city").json()) == {"id", "city", "rev"}
    for row_id in (ACCOUNT, derived_id("nothing"), "x", "%00"):
        by = STRANGER if row_id == ACCOUNT else REP
        refused = office.get(f"account/{row_id}", by=by)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_restricted_fields_are_absent_and_secrets_are_nowhere(office: Office) -> None:
    values = {"bank_account": "6222 0000 1111"}
    patch = {"id": ACCOUNT, "base": {"bank_account": ""}, "values": values}
    assert office.run(("account.patch", patch), by=MANAGER).status_code == 200
    assert office.get(f"account/{ACCOUNT}", by=MANAGER).json()["bank_account"] == "6222 0000 1111"
    assert "bank_account" not in office.get(f"account/{ACCOUNT}").json()
    asked = {"fields": "bank_account", "sort": "bank_account", "where": "bank_account:eq:6222 0000 1111"}
    for parameter, value in asked.items():
        assert office.get("account", **{parameter: value}).json()["code"] == "field_hidden"
    sealed = office.get("account", by=MANAGER, where=asked["where"]).json()
    assert sealed["code"] == "filter_operator"
    assert office.get("credential", by=ADMIN).status_code == office.get("api_key", by=ADMIN).status_code == 404


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"city": "杭州"}, "unknown_parameter"),
        ({"where": "city"}, "filter_form"),
        ({"where": "nothing:eq:x"}, "unknown_field"),
        ({"where": "city:like:x"}, "filter_operator"),
        ({"where": "created_at:gt:soon"}, "filter_value"),
        ({"where": "created_at:gt:99999999999999999999"}, "filter_value"),
        ({"where": "name:eq:a\x00b"}, "filter_value"),
        ({"where": ["city:eq:x"] * 21}, "too_many_filters"),
        ({"where": "city:in:" + ",".join("x" * 101)}, "too_many_values"),
        ({"sort": "tags"}, "not_sortable"),
        ({"sort": ["id", "name"]}, "parameter_twice"),
        ({"fields": "name,nothing"}, "unknown_field"),
        ({"limit": "0"}, "out_of_range"),
        ({"limit": "201"}, "out_of_range"),
        ({"deleted": "yes"}, "true_or_false"),
        ({"cursor": "AAAA"}, "cursor_unknown"),
        ({"cursor": "é"}, "cursor_unknown"),
        ({"cursor": "x" * 2_001}, "cursor_unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(office: Office, parameters: dict[str, Any], code: str) -> None:
    refused = office.get("account", **parameters)
    assert refused.json()["code"] == code and 400 <= refused.status_code < 500
    assert refused.json()["title"] and refused.json()["todo"]


def test_a_cursor_opens_for_its_question_and_its_reader_alone(office: Office) -> None:
    twenty(office, "Bound")
    cursor = office.get("account", limit=5, sort="name").json()["next"]
    assert office.get("account", limit=9, sort="name", fields="city", cursor=cursor).status_code == 200
    others = ({"sort": "-name"}, {"sort": "name", "where": "city:eq:x"}, {"sort": "name", "deleted": "true"})
    for other in others:
        assert office.get("account", cursor=cursor, **other).json()["code"] == "cursor_unknown"
    assert office.get("contact", sort="name", cursor=cursor).json()["code"] == "cursor_unknown"
    assert office.get("account", by=MANAGER, sort="name", cursor=cursor).json()["code"] == "cursor_unknown"


def test_a_transaction_is_all_or_nothing_and_answers_with_what_it_wrote(office: Office) -> None:
    done = office.run(account("Whole", 1), account("Whole", 2)).json()
    assert done["status"] == "accepted" and [one["entity"] for one in done["written"]] == ["account", "account"]
    assert done["written"][0]["record"]["name"] == "Whole 01" and done["written"][0]["record"]["owner_id"] == REP
    broken = ("account.patch", {"id": derived_id("nothing"), "base": {}, "values": {"city": "x"}})
    refused = office.run(account("Whole", 3), broken)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_found")
    assert len(office.items("account", where="name:contains:Whole")) == 2


def test_the_same_request_again_is_the_same_answer_and_nothing_more(office: Office) -> None:
    key = derived_id("idempotency")
    received = {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "3"}
    first = office.run(("stock.receive", received), by=MANAGER, key=key)
    again = office.run(("stock.receive", received), by=MANAGER, key=key)
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    assert [row["on_hand"] for row in office.items("stock_level", where=f"product_id:eq:{TENT}")] == ["8"]
    other = office.run(("stock.receive", {**received, "quantity": "4"}), by=MANAGER, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "payload_changed")
    foreign = office.run(("stock.receive", received), by=ADMIN, key=key)
    assert foreign.json()["code"] == "payload_changed"
    assert [row["on_hand"] for row in office.items("stock_level", where=f"product_id:eq:{TENT}")] == ["8"]


def test_a_field_changed_meanwhile_is_a_conflict_and_not_lost(office: Office) -> None:
    patch = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "深圳"}}
    assert office.run(("account.patch", patch)).json()["status"] == "accepted"
    merged = office.run(("account.patch", {**patch, "values": {"city": "杭州"}}), by=MANAGER).json()
    assert merged["status"] == "merged"
    (conflict,) = office.items("conflict", by=MANAGER, where=f"id:eq:{merged['conflicts'][0]}")
    assert conflict["mine"] == {"city": "杭州"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": "x"}, "invalid_id"),
        ({"commands": []}, "command_count"),
        ({"commands": [{"name": "account.create"}]}, "wrong_type"),
        ({"occurred_at": 2**60}, "out_of_range"),
        ({"occurred_at": None}, "required"),
        ({"schema": SCHEMA_VERSION + 1}, "newer_schema"),
        ({"schema": 0}, "out_of_range"),
        ({"after": []}, "wrong_type"),
    ],
)
def test_a_request_that_is_none_is_refused_before_anything_is_logged(
    office: Office, body: dict[str, Any], code: str
) -> None:
    before = office.items("conflict", limit=200)
    refused = office.run(account("None", 1), **body)
    assert refused.json()["code"] == code and 400 <= refused.status_code < 500
    assert office.items("conflict", limit=200) == before


def test_the_time_in_an_id_of_version_7_is_the_business_time(office: Office) -> None:
    now = office.person(REP).get("/v1/time").json()["server_time"] - 60_000
    key = uuid7(now, b"0123456789")
    (made,) = office.run(account("Timed", 1), key=key, occurred_at=None).json()["written"]
    assert made["record"]["created_at"] == now


def test_only_reading_is_offered_and_only_to_those_who_are_known(office: Office) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert office.person(REP).request(method, f"/v1/records/account/{ACCOUNT}").status_code == 405
    with httpx.Client(base_url=office.url) as nobody:
        for path in ("/v1/records/account", f"/v1/records/account/{ACCOUNT}", "/v1/records/nothing"):
            for token in ("", "Bearer x", "Bearer caravan_x", "Basic eA=="):
                assert nobody.get(path, headers={"Authorization": token} if token else {}).status_code == 401
        assert nobody.post("/v1/commands", json={}).status_code == 401
        page = nobody.get("/schema")
        assert page.status_code == 200 and "/v1/records/account" in page.text
        # Nothing is loaded from elsewhere, and nothing runs.
        assert "<script" not in page.text and "src=" not in page.text and "<link" not in page.text
