"""*Scope*: rows enter and leave views with all that is below them, by owner, share, team and role."""

from typing import Any

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.db.following import ROWS_IN_ONE_COMMIT, TeamFollower
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.commands.sharing import MAX_SHARED
from shared.ids import derived_id
from tests.support.authority import TestAuthority, Wire, make_authority
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    ORG,
    OTHER_TEAM,
    REP,
    STRANGER,
    TEAM,
    order_commands,
)
from tests.support.deals import opened, reference_rows
from tests.sync.authority.test_quarantine import city, handed_to, role_of, team_of, with_other_manager

pytestmark = pytest.mark.anyio
BELOW = ("contact", "activity", "opportunity", "stage_change", "order", "order_line", "reservation")


def shared_with(user_id: str, *, end: bool = False) -> tuple[str, dict[str, Any]]:
    return f"account.{'un' if end else ''}share", {"id": ACCOUNT, "user_id": user_id}


async def full_customer(authority: TestAuthority) -> Wire:
    """The rep with a contact, a follow-up, a deal and a confirmed order on the customer."""
    await authority.write_rows(ORG, reference_rows(), name="test.stages")
    rep = Wire(authority, REP)
    await rep.pull()
    contact = ("contact.create", {"id": rep.new_id(), "values": {"account_id": ACCOUNT, "name": "周岚"}})
    activity = ("activity.create", {"id": rep.new_id(), "values": {"account_id": ACCOUNT, "body": "谈了"}})
    await done(rep, contact, activity, opened())
    _, order = order_commands((LAMP, 1))
    outcome = await rep.push(*order)
    assert outcome.status == "accepted", outcome.problem
    return rep


def held(wire: Wire) -> dict[str, int]:
    """How many rows of the customer and below it the device has."""
    return {entity: len(wire.all(entity)) for entity in ("account", *BELOW)}


WHOLE = dict.fromkeys(("account", *BELOW), 1)
NOTHING = dict.fromkeys(("account", *BELOW), 0)
OWN_ORDER = {"order": 1, "order_line": 1, "reservation": 1}


async def done(wire: Wire, *commands: tuple[str, dict[str, Any]]) -> None:
    outcome = await wire.push(*commands)
    assert outcome.status == "accepted", outcome.problem


async def test_a_new_owner_gets_the_customer_with_all_below_it_and_the_old_one_keeps_his_orders(
    database: Database,
) -> None:
    authority = await make_authority(database)
    rep, manager, colleague = await full_customer(authority), Wire(authority, MANAGER), Wire(authority, COLLEAGUE)
    await colleague.pull()
    await done(manager, handed_to(COLLEAGUE))
    for wire in (rep, colleague, manager):
        await wire.pull()
    assert held(rep) == {**NOTHING, **OWN_ORDER}
    assert held(colleague) == held(manager) == WHOLE
    for entity in ("account", "contact", "activity", "opportunity", "stage_change"):
        assert colleague.all(entity)[0]["owner_id"] == COLLEAGUE
    for entity in OWN_ORDER:
        assert colleague.all(entity)[0]["owner_id"] == REP


