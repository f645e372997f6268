from typing import Any

import pytest

from shared.errors import CaravanError, FieldConflict, InvalidInput, NotAllowed, NotFound, StateConflict
from shared.ids import derived_id
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, NOW, REP, STRANGER, TEAM, Company, order_commands


def patch(base: dict, values: dict, row_id: str = ACCOUNT) -> tuple[str, dict]:
    return "account.patch", {"id": row_id, "base": base, "values": values}


def refused(company: Company, *commands: tuple[str, dict], by: str = REP) -> CaravanError:
    before = dict(company.rows)
    with pytest.raises(CaravanError) as caught:
        company.run(*commands, by=by)
    assert company.rows == before
    return caught.value


def test_a_created_row_belongs_to_its_author_and_children_to_the_parents_owner() -> None:
    company = Company()
    account, contact = derived_id("new"), derived_id("new contact")
    company.run(
        ("account.create", {"id": account, "values": {"name": "Nordlys", "phone": "+49 40 1234"}}),
        ("contact.create", {"id": contact, "values": {"account_id": account, "name": "Anna Berg"}}),
    )
    assert company.rows["account", account]["owner_id"] == REP
    assert company.rows["contact", contact]["team_id"] == TEAM
    by_manager = derived_id("by manager")
    company.run(("contact.create", {"id": by_manager, "values": {"account_id": account, "name": "Ole"}}), by=MANAGER)
    assert company.rows["contact", by_manager]["owner_id"] == REP


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"phone": "0755 8888"}, "required", "name"),
        ({"name": "  "}, "required", "name"),
        ({"name": "x" * 121}, "too_long", "name"),
        ({"name": "a\x00b"}, "control_characters", "name"),
        ({"name": 5}, "invalid_value", "name"),
        ({"name": "A", "phone": "call me"}, "invalid_phone", "phone"),
        ({"name": "A", "account_class": "vip"}, "not_a_choice", "account_class"),
        ({"name": "A", "colour": "red"}, "unknown_field", "colour"),
        ({"name": "A", "owner_id": STRANGER}, "unknown_field", "owner_id"),
        ({"name": "A", "price_list_id": "no id"}, "invalid_id", "price_list_id"),
        ({"name": "A", "price_list_id": derived_id("nothing")}, "not_found", "price_list_id"),
        ({"name": "A", "tags": ["x", "x"]}, "invalid_value", "tags"),
        ({"name": "A", "bank_account": "6222"}, "field_hidden", "bank_account"),
    ],
)
def test_bad_values_are_refused_at_their_field(values: dict, code: str, field: str) -> None:
    error = refused(Company(), ("account.create", {"id": derived_id("new"), "values": values}))
    assert (error.code, error.field) == (code, field)


def test_commands_refuse_orphans_on_both_sides() -> None:
    for authority in (True, False):
        values = {"account_id": derived_id("nobody"), "name": "Anna"}
        error = refused(Company(authority=authority), ("contact.create", {"id": derived_id("c"), "values": values}))
        assert isinstance(error, NotFound)


def test_a_foreign_row_looks_like_a_missing_one() -> None:
    company = Company()
    foreign = refused(company, patch({"city": ""}, {"city": "X"}), by=STRANGER)
    missing = refused(company, patch({"city": ""}, {"city": "X"}, derived_id("nothing")), by=STRANGER)
    assert foreign.code == missing.code == "not_found"
    assert refused(company, patch({"city": ""}, {"city": "X"}), by=COLLEAGUE).code == "not_found"


def test_a_refused_generic_write_names_the_command_to_use() -> None:
    error = refused(Company(), ("stock_level.patch", {"id": LAMP, "base": {}, "values": {"on_hand": "9"}}), by=MANAGER)
    assert error.code == "use_command"
    assert "stock.receive" in error.params["commands"]
    direct = refused(
        Company(), ("order.create", {"id": derived_id("o"), "values": {"account_id": ACCOUNT, "total": "1"}})
    )
    assert (direct.code, direct.field) == ("use_command", "total")


@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("account.fly", {}, "unknown_command"),
        ("planet.create", {"id": ACCOUNT, "values": {}}, "unknown_command"),
        ("account.create", {"id": ACCOUNT}, "malformed_arguments"),
        ("account.create", {"id": ACCOUNT, "values": {}, "extra": 1}, "malformed_arguments"),
        ("account.create", {"id": "7", "values": {"name": "A"}}, "invalid_id"),
        ("account.create", {"id": ACCOUNT, "values": {"name": "A"}}, "id_taken"),
    ],
)
def test_unknown_commands_and_arguments_have_their_own_codes(name: str, args: dict, code: str) -> None:
    assert refused(Company(), (name, args)).code == code


