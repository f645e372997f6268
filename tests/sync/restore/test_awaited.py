"""After a restore: work that builds on another device's lost work waits for that device, and holds up nothing."""

import msgspec
import pytest

from shared import protocol
from sync.authority.awaited import WAIT_MS
from tests.support.authority import TestAuthority, Wire
from tests.support.company import MANAGER, REP, TENT, order_commands
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.rewind import backup, come_back
from tests.sync.restore.conftest import MakePhone

pytestmark = pytest.mark.anyio


def create(phone: Phone, entity: str, **values: object) -> str:
    new = phone.engine.new_id()
    phone.engine.run([(f"{entity}.create", {"id": new, "values": values})])
    return new


class Story:
    """A rep made a customer, the manager a contact of it; then the server lost both. Offline the manager has added a
    follow-up of the customer, and a customer of his own."""

    def __init__(self, authority: TestAuthority, make_phone: MakePhone) -> None:
        self.authority = authority
        self.rep, self.manager = make_phone(REP), make_phone(MANAGER)

    async def begin(self) -> TestAuthority:
        for phone in (self.rep, self.manager):
            await sync(self.authority, phone)
        copy = await backup(self.authority)
        self.account = create(self.rep, "account", name="丢失的客户")
        await sync(self.authority, self.rep)
        await sync(self.authority, self.manager)
        self.contact = create(self.manager, "contact", account_id=self.account, name="王")
        await sync(self.authority, self.manager)
        self.visit = create(self.manager, "activity", account_id=self.account, body="拜访")
        self.made_at = self.manager.store.get("activity", self.visit)["created_at"]  # type: ignore[index]
        self.own = create(self.manager, "account", name="自己的客户")
        self.authority.clock.value += 60_000  # type: ignore[attr-defined]
        return await come_back(self.authority, copy)

    def waiting(self) -> list[bool]:
        return [entry.awaited for entry in self.manager.engine.pending()]

    def is_whole(self) -> bool:
        keys = (("account", self.account), ("contact", self.contact), ("activity", self.visit), ("account", self.own))
        return all(self.manager.store.get(*key) is not None for key in keys)


@pytest.fixture
def story(authority: TestAuthority, make_phone: MakePhone) -> Story:
    return Story(authority, make_phone)


@pytest.mark.parametrize("builder_first", [True, False])
async def test_work_on_another_devices_lost_work_arrives_in_either_order(story: Story, builder_first: bool) -> None:
    returned = await story.begin()
    if builder_first:
        reports = await sync(returned, story.manager)
        assert reports[0].status == "restored" and not any(report.rejected for report in reports)
        assert story.waiting() == [True, True], "the contact that was lost, the follow-up that is new"
        status = story.manager.engine.status()
        assert status.complete and status.recovery is not None and status.recovery.done, "nothing is held up"
        assert story.manager.store.get("contact", story.contact) is not None
        assert story.manager.store.revision("account", story.own), "what does not build on it went on"
        for _ in range(3):
            assert [report.status for report in await sync(returned, story.manager)] == ["ok"]
        assert story.waiting() == [True, True]
    await sync(returned, story.rep)
    await sync(returned, story.manager)
    assert story.manager.store.outbox() == [] and story.is_whole()
    for phone in (story.manager, story.rep):
        await sync(returned, phone)
        assert not phone.store.select("conflict", "1") and phone.store.shadows() == []
        assert phone.store.get("contact", story.contact) is not None
    assert {row["status"] for row in story.manager.store.sent()} == {"accepted"}
    assert story.manager.store.get("activity", story.visit)["created_at"] == story.made_at  # type: ignore[index]


async def test_an_app_that_does_not_know_of_waiting_is_refused_at_once(story: Story) -> None:
    returned = await story.begin()
    codes: list[str] = []
    for _ in range(10):
        older = msgspec.json.decode(story.manager.engine.build_request())
        del older["awaits"]
        answer = protocol.decode_response(await answer_to(returned, story.manager, msgspec.json.encode(older)))
        codes += [outcome.problem.code for outcome in answer.outcomes if outcome.problem]
        assert answer.awaited == []
        if not story.manager.engine.apply_response(protocol.encode(answer)).more:
            break
    assert codes == ["not_found", "not_found"] and story.manager.store.outbox() == []
    assert len(story.manager.store.select("conflict", "kind = 'rejection'")) == 2


async def test_when_the_time_is_over_it_is_refused_whole_and_its_author_decides(story: Story) -> None:
    returned = await story.begin()
    await sync(returned, story.manager)
    assert story.waiting() == [True, True]
    for clock in (returned.clock, story.manager.clock):
        clock.value += WAIT_MS  # type: ignore[attr-defined]
    await sync(returned, story.manager)
    assert story.manager.store.outbox() == [] and story.manager.store.shadows() == []
    inbox = story.manager.store.select("conflict", "kind = 'rejection'")
    assert sorted(row["payload"][0]["name"] for row in inbox) == ["activity.create", "contact.create"]
    assert {row["code"] for row in inbox} == {"not_found"}


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_lost_answer_about_work_that_waits_is_no_fork(story: Story, repeated: bool) -> None:
    returned = await story.begin()
    manager = story.manager
    assert (await exchange(returned, manager)).status == "restored"
    install = manager.engine.install_id
    body = manager.engine.build_request()
    await answer_to(returned, manager, body)
    if repeated:
        manager.engine.apply_response(await answer_to(returned, manager, body))
    reports = await sync(returned, manager)
    assert {report.status for report in reports} == {"ok"} and manager.engine.install_id == install
    await answer_to(returned, manager, manager.engine.build_request())
    await sync(returned, story.rep)
    reports = await sync(returned, manager)
    assert {report.status for report in reports} == {"ok"} and manager.engine.install_id == install
    assert manager.store.outbox() == [] and story.is_whole()


