"""The device's half alone, with answers put together from the rules themselves: runs on the browser's Python, too."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared import protocol
from shared.access import Actor, can_see
from shared.catalog import ENTITIES
from shared.codec import encode_parts
from shared.commands import execute
from shared.commands.work import Work
from shared.errors import CaravanError
from shared.ids import derived_id, stock_level_id
from sync.device import outbox
from sync.device.keys import affected, builds_on, interests
from sync.device.outbox import export_hash, read_exported
from sync.ports import OutboxEntry
from tests.support.company import ACCOUNT, LAMP, ORG, REP, TEAM, WAREHOUSE, Company, order_commands
from tests.support.devices import Phone

DATASET = derived_id("dataset")


class Answers:
    """The rules as the authority runs them, over rows in memory, and the answers that follow."""

    def __init__(self) -> None:
        self.company = Company()
        self.revs = dict.fromkeys(self.company.rows, 1)
        self.seq = 1

    def to(self, body: bytes, actor: Actor) -> bytes:
        """Runs what the request brings; the answer has all visible rows as its page."""
        request = protocol.decode_request(body)
        outcomes = [self._decide(sent, actor) for sent in request.txs]
        visible = [key for key, row in self.company.rows.items() if can_see(actor, ENTITIES[key[0]], row)]
        response = protocol.SyncResponse(
            status="ok", dataset=DATASET, nonce=request.exchange_id, cursor=str(self.seq), outcomes=outcomes,
            puts=[self._put(key) for key in visible],
        )  # fmt: skip
        return protocol.encode(response)

    def _decide(self, sent: protocol.SentTransaction, actor: Actor) -> protocol.Outcome:
        tx = protocol.decode_transaction(bytes(sent.payload))
        work = Work(self.company, actor, authority=True, tx_id=tx.id, now_ms=tx.occurred_at)
        try:
            execute(tx, work)
        except CaravanError as error:
            return protocol.Outcome(tx_id=tx.id, status="rejected", problem=error.problem())
        self.seq += 1
        self.company.rows.update(work.written)
        self.revs.update(dict.fromkeys(work.written, self.seq))
        return protocol.Outcome(tx_id=tx.id, status="accepted")

    def _put(self, key: tuple[str, str]) -> protocol.Put:
        whole, _ = encode_parts(ENTITIES[key[0]], self.company.rows[key])
        return protocol.Put(key[0], key[1], self.revs[key], ["org"], msgspec.Raw(whole))


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    return Phone(tmp_path / "app.db", Actor(REP, ORG, "rep", TEAM, None, Company().actor().discount_limit))


def exchange(phone: Phone, answers: Answers) -> Any:
    return phone.engine.apply_response(answers.to(phone.engine.build_request(), phone.actor))


def entry(tx_id: str, reads: list[list[str]], writes: list[list[str]]) -> OutboxEntry:
    return OutboxEntry(position=0, tx_id=tx_id, payload=b"{}", payload_hash=tx_id, reads=reads, writes=writes)


def test_a_first_sync_work_offline_and_an_answer(phone: Phone) -> None:
    answers = Answers()
    exchange(phone, answers)
    assert phone.store.get("account", ACCOUNT) == answers.company.rows["account", ACCOUNT]
    order_id, commands = order_commands((LAMP, 1))
    phone.engine.run(commands)
    refused = phone.engine.run(order_commands((LAMP, 3), name="no", policy="reject")[1])
    assert phone.store.get("order", order_id)["state"] == "pending"  # type: ignore[index]
    report = exchange(phone, answers)
    assert list(report.rejected) == [refused] and phone.store.shadows() == []
    order = phone.store.get("order", order_id)
    assert order == answers.company.rows["order", order_id] and order["number"].startswith("SO-")
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, LAMP))
    assert level is not None and level["on_hand"] == level["reserved"] == 1


def test_work_waits_under_what_arrives(phone: Phone) -> None:
    answers = Answers()
    exchange(phone, answers)
    patch = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}}
    phone.engine.run([("account.patch", patch)])
    answers.company.rows["account", ACCOUNT]["name"] = "山野集团"
    answers.revs["account", ACCOUNT] = answers.seq = 9
    phone.engine.limits.probe = True
    exchange(phone, answers)
    row = phone.store.get("account", ACCOUNT)
    assert row is not None and (row["name"], row["city"]) == ("山野集团", "杭州")
    assert phone.store.revision("account", ACCOUNT) == 1 << 40 | 9


def test_what_is_affected_is_closed_in_all_directions() -> None:
    earlier = entry("earlier", [], [["stock_level", "x"]])
    meeting = entry("meeting", [["account", "a"]], [["stock_level", "x"], ["contact.account_id", "a"]])
    later = entry("later", [["contact.account_id", "a"]], [["note", "n"]])
    apart = entry("apart", [["account", "b"]], [["contact.account_id", "a"]])
    after = entry("after", [["account", "b"]], [["contact.account_id", "a"]])
    chosen, concerned = affected([earlier, meeting, apart, later, after], {("account", "a")})
    kept = ["earlier", "meeting", "later", "after"]
    assert [one.tx_id for one in chosen] == kept, "later must not find what came after"
    assert ("note", "n") in concerned and affected([apart], set()) == ([], set())


def test_two_children_of_one_parent_do_not_build_on_each_other() -> None:
    first = entry("first", [["account", "a"]], [["contact", "1"], ["contact.account_id", "a"]])
    second = entry("second", [["account", "a"]], [["contact", "2"], ["contact.account_id", "a"]])
    reader = entry("reader", [["contact.account_id", "a"]], [])
    assert not builds_on(*interests(second), first)
    assert builds_on(*interests(reader), first)


def test_an_export_is_proved_by_its_hashes(phone: Phone) -> None:
    exchange(phone, Answers())
    phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": {"name": "新"}})])
    exported = msgspec.json.decode(phone.engine.export_outbox())
    entries = phone.store.outbox()
    assert [read_exported(item) for item in exported["transactions"]] == [one.payload for one in entries]
    assert exported["hash"] == export_hash(entries)
    assert outbox.payload_hash(entries[0].payload) == entries[0].payload_hash
