"""The server comes back from an older backup: devices offer again what it lost, once, with the numbers given."""

from decimal import Decimal

import pytest

from shared import protocol
from shared.ids import derived_id, stock_level_id
from shared.protocol import decode_request
from tests.support.authority import TestAuthority, Wire
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, REP, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.rewind import backup, come_back, note_backup
from tests.sync.restore.conftest import MakePhone

pytestmark = pytest.mark.anyio
LEVEL = stock_level_id(WAREHOUSE, LAMP)


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


def rename(phone: Phone, name: str) -> str:
    base = phone.store.get("account", ACCOUNT)["name"]  # type: ignore[index]
    return phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"name": base}, "values": {"name": name}})])


def create(phone: Phone, name: str) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


async def order(authority: TestAuthority, phone: Phone, name: str, *lines: tuple[str, int], **options: str) -> str:
    order_id, commands = order_commands(*(lines or ((TENT, 1),)), name=name, **options)  # type: ignore[arg-type]
    phone.engine.run(commands)
    await sync(authority, phone)
    return order_id


def number(phone: Phone, order_id: str) -> str:
    row = phone.store.get("order", order_id)
    return str(row["number"]) if row else ""


async def test_lost_work_is_offered_again_once_with_the_numbers_given(phone: Phone, authority: TestAuthority) -> None:
    kept = await order(authority, phone, "before the backup")
    copy = await backup(authority)
    lost = [await order(authority, phone, f"after {count}") for count in range(2)]
    rename(phone, "山野集团")
    await sync(authority, phone)
    numbers = {order_id: number(phone, order_id) for order_id in (kept, *lost)}
    returned = await come_back(authority, copy)
    payloads = {row["tx_id"]: row["payload_hash"] for row in phone.store.query("SELECT * FROM sent_log")}
    reports = await sync(returned, phone)
    assert reports[0].status == "restored" and phone.engine.stopped == ""
    assert {order_id: number(phone, order_id) for order_id in numbers} == numbers
    assert phone.store.get("account", ACCOUNT)["name"] == "山野集团"  # type: ignore[index]
    assert phone.store.outbox() == [] and phone.engine.status().doubtful == 0
    again = {row["tx_id"]: (row["payload_hash"], row["status"]) for row in phone.store.query("SELECT * FROM sent_log")}
    assert {tx_id: found[0] for tx_id, found in again.items()} == payloads
    assert sorted(found[1] for found in again.values()) == ["accepted", "accepted", "accepted", "duplicate"]
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, TENT))
    assert level is not None and level["reserved"] == Decimal(3)
    recovery = phone.engine.status().recovery
    assert recovery is not None and (recovery.orders, recovery.changes, recovery.done) == (3, 4, True)
    assert all(report.status == "ok" and not report.rows for report in await sync(returned, phone))


@pytest.mark.parametrize("half_way", [False, True])
async def test_the_same_backup_put_back_twice_in_the_same_epoch_is_two_restores(
    phone: Phone, authority: TestAuthority, half_way: bool
) -> None:
    """Within ten minutes, and what is replaced cannot be read: nobody knows the number that was given before. The
    device is between two exchanges then, or in the middle of offering again, when it has no cursor."""
    copy, again = await backup(authority), await backup(authority)
    lost = [await order(authority, phone, f"lost {count}") for count in range(3)]
    first, second = await come_back(authority, copy), await come_back(authority, again)
    if half_way:
        phone.engine.limits.txs = phone.engine.limits.allowed = 1
        assert (await exchange(first, phone)).status == "restored"
        assert (await exchange(first, phone)).accepted and phone.engine.cursor == ""
    else:
        await sync(first, phone)
    epoch = phone.store.meta("epoch")
    other = Wire(second, COLLEAGUE)
    await other.pull()
    values = {"name": "别人的"}
    await other.push(*[("account.create", {"id": other.new_id(), "values": values}) for _ in range(30)])
    reports = await sync(second, phone)
    assert reports[0].status == "restored" and phone.store.meta("epoch") == epoch
    wire = Wire(second, MANAGER)
    await wire.pull()
    assert {row["id"] for row in wire.all("order")} >= set(lost)
    assert phone.store.outbox() == [] and all(report.status == "ok" for report in await sync(second, phone))


