"""What the simulator has found, each as a story of its own, with the seed that told it first."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from shared import protocol
from shared.errors import CaravanError, Unavailable
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, MANAGER, REP, Company
from tests.support.devices import Phone, answer_to, open_store, sync
from tests.support.rewind import backup, close_all, come_back, note_backup
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


def contact(phone: Phone, name: str) -> str:
    """A change that depends on nothing unsent."""
    values = {"account_id": ACCOUNT, "name": name}
    return phone.engine.run([("contact.create", {"id": phone.engine.new_id(), "values": values})])


async def statuses(authority: TestAuthority, phone: Phone) -> list[str]:
    """What exchanges say until there is no more."""
    return [report.status for report in await sync(authority, phone)]


def answers(phone: Phone, response: protocol.SyncResponse) -> None:
    """One exchange with a server that says this."""
    phone.engine.build_request()
    phone.engine.apply_response(protocol.encode(response))


async def hold(authority: TestAuthority, phone: Phone, tx_id: str) -> None:
    """Something on the way refuses every exchange that carries the transaction, until it is held."""
    for _ in range(8):
        body = phone.engine.build_request()
        if tx_id.encode() in body:
            assert phone.engine.exchange_refused(CaravanError("blocked", status=400)) == "again"
        else:
            phone.engine.apply_response(await answer_to(authority, phone, body))
        if any(entry.held for entry in phone.store.outbox()):
            return
    raise AssertionError("was not held")


async def test_a_request_that_the_network_repeats_after_its_answer_is_no_fork(
    authority: TestAuthority, phone: Phone
) -> None:
    """Seed 5: the second execution drew a new nonce, which nobody was told."""
    contact(phone, "一")
    body = phone.engine.build_request()
    phone.engine.apply_response(await answer_to(authority, phone, body))
    await answer_to(authority, phone, body)
    contact(phone, "二")
    assert set(await statuses(authority, phone)) == {"ok"}


async def test_an_exchange_that_was_given_up_and_arrives_late_is_no_fork(
    authority: TestAuthority, phone: Phone
) -> None:
    """A plain pull in between keeps the nonce; the late one changes it, and its id was forgotten with the answer."""
    contact(phone, "一")
    late = phone.engine.build_request()
    pull = protocol.encode(msgspec.structs.replace(protocol.decode_request(phone.engine.build_request()), txs=[]))
    phone.engine.apply_response(await answer_to(authority, phone, pull))
    await answer_to(authority, phone, late)
    assert set(await statuses(authority, phone)) == {"ok"}
    assert phone.store.outbox() == []


async def test_a_held_change_that_is_tried_again_goes_after_those_numbered_meanwhile(
    authority: TestAuthority, phone: Phone
) -> None:
    """Seed 13: the oldest change got the newest number and was sent first."""
    held = contact(phone, "一")
    await hold(authority, phone, held)
    contact(phone, "二")
    phone.engine.build_request()  # numbered, and lost on the way
    phone.engine.try_again(held)
    assert set(await statuses(authority, phone)) == {"ok"}
    assert phone.store.outbox() == []


async def test_the_number_of_a_held_change_is_given_to_no_other(authority: TestAuthority, phone: Phone) -> None:
    """Seed 34: it had been executed under its number, and the answer was lost, before it was held."""
    held = contact(phone, "一")
    await answer_to(authority, phone, phone.engine.build_request())
    await hold(authority, phone, held)
    other = contact(phone, "二")
    assert set(await statuses(authority, phone)) == {"ok"}
    phone.engine.try_again(held)
    assert set(await statuses(authority, phone)) == {"ok"}
    assert {row["tx_id"]: row["status"] for row in phone.store.sent()} == {held: "duplicate", other: "accepted"}


async def test_a_batch_that_is_cut_short_is_no_answer(
    authority: TestAuthority, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seed 22: whoever waited for a cancelled batch was told *ok* with no outcome."""

    class Ended(BaseException):
        pass

    async def write(*_: object) -> None:
        raise Ended

    contact(phone, "一")
    body = phone.engine.build_request()
    monkeypatch.setattr(authority.store, "write", write)
    with pytest.raises(Unavailable, match="database_busy"):
        await authority.exchange(REP, protocol.decode_request(body))
    monkeypatch.undo()
    assert set(await statuses(authority, phone)) == {"ok"}


