"""*On the device*: an export can be brought back, and nothing ever leaves the outbox without a trace."""

import sqlite3

import msgspec
import pytest

from shared import codec
from shared.errors import InvalidInput, NotAllowed, StateConflict
from shared.protocol import decode_transaction
from sync.device import outbox
from sync.ports import OutboxEntry
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, order_commands
from tests.support.devices import Phone, answer_to, sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


def work(phone: Phone) -> list[str]:
    """A customer with an order on top of it, and a changed city."""
    new = phone.engine.new_id()
    created = phone.engine.run([("account.create", {"id": new, "values": {"name": "新客户 0.1"}})])
    ordered = phone.engine.run(order_commands((LAMP, 1), name=new, account=new)[1])
    values = {"city": "杭州", "custom": {"score": 7}}
    patch = {"id": ACCOUNT, "base": {"city": "", "custom": {}}, "values": values}
    return [created, ordered, phone.engine.run([("account.patch", patch)])]


def payloads(phone: Phone) -> list[bytes]:
    return [entry.payload for entry in phone.store.outbox()]


async def test_an_export_is_imported_on_another_device_and_sent_once(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    made = work(phone)
    body, bytes_then = phone.engine.export_outbox(), payloads(phone)
    other = make_phone()
    await sync(authority, other)
    told: list[bool] = []
    other.engine.on_queued(lambda: told.append(True))
    report = other.engine.import_outbox(body)
    assert report.added == made and report.doubtful == [] and told == [True]
    assert payloads(other) == bytes_then
    assert other.store.get("account", ACCOUNT)["city"] == "杭州", "it shows at once"  # type: ignore[index]
    await sync(authority, other)
    assert other.store.outbox() == [] and {row["status"] for row in other.store.sent()} == {"accepted"}
    await sync(authority, phone)
    assert [row["status"] for row in phone.store.sent()] == ["duplicate"] * 3
    assert phone.store.count("account", "name = '新客户 0.1'") == 1
    again = phone.engine.import_outbox(body)
    assert (again.added, again.answered) == ([], made)


async def test_an_import_into_an_empty_replica_waits_for_the_rows(authority: TestAuthority, phone: Phone) -> None:
    """Straight after a fresh start, before the first sync: what cannot run here yet is doubtful, and sent all the
    same."""
    made = work(phone)
    body, bytes_then = phone.engine.export_outbox(), payloads(phone)
    phone.engine.start_fresh()
    assert [one.tx_id for one in phone.engine.archived()] == made
    report = phone.engine.import_outbox(body)
    assert report.added == made and made[2] in report.doubtful
    assert payloads(phone) == bytes_then and phone.engine.archived() == []
    await sync(authority, phone)
    assert phone.store.outbox() == [] and {row["status"] for row in phone.store.sent()} == {"accepted"}
    assert phone.store.get("account", ACCOUNT)["city"] == "杭州"  # type: ignore[index]


async def test_what_waits_already_is_not_added_twice(phone: Phone) -> None:
    made, before = work(phone), payloads(phone)
    report = phone.engine.import_outbox(phone.engine.export_outbox())
    assert (report.added, report.waiting, payloads(phone)) == ([], made, before)


async def test_work_of_somebody_else_is_refused(phone: Phone, make_phone: MakePhone) -> None:
    work(phone)
    body = phone.engine.export_outbox()
    other = make_phone(COLLEAGUE)
    with pytest.raises(NotAllowed, match="export_other_user"):
        other.engine.import_outbox(body)
    company = codec.encode(msgspec.json.decode(body) | {"org_id": "another"})
    with pytest.raises(NotAllowed, match="export_other_company"):
        phone.engine.import_outbox(company)
    assert other.store.outbox() == []


async def test_another_dataset_asks_first(phone: Phone) -> None:
    made = work(phone)
    body = phone.engine.export_outbox()
    with phone.store.transaction():
        phone.store.set_meta("dataset", "another")
        for entry in phone.store.outbox():
            phone.store.archive(entry, "start_fresh", 1)
            phone.store.outbox_remove(entry.tx_id)
    with pytest.raises(StateConflict, match="export_other_dataset"):
        phone.engine.import_outbox(body)
    assert phone.store.outbox() == []
    assert phone.engine.import_outbox(body, even_other_dataset=True).added == made


async def test_a_file_that_was_changed_is_refused_whole(phone: Phone) -> None:
    work(phone)
    document = msgspec.json.decode(phone.engine.export_outbox())
    phone.engine.start_fresh()

    def variant(change: object) -> bytes:
        copy = msgspec.json.decode(codec.encode(document))
        change(copy)  # type: ignore[operator]
        return codec.encode(copy)

    first = "transactions"
    variants = {
        "export_damaged": [
            lambda d: d[first][1]["transaction"].update(occurred_at=1),
            lambda d: d[first][0].update(payload_hash="0" * 64),
            lambda d: d[first].pop(),
            lambda d: d[first].reverse(),
            lambda d: d.update(hash=""),
            lambda d: d[first].append({"transaction": 3, "payload_hash": ""}),
            lambda d: d[first][0].pop("transaction"),
        ],
        "export_newer": [lambda d: d.update(version=99)],
        "export_unreadable": [
            lambda d: d.update(format="other"),
            lambda d: d.pop("user_id"),
            lambda d: d.update(transactions={}),
        ],
    }
    for code, changes in variants.items():
        for change in changes:
            with pytest.raises(InvalidInput, match=code):
                phone.engine.import_outbox(variant(change))
    for body in (b"", b"{", b"\xff\xfe", b"[]", codec.encode(document)[:-9]):
        with pytest.raises(InvalidInput, match="export_unreadable"):
            phone.engine.import_outbox(body)
    assert phone.store.outbox() == [] and phone.store.shadows() == []


async def test_hashes_that_fit_do_not_make_a_transaction(phone: Phone) -> None:
    """Whoever changes a file can work out its hashes anew; it must still be something that can be sent."""
    work(phone)
    document = msgspec.json.decode(phone.engine.export_outbox())
    for transaction in ({"id": 1}, {"id": "no id", "schema": 1, "occurred_at": 1, "commands": []}):
        digest = outbox.payload_hash(codec.encode(transaction))
        document["transactions"] = [{"transaction": transaction, "payload_hash": digest}]
        document["hash"] = outbox.hash_of_hashes([digest])
        with pytest.raises(InvalidInput, match="export_damaged"):
            phone.engine.import_outbox(codec.encode(document))


async def test_archived_work_is_offered_again(phone: Phone, authority: TestAuthority) -> None:
    made, bytes_then = work(phone), payloads(phone)
    phone.engine.start_fresh(even_unexported=True)
    await sync(authority, phone)
    listed = phone.engine.archived()
    assert [(one.tx_id, one.reason) for one in listed] == [(tx_id, "start_fresh") for tx_id in made]
    assert listed[0].commands[0]["name"] == "account.create"
    for tx_id in made:
        phone.engine.send_again(tx_id)
    assert payloads(phone) == bytes_then and phone.engine.archived() == []
    await sync(authority, phone)
    assert phone.store.outbox() == [] and [row["status"] for row in phone.store.sent()] == ["accepted"] * 3
    with pytest.raises(StateConflict, match="not_archived"):
        phone.engine.send_again(made[0])


async def test_what_was_answered_meanwhile_is_not_sent_again(phone: Phone, authority: TestAuthority) -> None:
    tx_id = phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": "新"}})])
    (entry,) = phone.store.outbox()
    await sync(authority, phone)
    with phone.store.transaction():
        phone.store.archive(entry, "start_fresh", 1)
    assert phone.engine.archived() == []
    with pytest.raises(StateConflict, match="already_answered"):
        phone.engine.send_again(tx_id)


async def test_the_database_itself_refuses_to_lose_unsent_work(phone: Phone, authority: TestAuthority) -> None:
    made = work(phone)
    store = phone.store
    for sql in ("DELETE FROM outbox", "UPDATE outbox SET payload = x'00'", "UPDATE outbox SET tx_id = 'x'"):
        with pytest.raises(sqlite3.IntegrityError):
            store.connection.execute(sql)
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.outbox_remove(made[0])
    other = OutboxEntry(position=0, tx_id=made[0], payload=b"other", payload_hash="other")
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.log_sent(other, "install", "accepted", None, 1)  # another payload under its id is not its answer
        store.outbox_remove(made[0])
    phone.engine.start_fresh(even_unexported=True)
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute("DELETE FROM archive")
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.unarchive(made[0])
    assert [one.tx_id for one in phone.engine.archived()] == made


async def test_every_way_out_of_the_outbox_leaves_the_whole_transaction(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    """Accepted, refused, duplicate, a fresh start: the bytes are in the sent log or in the archive; a hold, a fork, a
    stop and a closed app leave them where they are. The engine has no way to throw one away: even what has no number
    may have been executed, when its answer was lost and it was numbered anew."""
    issued: dict[str, bytes] = {}

    def issue() -> str:
        tx_id = phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": "新"}})])
        issued[tx_id] = phone.store.outbox()[-1].payload
        return tx_id

    def kept() -> dict[str, bytes]:
        rows = phone.store.connection.execute(
            "SELECT tx_id, payload FROM outbox UNION ALL SELECT tx_id, payload FROM sent_log "
            "UNION ALL SELECT tx_id, payload FROM archive"
        ).fetchall()
        assert len(rows) == len(dict(rows)), "each is in one place"
        return {tx_id: bytes(payload) for tx_id, payload in rows}

    issue()
    refused = phone.engine.run(order_commands((LAMP, 5), policy="reject")[1])
    issued[refused] = phone.store.outbox()[-1].payload
    await sync(authority, phone)
    assert kept() == issued and phone.store.sent()[-1]["status"] == "rejected"
    issue()
    await answer_to(authority, phone, phone.engine.build_request())  # the answer is lost
    phone.engine.new_install()
    await sync(authority, phone)
    assert kept() == issued and phone.store.sent()[-1]["status"] in ("accepted", "duplicate")
    issue()
    issue()
    with phone.store.transaction():
        (entry, _) = phone.store.outbox()
        entry.held = "unreadable"
        phone.store.outbox_update(entry)
    assert kept() == issued
    for reason in ("revoked", "reset", "refused"):
        phone.engine.stop(reason)  # type: ignore[arg-type]
        phone.restart()
        assert kept() == issued
    phone.engine.start_fresh(even_unexported=True)
    assert kept() == issued and phone.store.outbox() == []
    for one in phone.engine.archived():
        phone.engine.send_again(one.tx_id)
    assert kept() == issued
    await sync(authority, phone)
    assert kept() == issued and phone.engine.archived() == []
    assert {decode_transaction(payload).id for payload in issued.values()} == set(issued)
