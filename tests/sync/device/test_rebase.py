"""Server changes go under unsent work: restored, applied, replayed where they meet, never stopping the pull."""

from decimal import Decimal
from typing import Any

import pytest

import sync.device.rebase as rebase_module
from shared.ids import stock_level_id
from shared.protocol import Transaction
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.oracle import check_view
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


@pytest.fixture
async def manager(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone(MANAGER)
    await sync(authority, phone)
    return phone


def patch(phone: Phone, row_id: str = ACCOUNT, entity: str = "account", **values: Any) -> str:
    row = phone.store.get(entity, row_id)
    assert row is not None
    base = {name: row[name] for name in values}
    return phone.engine.run([(f"{entity}.patch", {"id": row_id, "base": base, "values": values})])


def account(phone: Phone, row_id: str = ACCOUNT) -> dict[str, Any]:
    row = phone.store.get("account", row_id)
    assert row is not None
    return row


async def pull_only(authority: TestAuthority, phone: Phone) -> list[str]:
    """Pulls while the outbox waits: nothing of it is sent."""
    phone.engine.limits.probe = True
    report = await exchange(authority, phone)
    phone.engine.limits.probe = False
    return report.doubtful


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the transactions that are run again, in order."""
    seen: list[str] = []
    execute = rebase_module.execute

    def counting(transaction: Transaction, work: Any) -> None:
        seen.append(transaction.id)
        execute(transaction, work)

    monkeypatch.setattr(rebase_module, "execute", counting)
    return seen


async def test_pulling_goes_on_while_the_outbox_is_not_empty(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    patch(phone, city="杭州")
    patch(manager, name="山野集团")
    await sync(authority, manager)
    assert await pull_only(authority, phone) == []
    assert (account(phone)["name"], account(phone)["city"]) == ("山野集团", "杭州")
    shadow = phone.store.shadow("account", ACCOUNT)[1]
    assert shadow is not None and (shadow["name"], shadow["city"]) == ("山野集团", "")
    assert phone.engine.status().unsent == 1
    await sync(authority, phone)
    await sync(authority, manager)
    assert account(manager) == account(phone)


async def test_only_transactions_that_the_page_meets_are_replayed(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": "新客户"}})])
    met = patch(phone, city="杭州")
    patch(phone, row_id=new, city="广州")
    patch(manager, name="山野集团")
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert replayed == [met]
    assert account(phone, new)["city"] == "广州"


async def test_a_page_that_meets_nothing_replays_nothing(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    patch(phone, city="杭州")
    other = manager.engine.new_id()
    manager.engine.run([("account.create", {"id": other, "values": {"name": "别家"}})])
    manager.engine.run([("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "9"})])
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert replayed == []


async def test_dependents_are_replayed_with_what_they_build_on(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    contact = phone.engine.new_id()
    first = patch(phone, city="杭州")
    second = phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    third = patch(phone, row_id=contact, entity="contact", position="经理")
    patch(manager, name="山野集团")
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert replayed == [first, second, third]
    row = phone.store.get("contact", contact)
    assert row is not None and row["position"] == "经理"


async def test_an_earlier_write_of_a_restored_row_is_not_lost(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    """Two orders take one product; the page meets only the second one's other product."""
    first = phone.engine.run(order_commands((TENT, 1), name="one")[1])
    second = phone.engine.run(order_commands((TENT, 1), (LAMP, 1), name="two")[1])
    manager.engine.run([("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "9"})])
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert replayed == [first, second]
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, TENT))
    assert level is not None and level["reserved"] == Decimal(2)


async def test_a_replay_does_not_find_what_was_written_after_it(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    """The first one changes nothing of the contact; what a later one writes there it must not take back."""
    contact = phone.engine.new_id()
    phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    await sync(authority, phone)
    same = {"id": contact, "base": {"position": ""}, "values": {"position": ""}}
    city = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}}
    first = phone.engine.run([("contact.patch", same), ("account.patch", city)])
    later = patch(phone, row_id=contact, entity="contact", position="经理")
    patch(manager, name="山野集团")
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert replayed == [first, later]
    check_view(phone)
    row = phone.store.get("contact", contact)
    assert row is not None and row["position"] == "经理"


async def test_a_replay_that_writes_more_than_before_takes_along_whom_that_concerns(
    phone: Phone, manager: Phone, authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rule may that looks at other rows when it finds another customer: here it writes a contact, too."""
    contact = phone.engine.new_id()
    phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    await sync(authority, phone)
    first = patch(phone, city="杭州")
    patch(phone, row_id=contact, entity="contact", position="经理")
    seen: list[str] = []
    execute = rebase_module.execute

    def wider(transaction: Transaction, work: Any) -> None:
        execute(transaction, work)
        if transaction.id == first:
            row = work.require("contact", contact)
            seen.append(row["position"])
            work.update("contact", row, {"position": "总监"})

    monkeypatch.setattr(rebase_module, "execute", wider)
    patch(manager, name="山野集团")
    await sync(authority, manager)
    await pull_only(authority, phone)
    row = phone.store.get("contact", contact)
    assert row is not None and row["position"] == "经理"
    assert seen == ["经理", ""], "once more, without what was written after it"


def take_orders(phone: Phone, count: int) -> None:
    for number in range(count):
        phone.engine.run(order_commands((TENT, 1), (LAMP, 1), name=f"order {count} {number}")[1])


async def statements_of_a_page(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> list[str]:
    """What the phone's file is asked while it applies a page that meets all its orders."""
    manager.engine.run([("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "9"})])
    await sync(authority, manager)
    asked: list[str] = []
    phone.store.connection.set_trace_callback(asked.append)
    replayed.clear()
    await pull_only(authority, phone)
    phone.store.connection.set_trace_callback(None)
    assert replayed == [entry.tx_id for entry in phone.store.outbox()]
    return asked


def reads(statements: list[str]) -> int:
    return sum(words.startswith("SELECT") for words in statements)


async def test_replaying_many_asks_the_file_no_oftener_than_replaying_few(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    take_orders(phone, 3)
    few = await statements_of_a_page(phone, manager, authority, replayed)
    take_orders(phone, 30)
    many = await statements_of_a_page(phone, manager, authority, replayed)
    assert len(replayed) == 33 and reads(many) == reads(few)


async def test_a_replay_writes_only_rows_that_end_otherwise(
    phone: Phone, manager: Phone, authority: TestAuthority, replayed: list[str]
) -> None:
    """The tents that arrived change the stock level; the orders that reserve them end as they were."""
    take_orders(phone, 3)
    asked = await statements_of_a_page(phone, manager, authority, replayed)
    writes = {words[2].strip("[]") for words in map(str.split, asked) if words[0] in ("INSERT", "UPDATE", "DELETE")}
    assert not {"e_order", "e_order_line"} & writes
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, TENT))
    assert level is not None and (level["on_hand"], level["reserved"]) == (Decimal(14), Decimal(3))


async def test_a_new_child_meets_those_who_read_the_children(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    """Deleting an account marks the contacts that are there, also one that arrives while the deletion waits."""
    deletion = phone.engine.run([("account.delete", {"id": ACCOUNT})])
    contact = manager.engine.new_id()
    manager.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    await sync(authority, manager)
    await pull_only(authority, phone)
    row = phone.store.get("contact", contact)
    assert row is not None and row["deleted_tx"] == deletion


async def test_a_replay_that_fails_is_undone_marked_doubtful_and_stays_queued(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    contact = phone.engine.new_id()
    other = phone.engine.new_id()
    doubtful = phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    phone.engine.run([("account.create", {"id": other, "values": {"name": "别家"}})])
    manager.engine.run([("account.delete", {"id": ACCOUNT})])
    await sync(authority, manager)
    assert await pull_only(authority, phone) == [doubtful]
    assert phone.store.get("contact", contact) is None and account(phone)["deleted_at"] is not None
    first = phone.engine.pending()[0]
    assert (first.tx_id, first.doubtful) == (doubtful, "deleted")
    assert phone.engine.status().doubtful == 1 and account(phone, other)["name"] == "别家"
    reports = await sync(authority, phone)
    assert list(reports[0].rejected) == [doubtful] and phone.store.outbox() == []
    assert phone.store.count("conflict", "kind = 'rejection'") == 1


async def test_a_doubtful_transaction_is_tried_again_when_its_rows_come_back(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    patch(phone, city="杭州")
    deletion = manager.engine.run([("account.delete", {"id": ACCOUNT})])
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert phone.engine.status().doubtful == 1 and account(phone)["city"] == ""
    manager.engine.run([("account.restore", {"id": ACCOUNT, "deleted_tx": deletion})])
    await sync(authority, manager)
    await pull_only(authority, phone)
    assert phone.engine.status().doubtful == 0 and account(phone)["city"] == "杭州"


async def test_pending_edits_of_a_row_that_left_are_doubtful_and_out_of_sight(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    tx_id = patch(phone, city="杭州")
    manager.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, manager)
    assert await pull_only(authority, phone) == [tx_id]
    assert phone.store.get("account", ACCOUNT) is None and phone.store.outbox()[0].doubtful == "not_found"
    assert phone.store.shadows() == []
    reports = await sync(authority, phone)
    assert list(reports[0].rejected) == [tx_id]


async def test_pending_edits_of_a_row_that_left_are_in_no_total_and_the_manager_gets_them(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    order_id, commands = order_commands((LAMP, 1))
    tx_id = phone.engine.run(commands)
    manager.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, manager)
    assert await pull_only(authority, phone) == [tx_id]
    assert phone.store.get("order", order_id) is None and phone.store.count("order_line") == 0
    assert phone.store.get("stock_level", stock_level_id(WAREHOUSE, LAMP))["reserved"] == 0
    await sync(authority, phone)
    assert phone.store.select("conflict")[0]["code"] == "handed_over"
    await sync(authority, manager)
    item = manager.store.select("quarantine_item")[0]
    assert [command["name"] for command in item["payload"]] == [name for name, _ in commands]


async def test_handed_over_work_is_adopted_without_a_network(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    manager.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
    await sync(authority, manager)
    patch(phone, city="杭州")
    await sync(authority, phone)
    await sync(authority, manager)
    item_id = manager.store.select("quarantine_item")[0]["id"]
    manager.engine.run([("quarantine.adopt", {"item_id": item_id})])
    assert account(manager)["city"] == "杭州"
    assert manager.store.get("quarantine_item", item_id)["state"] == "adopted"
    report = (await sync(authority, manager))[0]
    assert not report.rejected and account(manager)["city"] == "杭州"
    await sync(authority, phone)
    assert phone.store.select("conflict")[0]["code"] == "handed_over_adopted"


async def test_a_write_while_an_answer_is_awaited_is_not_lost(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    patch(phone, city="杭州")
    patch(manager, name="山野集团")
    await sync(authority, manager)
    body = await answer_to(authority, phone, phone.engine.build_request())
    patch(phone, industry="户外")
    phone.engine.apply_response(body)
    assert {name: account(phone)[name] for name in ("name", "city", "industry")} == {
        "name": "山野集团", "city": "杭州", "industry": "户外",
    }  # fmt: skip
    assert phone.engine.status().unsent == 1
    await sync(authority, phone)
    await sync(authority, manager)
    assert account(manager)["industry"] == "户外"


async def test_a_field_conflict_shows_the_servers_value_and_comes_to_the_inbox(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    tx_id = patch(phone, city="杭州")
    patch(manager, city="广州")
    await sync(authority, manager)
    await pull_only(authority, phone)
    reports = await sync(authority, phone)
    assert reports[0].accepted == [tx_id] and len(reports[0].conflicts) == 1
    assert account(phone)["city"] == "广州"
    conflict = phone.store.get("conflict", reports[0].conflicts[0])
    assert conflict is not None and conflict["mine"] == {"city": "杭州"} and conflict["theirs"] == {"city": "广州"}
    phone.engine.run(
        [("conflict.resolve", {"conflict_id": conflict["id"], "choice": "mine", "seen": {"city": "广州"}})]
    )
    assert account(phone)["city"] == "杭州"
    await sync(authority, phone)
    await sync(authority, manager)
    assert account(manager)["city"] == "杭州"


async def test_no_shadow_is_left_when_nothing_waits(phone: Phone, authority: TestAuthority) -> None:
    patch(phone, city="杭州")
    phone.engine.run(order_commands((LAMP, 1))[1])
    phone.engine.run(order_commands((LAMP, 9), name="no", policy="reject")[1])
    assert phone.store.shadows() != []
    await sync(authority, phone)
    assert phone.store.outbox() == [] and phone.store.shadows() == []


async def test_when_a_creation_is_refused_its_dependents_are_refused_with_it(
    phone: Phone, manager: Phone, authority: TestAuthority
) -> None:
    contact, activity = phone.engine.new_id(), phone.engine.new_id()
    first = phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    second = patch(phone, row_id=contact, entity="contact", position="经理")
    phone.engine.run([("account.create", {"id": activity, "values": {"name": "别家"}})])
    manager.engine.run([("account.delete", {"id": ACCOUNT})])
    await sync(authority, manager)
    report = await exchange(authority, phone)
    assert {tx: problem.code for tx, problem in report.rejected.items() if problem} == {
        first: "deleted", second: "dependency",
    }  # fmt: skip
    assert len(report.accepted) == 1 and phone.store.get("contact", contact) is None
