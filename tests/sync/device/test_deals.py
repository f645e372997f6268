"""Deals on devices without a network: steps wait like any other work, and meet those of others at the server."""

import pytest

from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, ORG, REP, TENT, order_commands
from tests.support.deals import CONTACTED, DEAL, QUOTED, TALKING, moved, opened, reference_rows, won
from tests.support.devices import Phone, sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def authority(authority: TestAuthority) -> TestAuthority:
    """With stages and reasons for losing."""
    await authority.write_rows(ORG, reference_rows(), name="test.stages")
    return authority


def history(phone: Phone) -> list[tuple[str, str, str | None]]:
    """(by whom, into which stage, which stage its author had seen instead) in the order of the steps."""
    rows = sorted(phone.store.children("stage_change", "opportunity_id", DEAL), key=lambda row: row["at"])
    return [(row["created_by"], row["to_stage_id"], row["seen_stage_id"]) for row in rows]


def stage(phone: Phone) -> str:
    row = phone.store.get("opportunity", DEAL)
    assert row is not None
    return str(row["stage_id"])


async def test_a_deal_made_and_moved_offline_with_its_order_arrives_whole(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([opened(amount="5280")])
    phone.engine.run([moved(QUOTED, CONTACTED)])
    order_id, commands = order_commands((TENT, 1))
    commands[0][1]["values"]["opportunity_id"] = DEAL
    phone.engine.run(commands)
    waiting = {entry.tx_id for entry in phone.store.outbox()}
    assert len(waiting) == 3 and stage(phone) == QUOTED
    await sync(authority, phone)
    await sync(authority, desk)
    assert phone.store.outbox() == []
    assert stage(desk) == QUOTED and history(desk) == [(REP, CONTACTED, None), (REP, QUOTED, None)]
    order = desk.store.get("order", order_id)
    assert order is not None and (order["opportunity_id"], order["state"]) == (DEAL, "confirmed")


async def test_two_who_move_a_deal_offline_are_both_in_its_history_and_the_later_at_the_server_decides(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([opened(amount="5280", expected_close="2026-12-18")])
    await sync(authority, phone)
    await sync(authority, desk)
    phone.engine.run([moved(TALKING, CONTACTED)])
    desk.engine.run([moved(QUOTED, CONTACTED)])
    await sync(authority, desk)
    await sync(authority, phone)
    await sync(authority, desk)
    for device in (phone, desk):
        assert stage(device) == TALKING
        assert sorted(history(device)[1:]) == sorted([(MANAGER, QUOTED, None), (REP, TALKING, CONTACTED)])
        assert device.store.outbox() == []


async def test_a_step_on_a_deal_that_ended_meanwhile_is_returned_with_its_reason(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([opened()])
    await sync(authority, phone)
    await sync(authority, desk)
    desk.engine.run([won(CONTACTED)])
    phone.engine.run([moved(QUOTED, CONTACTED)])
    await sync(authority, desk)
    await sync(authority, phone)
    deal = phone.store.get("opportunity", DEAL)
    assert deal is not None and deal["state"] == "won"
    (returned,) = phone.store.select("conflict")
    assert (returned["kind"], returned["code"]) == ("rejection", "deal_closed")


async def test_a_customer_that_left_takes_its_deals_and_a_late_step_goes_to_the_manager(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk, colleague = make_phone(), make_phone(MANAGER), make_phone(COLLEAGUE)
    await sync(authority, phone)
    phone.engine.run([opened()])
    await sync(authority, phone)
    await sync(authority, desk)
    desk.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, desk)
    phone.engine.run([moved(QUOTED, CONTACTED)])
    await sync(authority, phone)
    await sync(authority, colleague)
    await sync(authority, desk)
    assert phone.store.get("opportunity", DEAL) is None
    assert stage(colleague) == CONTACTED
    (item,) = desk.store.select("quarantine_item")
    assert (item["entity"], item["row_id"]) == ("opportunity", DEAL)
    desk.engine.run([("quarantine.adopt", {"item_id": item["id"]})])
    await sync(authority, desk)
    await sync(authority, colleague)
    assert stage(colleague) == QUOTED
