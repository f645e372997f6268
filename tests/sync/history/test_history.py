"""Settled old rows leave the devices for their month's history, come on demand, and come back when they are touched."""

from typing import Any

import msgspec
import pytest

from server.db.following import TeamFollower
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.ids import derived_id
from shared.rules.history import month_bucket
from tests.support.authority import TestAuthority, Wire
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    ORG,
    OTHER_TEAM,
    REP,
    TEAM,
    TENT,
    order_commands,
)  # fmt: skip
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.history import DAY_MS, THEN, a_year_passes, file_now
from tests.sync.history.conftest import MakePhone

pytestmark = pytest.mark.anyio


def note(phone: Phone, body: str, **values: object) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("activity.create", {"id": new, "values": {"account_id": ACCOUNT, "body": body, **values}})])
    return new


def sell(phone: Phone, units: int = 1, name: str = "order", product: str = TENT) -> str:
    order_id, commands = order_commands((product, units), name=name)
    phone.engine.run(commands)
    return order_id


def has(phone: Phone, entity: str, row_id: str) -> bool:
    return phone.store.get(entity, row_id) is not None


def family(phone: Phone, order_id: str) -> list[int]:
    """How many rows of an order are on the device: (order, lines, reservations)."""
    below = [len(phone.store.children(name, "order_id", order_id)) for name in ("order_line", "reservation")]
    return [int(has(phone, "order", order_id)), *below]


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


async def test_what_is_settled_and_old_leaves_the_device_with_its_family(
    authority: TestAuthority, phone: Phone
) -> None:
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1]
    assert await a_year_passes(authority, phone) == 4
    young = note(phone, "今天的拜访")
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0] and not has(phone, "activity", visit)
    assert has(phone, "activity", young) and has(phone, "account", ACCOUNT)
    history = phone.engine.history
    assert history.missing == (THEN,) and history.since == "2026-12" and not history.loading
    assert phone.engine.status().question is None, "filing is no reason to ask"
    assert await file_now(authority) == 0


async def test_what_is_open_stays_however_old(authority: TestAuthority, phone: Phone) -> None:
    draft, _ = order_commands((TENT, 1), name="draft")
    phone.engine.run(order_commands((TENT, 1), name="draft")[1][:-1])
    waiting, due = sell(phone, 3, "waiting", LAMP), note(phone, "待办", due_on="2026-12-01")
    await sync(authority, phone)
    assert phone.store.get("order", waiting)["state"] == "confirmed"  # type: ignore[index]
    assert await a_year_passes(authority, phone) == 0
    await sync(authority, phone)
    assert all((has(phone, "order", draft), has(phone, "order", waiting), has(phone, "activity", due)))
    assert phone.engine.history.since == ""


