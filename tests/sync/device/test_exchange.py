"""One exchange: both directions in one round trip, safe against every way of losing it."""

import msgspec
import pytest

from shared import protocol
from shared.errors import CaravanError, StateConflict, Unavailable
from shared.ids import stock_level_id
from shared.protocol import decode_request, decode_response, decode_transaction
from sync.device.exchange import stamp
from sync.ports import TransportError
from tests.support.authority import TestAuthority, caller, device_of
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, ORG, PRICES, REP, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


def rename(phone: Phone, name: str) -> str:
    base = phone.store.get("account", ACCOUNT)["name"]  # type: ignore[index]
    return phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"name": base}, "values": {"name": name}})])


def create(phone: Phone, name: str = "新客户") -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


def name_of(phone: Phone, row_id: str = ACCOUNT) -> str | None:
    row = phone.store.get("account", row_id)
    return None if row is None else str(row["name"])


async def test_one_round_trip_does_both_directions(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    manager = make_phone(MANAGER)
    await sync(authority, manager)
    create(manager, "经理的客户")
    rename(manager, "山野集团")
    await sync(authority, manager)
    new = create(phone)
    report = await exchange(authority, phone)
    assert len(report.accepted) == 1 and phone.store.outbox() == []
    assert name_of(phone) == "山野集团" and name_of(phone, new) == "新客户"


async def test_a_rejected_transaction_is_undone_and_in_the_inbox_with_its_whole_payload(
    phone: Phone, authority: TestAuthority
) -> None:
    order_id, commands = order_commands((LAMP, 5), policy="reject")
    tx_id = phone.engine.run(commands)
    report = await exchange(authority, phone)
    problem = report.rejected[tx_id]
    assert problem is not None and problem.code == "out_of_stock"
    assert phone.store.get("order", order_id) is None and phone.store.children("order_line", "order_id", order_id) == []
    inbox = phone.store.select("conflict", "kind = 'rejection'")
    assert [row["id"] for row in inbox] == report.conflicts
    assert [command["name"] for command in inbox[0]["payload"]] == [name for name, _ in commands]
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, LAMP))
    assert level is not None and level["reserved"] == 0
    assert phone.store.sent()[-1]["status"] == "rejected"


async def test_a_bad_transaction_in_the_middle_keeps_the_others(phone: Phone, authority: TestAuthority) -> None:
    first = create(phone, "甲")
    bad = phone.engine.run(order_commands((LAMP, 5), policy="reject")[1])
    last = create(phone, "乙")
    report = await exchange(authority, phone)
    assert list(report.rejected) == [bad] and len(report.accepted) == 2
    assert name_of(phone, first) == "甲" and name_of(phone, last) == "乙"


async def test_an_outcome_brings_the_rows_that_it_wrote(phone: Phone, authority: TestAuthority) -> None:
    order_id, commands = order_commands((TENT, 1))
    phone.engine.run(commands)
    body = await answer_to(authority, phone, phone.engine.build_request())
    response = decode_response(body)
    assert {put.entity for put in response.outcomes[0].puts} >= {"order", "order_line", "stock_level", "reservation"}
    emptied = msgspec.structs.replace(response, puts=[], removes=[])
    phone.engine.apply_response(protocol.encode(emptied))
    order = phone.store.get("order", order_id)
    assert order is not None and order["state"] == "confirmed" and order["number"].startswith("SO-")


async def test_outcome_rows_and_cursor_are_one_local_transaction(phone: Phone, authority: TestAuthority) -> None:
    create(phone)
    before = phone.engine.cursor
    body = await answer_to(authority, phone, phone.engine.build_request())
    commits: list[set[str]] = []
    phone.store.on_change(commits.append)
    phone.engine.apply_response(body)
    assert len(commits) == 1 and {"account", "_outbox", "_meta"} <= commits[0]
    assert phone.engine.cursor != before