# Merge rule


def test_base_equal_to_current_applies() -> None:
    company = Company()
    work = company.run(patch({"city": ""}, {"city": "杭州"}))
    assert company.rows["account", ACCOUNT]["city"] == "杭州"
    assert not work.conflicts


def test_the_same_value_from_both_sides_is_no_conflict() -> None:
    company = Company()
    company.run(patch({"city": ""}, {"city": "杭州"}))
    assert not company.run(patch({"city": ""}, {"city": "杭州"}), by=MANAGER).conflicts


def test_a_conflict_keeps_the_servers_value_and_gives_all_three_to_the_author() -> None:
    company = Company()
    company.run(patch({"city": ""}, {"city": "杭州"}), by=MANAGER)
    work = company.run(patch({"city": "", "level": "C"}, {"city": "上海", "level": "A"}))
    account = company.rows["account", ACCOUNT]
    assert (account["city"], account["level"]) == ("杭州", "A")
    (conflict,) = company.all("conflict")
    assert work.conflicts == [conflict["id"]]
    assert (conflict["base"], conflict["mine"], conflict["theirs"]) == (
        {"city": ""},
        {"city": "上海"},
        {"city": "杭州"},
    )
    assert (conflict["owner_id"], conflict["theirs_by"], conflict["theirs_on"]) == (REP, MANAGER, "phone")
    assert conflict["theirs_at"] == NOW + 1_000


def test_a_conflict_in_a_transaction_of_several_commands_refuses_the_whole() -> None:
    company = Company()
    company.run(patch({"city": ""}, {"city": "杭州"}), by=MANAGER)
    error = refused(company, patch({"city": ""}, {"city": "上海"}), patch({"level": "C"}, {"level": "A"}))
    assert isinstance(error, FieldConflict)


def test_a_device_never_makes_conflicts() -> None:
    company = Company(authority=False)
    company.run(patch({"city": ""}, {"city": "杭州"}), by=MANAGER)
    company.run(patch({"city": ""}, {"city": "上海"}))
    assert company.rows["account", ACCOUNT]["city"] == "上海"
    assert company.all("conflict") == []


def test_sets_merge_element_by_element() -> None:
    company = Company()
    company.run(patch({"tags": []}, {"tags": ["户外", "连锁"]}))
    company.run(patch({"tags": ["户外", "连锁"]}, {"tags": ["户外", "重点"]}), by=MANAGER)
    company.run(patch({"tags": ["户外", "连锁"]}, {"tags": ["户外", "连锁", "华东"]}))
    assert set(company.rows["account", ACCOUNT]["tags"]) == {"户外", "重点", "华东"}
    assert company.all("conflict") == []


def test_a_shared_text_that_conflicts_keeps_both() -> None:
    company = Company()
    company.run(patch({"notes": ""}, {"notes": "要发票"}), by=MANAGER)
    company.run(patch({"notes": ""}, {"notes": "周五前回电"}))
    notes = company.rows["account", ACCOUNT]["notes"]
    assert "要发票" in notes
    assert "周五前回电" in notes


def test_custom_fields_merge_per_key() -> None:
    company = Company()
    company.run(patch({"custom": {}}, {"custom": {"floor": 3}}), by=MANAGER)
    company.run(patch({"custom": {}}, {"custom": {"dock": "B"}}))
    assert company.rows["account", ACCOUNT]["custom"] == {"floor": 3, "dock": "B"}
    work = company.run(patch({"custom": {}}, {"custom": {"floor": 5}}))
    assert company.rows["account", ACCOUNT]["custom"]["floor"] == 3
    assert company.rows["conflict", work.conflicts[0]]["mine"] == {"custom": {"floor": 5}}


