"""Leads on devices without a network: captured, converted and sold to, by one person or by two at once."""

import pytest

from shared.commands.leads import became
from shared.ids import derived_id
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, REP, TENT, order_commands
from tests.support.devices import sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio
LEAD, PHOTO, NOTE = (derived_id("offline", name) for name in ("lead", "photo", "note"))
CAPTURE = {"id": LEAD, "values": {"name": "陈立群", "phone": "138 2660 4471", "company": "昆明驼铃", "grade": "A"}}
CARD = {"lead_id": LEAD, "file_name": "card.jpg", "media_type": "image/jpeg", "size": 7, "sha256": "a" * 64}
CUSTOMER = became(LEAD, "account")


async def test_a_lead_captured_and_converted_offline_with_photo_and_order_arrives_whole(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([("lead.create", CAPTURE), ("attachment.create", {"id": PHOTO, "values": CARD})])
    phone.engine.run([("lead.convert", {"id": LEAD})])
    order_id, commands = order_commands((TENT, 1), account=CUSTOMER)
    phone.engine.run(commands)
    assert len(phone.store.outbox()) == 3
    await sync(authority, phone)
    await sync(authority, desk)
    assert phone.store.outbox() == []
    lead, photo, order = (
        desk.store.get("lead", LEAD),
        desk.store.get("attachment", PHOTO),
        desk.store.get("order", order_id),
    )
    assert lead is not None and photo is not None and order is not None
    assert (lead["state"], lead["account_id"], photo["account_id"]) == ("converted", CUSTOMER, CUSTOMER)
    assert (order["account_id"], order["state"]) == (CUSTOMER, "confirmed")


async def test_two_who_convert_a_lead_offline_make_one_customer_and_what_either_did_with_it_holds(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([("lead.create", CAPTURE)])
    await sync(authority, phone)
    await sync(authority, desk)
    phone.engine.run([("lead.convert", {"id": LEAD})])
    order_id, commands = order_commands((TENT, 1), account=CUSTOMER)
    phone.engine.run(commands)
    desk.engine.run([("lead.convert", {"id": LEAD})])
    desk.engine.run([("activity.create", {"id": NOTE, "values": {"account_id": CUSTOMER, "body": "已打电话"}})])
    await sync(authority, desk)
    await sync(authority, phone)
    await sync(authority, desk)
    for device in (phone, desk):
        assert device.store.outbox() == []
        assert device.store.select("conflict") == []
        assert [row["owner_id"] for row in device.store.select("account", "name = '昆明驼铃'")] == [REP]
        assert len(device.store.select("contact", "account_id = ?", (CUSTOMER,))) == 1
        assert device.store.get("activity", NOTE) is not None
        order = device.store.get("order", order_id)
        assert order is not None and order["state"] == "confirmed"


async def test_who_converts_a_lead_offline_into_a_new_customer_learns_that_it_became_a_known_one(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    phone.engine.run([("lead.create", CAPTURE)])
    await sync(authority, phone)
    await sync(authority, desk)
    desk.engine.run([("lead.convert", {"id": LEAD, "account_id": ACCOUNT})])
    await sync(authority, desk)
    phone.engine.run([("lead.convert", {"id": LEAD})])
    phone.engine.run(order_commands((TENT, 1), account=CUSTOMER)[1])
    await sync(authority, phone)
    told = {row["code"] for row in phone.store.select("conflict")}
    assert told == {"lead_converted", "dependency"}, "the order's author learns why, and has it whole"
    lead = phone.store.get("lead", LEAD)
    assert lead is not None and lead["account_id"] == ACCOUNT
    assert phone.store.get("account", CUSTOMER) is None and phone.store.outbox() == []


async def test_leads_assigned_offline_reach_the_new_owner_with_one_note_in_the_inbox(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, desk, colleague = make_phone(), make_phone(MANAGER), make_phone(COLLEAGUE)
    others = [derived_id("offline", number) for number in range(2)]
    for device in (phone, colleague):
        await sync(authority, device)
    phone.engine.run(
        [("lead.create", CAPTURE), *(("lead.create", {"id": one, "values": {"name": one}}) for one in others)]
    )
    await sync(authority, phone)
    await sync(authority, desk)
    desk.engine.run([("lead.assign", {"id": one, "owner_id": COLLEAGUE}) for one in (LEAD, *others)])
    assert desk.store.select("conflict") == [], "only the server tells"
    for device in (desk, colleague, phone):
        await sync(authority, device)
    assert {row["id"] for row in colleague.store.select("lead")} == {LEAD, *others}
    [told] = colleague.store.select("conflict")
    assert (told["kind"], told["code"], told["params"]["count"]) == ("assigned", "leads_given", 3)
    assert phone.store.select("lead") == [] and phone.store.select("conflict") == []
    assert desk.store.select("conflict") == []
    colleague.engine.run([("conflict.dismiss", {"conflict_id": told["id"]})])
    await sync(authority, colleague)
    assert colleague.store.outbox() == []
