"""Two restores to one epoch: a replica that was begun afresh in between asks like a new one, and knows all the same."""

import msgspec
import pytest

from shared import protocol
from tests.support.authority import TestAuthority, Wire
from tests.support.company import MANAGER
from tests.support.devices import Phone, answer_to, sync
from tests.support.rewind import backup, come_back
from tests.sync.restore.conftest import MakePhone

pytestmark = pytest.mark.anyio


def customer(phone: Phone, name: str) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


@pytest.mark.parametrize("server_knows", [True, False])
async def test_a_replica_begun_afresh_notices_a_second_restore_to_the_same_epoch(
    authority: TestAuthority, make_phone: MakePhone, server_knows: bool
) -> None:
    """``server_knows`` False: the second server is of a version that says nothing of it, and the device goes on."""
    phone = make_phone()
    await sync(authority, phone)
    copy, again = await backup(authority), await backup(authority)
    first = await come_back(authority, copy)
    await sync(first, phone)
    lost = customer(phone, "第一次恢复之后")
    await sync(first, phone)
    second = await come_back(authority, again)
    phone.engine.start_fresh()
    new = customer(phone, "重新开始之后")
    if not server_knows:
        answer = msgspec.json.decode(await answer_to(second, phone, phone.engine.build_request()))
        del answer["lineage"]
        assert phone.engine.apply_response(msgspec.json.encode(answer)).status == "ok"
        return
    reports = await sync(second, phone)
    assert reports[0].status == "restored" and {report.status for report in reports[1:]} == {"ok"}
    wire = Wire(second, MANAGER)
    await wire.pull()
    assert {("account", lost), ("account", new)} <= wire.rows.keys()
    assert phone.store.outbox() == [] and phone.store.get("account", lost) is not None


async def test_a_fresh_start_without_a_restore_is_none(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone = make_phone()
    await sync(authority, phone)
    returned = await come_back(authority, await backup(authority))
    for name in ("甲", "乙"):
        customer(phone, name)
        await sync(returned, phone)
        phone.engine.start_fresh()
        assert {report.status for report in await sync(returned, phone)} == {"ok"}
    answer = protocol.decode_response(await answer_to(returned, phone, phone.engine.build_request()))
    assert answer.lineage