def test_latest_wins_by_business_time_and_keeps_the_loser() -> None:
    company = Company()
    visit = derived_id("visit")
    values = {"account_id": ACCOUNT, "body": "看样", "due_on": "2026-11-24"}
    company.run(("activity.create", {"id": visit, "values": values}))

    def done(at: int, base: int | None, by: str) -> None:
        args = {"id": visit, "base": {"done_at": base}, "values": {"done_at": at}}
        company.run(("activity.patch", args), by=by, at=at)

    done(NOW + 50_000, None, MANAGER)
    done(NOW + 40_000, None, REP)
    assert company.rows["activity", visit]["done_at"] == NOW + 50_000
    done(NOW + 60_000, None, REP)
    assert company.rows["activity", visit]["done_at"] == NOW + 60_000
    kept = sorted((row["choice"], row["state"]) for row in company.all("conflict"))
    assert kept == [("mine", "resolved"), ("theirs", "resolved")]


def test_fields_of_a_merge_group_apply_or_conflict_together() -> None:
    company = Company()
    _, commands = order_commands((LAMP, 1))
    company.run(*commands[:2])
    line = derived_id("line", "order", 0)

    def line_patch(base: dict, values: dict) -> tuple[str, dict]:
        return "order_line.patch", {"id": line, "base": base, "values": values}

    company.run(line_patch({"discount": "0"}, {"discount": "5"}), by=MANAGER)
    base = {"discount": "0", "unit_price": "96", "quantity": "1"}
    work = company.run(line_patch(base, {"discount": "8", "unit_price": "90", "quantity": "2"}))
    row = company.rows["order_line", line]
    assert (str(row["discount"]), str(row["unit_price"]), str(row["quantity"])) == ("5", "96", "2")
    assert company.rows["conflict", work.conflicts[0]]["field"] == "discount,unit_price"


def follow_up(company: Company, **values: Any) -> str:
    visit = derived_id("visit")
    company.run(("activity.create", {"id": visit, "values": {"account_id": ACCOUNT, "body": "看样", **values}}))
    return visit


def test_day_and_time_of_a_follow_up_are_put_off_together_or_not_at_all() -> None:
    company = Company()
    visit = follow_up(company, due_on="2026-11-24")
    base = {"due_on": "2026-11-24", "due_time": None}

    def put_off(day: str, clock: str | None, by: str) -> list[str]:
        values = {"due_on": day, "due_time": clock}
        return company.run(("activity.patch", {"id": visit, "base": base, "values": values}), by=by).conflicts

    assert put_off("2026-11-25", "14:30", MANAGER) == []
    (conflict,) = put_off("2026-11-26", None, REP)
    row = company.rows["activity", visit]
    assert (row["due_on"], row["due_time"]) == ("2026-11-25", "14:30")
    assert company.rows["conflict", conflict]["field"] == "due_on,due_time"
    assert company.rows["conflict", conflict]["theirs"] == {"due_on": "2026-11-25", "due_time": "14:30"}


def test_a_client_that_knows_no_times_moves_the_day_and_takes_the_time_away_with_it() -> None:
    company = Company()
    visit = follow_up(company, due_on="2026-11-24", due_time="14:30")

    def day(base: str | None, value: str | None) -> tuple[str | None, str | None]:
        company.run(("activity.patch", {"id": visit, "base": {"due_on": base}, "values": {"due_on": value}}))
        row = company.rows["activity", visit]
        return row["due_on"], row["due_time"]

    assert day("2026-11-24", "2026-11-25") == ("2026-11-25", "14:30")
    assert day("2026-11-25", None) == (None, None)
    assert day(None, "2026-11-30") == ("2026-11-30", None)


def test_a_time_without_a_day_is_refused_and_never_dropped_without_a_word() -> None:
    company = Company()
    values = {"account_id": ACCOUNT, "body": "看样", "due_time": "14:30"}
    error = refused(company, ("activity.create", {"id": derived_id("other"), "values": values}))
    assert (error.code, error.field) == ("required", "due_on")
    visit = follow_up(company, due_on="2026-11-24")
    company.run(("activity.patch", {"id": visit, "base": {"due_on": "2026-11-24"}, "values": {"due_on": None}}))
    late = {"id": visit, "base": {"due_time": None}, "values": {"due_time": "14:30"}}
    error = refused(company, ("activity.patch", late))
    assert (error.code, error.field) == ("required", "due_on")


@pytest.mark.parametrize("clock", ["24:00", "9:30", "14:60", "14:30:00", "１４:30", "", 1430])
def test_what_is_no_time_of_day_is_refused_at_its_field(clock: Any) -> None:
    values = {"account_id": ACCOUNT, "body": "看样", "due_on": "2026-11-24", "due_time": clock}
    error = refused(Company(), ("activity.create", {"id": derived_id("visit"), "values": values}))
    assert (error.code, error.field) == ("invalid_time", "due_time")