async def test_a_text_that_becomes_too_long_with_the_others_is_a_conflict_and_not_lost(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    """Two long notes that do not fit together: the second was dropped, and its author told that it was accepted."""
    first, second = make_phone(), make_phone(MANAGER)
    for phone in (first, second):
        await sync(authority, phone)
    texts = {"一": "甲" * 5_000, "二": "乙" * 5_000}
    for phone, text in zip((first, second), texts.values(), strict=True):
        patch = {"id": ACCOUNT, "base": {"notes": ""}, "values": {"notes": text}}
        phone.engine.run([("account.patch", patch)])
    for phone in (first, second):
        await sync(authority, phone)
    (told,) = second.store.sent()
    assert told["status"] == "merged"
    (conflict,) = second.store.select("conflict", "kind = 'field' AND state = 'open'")
    assert (conflict["mine"], conflict["theirs"]) == ({"notes": texts["二"]}, {"notes": texts["一"]})


async def test_a_change_without_effect_after_a_backup_is_offered_again(authority: TestAuthority, phone: Phone) -> None:
    """Seed 1050 of 5 × 200: it moved no ``seq``, so that the backup before it seemed to cover it, and was forgotten."""
    await note_backup(authority)
    nothing = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": ""}}
    tx_id = phone.engine.run([("account.patch", nothing)])
    assert set(await statuses(authority, phone)) == {"ok"}
    assert [row["tx_id"] for row in phone.store.sent()] == [tx_id]
    contact(phone, "一")
    await statuses(authority, phone)
    await note_backup(authority)
    await statuses(authority, phone)
    assert phone.store.sent() == []


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_restore_that_a_replica_begun_afresh_was_not_told_of_is_noticed(
    authority: TestAuthority, phone: Phone, elsewhere: bool
) -> None:
    """Seed 47: it names no epoch and was taken for a new one, so that what the backup lacks was not offered again. Or
    it had begun afresh with an empty server that somebody started by mistake, before the backup was put back."""
    copy = await backup(authority)
    lost = contact(phone, "一")
    await statuses(authority, phone)
    if elsewhere:
        answers(phone, protocol.SyncResponse(status="ok", dataset="another", epoch=1, nonce="n"))
        phone.engine.start_fresh()
        answers(phone, protocol.SyncResponse(status="ok", dataset="another", epoch=1, nonce="n"))
    returned = await come_back(authority, copy)
    if elsewhere:
        assert await statuses(returned, phone) == ["reset"]
    phone.engine.start_fresh()
    new = phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": "新"}})])
    told = await statuses(returned, phone)
    assert told[0] == "restored" and set(told[1:]) == {"ok"}
    assert {row["tx_id"]: row["status"] for row in phone.store.sent()} == {lost: "accepted", new: "duplicate"}
    assert [row["name"] for row in phone.store.select("contact", "name = '一'")] == ["一"]
    assert set(await statuses(returned, phone)) == {"ok"}
    await close_all()


def test_a_start_afresh_that_finds_the_disk_full_leaves_the_memberships(tmp_path: Path) -> None:
    """The store went on with an empty list of buckets, and rows lost their memberships."""
    store = open_store(tmp_path / "app.db")
    account = Company().rows["account", ACCOUNT]
    with store.transaction():
        store.put("account", account, 1)
        store.set_buckets("account", ACCOUNT, ["org", "stock"])
    with pytest.raises(sqlite3.OperationalError, match="full"), store.transaction():
        store.clear_rows()
        raise sqlite3.OperationalError("database or disk is full")
    with store.transaction():
        assert store.drop_bucket("org") == []
        store.set_buckets("account", ACCOUNT, ["stock"])
    assert store.buckets("account", ACCOUNT) == ["stock"]
    store.connection.close()
