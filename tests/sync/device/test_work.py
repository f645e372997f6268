"""Work without a network: commands run at once on local rows, and wait in the outbox as bytes that never change."""

from pathlib import Path

import msgspec
import pytest

from shared.errors import CaravanError, InvalidInput, LimitExceeded, NotAllowed
from shared.ids import stock_level_id
from shared.protocol import decode_transaction
from sync.device import outbox
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, LAMP, MANAGER, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone, sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    """The rep's, synced once and offline from then on."""
    phone = make_phone()
    await sync(authority, phone)
    return phone


def rename(name: str, base: str = "山野户外") -> list[tuple[str, dict[str, object]]]:
    return [("account.patch", {"id": ACCOUNT, "base": {"name": base}, "values": {"name": name}})]


def shown(phone: Phone, product: str) -> tuple[int, int]:
    level = phone.store.get("stock_level", stock_level_id(WAREHOUSE, product))
    assert level is not None
    return int(level["on_hand"]), int(level["reserved"])


async def test_a_command_is_applied_locally_and_queued_in_one_transaction(phone: Phone) -> None:
    commits: list[set[str]] = []
    phone.store.on_change(commits.append)
    tx_id = phone.engine.run(rename("山野"))
    assert phone.store.get("account", ACCOUNT)["name"] == "山野"  # type: ignore[index]
    assert [entry.tx_id for entry in phone.store.outbox()] == [tx_id]
    assert len(commits) == 1 and {"account", "_outbox"} <= commits[0]


