"""A restore, and a device that is shut out before it could offer again what the server lost."""

import pytest

from shared.protocol import decode_handin, encode
from sync.device.handin import HandIn
from tests.support.authority import SECRETS, TestAuthority, caller
from tests.support.company import ORG, REP
from tests.support.devices import Phone, sync
from tests.support.oracle import server_rows
from tests.support.rewind import backup, come_back
from tests.sync.restore.conftest import MakePhone

pytestmark = pytest.mark.anyio
CODE = "device_revoked"


async def hand_in(authority: TestAuthority, phone: Phone) -> None:
    handing_in = HandIn(phone.store)
    while (body := handing_in.request()) is not None:
        handing_in.take(encode(await authority.hand_in(caller(REP), decode_handin(body), CODE)))


async def items(authority: TestAuthority) -> list[str]:
    """Names of the customers whose making was handed to the managers."""
    rows = await server_rows(authority.database, ORG, SECRETS)
    found = [row["payload"] for (entity, _), row in rows.items() if entity == "quarantine_item"]
    return sorted(commands[0]["args"]["values"]["name"] for commands in found)


def create(phone: Phone, name: str) -> None:
    phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": name}})])


async def test_a_device_that_is_shut_out_hands_in_what_a_restore_lost(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone(REP)
    create(phone, "那时已有")
    await sync(authority, phone)
    copy = await backup(authority)
    create(phone, "丢失的")
    await sync(authority, phone)
    create(phone, "还没发出")
    returned = await come_back(authority, copy)
    handing_in = HandIn(phone.store)
    assert handing_in.left == 1, "what people are told of is what was never answered"
    await hand_in(returned, phone)
    assert await items(returned) == ["丢失的", "还没发出"]
    await hand_in(returned, phone)
    assert await items(returned) == ["丢失的", "还没发出"]


async def test_without_a_restore_what_was_answered_is_merely_confirmed(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone(REP)
    create(phone, "早已确认")
    await sync(authority, phone)
    await hand_in(authority, phone)
    assert await items(authority) == []


async def test_work_that_another_dataset_has_answered_is_not_handed_in(make_phone: MakePhone) -> None:
    phone = make_phone(REP)
    create(phone, "别的公司")
    entry = phone.store.outbox()[0]
    with phone.store.transaction():
        phone.store.log_sent(entry, "install", "accepted", None, 1, dataset="other")
        phone.store.outbox_remove(entry.tx_id)
        phone.store.set_meta("dataset", "mine")
    assert HandIn(phone.store).request() is None
    with phone.store.transaction():
        phone.store.set_meta("dataset", "other")
    assert HandIn(phone.store).request() is not None