async def test_what_stays_takes_no_lock(
    authority: TestAuthority, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.engine.run(order_commands((TENT, 1), name="draft")[1][:-1])
    due, gone = note(phone, "待办", due_on="2026-12-01"), note(phone, "不要了")
    phone.engine.run([("activity.delete", {"id": gone})])
    await sync(authority, phone)
    locked: list[str] = []
    write = authority.write

    async def counting(org_id: str, prepare: Any) -> Any:
        locked.append(org_id)
        return await write(org_id, prepare)

    monkeypatch.setattr(authority, "write", counting)
    assert await a_year_passes(authority, phone) == 0
    assert locked == []
    phone.engine.run([("activity.patch", {"id": due, "base": {"due_on": "2026-12-01"}, "values": {"due_on": None}})])
    await sync(authority, phone)
    assert await a_year_passes(authority, phone) == 1
    assert locked == [ORG]


async def test_a_month_is_loaded_on_demand_and_then_followed(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, manager)
    for one in (phone, manager):
        await sync(authority, one)
        assert one.engine.ask_history(3) == (THEN,)
        assert one.engine.history.loading and one.engine.history.since == "2026-12"
        await sync(authority, one)
        assert family(one, order) == [1, 1, 1] and has(one, "activity", visit)
        assert one.engine.history.since == "" and one.engine.history.held == (THEN,)
        assert month_bucket(f"user:{REP}", THEN) in phone.store.buckets("order", order)
    # What is touched comes back to all devices, with its family.
    manager.engine.run([("order.cancel", {"order_id": order})])
    other = make_phone()
    for one in (manager, phone, other):
        await sync(authority, one)
        assert one.store.get("order", order)["state"] == "cancelled"  # type: ignore[index]
        assert family(one, order) == [1, 1, 1]
    assert not has(other, "activity", visit), "another device has asked for nothing"


async def test_a_first_sync_brings_no_history(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone = make_phone()
    await sync(authority, phone)
    order = sell(phone)
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    fresh = make_phone()
    await sync(authority, fresh)
    assert family(fresh, order) == [0, 0, 0] and fresh.engine.history.missing == (THEN,)


async def test_an_edit_brings_a_row_back_to_every_device(authority: TestAuthority, make_phone: MakePhone) -> None:
    one, two = make_phone(), make_phone(MANAGER)
    await sync(authority, one)
    visit = note(one, "去年的拜访")
    await sync(authority, one)
    await a_year_passes(authority, one, two)
    await sync(authority, one)
    await sync(authority, two)
    assert not has(two, "activity", visit)
    one.engine.ask_history(1)
    await sync(authority, one)
    patch = {"id": visit, "base": {"due_on": None}, "values": {"due_on": "2028-01-05"}}
    one.engine.run([("activity.patch", patch)])
    await sync(authority, one)
    await sync(authority, two)
    assert two.store.get("activity", visit)["due_on"] == "2028-01-05"  # type: ignore[index]


async def test_a_loss_that_takes_an_old_orders_units_brings_the_order_back(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    order = sell(phone, 5)
    await sync(authority, phone)
    await a_year_passes(authority, phone, manager)
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0]
    await sync(authority, manager)
    level = next(row for row in manager.store.select("stock_level") if row["product_id"] == TENT)
    values = {"warehouse_id": level["warehouse_id"], "product_id": TENT, "counted": "3", "expected": "5", "note": ""}
    manager.engine.run([("stock.count", values)])
    await sync(authority, manager)
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1]
    assert phone.store.children("order_line", "order_id", order)[0]["backordered"] == 2
    assert await file_now(authority) == 0


async def test_unsent_work_on_a_row_that_is_filed_keeps_it_until_it_is_sent(
    authority: TestAuthority, phone: Phone
) -> None:
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    request = phone.engine.build_request()
    phone.engine.run([("order.cancel", {"order_id": order})])
    phone.engine.apply_response(await answer_to(authority, phone, request))
    assert family(phone, order) == [1, 1, 1] and not has(phone, "activity", visit)
    assert phone.store.get("order", order)["state"] == "cancelled"  # type: ignore[index]
    assert phone.engine.status().doubtful == 0 and len(phone.store.filed()) == 3
    await sync(authority, phone)
    assert phone.engine.status().unsent == 0 and family(phone, order) == [1, 1, 1]
    assert phone.store.filed() == [] and phone.store.shadows() == []


async def test_a_refused_edit_lets_the_filed_row_go(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    await sync(authority, manager)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, manager)
    request = phone.engine.build_request()
    patch = {"id": visit, "base": {"body": "去年的拜访"}, "values": {"body": "改过"}}
    broken = {"id": phone.engine.new_id(), "values": {"account_id": ACCOUNT, "body": "一起"}}
    wire = Wire(authority, REP, seed=9)
    await wire.pull()
    await wire.push(("activity.create", {"id": broken["id"], "values": broken["values"]}))
    phone.engine.run([("activity.patch", patch), ("activity.create", broken)])
    phone.engine.apply_response(await answer_to(authority, phone, request))
    assert has(phone, "activity", visit)
    report = await sync(authority, phone)
    assert [problem.code for problem in report[0].rejected.values() if problem] == ["id_taken"]
    assert not has(phone, "activity", visit) and phone.store.filed() == []


async def test_a_refused_edit_leaves_a_row_of_a_month_that_was_loaded_meanwhile(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    request = phone.engine.build_request()
    taken, wire = phone.engine.new_id(), Wire(authority, REP, seed=9)
    await wire.pull()
    create = {"id": taken, "values": {"account_id": ACCOUNT, "body": "一起"}}
    await wire.push(("activity.create", create))
    patch = {"id": visit, "base": {"body": "去年的拜访"}, "values": {"body": "改过"}}
    phone.engine.run([("activity.patch", patch), ("activity.create", create)])
    phone.engine.apply_response(await answer_to(authority, phone, request))
    assert len(phone.store.filed()) == 1
    phone.engine.ask_history(1)
    asking = msgspec.json.decode(phone.engine.build_request())
    asking["txs"] = []  # a person is asked about it first
    phone.engine.apply_response(await answer_to(authority, phone, msgspec.json.encode(asking)))
    assert phone.engine.history.held == (THEN,) and phone.store.filed() == []
    report = await sync(authority, phone)
    assert [problem.code for problem in report[0].rejected.values() if problem] == ["id_taken"]
    row = phone.store.get("activity", visit)
    assert row is not None and row["body"] == "去年的拜访", "the month is said to be whole"


async def test_a_shared_and_a_handed_over_customer_bring_their_history_on_demand(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, other, admin = make_phone(), make_phone(COLLEAGUE), make_phone(ADMIN)
    await sync(authority, phone)
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, other, admin)
    await sync(authority, phone)
    phone.engine.run([("account.share", {"id": ACCOUNT, "user_id": COLLEAGUE})])
    await sync(authority, phone)
    await sync(authority, other)
    assert has(other, "account", ACCOUNT) and not has(other, "order", order)
    assert other.engine.history.missing == (THEN,)
    other.engine.ask_history(1)
    await sync(authority, other)
    assert family(other, order) == [1, 1, 1] and has(other, "activity", visit)
    # Handing over is an edit of the follow-ups: they are current again. The order stays with who took it, as history.
    await sync(authority, admin)
    admin.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, admin)
    for one in (other, phone):
        await sync(authority, one)
    assert has(other, "activity", visit) and family(other, order) == [1, 1, 1]
    assert not has(phone, "account", ACCOUNT) and not has(phone, "activity", visit)
    phone.engine.ask_history(1)
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1], "his own order"