async def test_an_answer_that_breaks_while_it_is_applied_leaves_the_outbox(
    phone: Phone, authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(phone)
    before = phone.engine.cursor
    body = await answer_to(authority, phone, phone.engine.build_request())
    with monkeypatch.context() as broken:
        broken.setattr(phone.store, "set_buckets", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            phone.engine.apply_response(body)
    assert phone.engine.status().unsent == 1 and phone.engine.cursor == before
    assert (await exchange(authority, phone)).accepted
    assert phone.store.outbox() == []


async def test_a_lost_answer_is_repeated_and_never_executed_again(phone: Phone, authority: TestAuthority) -> None:
    order_id, commands = order_commands((TENT, 2))
    phone.engine.run(commands)
    for _ in range(3):
        await answer_to(authority, phone, phone.engine.build_request())
        phone.restart()
    install = phone.engine.install_id
    report = await exchange(authority, phone)
    assert len(report.accepted) == 1 and phone.engine.install_id == install
    assert phone.store.get("order", order_id)["state"] == "confirmed"  # type: ignore[index]
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, TENT))
    assert level is not None and level["reserved"] == 2


async def test_a_request_that_never_arrived_is_sent_again_under_a_fresh_exchange_id(phone: Phone) -> None:
    create(phone)
    first, second = (decode_request(phone.engine.build_request()) for _ in range(2))
    assert first.exchange_id != second.exchange_id
    assert second.tried == [first.exchange_id, second.exchange_id]
    assert [tx.seq for tx in first.txs] == [tx.seq for tx in second.txs]


async def test_the_exchange_id_is_stored_before_anything_is_sent(phone: Phone) -> None:
    request = decode_request(phone.engine.build_request())
    phone.restart()
    assert request.exchange_id in decode_request(phone.engine.build_request()).tried


async def test_an_answer_that_comes_twice_changes_nothing(phone: Phone, authority: TestAuthority) -> None:
    create(phone)
    body = await answer_to(authority, phone, phone.engine.build_request())
    phone.engine.apply_response(body)
    commits: list[set[str]] = []
    phone.store.on_change(commits.append)
    assert phone.engine.apply_response(body).ignored and commits == []


async def test_numbers_are_given_on_first_sending_without_gaps(phone: Phone, authority: TestAuthority) -> None:
    for number in range(3):
        create(phone, f"客户{number}")
    assert [entry.seq for entry in phone.store.outbox()] == [None] * 3
    phone.engine.limits.txs = phone.engine.limits.allowed = 2
    assert [tx.seq for tx in decode_request(phone.engine.build_request()).txs] == [1, 2]
    create(phone, "later")
    await sync(authority, phone)
    assert [row["seq"] for row in phone.store.sent()] == [1, 2, 3, 4]


async def test_a_batch_is_bounded_in_count_and_bytes(phone: Phone, authority: TestAuthority) -> None:
    for number in range(12):
        create(phone, f"客户{number}")
    phone.engine.limits.txs = phone.engine.limits.allowed = 5
    assert len(decode_request(phone.engine.build_request()).txs) == 5
    phone.engine.limits.bytes = 700
    request = decode_request(phone.engine.build_request())
    assert 1 <= len(request.txs) < 5 and sum(len(bytes(tx.payload)) for tx in request.txs) <= 700
    phone.engine.limits.bytes = 1
    assert len(decode_request(phone.engine.build_request()).txs) == 1
    await sync(authority, phone)
    assert phone.store.outbox() == []


async def test_a_version_that_is_not_newer_is_skipped_in_any_order(phone: Phone, authority: TestAuthority) -> None:
    old = await answer_to(authority, phone, phone.engine.build_request())
    rename(phone, "新名")
    await sync(authority, phone)
    rev = phone.store.revision("account", ACCOUNT)
    stale = protocol.Put(
        "account", ACCOUNT, 1, [f"user:{REP}"],
        msgspec.Raw(msgspec.json.encode({"id": ACCOUNT, "org_id": "o", "name": "旧名"})),
    )  # fmt: skip
    response = msgspec.structs.replace(
        decode_response(old), puts=[stale], removes=[protocol.Remove("account", ACCOUNT, 1)]
    )
    phone.engine.build_request()
    phone.engine.apply_response(protocol.encode(response))
    assert name_of(phone) == "新名" and phone.store.revision("account", ACCOUNT) == rev


async def test_the_order_of_rows_in_a_page_does_not_matter(authority: TestAuthority, make_phone: MakePhone) -> None:
    forwards, backwards = make_phone(), make_phone()
    body = await answer_to(authority, forwards, forwards.engine.build_request())
    forwards.engine.apply_response(body)
    response = decode_response(await answer_to(authority, backwards, backwards.engine.build_request()))
    children_first = msgspec.structs.replace(response, puts=response.puts[::-1])
    backwards.engine.apply_response(protocol.encode(children_first))
    for entity in ("account", "price", "stock_level", "user"):
        assert forwards.store.select(entity) == backwards.store.select(entity) != []