async def test_a_lost_answer_about_several_is_no_fork_when_they_come_again_one_by_one(story: Story) -> None:
    returned = await story.begin()
    manager = story.manager
    assert (await exchange(returned, manager)).status == "restored"
    install = manager.engine.install_id
    await answer_to(returned, manager, manager.engine.build_request())
    manager.engine.limits.txs = manager.engine.limits.allowed = 1
    reports = [await exchange(returned, manager) for _ in range(6)]
    assert {report.status for report in reports} == {"ok"} and manager.engine.install_id == install
    await sync(returned, story.rep)
    await sync(returned, manager)
    assert manager.store.outbox() == [] and story.is_whole() and manager.engine.install_id == install


async def test_what_builds_on_work_that_waits_comes_after_it_in_order(story: Story) -> None:
    returned = await story.begin()
    manager = story.manager
    order_id, commands = order_commands((TENT, 1), name="waits", account=story.account)
    manager.engine.run(commands)
    manager.engine.run([("order.cancel", {"order_id": order_id})])
    manager.engine.limits.txs = manager.engine.limits.allowed = 1
    await sync(returned, manager)
    assert story.waiting() == [True, True, True, False], "what names it in after is not even offered"
    manager.engine.limits.txs = manager.engine.limits.allowed = 100
    await sync(returned, manager)
    assert [entry.seq for entry in manager.store.outbox()] == [None] * 4
    await sync(returned, story.rep)
    await sync(returned, manager)
    assert manager.store.outbox() == [] and not manager.store.select("conflict", "1")
    row = manager.store.get("order", order_id)
    assert row is not None and row["state"] == "cancelled" and row["number"].startswith("SO-")


async def test_what_names_work_that_nobody_knows_waits_for_it_as_long_as_there_is_time(story: Story) -> None:
    returned = await story.begin()
    wire = Wire(returned, MANAGER, seed=5)
    values = {"account_id": story.account, "name": "王"}
    first = wire.tx(("contact.create", {"id": wire.new_id(), "values": values}))
    later = wire.tx(("account.create", {"id": wire.new_id(), "values": {"name": "自己的"}}), after=[first.id])
    for tx in (later, first):
        answer = await wire.send(wire.request(wire.envelope(tx), awaits=True))
        assert answer.awaited == [tx.id] and answer.outcomes == [], "each in a commit of its own"
    returned.clock.value += WAIT_MS  # type: ignore[attr-defined]
    answer = await wire.send(wire.request(wire.envelope(later), awaits=True))
    assert [outcome.status for outcome in answer.outcomes] == ["accepted"]


async def test_everything_that_waits_gets_its_turn(story: Story) -> None:
    """Of two customers only the second one's device comes: what is first in the queue waits on, the other goes."""
    await sync(story.authority, story.rep)
    copy = await backup(story.authority)
    never = create(story.rep, "account", name="不再来的客户")
    await sync(story.authority, story.rep)
    await sync(story.authority, story.manager)
    for number in range(3):
        create(story.manager, "activity", account_id=never, body=f"拜访 {number}")
    other = create(story.rep, "account", name="另一个客户")
    await sync(story.authority, story.rep)
    await sync(story.authority, story.manager)
    last = create(story.manager, "activity", account_id=other, body="拜访")
    returned = await come_back(story.authority, copy)
    await exchange(returned, story.rep)
    entries = {entry.payload.find(never.encode()) < 0: entry for entry in story.rep.store.outbox()}
    with story.rep.store.transaction():
        entries[False].held = "blocked"
        story.rep.store.outbox_update(entries[False])
    manager = story.manager
    manager.engine.limits.txs = manager.engine.limits.allowed = 2
    await sync(returned, manager)
    assert all(story.waiting())
    await sync(returned, story.rep)
    for _ in range(3):
        await sync(returned, manager)
    assert manager.store.revision("activity", last) and story.waiting() == [True] * 3


async def test_a_second_restore_offers_everything_anew(story: Story) -> None:
    returned = await story.begin()
    copy = await backup(returned)
    await sync(returned, story.manager)
    second = await come_back(returned, copy)
    await sync(second, story.rep)
    await sync(second, story.manager)
    assert story.manager.store.outbox() == [] and story.is_whole()
    assert not story.manager.store.select("conflict", "1")


async def test_without_a_restore_nothing_waits(authority: TestAuthority, make_phone: MakePhone) -> None:
    phone = make_phone(MANAGER)
    await sync(authority, phone)
    account = create(phone, "account", name="只在本机")
    with phone.store.transaction():  # as if its transaction had never been
        entry = phone.store.outbox()[0]
        phone.store.archive(entry, "discarded", 1)
        phone.store.outbox_remove(entry.tx_id)
    create(phone, "contact", account_id=account, name="王")
    reports = await sync(authority, phone)
    assert [problem.code for problem in reports[0].rejected.values() if problem] == ["not_found"]
