"""*Scope*: work whose author may no longer see or write the rows goes to the managers who answer for it."""

from typing import Any

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from shared.ids import derived_id, stock_level_id
from tests.support.authority import TestAuthority, Wire, device_of, make_authority
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    OTHER_TEAM,
    REP,
    STRANGER,
    TEAM,
    WAREHOUSE,
    order_commands,
)

pytestmark = pytest.mark.anyio
OTHER_MANAGER = derived_id("manager of the other team")
Command = tuple[str, dict[str, Any]]


def city(value: str, base: str = "") -> Command:
    return "account.patch", {"id": ACCOUNT, "base": {"city": base}, "values": {"city": value}}


def handed_to(user_id: str) -> Command:
    return "account.assign", {"id": ACCOUNT, "owner_id": user_id}


def team_of(user_id: str, team_id: str | None, base: str | None = TEAM) -> Command:
    return "user.patch", {"id": user_id, "base": {"home_team_id": base}, "values": {"home_team_id": team_id}}


def role_of(user_id: str, role: str, base: str) -> Command:
    return "user.patch", {"id": user_id, "base": {"role": base}, "values": {"role": role}}


async def with_other_manager(authority: TestAuthority) -> Wire:
    """The manager of the other team, on a device."""
    admin = Wire(authority, ADMIN)
    user, device = authority_rows(OTHER_MANAGER)
    await authority.write_rows(admin.caller.org_id, [("user", user), ("device", device)], name="test.manager")
    return Wire(authority, OTHER_MANAGER)