async def test_a_newer_epoch_wins_over_a_higher_revision(phone: Phone) -> None:
    assert stamp(2, 1) > stamp(1, 2**39)
    rev = phone.store.revision("account", ACCOUNT)
    assert rev is not None and rev >> 40 == 1


async def test_each_page_commits_with_its_cursor_so_that_a_cut_resumes(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, whole = make_phone(), make_phone()
    await sync(authority, whole)
    phone.engine.limits.rows = 4
    cursors = []
    for _ in range(40):
        phone.engine.limits.rows = 4
        report = await exchange(authority, phone)
        cursors.append(phone.engine.cursor)
        phone.restart()
        if not report.more:
            break
    assert 3 < len(cursors) < 40 and len(set(cursors)) == len(cursors)
    assert phone.engine.status().complete
    assert phone.store.select("product") == whole.store.select("product") != []


async def test_pages_shrink_until_one_takes_about_forty_milliseconds(phone: Phone, authority: TestAuthority) -> None:
    limits = phone.engine.limits
    from sync.device.exchange import _adapt

    _adapt(limits, 250, 400)
    assert limits.rows == 50
    _adapt(limits, 50, 10)
    assert limits.rows == 100
    _adapt(limits, 3, 1)
    assert limits.rows == 100


async def test_a_fork_takes_a_new_install_id_and_keeps_the_transactions(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    tx_id = rename(phone, "甲")
    clone = make_phone()
    clone.close()
    phone.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    clone.path.write_bytes(phone.path.read_bytes())
    clone.install_id = phone.install_id
    clone.open()
    await sync(authority, phone)
    install = clone.install_id
    create(clone, "克隆的客户")
    report = await exchange(authority, clone)
    assert report.status == "fork" and report.more
    assert clone.install_id != install and clone.engine.install_id == clone.install_id
    assert clone.store.outbox()[0].tx_id == tx_id
    reports = await sync(authority, clone)
    assert tx_id in reports[0].accepted and clone.store.outbox() == []
    await sync(authority, phone)
    assert clone.store.select("account") == phone.store.select("account")


async def test_a_database_copied_to_another_install_numbers_its_work_anew(
    phone: Phone, authority: TestAuthority
) -> None:
    tx_id = rename(phone, "甲")
    phone.engine.build_request()
    phone.install_id = phone.engine.new_id()
    phone.restart()
    request = decode_request(phone.engine.build_request())
    assert request.install_id == phone.install_id and request.nonce == "" and [tx.seq for tx in request.txs] == [1]
    assert decode_transaction(bytes(request.txs[0].payload)).id == tx_id
    await sync(authority, phone)
    assert phone.store.outbox() == []


async def test_another_dataset_stops_the_device_and_keeps_its_work(phone: Phone, authority: TestAuthority) -> None:
    rename(phone, "甲")
    response = protocol.SyncResponse(status="ok", dataset="another")
    phone.engine.build_request()
    report = phone.engine.apply_response(protocol.encode(response))
    assert report.status == "reset" and phone.engine.stopped == "reset"
    assert phone.engine.status().unsent == 1 and name_of(phone) == "甲"
    phone.restart()
    with pytest.raises(StateConflict, match="sync_stopped"):
        phone.engine.build_request()
    phone.engine.resume()
    assert phone.engine.stopped == "reset"


async def test_a_fresh_start_asks_for_an_export_and_archives_every_byte(phone: Phone, authority: TestAuthority) -> None:
    rename(phone, "甲")
    payload = phone.store.outbox()[0].payload
    with pytest.raises(StateConflict, match="outbox_not_exported"):
        phone.engine.start_fresh()
    phone.engine.export_outbox()
    rename(phone, "乙")
    with pytest.raises(StateConflict, match="outbox_not_exported"):
        phone.engine.start_fresh()
    phone.engine.export_outbox()
    with phone.store.transaction():
        phone.store.save_draft("d", "order", {}, 1)
    install = phone.install_id
    phone.engine.start_fresh()
    assert phone.store.outbox() == [] and phone.store.count("account") == 0 and phone.store.shadows() == []
    assert phone.store.archived()[0]["payload"] == payload and len(phone.store.archived()) == 2
    assert phone.install_id != install and phone.store.draft("d") == {}
    await sync(authority, phone)
    assert name_of(phone) == "山野户外"


async def test_a_revoked_device_stops_keeps_its_work_and_resumes_after_a_sign_in(
    phone: Phone, authority: TestAuthority
) -> None:
    rename(phone, "甲")
    device = phone.store.get("device", device_of(REP))
    await authority.run(caller(REP), [protocol.Command("device.revoke", {"device_id": device_of(REP)})])
    assert (await exchange(authority, phone)).status == "revoked"
    assert phone.engine.stopped == "revoked" and phone.engine.status().unsent == 1
    create(phone, "still works")
    with pytest.raises(StateConflict, match="sync_stopped"):
        phone.engine.build_request()
    assert device is not None
    await authority.write_rows(ORG, [("device", device)], name="system.reinstate")
    phone.engine.resume()
    await sync(authority, phone)
    assert phone.engine.status().unsent == 0


async def test_a_client_too_old_stops_pulling_and_still_pushes(phone: Phone, authority: TestAuthority) -> None:
    new = create(phone)
    response = decode_response(await answer_to(authority, phone, phone.engine.build_request()))
    old = msgspec.structs.replace(response, status="upgrade", cursor="", puts=[], minimum_app="9.0")
    before = phone.engine.cursor
    phone.engine.apply_response(protocol.encode(old))
    assert phone.engine.stopped == "upgrade" and phone.engine.cursor == before
    assert phone.store.outbox() == [] and name_of(phone, new) == "新客户"
    create(phone, "more")
    assert len(decode_request(phone.engine.build_request()).txs) == 1
    phone.app_version = "9.0"
    phone.restart()
    assert phone.engine.stopped == ""


async def test_a_server_older_than_the_app_is_waited_for_and_no_fork(phone: Phone, authority: TestAuthority) -> None:
    tx_id = rename(phone, "甲")
    install = phone.engine.install_id
    request = decode_request(phone.engine.build_request())
    newer = msgspec.structs.replace(request, protocol=99)
    with pytest.raises(Unavailable, match="server_older") as refusal:
        phone.engine.apply_response(await answer_to(authority, phone, protocol.encode(newer)))
    assert phone.engine.exchange_refused(refusal.value) == "later"
    assert phone.engine.stopped == "" and phone.engine.status().unsent == 1
    report = await exchange(authority, phone)
    assert report.status == "ok" and report.accepted == [tx_id]
    assert phone.engine.stopped == "" and phone.engine.install_id == install


async def test_an_answer_that_is_none_of_ours_counts_as_no_answer(phone: Phone) -> None:
    phone.engine.build_request()
    for body in (b"<html>Sign in to the hotel's network</html>", b"", b'{"status":"ok"}', b"\xff\xfe"):
        with pytest.raises(TransportError):
            phone.engine.apply_response(body)


async def test_a_transaction_that_the_server_will_not_read_is_held_and_the_rest_goes_on(
    phone: Phone, authority: TestAuthority
) -> None:
    """Some wall between device and server refuses every body with one word in it: 4xx for the whole exchange."""
    good = [create(phone, f"客户{number}") for number in range(3)]
    poison = create(phone, "毒药")
    tx_id = phone.store.outbox()[-1].tx_id
    child = phone.engine.run(
        [("contact.create", {"id": phone.engine.new_id(), "values": {"account_id": poison, "name": "王"}})]
    )
    later = create(phone, "之后")
    finished = False
    for _ in range(30):
        body = phone.engine.build_request()
        if "毒药" in body.decode():
            assert phone.engine.exchange_refused(CaravanError("blocked", status=400)) == "again"
            continue
        report = phone.engine.apply_response(await answer_to(authority, phone, body))
        finished = not report.more
        if finished:
            break
    assert finished
    assert [(p.tx_id, p.held) for p in phone.engine.pending()] == [(tx_id, "blocked"), (child, "")]
    assert all(name_of(phone, row_id) for row_id in [*good, later, poison])
    assert phone.engine.status().held == 1
    phone.engine.try_again(tx_id)
    await sync(authority, phone)
    assert phone.store.outbox() == [] and name_of(phone, poison) == "毒药"


async def test_an_exchange_refused_without_any_transaction_stops_until_somebody_asks(phone: Phone) -> None:
    create(phone)
    advice = []
    for _ in range(5):
        phone.engine.build_request()
        advice.append(phone.engine.exchange_refused(CaravanError("malformed", status=400)))
        if advice[-1] == "stopped":
            break
    assert advice == ["again", "stopped"]
    assert phone.engine.stopped == "refused" and phone.engine.status().stopped_code == "malformed"
    assert phone.engine.status().unsent == 1
    phone.engine.resume()
    assert len(decode_request(phone.engine.build_request()).txs) == 1


async def test_too_often_and_not_now_are_only_reasons_to_wait(phone: Phone) -> None:
    create(phone)
    for status in (429, 503):
        phone.engine.build_request()
        assert phone.engine.exchange_refused(CaravanError("busy", status=status)) == "later"
    assert phone.engine.stopped == ""


async def test_a_changed_owner_takes_the_rows_from_one_device_to_the_other(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    contact = phone.engine.new_id()
    phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    await sync(authority, phone)
    manager, colleague = make_phone(MANAGER), make_phone(COLLEAGUE)
    await sync(authority, manager)
    await sync(authority, colleague)
    assert name_of(colleague) is None
    manager.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, manager)
    await sync(authority, phone)
    await sync(authority, colleague)
    assert name_of(phone) is None and phone.store.get("contact", contact) is None
    assert name_of(colleague) == "山野户外" and colleague.store.get("contact", contact) is not None
    assert name_of(manager) == "山野户外"


async def test_a_row_of_a_dropped_bucket_stays_while_another_one_holds_it(
    phone: Phone, authority: TestAuthority
) -> None:
    response = decode_response(await answer_to(authority, phone, phone.engine.build_request()))
    both = protocol.Put(
        "account", ACCOUNT, 1, [f"user:{REP}", "team:x"],
        msgspec.Raw(msgspec.json.encode({"id": ACCOUNT, "org_id": "o", "name": "x"})),
    )  # fmt: skip
    rev = (phone.store.revision("account", ACCOUNT) or 0) - stamp(1, 0)
    both = msgspec.structs.replace(both, rev=rev)
    phone.engine.apply_response(protocol.encode(msgspec.structs.replace(response, puts=[both])))
    assert phone.store.buckets("account", ACCOUNT) == ["team:x", f"user:{REP}"]
    for drop, there in (("team:x", True), (f"user:{REP}", False)):
        phone.engine.build_request()
        phone.engine.apply_response(protocol.encode(msgspec.structs.replace(response, puts=[], drops=[drop])))
        assert (name_of(phone) is not None) is there


async def test_a_row_that_moves_from_a_dropped_bucket_to_another_stays(phone: Phone, authority: TestAuthority) -> None:
    response = decode_response(await answer_to(authority, phone, phone.engine.build_request()))
    row = phone.store.get("price_list", PRICES)
    assert row is not None
    rev = (phone.store.revision("price_list", PRICES) or 0) - stamp(1, 0)
    moved = protocol.Put("price_list", PRICES, rev, ["org2"], msgspec.Raw(msgspec.json.encode(row)))
    phone.engine.apply_response(protocol.encode(msgspec.structs.replace(response, drops=["org"], puts=[moved])))
    assert phone.store.get("price_list", PRICES) == row and phone.store.buckets("price_list", PRICES) == ["org2"]
    assert phone.store.count("product") == 0


async def test_status_tells_counts_progress_skew_and_last_sync(phone: Phone, authority: TestAuthority) -> None:
    create(phone)
    authority.clock.value -= 5_000  # type: ignore[attr-defined]
    status = phone.engine.status()
    assert (status.unsent, status.doubtful, status.held, status.stopped) == (1, 0, 0, "")
    await sync(authority, phone)
    status = phone.engine.status()
    assert status.unsent == 0 and status.complete and status.last_sync_ms is not None
    assert 4_000 < status.skew_ms < 6_000
    assert {entry.bucket for entry in status.progress} >= {"org", "stock", f"user:{REP}"}
    assert all(entry.at == entry.head for entry in status.progress)
