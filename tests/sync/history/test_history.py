"""Settled old rows leave the devices for their month's history, come on demand, and come back when they are touched."""

from typing import Any

import msgspec
import pytest

from shared.rules.history import month_bucket
from tests.support.authority import TestAuthority, Wire
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    ORG,
    REP,
    TENT,
    order_commands,
)  # fmt: skip
from tests.support.devices import Phone, answer_to, sync
from tests.support.history import THEN, a_year_passes, check, family, file_now, has, note, sell
from tests.sync.history.conftest import MakePhone

pytestmark = pytest.mark.anyio


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