async def test_a_refused_command_leaves_nothing(phone: Phone) -> None:
    good = phone.engine.new_id()
    for commands in (
        [("account.create", {"id": good, "values": {"name": "甲"}}), ("account.create", {"id": "no", "values": {}})],
        [("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "1"})],
        [("account.explode", {"id": ACCOUNT})],
        [],
    ):
        with pytest.raises((InvalidInput, NotAllowed)):
            phone.engine.run(commands)
    assert phone.store.outbox() == [] and phone.store.shadows() == []
    assert phone.store.get("account", good) is None


async def test_work_survives_a_killed_app(phone: Phone) -> None:
    tx_id = phone.engine.run(rename("山野"))
    phone.restart()
    assert phone.store.get("account", ACCOUNT)["name"] == "山野"  # type: ignore[index]
    assert [pending.tx_id for pending in phone.engine.pending()] == [tx_id]
    assert phone.store.shadow("account", ACCOUNT)[1]["name"] == "山野户外"  # type: ignore[index]


async def test_the_servers_version_is_kept_beside_each_touched_row(phone: Phone) -> None:
    phone.engine.run(rename("一"))
    phone.engine.run(rename("二", base="一"))
    present, row, rev = phone.store.shadow("account", ACCOUNT)
    assert present and row is not None and row["name"] == "山野户外"
    assert rev == phone.store.revision("account", ACCOUNT)


async def test_payload_bytes_are_canonical_hashed_and_never_change(phone: Phone) -> None:
    phone.engine.run(rename("山野"))
    before = [(entry.payload, entry.payload_hash) for entry in phone.store.outbox()]
    phone.engine.build_request()
    phone.restart()
    assert [(entry.payload, entry.payload_hash) for entry in phone.store.outbox()] == before
    payload, digest = before[0]
    assert outbox.payload_hash(payload) == digest
    assert outbox.encode(decode_transaction(payload)) == payload
    assert before[0][0] in phone.engine.build_request()


async def test_a_transaction_names_the_unanswered_ones_that_it_builds_on(phone: Phone) -> None:
    new = phone.engine.new_id()
    created = phone.engine.run([("account.create", {"id": new, "values": {"name": "新客户"}})])
    other = phone.engine.run(rename("山野"))
    contact = {"account_id": new, "name": "王"}
    child = phone.engine.run([("contact.create", {"id": phone.engine.new_id(), "values": contact})])
    sibling = phone.engine.run([("contact.create", {"id": phone.engine.new_id(), "values": contact})])
    deleted = phone.engine.run([("account.delete", {"id": new})])
    after = {entry.tx_id: decode_transaction(entry.payload).after for entry in phone.store.outbox()}
    assert after == {
        created: [], other: [], child: [created], sibling: [created], deleted: [created, child, sibling],
    }  # fmt: skip


async def test_orders_of_one_product_do_not_depend_on_each_other(phone: Phone) -> None:
    """Stock is added and subtracted: one refused order must not take the next with it."""
    for name in ("one", "two"):
        phone.engine.run(order_commands((TENT, 1), name=name)[1])
    assert [decode_transaction(entry.payload).after for entry in phone.store.outbox()] == [[], []]


async def test_an_offline_order_is_pending_and_lowers_the_availability_shown(phone: Phone) -> None:
    order_id, commands = order_commands((TENT, 2), (LAMP, 1))
    phone.engine.run(commands)
    order = phone.store.get("order", order_id)
    assert order is not None and order["state"] == "pending" and order["number"] == ""
    assert shown(phone, TENT) == (5, 2) and shown(phone, LAMP) == (1, 1)


async def test_a_pending_order_can_be_cancelled_before_it_is_sent(phone: Phone, authority: TestAuthority) -> None:
    order_id, commands = order_commands((LAMP, 1))
    phone.engine.run(commands)
    phone.engine.run([("order.cancel", {"order_id": order_id})])
    assert shown(phone, LAMP) == (1, 0)
    await sync(authority, phone)
    assert phone.store.get("order", order_id)["state"] == "cancelled"  # type: ignore[index]
    assert shown(phone, LAMP) == (1, 0) and phone.store.outbox() == []


async def test_a_confirmed_order_can_be_cancelled_after_it_was_sent(phone: Phone, authority: TestAuthority) -> None:
    order_id, commands = order_commands((LAMP, 1))
    phone.engine.run(commands)
    await sync(authority, phone)
    assert shown(phone, LAMP) == (1, 1)
    phone.engine.run([("order.cancel", {"order_id": order_id})])
    await sync(authority, phone)
    assert phone.store.get("order", order_id)["state"] == "cancelled"  # type: ignore[index]
    assert shown(phone, LAMP) == (1, 0)


async def test_a_transaction_too_large_for_an_exchange_is_refused_at_once(phone: Phone) -> None:
    values = {"account_id": ACCOUNT, "body": "长" * 2_000}
    commands = [("activity.create", {"id": phone.engine.new_id(), "values": values}) for _ in range(200)]
    with pytest.raises(LimitExceeded):
        phone.engine.run(commands)
    assert phone.store.outbox() == [] and phone.store.count("activity") == 0


async def test_occurred_at_may_be_given(phone: Phone) -> None:
    phone.engine.run(rename("山野"), occurred_at=1_795_000_000_000)
    assert phone.engine.pending()[0].occurred_at == 1_795_000_000_000
    assert phone.store.get("account", ACCOUNT)["updated_at"] == 1_795_000_000_000  # type: ignore[index]


async def test_an_export_holds_all_unsent_work_byte_for_byte(phone: Phone, tmp_path: Path) -> None:
    phone.engine.run(rename("山野"))
    phone.engine.run(order_commands((LAMP, 1))[1])
    document = msgspec.json.decode(phone.engine.export_outbox())
    assert (document["format"], document["version"]) == ("caravan-outbox", 1)
    assert document["user_id"] == phone.actor.user_id and document["install_id"] == phone.install_id
    read = [outbox.read_exported(item) for item in document["transactions"]]
    assert [payload for payload in read] == [entry.payload for entry in phone.store.outbox()]
    document["transactions"][0]["transaction"]["commands"][0]["args"]["values"]["name"] = "别人"
    with pytest.raises(CaravanError, match="export_damaged"):
        outbox.read_exported(document["transactions"][0])


async def test_a_manager_and_a_rep_have_their_own_outboxes(phone: Phone, make_phone: MakePhone) -> None:
    phone.engine.run(rename("山野"))
    assert make_phone(MANAGER).engine.pending() == []