async def test_a_share_brings_the_customer_with_all_below_it_and_its_end_takes_all(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague = await full_customer(authority), Wire(authority, COLLEAGUE)
    await colleague.pull()
    await done(rep, shared_with(COLLEAGUE))
    await colleague.pull()
    assert held(colleague) == WHOLE
    assert colleague.buckets["account", ACCOUNT] == [f"user:{COLLEAGUE}"]
    assert colleague.rows["account", ACCOUNT]["owner_id"] == REP
    await done(rep, shared_with(COLLEAGUE, end=True))
    await colleague.pull()
    assert held(colleague) == NOTHING
    assert held(rep) == WHOLE


async def test_with_whom_it_is_shared_edits_and_adds_and_everybody_sees_it(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague, manager = await full_customer(authority), Wire(authority, COLLEAGUE), Wire(authority, MANAGER)
    await done(rep, shared_with(COLLEAGUE))
    await colleague.pull()
    contact = ("contact.create", {"id": colleague.new_id(), "values": {"account_id": ACCOUNT, "name": "王敏"}})
    activity = ("activity.create", {"id": colleague.new_id(), "values": {"account_id": ACCOUNT, "body": "再谈"}})
    await done(colleague, contact, activity)
    await done(colleague, city("杭州"))
    order_id, order = order_commands((LAMP, 1), name="colleague's")
    await done(colleague, *order)
    for wire in (rep, manager):
        await wire.pull()
        assert wire.rows["account", ACCOUNT]["city"] == "杭州"
        assert len(wire.all("contact")) == len(wire.all("activity")) == len(wire.all("order")) == 2
    assert rep.rows["order", order_id]["owner_id"] == COLLEAGUE
    assert rep.rows["contact", contact[1]["id"]]["owner_id"] == REP


async def test_what_is_only_shared_is_neither_deleted_nor_handed_over_nor_shared_on(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague = await full_customer(authority), Wire(authority, COLLEAGUE)
    await done(rep, shared_with(COLLEAGUE))
    await colleague.pull()
    contact = rep.all("contact")[0]["id"]
    for command, code in (
        (("account.delete", {"id": ACCOUNT}), "only_shared"),
        (("contact.delete", {"id": contact}), "only_shared"),
        (handed_to(COLLEAGUE), "role_not_allowed"),
        (shared_with(STRANGER), "only_shared"),
        (shared_with(COLLEAGUE, end=True), "only_shared"),
    ):
        assert (await colleague.push(command)).problem.code == code
    own = ("contact.create", {"id": colleague.new_id(), "values": {"account_id": ACCOUNT, "name": "写错了"}})
    await done(colleague, own)
    await done(colleague, ("contact.delete", {"id": own[1]["id"]}))


async def test_a_manager_with_whom_another_team_shares_does_not_hand_it_over(database: Database) -> None:
    authority = await make_authority(database)
    admin, other = Wire(authority, ADMIN), await with_other_manager(authority)
    await done(admin, shared_with(other.user_id))
    await other.pull()
    assert ("account", ACCOUNT) in other.rows
    assert (await other.push(handed_to(STRANGER))).problem.code == "only_shared"


async def test_a_share_goes_to_active_colleagues_of_the_team(database: Database) -> None:
    authority = await make_authority(database)
    rep, admin = Wire(authority, REP), Wire(authority, ADMIN)
    assert (await rep.push(shared_with(STRANGER))).problem.code == "other_team"
    assert (await rep.push(shared_with(REP))).problem.code == "shared_with_owner"
    assert (await rep.push(shared_with(derived_id("nobody")))).problem.code == "not_found"
    await done(admin, ("user.patch", {"id": COLLEAGUE, "base": {"active": True}, "values": {"active": False}}))
    assert (await rep.push(shared_with(COLLEAGUE))).problem.code == "owner_inactive"
    await done(admin, shared_with(STRANGER))


async def test_a_sharing_list_has_an_end(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    others = [derived_id("one more", number) for number in range(MAX_SHARED + 1)]
    values = {"org_id": ORG, "name": "同事", "role": "rep", "home_team_id": TEAM}
    rows = [("user", new_row(ENTITIES["user"], {"id": one, "login": one[:12], **values})) for one in others]
    await authority.write_rows(ORG, rows, name="test.users")
    for one in others[:-1]:
        await done(rep, shared_with(one))
    assert (await rep.push(shared_with(others[-1]))).problem.code == "shared_too_often"
    assert rep.rows["account", ACCOUNT]["shared_with"] == sorted(others[:-1])


async def test_shares_stay_when_the_owner_changes_and_an_order_of_ones_own_stays_ones_own(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague, manager = await full_customer(authority), Wire(authority, COLLEAGUE), Wire(authority, MANAGER)
    await done(rep, shared_with(COLLEAGUE))
    await colleague.pull()
    order_id, order = order_commands((LAMP, 1), name="colleague's")
    await done(colleague, *order)
    await done(manager, handed_to(MANAGER))
    for wire in (rep, colleague, manager):
        await wire.pull()
    assert held(rep) == {**NOTHING, **OWN_ORDER}
    assert (colleague.rows["account", ACCOUNT]["owner_id"], len(colleague.all("order"))) == (MANAGER, 2)
    assert manager.rows["order", order_id]["owner_id"] == COLLEAGUE
    assert manager.rows["order", order_id]["shared_with"] == [MANAGER]
    await done(manager, shared_with(COLLEAGUE, end=True))
    await colleague.pull()
    assert held(colleague) == {**NOTHING, **OWN_ORDER}


async def test_work_on_a_share_that_ended_goes_to_the_manager(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague, manager = Wire(authority, REP), Wire(authority, COLLEAGUE), Wire(authority, MANAGER)
    await done(rep, shared_with(COLLEAGUE))
    await colleague.pull()
    await done(rep, shared_with(COLLEAGUE, end=True))
    assert (await colleague.push(city("杭州"))).problem.code == "handed_over"
    await manager.pull()
    assert manager.all("quarantine_item")[0]["author_id"] == COLLEAGUE


async def test_the_rows_of_a_user_who_changes_the_team_follow_with_all_below_them(database: Database) -> None:
    authority = await make_authority(database)
    rep, admin, manager = await full_customer(authority), Wire(authority, ADMIN), Wire(authority, MANAGER)
    other = await with_other_manager(authority)
    for wire in (manager, other):
        await wire.pull()
    await done(admin, team_of(REP, OTHER_TEAM))
    await TeamFollower(authority).follow_all()
    for wire in (rep, manager, other):
        await wire.pull()
    assert held(manager) == NOTHING
    assert held(other) == held(rep) == WHOLE
    assert other.rows["account", ACCOUNT]["team_id"] == OTHER_TEAM


async def test_two_thousand_rows_follow_in_small_commits_and_go_on_after_a_crash(database: Database) -> None:
    authority = await make_authority(database)
    admin = Wire(authority, ADMIN)
    values = {"org_id": ORG, "name": "客户", "owner_id": REP, "team_id": TEAM}
    rows = [("account", new_row(ENTITIES["account"], {"id": derived_id("n", n), **values})) for n in range(2_000)]
    await authority.write_rows(ORG, rows, name="test.accounts")
    await done(admin, team_of(REP, OTHER_TEAM))
    commits: list[int] = []

    def heard(commit: Any) -> None:
        commits.append(1)
        if len(commits) == 4:
            raise KeyboardInterrupt

    authority.listen(heard)
    with pytest.raises(KeyboardInterrupt):
        await TeamFollower(authority).follow_all()
    assert 0 < (await teams_of_accounts(database))[OTHER_TEAM] <= 4 * ROWS_IN_ONE_COMMIT
    await TeamFollower(authority).follow_all()
    assert await teams_of_accounts(database) == {OTHER_TEAM: 2_001}
    assert 12 <= len(commits) <= 14
    again = len(commits)
    await TeamFollower(authority).follow_all()
    assert len(commits) == again


async def teams_of_accounts(database: Database) -> dict[str, int]:
    async def read(tx: Tx) -> dict[str, int]:
        found: dict[str, int] = {}
        for (team_id,) in (await tx.execute(select(tables.table("account").c.team_id))).all():
            found[team_id] = found.get(team_id, 0) + 1
        return found

    return await database.read(read)


async def test_a_rep_who_becomes_a_manager_gets_the_team_and_loses_it_again(database: Database) -> None:
    authority = await make_authority(database)
    await full_customer(authority)
    colleague, admin = Wire(authority, COLLEAGUE), Wire(authority, ADMIN)
    await colleague.pull()
    assert held(colleague) == NOTHING
    await done(admin, role_of(COLLEAGUE, "manager", "rep"))
    await colleague.pull()
    assert held(colleague) == WHOLE
    await done(admin, role_of(COLLEAGUE, "rep", "manager"))
    await colleague.pull()
    assert held(colleague) == NOTHING
    assert (await colleague.push(city("杭州"))).problem.code == "handed_over"


async def test_many_customers_at_once_and_one_with_many_rows_below_are_handed_over_and_deleted(
    database: Database,
) -> None:
    """The fetches of a transaction follow from how deep rows lie below each other, not from how many there are."""
    authority = await make_authority(database)
    about = {"org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP}
    many = [derived_id("many", number) for number in range(60)]
    rows = [("account", {"id": row_id, "name": "客户"}) for row_id in many]
    rows += [("activity", {"id": derived_id("note", n), "account_id": ACCOUNT, "body": "拜访"}) for n in range(250)]
    whole = [(name, new_row(ENTITIES[name], {**about, **values})) for name, values in rows]
    await authority.write_rows(ORG, whole, name="test.many")
    manager = Wire(authority, MANAGER)
    await manager.pull()
    await done(manager, shared_with(COLLEAGUE))
    await done(manager, ("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}))
    await manager.pull()
    assert {row["owner_id"] for row in manager.all("activity")} == {COLLEAGUE}
    await done(manager, *[("account.delete", {"id": row_id}) for row_id in (*many, ACCOUNT)])
    await manager.pull()
    deleted = [row for name in ("account", "activity") for row in manager.all(name) if row["deleted_at"] is not None]
    assert len(deleted) == 61 + 250