async def test_new_numbers_jump_past_all_that_may_have_been_given(phone: Phone, authority: TestAuthority) -> None:
    copy = await backup(authority)
    lost = await order(authority, phone, "lost")
    given = number(phone, lost)
    returned = await come_back(authority, copy)
    other = Wire(returned, COLLEAGUE)
    await other.pull()
    new_id, commands = order_commands((TENT, 1), name="new one", account=derived_id("theirs"))
    created = ("account.create", {"id": derived_id("theirs"), "values": {"name": "新"}})
    await other.push(created, *commands)
    fresh = other.rows["order", new_id]["number"]
    assert int(fresh.rpartition("-")[2]) == 10_001 and given.endswith("-000001")
    await sync(returned, phone)
    assert number(phone, lost) == given


async def test_what_the_server_still_has_is_a_duplicate_and_happens_once(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    keeper = make_phone(MANAGER)
    await sync(authority, keeper)
    keeper.engine.run([("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "3"})])
    await sync(authority, keeper)
    kept = await order(authority, phone, "kept", (LAMP, 1))
    returned = await come_back(authority, await backup(authority))
    await sync(returned, keeper)
    await sync(returned, phone)
    assert [row["status"] for device in (keeper, phone) for row in device.store.sent()] == ["duplicate"] * 2
    level = phone.store.get("stock_level", LEVEL)
    assert level is not None and (level["on_hand"], level["reserved"]) == (Decimal(4), Decimal(1))
    assert number(phone, kept).endswith("-000001")


async def test_rows_keep_what_they_show_until_everything_was_offered(phone: Phone, authority: TestAuthority) -> None:
    copy = await backup(authority)
    names = {create(phone, f"客户 {count}"): f"客户 {count}" for count in range(30)}
    rename(phone, "山野集团")
    await sync(authority, phone)
    returned = await come_back(authority, copy)
    phone.engine.limits.allowed = phone.engine.limits.txs = 7
    while True:
        report = await exchange(returned, phone)
        assert {row_id: phone.store.get("account", row_id)["name"] for row_id in names} == names  # type: ignore[index]
        assert phone.store.get("account", ACCOUNT)["name"] == "山野集团"  # type: ignore[index]
        assert not report.doubtful and phone.engine.status().complete
        if not report.more:
            break
    assert phone.store.outbox() == []


async def test_unsent_work_on_top_of_lost_work_is_kept_and_sent_after_it(
    phone: Phone, authority: TestAuthority
) -> None:
    copy = await backup(authority)
    lost = await order(authority, phone, "lost")
    account = create(phone, "丙")
    await sync(authority, phone)
    phone.engine.run([("order.cancel", {"order_id": lost})])
    rename(phone, "改名")
    phone.engine.run(
        [("contact.create", {"id": phone.engine.new_id(), "values": {"account_id": account, "name": "王"}})]
    )
    returned = await come_back(authority, copy)
    await exchange(returned, phone)
    assert phone.store.get("order", lost)["state"] == "cancelled"  # type: ignore[index]
    entries = phone.store.outbox()
    assert [entry.again is not None for entry in entries] == [True, True, False, False, False]
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    await sync(returned, phone)
    assert phone.store.outbox() == [] and not phone.store.select("conflict", "1")
    row = phone.store.get("order", lost)
    assert row is not None and row["state"] == "cancelled" and row["number"].endswith("-000001")
    assert phone.store.get("account", ACCOUNT)["name"] == "改名"  # type: ignore[index]


async def test_rows_that_the_restored_server_does_not_have_go_with_the_last_page(
    phone: Phone, authority: TestAuthority
) -> None:
    copy = await backup(authority)
    manager = Wire(authority, MANAGER)
    await manager.pull()
    gone = manager.new_id()
    await manager.push(("account.create", {"id": gone, "values": {"name": "无"}}))
    await manager.push(("account.assign", {"id": gone, "owner_id": REP}))
    await sync(authority, phone)
    assert phone.store.get("account", gone) is not None
    mine = create(phone, "未发送")
    returned = await come_back(authority, copy)
    phone.engine.limits.rows = 3
    await exchange(returned, phone)
    await exchange(returned, phone)
    assert phone.store.get("account", gone) is not None
    phone.restart()
    await sync(returned, phone)
    assert phone.store.get("account", gone) is None and phone.store.get("account", mine) is not None
    assert phone.store.buckets_aside() == []


async def test_two_devices_with_confirmed_orders_for_what_is_one_unit_now(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    first, second, manager = make_phone(REP), make_phone(COLLEAGUE), make_phone(MANAGER)
    for phone in (first, second, manager):
        await sync(authority, phone)
    copy = await backup(authority)
    manager.engine.run([("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "1"})])
    await sync(authority, manager)
    theirs = second.engine.new_id()
    second.engine.run([("account.create", {"id": theirs, "values": {"name": "他们"}})])
    one = await order(authority, first, "one", (LAMP, 1))
    two = await order(authority, second, "two", (LAMP, 1), account=theirs)
    numbers = number(first, one), number(second, two)
    returned = await come_back(authority, copy)
    # The receipt is lost with the manager's device: it does not come back.
    await sync(returned, second)
    await sync(returned, first)
    assert (number(first, one), number(second, two)) == numbers
    lines = [
        phone.store.children("order_line", "order_id", order_id)[0] for phone, order_id in ((first, one), (second, two))
    ]
    assert [line["state"] for line in lines] == ["backordered", "reserved"]
    reasons = [row["code"] for row in first.store.select("conflict", "state = 'open'")]
    assert reasons == ["backordered"] and not second.store.select("conflict", "state = 'open'")


async def test_a_number_that_somebody_else_has_now_is_replaced_and_the_author_is_told(
    phone: Phone, authority: TestAuthority
) -> None:
    copy = await backup(authority)
    lost = await order(authority, phone, "lost")
    given = number(phone, lost)
    returned = await come_back(authority, copy)
    thief = Wire(returned, COLLEAGUE)
    await thief.pull()
    stolen, commands = order_commands((TENT, 1), name="stolen", account=derived_id("theirs"))
    tx = thief.tx(("account.create", {"id": derived_id("theirs"), "values": {"name": "新"}}), *commands)
    envelope = thief.envelope(tx)
    await thief.send(thief.request(protocol.SentTransaction(envelope.seq, envelope.payload, {stolen: given})))
    assert thief.rows["order", stolen]["number"] == given
    await sync(returned, phone)
    renumbered = number(phone, lost)
    assert renumbered.endswith("-010001")
    notice = phone.store.select("conflict", "kind = 'renumbered'")
    assert [(row["code"], row["params"]) for row in notice] == [
        ("order_renumbered", {"given": given, "number": renumbered})
    ]


@pytest.mark.parametrize(
    "claimed", ["SO-2026-010001", "SO-2026-999999", "SO-2026-000000", "SO-2026-00007", "SO-2031-000007", "拿来"]
)
async def test_a_number_outside_the_gap_is_never_taken_from_a_device(authority: TestAuthority, claimed: str) -> None:
    returned = await come_back(authority, await backup(authority))
    rep = Wire(returned, REP)
    await rep.pull()
    order_id, commands = order_commands((TENT, 1))
    envelope = rep.envelope(rep.tx(*commands))
    await rep.send(rep.request(protocol.SentTransaction(envelope.seq, envelope.payload, {order_id: claimed})))
    assert rep.rows["order", order_id]["number"] == "SO-2026-010001"


async def test_without_a_restore_no_number_is_taken_from_a_device(authority: TestAuthority) -> None:
    rep = Wire(authority, REP)
    await rep.pull()
    order_id, commands = order_commands((TENT, 1))
    envelope = rep.envelope(rep.tx(*commands))
    await rep.send(rep.request(protocol.SentTransaction(envelope.seq, envelope.payload, {order_id: "SO-2026-000777"})))
    assert rep.rows["order", order_id]["number"] == "SO-2026-000001"
    assert not rep.all("conflict")


async def test_a_refusal_is_repeated_and_not_decided_anew(phone: Phone, authority: TestAuthority) -> None:
    copy = await backup(authority)
    refused = phone.engine.run(order_commands((LAMP, 5), name="too many", policy="reject")[1])
    await sync(authority, phone)
    before = phone.store.select("conflict", "1")[0]
    phone.engine.run([("conflict.dismiss", {"conflict_id": before["id"]})])
    await sync(authority, phone)
    returned = await come_back(authority, copy)
    manager = Wire(returned, MANAGER)
    await manager.pull()
    await manager.push(("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "9"}))
    await sync(returned, phone)
    after = phone.store.select("conflict", "1")
    assert [(row["id"], row["code"], row["state"]) for row in after] == [(before["id"], "out_of_stock", "dismissed")]
    assert after[0]["payload"] == before["payload"]
    assert {row["tx_id"]: row["status"] for row in phone.store.sent()}[refused] == "rejected"


async def test_a_verified_backup_lets_devices_forget_what_it_covers(phone: Phone, authority: TestAuthority) -> None:
    create(phone, "甲")
    await sync(authority, phone)
    phone.engine.new_install()
    create(phone, "乙")
    await sync(authority, phone)
    assert len({row["install_id"] for row in phone.store.sent()}) == 2
    await note_backup(authority)
    create(phone, "丙")
    await sync(authority, phone)
    assert [row["seq"] for row in phone.store.sent()] == [2]
    assert len({row["install_id"] for row in phone.store.sent()}) == 1


async def test_only_what_no_verified_backup_covers_is_offered_again(phone: Phone, authority: TestAuthority) -> None:
    create(phone, "甲")
    await sync(authority, phone)
    await note_backup(authority)
    copy = await backup(authority)
    create(phone, "乙")
    await sync(authority, phone)
    returned = await come_back(authority, copy)
    await exchange(returned, phone)
    assert len(phone.store.outbox()) == 1
    await sync(returned, phone)
    assert {row["name"] for row in phone.store.select("account")} == {"山野户外", "甲", "乙"}


async def test_the_first_word_after_a_restore_takes_nothing(phone: Phone, authority: TestAuthority) -> None:
    copy = await backup(authority)
    create(phone, "甲")
    await sync(authority, phone)
    create(phone, "乙")
    returned = await come_back(authority, copy)
    body = phone.engine.build_request()
    answer = protocol.decode_response(await answer_to(returned, phone, body))
    assert (answer.status, answer.outcomes, answer.puts, answer.cursor) == ("restored", [], [], "")
    older = protocol.decode_request(body)
    older = protocol.decode_request(protocol.encode(older).replace(b'"protocol":2', b'"protocol":1'))
    assert (await returned.exchange(REP, older)).status == "reset"
    install = phone.engine.install_id
    report = phone.engine.apply_response(protocol.encode(answer))
    assert report.status == "restored" and report.more and phone.engine.install_id != install
    request = decode_request(phone.engine.build_request())
    assert (request.cursor, request.nonce, request.epoch) == ("", "", answer.epoch)
    assert [sent.seq for sent in request.txs] == [1, 2]


async def test_a_cursor_ahead_of_the_head_is_a_restore_too(phone: Phone, authority: TestAuthority) -> None:
    copy = await backup(authority)
    lost = create(phone, "甲")
    await sync(authority, phone)
    returned = await come_back(authority, copy, epoch=False)
    reports = await sync(returned, phone)
    assert reports[0].status == "restored"
    assert phone.store.get("account", lost) is not None and phone.store.outbox() == []
    rep = Wire(returned, REP)
    await rep.pull()
    assert ("account", lost) in rep.rows


async def test_a_second_restore_in_the_middle_of_the_first_loses_nothing(
    phone: Phone, authority: TestAuthority
) -> None:
    copy = await backup(authority)
    lost = [create(phone, f"客户 {count}") for count in range(10)]
    await sync(authority, phone)
    returned = await come_back(authority, copy)
    again = await backup(returned)
    phone.engine.limits.allowed = phone.engine.limits.txs = 4
    for _ in range(3):
        await exchange(returned, phone)
    assert 0 < len(phone.store.outbox()) < 10
    second = await come_back(returned, again)
    await sync(second, phone)
    assert all(phone.store.get("account", row_id) for row_id in lost) and phone.store.outbox() == []
    rep = Wire(second, REP)
    await rep.pull()
    assert {row_id for _, row_id in rep.rows} >= set(lost)


async def test_a_crash_between_the_platform_and_the_database_is_found_at_the_next_start(
    phone: Phone, authority: TestAuthority
) -> None:
    copy = await backup(authority)
    lost = create(phone, "甲")
    await sync(authority, phone)
    returned = await come_back(authority, copy)
    phone.engine.renew_install_id()
    phone.restart()
    reports = await sync(returned, phone)
    assert "restored" in [report.status for report in reports]
    assert phone.store.get("account", lost) is not None and phone.store.outbox() == []