# Delete, restore, assign


def test_deleting_marks_children_and_restoring_reverses_exactly_that_deletion() -> None:
    company = Company()
    first, second = derived_id("c1"), derived_id("c2")
    for contact in (first, second):
        company.run(("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": contact[:5]}}))
    company.run(("contact.delete", {"id": first}))
    company.run(("account.delete", {"id": ACCOUNT}))
    deleted_tx = company.rows["account", ACCOUNT]["deleted_tx"]
    assert company.rows["contact", second]["deleted_tx"] == deleted_tx
    edit = refused(company, patch({"city": ""}, {"city": "上海"}))
    child = refused(
        company, ("contact.create", {"id": derived_id("c3"), "values": {"account_id": ACCOUNT, "name": "N"}})
    )
    assert edit.code == child.code == "deleted"
    company.run(("account.restore", {"id": ACCOUNT, "deleted_tx": deleted_tx}))
    assert company.rows["contact", second]["deleted_at"] is None
    assert company.rows["contact", first]["deleted_at"] is not None


def test_an_account_with_orders_is_not_deleted() -> None:
    company = Company()
    _, commands = order_commands((LAMP, 1))
    company.run(*commands)
    assert refused(company, ("account.delete", {"id": ACCOUNT})).code == "account_has_orders"


def test_a_new_owner_gets_the_account_with_all_that_follows_it() -> None:
    company = Company()
    contact = derived_id("c1")
    company.run(("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "Anna"}}))
    company.run(("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}), by=MANAGER)
    assert company.rows["account", ACCOUNT]["owner_id"] == COLLEAGUE
    assert company.rows["contact", contact]["owner_id"] == COLLEAGUE
    assert isinstance(refused(company, ("account.assign", {"id": ACCOUNT, "owner_id": REP})), NotAllowed)
    assert refused(company, ("account.assign", {"id": ACCOUNT, "owner_id": STRANGER}), by=MANAGER).code == "other_team"


def test_a_settled_conflict_can_be_reversed_and_asks_again_when_a_third_value_came() -> None:
    company = Company()
    company.run(patch({"city": ""}, {"city": "杭州"}), by=MANAGER)
    (conflict_id,) = company.run(patch({"city": ""}, {"city": "上海"})).conflicts

    def resolve(choice: str, seen: str, **more: object) -> list[str]:
        args = {"conflict_id": conflict_id, "choice": choice, "seen": {"city": seen}, **more}
        return company.run(("conflict.resolve", args)).conflicts

    assert resolve("mine", "杭州") == []
    assert company.rows["account", ACCOUNT]["city"] == "上海"
    assert resolve("theirs", "上海") == []
    assert company.rows["account", ACCOUNT]["city"] == "杭州"
    company.run(patch({"city": "杭州"}, {"city": "苏州"}), by=MANAGER)
    assert resolve("mine", "杭州") == [conflict_id]
    assert company.rows["conflict", conflict_id]["theirs"] == {"city": "苏州"}
    assert company.rows["account", ACCOUNT]["city"] == "苏州"
    assert resolve("merged", "苏州", values={"city": "苏杭"}) == []
    assert company.rows["account", ACCOUNT]["city"] == "苏杭"
    args = {"conflict_id": conflict_id, "choice": "mine", "seen": {}}
    assert refused(company, ("conflict.resolve", args), by=MANAGER).code == "not_found"


def test_ids_inside_a_transaction_are_the_same_on_every_run() -> None:
    one, two = Company(), Company()
    for company in (one, two):
        company.run(
            ("stock.receive", {"warehouse_id": company.all("warehouse")[0]["id"], "product_id": LAMP, "quantity": "3"}),
            by=MANAGER,
        )
    assert one.rows.keys() == two.rows.keys()
    assert isinstance(
        refused(one, ("stock.receive", {"warehouse_id": "x", "product_id": LAMP, "quantity": "1"})), NotAllowed
    )
    bad = ("stock.receive", {"warehouse_id": one.all("warehouse")[0]["id"], "product_id": LAMP, "quantity": "-1"})
    assert isinstance(refused(one, bad, by=MANAGER), InvalidInput)
    assert issubclass(FieldConflict, StateConflict)