def authority_rows(user_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    from tests.support.company import Company

    company = Company()
    user = company.add("user", user_id, name="另一队主管", login="other-m", role="manager", home_team_id=OTHER_TEAM)
    return user, company.add("device", device_of(user_id), name="desk", owner_id=user_id)


async def left_behind(authority: TestAuthority) -> tuple[Wire, Wire, Any]:
    """The rep edits a customer offline that the manager meanwhile gives to a colleague."""
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    await rep.pull()
    await manager.push(handed_to(COLLEAGUE))
    outcome = await rep.push(city("杭州"))
    return rep, manager, outcome


async def test_work_on_a_row_that_left_goes_to_the_manager_whole(database: Database) -> None:
    authority = await make_authority(database)
    _, manager, outcome = await left_behind(authority)
    assert (outcome.status, outcome.problem.code) == ("rejected", "handed_over")
    await manager.pull()
    item = manager.all("quarantine_item")[0]
    assert (item["state"], item["reason"], item["code"]) == ("open", "scope", "not_found")
    assert (item["author_id"], item["device_id"]) == (REP, device_of(REP))
    assert item["device_name"].startswith("phone")
    assert item["payload"] == [{"name": "account.patch", "args": city("杭州")[1]}]
    assert item["touched"] == [["account", ACCOUNT]]
    assert item["tx_id"] == outcome.tx_id
    assert item["occurred_at"] > 0


async def test_the_authors_inbox_says_that_the_manager_has_it(database: Database) -> None:
    authority = await make_authority(database)
    rep, _, outcome = await left_behind(authority)
    row = rep.rows["conflict", outcome.conflicts[0]]
    assert (row["kind"], row["code"], row["state"]) == ("rejection", "handed_over", "open")
    assert row["payload"] == [{"name": "account.patch", "args": city("杭州")[1]}]


async def test_other_reps_never_see_handed_over_work(database: Database) -> None:
    authority = await make_authority(database)
    rep, _, _ = await left_behind(authority)
    for user_id in (REP, COLLEAGUE, STRANGER):
        other = rep if user_id == REP else Wire(authority, user_id)
        await other.pull()
        assert not other.all("quarantine_item")


async def test_the_managers_of_both_teams_answer_for_it(database: Database) -> None:
    authority = await make_authority(database)
    other, admin, rep = await with_other_manager(authority), Wire(authority, ADMIN), Wire(authority, REP)
    await rep.pull()
    await admin.push(handed_to(STRANGER))
    await rep.push(city("杭州"))
    for wire in (other, admin, Wire(authority, MANAGER)):
        await wire.pull()
        assert [item["answering_team_id"] for item in wire.all("quarantine_item")] == [OTHER_TEAM]


async def test_a_row_that_was_never_the_authors_is_refused_as_unknown(database: Database) -> None:
    authority = await make_authority(database)
    stranger, manager = Wire(authority, STRANGER), Wire(authority, MANAGER)
    outcome = await stranger.push(city("杭州"))
    assert outcome.problem.code == "not_found"
    await manager.pull()
    assert not manager.all("quarantine_item")


async def test_a_new_child_of_a_row_that_left_is_handed_over(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, _ = await left_behind(authority)
    contact = {"id": rep.new_id(), "values": {"account_id": ACCOUNT, "name": "周岚"}}
    assert (await rep.push(("contact.create", contact))).problem.code == "handed_over"
    _, order = order_commands((LAMP, 1))
    assert (await rep.push(*order)).problem.code == "handed_over"
    await manager.pull()
    assert len(manager.all("quarantine_item")) == 3


async def test_what_builds_on_handed_over_work_goes_with_it(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, _ = await left_behind(authority)
    first = rep.tx(("contact.create", {"id": rep.new_id(), "values": {"account_id": ACCOUNT, "name": "周岚"}}))
    contact_id = first.commands[0].args["id"]
    patch = {"id": contact_id, "base": {"position": ""}, "values": {"position": "店长"}}
    second = rep.tx(("contact.patch", patch), after=[first.id])
    response = await rep.send(rep.request(rep.envelope(first), rep.envelope(second)))
    assert [outcome.problem.code for outcome in response.outcomes] == ["handed_over", "handed_over_with"]
    await manager.pull()
    items = {item["tx_id"]: item for item in manager.all("quarantine_item")}
    assert items[second.id]["builds_on"] == [items[first.id]["id"]]
    too_early = await manager.push(("quarantine.adopt", {"item_id": items[second.id]["id"]}))
    assert too_early.problem.code == "handover_earlier_open"
    for tx in (first, second):
        done = await manager.push(("quarantine.adopt", {"item_id": items[tx.id]["id"]}))
        assert done.status == "accepted", done.problem
    assert manager.rows["contact", contact_id]["position"] == "店长"


async def test_a_manager_who_became_a_rep_hands_over_what_he_did_before(database: Database) -> None:
    authority = await make_authority(database)
    manager, admin = Wire(authority, MANAGER), Wire(authority, ADMIN)
    await manager.pull()
    await admin.push(role_of(MANAGER, "rep", "manager"))
    seen = await manager.push(city("杭州"))
    stock = {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "3"}
    counted = await manager.push(("stock.receive", stock))
    never = await manager.push(("team.create", {"id": manager.new_id(), "values": {"name": "新队"}}))
    assert [outcome.problem.code for outcome in (seen, counted, never)] == [
        "handed_over",
        "handed_over",
        "role_not_allowed",
    ]
    await admin.pull()
    assert {item["code"] for item in admin.all("quarantine_item")} == {"not_found", "role_not_allowed"}
    item = next(item for item in admin.all("quarantine_item") if item["payload"][0]["name"] == "stock.receive")
    assert (await admin.push(("quarantine.adopt", {"item_id": item["id"]}))).status == "accepted"
    assert admin.rows["stock_level", stock_level_id(WAREHOUSE, LAMP)]["on_hand"] == "4"


async def test_a_manager_of_another_team_now_hands_over_what_he_did_before(database: Database) -> None:
    authority = await make_authority(database)
    manager, admin = Wire(authority, MANAGER), Wire(authority, ADMIN)
    await manager.pull()
    await admin.push(team_of(MANAGER, OTHER_TEAM))
    assert (await manager.push(city("杭州"))).problem.code == "handed_over"


async def test_adopting_executes_in_the_managers_name_and_tells_the_author(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, outcome = await left_behind(authority)
    await manager.pull()
    item = manager.all("quarantine_item")[0]
    done = await manager.push(("quarantine.adopt", {"item_id": item["id"]}))
    assert done.status == "accepted", done.problem
    account, item = manager.rows["account", ACCOUNT], manager.rows["quarantine_item", item["id"]]
    assert (account["city"], account["updated_by"]) == ("杭州", MANAGER)
    assert (item["state"], item["settled_by"], item["author_id"]) == ("adopted", MANAGER, REP)
    assert item["payload"] == [{"name": "account.patch", "args": city("杭州")[1]}]
    await rep.pull()
    row = rep.rows["conflict", outcome.conflicts[0]]
    assert (row["state"], row["code"]) == ("resolved", "handed_over_adopted")
    assert row["params"]["by"].startswith("manager")

    async def log(tx: Tx) -> list[Any]:
        entries = tables.tx_log.c
        asked = select(entries.user_id, entries.code, entries.commands).where(
            entries.tx_id.in_([outcome.tx_id, done.tx_id])
        )
        return sorted(tuple(record) for record in (await tx.execute(asked)).all())

    assert await database.read(log) == sorted(
        [(REP, "handed_over", "account.patch"), (MANAGER, "", "quarantine.adopt")]
    )


async def test_adopting_meets_conflicts_and_rules_as_usual(database: Database) -> None:
    authority = await make_authority(database)
    _, manager, _ = await left_behind(authority)
    colleague = Wire(authority, COLLEAGUE)
    await colleague.push(city("广州"))
    await manager.pull()
    item = manager.all("quarantine_item")[0]
    merged = await manager.push(("quarantine.adopt", {"item_id": item["id"]}))
    assert merged.status == "merged"
    conflict = manager.rows["conflict", merged.conflicts[0]]
    assert (conflict["mine"], conflict["theirs"]) == ({"city": "杭州"}, {"city": "广州"})
    again = await manager.push(("quarantine.adopt", {"item_id": item["id"]}))
    assert again.problem.code == "handover_settled"


async def test_a_refused_adoption_leaves_the_item_open(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, _ = await left_behind(authority)
    contact = {"id": rep.new_id(), "values": {"account_id": ACCOUNT, "name": "周岚"}}
    order = order_commands((LAMP, 1), prices={LAMP: "1"})[1]
    lost = await rep.push(("contact.create", contact), *order)
    await manager.pull()
    item = next(item for item in manager.all("quarantine_item") if item["tx_id"] == lost.tx_id)
    refused = await manager.push(("quarantine.adopt", {"item_id": item["id"]}))
    assert refused.problem.code == "price_changed"
    assert manager.rows["quarantine_item", item["id"]]["state"] == "open"
    assert not manager.all("contact")


async def test_an_order_that_was_handed_over_is_numbered_and_reserved_when_adopted(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, _ = await left_behind(authority)
    order_id, order = order_commands((LAMP, 1))
    lost = await rep.push(*order)
    await manager.pull()
    item = next(item for item in manager.all("quarantine_item") if item["tx_id"] == lost.tx_id)
    done = await manager.push(("quarantine.adopt", {"item_id": item["id"]}))
    assert done.status == "accepted", done.problem
    row = manager.rows["order", order_id]
    assert (row["state"], row["owner_id"], row["number"]) == ("confirmed", MANAGER, "SO-2026-000001")


async def test_dismissing_needs_a_reason_and_tells_the_author(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, outcome = await left_behind(authority)
    await rep.push(("conflict.dismiss", {"conflict_id": outcome.conflicts[0]}))
    await manager.pull()
    item_id = manager.all("quarantine_item")[0]["id"]
    silent = await manager.push(("quarantine.dismiss", {"item_id": item_id, "reason": " "}))
    assert silent.problem.code == "required"
    done = await manager.push(("quarantine.dismiss", {"item_id": item_id, "reason": "客户已经搬走"}))
    assert done.status == "accepted", done.problem
    item = manager.rows["quarantine_item", item_id]
    assert (item["state"], item["note"]) == ("dismissed", "客户已经搬走")
    assert item["payload"]
    await rep.pull()
    row = rep.rows["conflict", outcome.conflicts[0]]
    assert (row["state"], row["code"], row["params"]["reason"]) == ("open", "handed_over_dismissed", "客户已经搬走")
    assert manager.rows["account", ACCOUNT]["city"] == ""


async def test_reps_and_managers_of_other_teams_can_neither_adopt_nor_dismiss(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, _ = await left_behind(authority)
    await manager.pull()
    item_id = manager.all("quarantine_item")[0]["id"]
    other = await with_other_manager(authority)
    for wire, code in ((rep, "role_not_allowed"), (other, "not_found")):
        for name, args in (("adopt", {}), ("dismiss", {"reason": "x"})):
            outcome = await wire.push((f"quarantine.{name}", {"item_id": item_id, **args}))
            assert outcome.problem.code == code


async def test_restricted_values_of_handed_over_work_are_stored_sealed(database: Database) -> None:
    authority = await make_authority(database)
    manager, admin = Wire(authority, MANAGER), Wire(authority, ADMIN)
    await manager.pull()
    await admin.push(team_of(MANAGER, OTHER_TEAM))
    secret = "6222 0000 1111"
    patch = {"id": ACCOUNT, "base": {"bank_account": ""}, "values": {"bank_account": secret}}
    assert (await manager.push(("account.patch", patch))).problem.code == "handed_over"
    await admin.pull()
    assert admin.all("quarantine_item")[0]["payload"][0]["args"]["values"]["bank_account"] == secret

    async def everything(tx: Tx) -> str:
        found = []
        for table in tables.metadata.tables.values():
            found += [str(tuple(record)) for record in (await tx.execute(select(table))).all()]
        return "\n".join(found)

    assert secret not in await database.read(everything)


async def test_a_repeated_answer_makes_no_second_item(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    await rep.pull()
    await manager.push(handed_to(COLLEAGUE))
    sent = rep.envelope(rep.tx(city("杭州")))
    lost = await rep.lose(rep.request(sent))
    again = await rep.send(rep.request(sent))
    assert again.outcomes[0].problem == lost.outcomes[0].problem
    await manager.pull()
    assert len(manager.all("quarantine_item")) == 1


async def test_settling_ones_own_inbox_is_nobody_elses_work(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    await rep.pull()
    await manager.push(city("广州"))
    conflict_id = (await rep.push(city("杭州"))).conflicts[0]
    await manager.push(handed_to(COLLEAGUE))
    args = {"conflict_id": conflict_id, "choice": "mine", "seen": {"city": "广州"}}
    assert (await rep.push(("conflict.resolve", args))).problem.code == "not_found"
    await manager.pull()
    assert not manager.all("quarantine_item")