async def test_checks_cover_held_months_and_only_those(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone = make_phone()
    await sync(authority, phone)
    sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    await sync(authority, phone)
    for wanted in (0, 1):
        phone.engine.ask_history(wanted)
        await sync(authority, phone)
        assert await check(authority, phone) == "clean"
    with phone.store.transaction():
        phone.store.connection.execute("UPDATE e_activity SET body = '坏了'")
    assert await check(authority, phone) == "mended"
    assert [row["body"] for row in phone.store.select("activity")] == ["去年的拜访"]


async def check(authority: TestAuthority, phone: Phone) -> str:
    phone.engine.checks.demand()
    for _ in range(8):
        await sync(authority, phone)
        while phone.engine.upkeep():
            pass
        if not phone.engine.checks.running:
            return phone.engine.checks.report.result
    raise AssertionError("the check does not end")


async def test_a_longer_time_takes_back_what_is_not_old_enough_any_more(authority: TestAuthority, phone: Phone) -> None:
    order = sell(phone)
    await sync(authority, phone)
    assert await a_year_passes(authority, phone) == 3
    await sync(authority, phone)
    assert phone.engine.history.since == "2026-12"
    assert await file_now(authority, 24) == 3
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1]
    assert phone.engine.history.there == () and phone.engine.history.since == "", "an empty month is none"
    assert await file_now(authority, 12) == 3
    assert await file_now(authority, 0) == 3, "nothing is history"
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1]


async def test_a_client_that_knows_nothing_of_months_has_everything_under_the_names_it_knows(
    authority: TestAuthority, phone: Phone
) -> None:
    old = Wire(authority, REP, seed=5)
    await old.pull()
    order = sell(phone)
    await sync(authority, phone)
    await old.pull()
    await a_year_passes(authority, phone)
    await old.pull()
    assert len(old.all("order_line")) == 1 and ("order", order) in old.rows
    assert {name for names in old.buckets.values() for name in names} <= {"org", "stock", f"user:{REP}"}
    fresh = Wire(authority, REP, seed=6)
    await fresh.pull(page_rows=2)
    assert fresh.rows == old.rows
    response = await fresh.send(fresh.request())
    assert response.history is None and {item.bucket for item in response.progress} == {"org", "stock", f"user:{REP}"}


async def test_an_app_that_learns_of_months_begins_its_buckets_anew(authority: TestAuthority, phone: Phone) -> None:
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    await as_an_older_app(authority, phone)
    assert has(phone, "activity", visit), "an older app keeps everything"
    draft = sell(phone, 1, "offline")
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0] and not has(phone, "activity", visit)
    assert has(phone, "order", draft) and has(phone, "account", ACCOUNT)
    assert phone.engine.history.missing == (THEN,) and await check(authority, phone) == "clean"
    # And back: the same file under an older app has everything again.
    await as_an_older_app(authority, phone)
    assert family(phone, order) == [1, 1, 1] and has(phone, "activity", visit)
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0] and phone.engine.history.missing == (THEN,)
    phone.engine.ask_history(1)
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1] and phone.engine.history.since == ""


