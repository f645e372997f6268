"""Loaded months are given back: their rows leave with the next exchange, and never from under unsent work."""

import msgspec
import pytest

from tests.support.authority import TestAuthority, Wire
from tests.support.company import ACCOUNT, MANAGER, REP
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.history import THEN, a_year_passes, check, family, has, note, sell
from tests.sync.history.conftest import MakePhone

pytestmark = pytest.mark.anyio


async def loaded(authority: TestAuthority, phone: Phone, *others: Phone) -> tuple[str, str]:
    """An order and a follow-up that are history, and the month on the device: their ids."""
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, *others)
    for one in (phone, *others):
        await sync(authority, one)
        assert one.engine.ask_history(1) == (THEN,)
        await sync(authority, one)
        assert family(one, order) == [1, 1, 1] and one.engine.history.held == (THEN,)
    return order, visit


async def without_its_work(authority: TestAuthority, phone: Phone) -> None:
    """An exchange before the work is sent: as when a person is asked about it first."""
    asking = msgspec.json.decode(phone.engine.build_request())
    asking["txs"] = []
    phone.engine.apply_response(await answer_to(authority, phone, msgspec.json.encode(asking)))


async def test_a_month_that_is_given_back_leaves_with_the_next_exchange_and_can_be_loaded_again(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    order, visit = await loaded(authority, phone, manager)
    for one in (phone, manager):
        young = note(one, "今天的拜访")
        await sync(authority, one)
        one.engine.leave_history([THEN])
        assert family(one, order) == [1, 1, 1] and one.engine.history.going == (THEN,), "nothing happens offline"
        one.restart()
        await sync(authority, one)
        assert family(one, order) == [0, 0, 0] and not has(one, "activity", visit)
        assert has(one, "activity", young) and has(one, "account", ACCOUNT)
        history = one.engine.history
        assert (history.held, history.missing, history.since, history.going) == ((), (THEN,), "2026-12", ())
        assert one.engine.status().question is None and not one.store.buckets_aside()
        assert await check(authority, one) == "clean"
        one.engine.ask_history(1)
        await sync(authority, one)
        assert family(one, order) == [1, 1, 1] and has(one, "activity", visit)
        assert await check(authority, one) == "clean"


async def test_asking_again_before_the_exchange_brings_nothing_twice(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    order, _ = await loaded(authority, phone)
    phone.engine.leave_history([THEN])
    assert phone.engine.ask_history(1) == (THEN,) and phone.engine.history.going == ()
    reports = await sync(authority, phone)
    assert [report.rows for report in reports] == [0]
    assert family(phone, order) == [1, 1, 1] and phone.engine.history.held == (THEN,)


async def test_unsent_work_keeps_its_rows_of_a_month_that_is_given_back_until_it_is_answered(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    order, visit = await loaded(authority, phone)
    phone.engine.run([("order.cancel", {"order_id": order})])
    phone.engine.leave_history([THEN])
    await without_its_work(authority, phone)
    assert family(phone, order) == [1, 1, 1] and not has(phone, "activity", visit)
    assert phone.store.get("order", order)["state"] == "cancelled"  # type: ignore[index]
    assert phone.engine.status().doubtful == 0 and len(phone.store.filed()) == 3
    await without_its_work(authority, phone)
    phone.restart()
    assert family(phone, order) == [1, 1, 1]
    assert await check(authority, phone) == "clean"
    assert phone.engine.status().unsent == 0 and family(phone, order) == [1, 1, 1], "an edit makes it current"
    assert phone.store.filed() == [] and phone.store.shadows() == []
    assert await check(authority, phone) == "clean"


async def test_a_refused_edit_lets_the_rows_of_a_month_that_was_given_back_go(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    _, visit = await loaded(authority, phone)
    taken, wire = phone.engine.new_id(), Wire(authority, REP, seed=9)
    await wire.pull()
    create = {"id": taken, "values": {"account_id": ACCOUNT, "body": "一起"}}
    await wire.push(("activity.create", create))
    patch = {"id": visit, "base": {"body": "去年的拜访"}, "values": {"body": "改过"}}
    phone.engine.run([("activity.patch", patch), ("activity.create", create)])
    phone.engine.leave_history([THEN])
    await without_its_work(authority, phone)
    assert has(phone, "activity", visit) and len(phone.store.filed()) == 1
    report = await sync(authority, phone)
    assert [problem.code for problem in report[0].rejected.values() if problem] == ["id_taken"]
    assert not has(phone, "activity", visit) and phone.store.filed() == [] and phone.store.shadows() == []
    assert await check(authority, phone) == "clean"


async def test_a_month_asked_for_again_under_unsent_work_is_whole(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    order, visit = await loaded(authority, phone)
    phone.engine.run([("order.cancel", {"order_id": order})])
    phone.engine.leave_history([THEN])
    await without_its_work(authority, phone)
    phone.engine.ask_history(1)
    await without_its_work(authority, phone)
    assert family(phone, order) == [1, 1, 1] and has(phone, "activity", visit) and phone.store.filed() == []
    await sync(authority, phone)
    assert await check(authority, phone) == "clean"


async def test_no_list_says_that_it_is_whole_while_a_month_leaves_in_pieces(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    order, _ = await loaded(authority, phone, manager)
    for number in range(4):
        note(manager, f"今天 {number}")
    await sync(authority, manager)
    phone.engine.leave_history([THEN])
    phone.engine.limits.rows = 1
    report = await exchange(authority, phone)
    assert report.more and family(phone, order) == [0, 0, 0]
    assert phone.engine.history.held == () and phone.engine.history.since == "2026-12"