async def as_an_older_app(authority: TestAuthority, phone: Phone) -> None:
    for _ in range(20):
        request = msgspec.json.decode(phone.engine.build_request())
        del request["history"]
        report = phone.engine.apply_response(await answer_to(authority, phone, msgspec.json.encode(request)))
        if not report.more:
            return
    raise AssertionError("still more")


async def test_the_cursor_waits_for_news_of_the_months_that_were_asked_for(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, manager)
    for one in (phone, manager):
        await sync(authority, one)
        one.engine.ask_history(1)
        await sync(authority, one)
    caller = Wire(authority, REP).caller
    assert (await authority.changed(caller, phone.engine.cursor))[0] is False
    assert (await authority.changed(caller, manager.engine.cursor))[0] is True, "other buckets"
    manager.engine.run([("activity.delete", {"id": visit})])
    await sync(authority, manager)
    assert (await authority.changed(caller, phone.engine.cursor))[0] is True
    await exchange(authority, phone)
    assert phone.store.get("activity", visit)["deleted_at"] is not None  # type: ignore[index]


async def test_rows_of_a_user_who_changes_the_team_follow_out_of_history_too(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    admin = Wire(authority, ADMIN)
    await admin.pull()
    team = admin.rows["user", REP]["home_team_id"]
    patch = {"id": REP, "base": {"home_team_id": team}, "values": {"home_team_id": OTHER_TEAM}}
    assert (await admin.push(("user.patch", patch))).status == "accepted"
    await TeamFollower(authority).follow_all()
    await admin.pull()
    assert admin.rows["activity", visit]["team_id"] == OTHER_TEAM
    assert admin.rows["activity", visit]["period"] == THEN, "following is no edit"


async def grow_old(authority: TestAuthority, months: int) -> None:
    """A follow-up for each of so many months, made as an import would."""
    now_ms = authority.clock.now_ms()
    about = {"org_id": ORG, "account_id": ACCOUNT, "owner_id": REP, "team_id": TEAM, "body": "这个月的拜访"}
    rows: list[tuple[str, Row]] = []
    for month in range(months):
        at = now_ms - month * 31 * DAY_MS
        times = {"happened_at": at, "created_at": at, "updated_at": at}
        rows.append(("activity", new_row(ENTITIES["activity"], {"id": derived_id("visit", month), **about, **times})))
    await authority.write_rows(ORG, rows, name="system.import")


async def test_many_months_make_no_long_cursor(authority: TestAuthority, make_phone: MakePhone) -> None:
    await grow_old(authority, 40)
    assert await file_now(authority, 1) >= 38
    old, everything = Wire(authority, MANAGER, seed=3), make_phone(MANAGER)
    await old.pull()
    assert len(old.all("activity")) == 40 and len(old.cursor) < 1_500
    await sync(authority, everything)
    assert len(everything.engine.history.missing) >= 38
    everything.engine.ask_history(3)
    await sync(authority, everything)
    assert everything.engine.history.since == everything.engine.history.there[2]
    assert everything.store.count("activity") == 40 - len(everything.engine.history.missing)


async def test_an_outcome_is_told_to_who_reads_a_life_of_months(authority: TestAuthority, phone: Phone) -> None:
    order = sell(phone, 5)
    await sync(authority, phone)
    months = [f"{year}-{month:02}" for year in range(1900, 2010) for month in range(1, 13)]
    record = "INSERT INTO history_bucket (org_id, bucket, month, seq) VALUES ('{}', 'user:{}', '{}', 0)"
    for month in months:
        statement = record.format(ORG, MANAGER, month)
        await authority.database.run_sync(lambda connection, sql=statement: connection.exec_driver_sql(sql))
    old = Wire(authority, MANAGER, seed=4)
    await old.pull()
    level = next(row for row in old.all("stock_level") if row["product_id"] == TENT)
    values = {"warehouse_id": level["warehouse_id"], "product_id": TENT, "counted": "3", "expected": "5", "note": ""}
    outcome = await old.push(("stock.count", values))
    assert outcome.status == "accepted"
    told = {put.entity for put in outcome.puts}
    assert "order_line" in told and "conflict" not in told, "the notice is the order's author's alone"
    assert old.rows["order", order]["id"] == order
