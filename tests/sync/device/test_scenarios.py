"""Scenarios of the design that need several devices, on both databases; the others are named in ``sync/README.md``."""

import itertools
from typing import Any

import pytest

from tests.support.authority import SECRETS, TestAuthority
from tests.support.company import ACCOUNT, ADMIN, COLLEAGUE, LAMP, MANAGER, NOW, ORG, REP, order_commands
from tests.support.databases import KINDS
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.oracle import Rows, held, server_rows, visible
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio
YEAR_MS = 365 * 86_400_000


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def create(phone: Phone, name: str) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


def names(rows: Rows) -> list[str]:
    """Of the customers that devices have made, each as often as it is there."""
    return sorted(row["name"] for (entity, _), row in rows.items() if entity == "account" and row["id"] != ACCOUNT)


async def everything(authority: TestAuthority) -> Rows:
    return await server_rows(authority.database, ORG, SECRETS)


async def test_an_acknowledgement_lost_after_the_commit_and_work_in_parts_take_effect_once(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    already = names(await everything(authority))
    made = ["甲", "乙", "丙"]
    create(phone, made[0])
    for name in made[1:]:
        await answer_to(authority, phone, phone.engine.build_request())  # committed, and never heard of
        create(phone, name)
        phone.restart()
    await sync(authority, phone)
    assert phone.store.outbox() == []
    assert names(await everything(authority)) == sorted([*already, *made])


async def test_two_live_clones_and_a_device_put_back_go_on_and_nothing_is_lost_or_doubled(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, clone = make_phone(), make_phone()
    await sync(authority, phone)
    already = names(await everything(authority))
    create(phone, "两台都有的")
    phone.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    saved = phone.path.read_bytes()
    clone.close()
    clone.path.write_bytes(saved)
    clone.install_id = phone.install_id
    clone.open()
    await sync(authority, phone)
    for one, name in ((phone, "原机的"), (clone, "克隆机的"), (phone, "原机后来的")):
        create(one, name)
        await sync(authority, one)
    assert clone.install_id != phone.install_id

    phone.close()  # and put back to where it was copied
    phone.path.write_bytes(saved)
    phone.open()
    create(phone, "回退以后的")
    await sync(authority, phone)
    await sync(authority, clone)
    made = ["两台都有的", "原机的", "克隆机的", "原机后来的", "回退以后的"]
    assert names(await everything(authority)) == sorted([*already, *made])
    assert phone.store.outbox() == clone.store.outbox() == []
    assert phone.store.select("account") == clone.store.select("account")


@pytest.mark.parametrize("skews", [(YEAR_MS,), (-YEAR_MS,), (YEAR_MS, -YEAR_MS, 3_600_000, -YEAR_MS)])
async def test_clocks_a_year_ahead_behind_or_jumping_refuse_nothing_and_date_nothing_wrongly(
    authority: TestAuthority, make_phone: MakePhone, skews: tuple[int, ...]
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    for number, skew in enumerate(skews):
        phone.clock.value = authority.clock.now_ms() + skew
        order_id, commands = order_commands((LAMP, 1), name=f"clock {number}")
        phone.engine.run(commands)
        reports = await sync(authority, phone)
        assert not any(report.rejected for report in reports) and phone.store.outbox() == []
        order = (await everything(authority))["order", order_id]
        assert order["state"] == "confirmed" and NOW - 86_400_000 < order["ordered_at"] <= authority.clock.now_ms()


async def test_one_field_on_three_devices_ends_alike_in_every_order_of_delivery_and_every_value_is_kept(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phones = [make_phone(user) for user in (REP, MANAGER, ADMIN)]
    for number, order in enumerate(itertools.permutations(range(3))):
        row_id = create(phones[0], f"争议 {number}")
        for phone in phones:
            await sync(authority, phone)
        values = [f"{number}-{place}" for place in range(3)]
        for phone, value in zip(phones, values, strict=True):
            phone.engine.run([("account.patch", {"id": row_id, "base": {"phone": ""}, "values": {"phone": value}})])
        for place in (*order, *order):
            await sync(authority, phones[place])
        rows = await everything(authority)
        lost = [row for (entity, _), row in rows.items() if entity == "conflict" and row["row_id"] == row_id]
        kept = [row["mine"]["phone"] for row in lost]
        assert rows["account", row_id]["phone"] == values[order[0]]
        assert sorted([*kept, values[order[0]]]) == values
        shown: list[Any] = [phone.store.get("account", row_id) for phone in phones]
        assert [row["phone"] for row in shown] == [values[order[0]]] * 3


async def test_a_scope_that_changes_between_the_pages_of_a_pull_ends_as_if_it_had_changed_before(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    rep, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, manager)
    ids = [create(manager, f"客户 {number}") for number in range(8)]
    manager.engine.run([("account.assign", {"id": row_id, "owner_id": REP}) for row_id in ids])
    await sync(authority, manager)
    rep.engine.limits.rows = 4
    pages = 0
    while (await exchange(authority, rep)).more:
        rep.engine.limits.rows = 4
        if pages < len(ids):  # one leaves that has come or will come, and one comes back
            manager.engine.run([("account.assign", {"id": ids[pages], "owner_id": COLLEAGUE})])
            if pages:
                manager.engine.run([("account.assign", {"id": ids[pages - 1], "owner_id": REP})])
            await sync(authority, manager)
        pages += 1
    assert pages > 3
    await sync(authority, rep)
    assert held(rep) == visible(rep.actor, await everything(authority))


@pytest.mark.parametrize("deletion_first", [True, False])
async def test_a_deletion_against_an_edit_and_a_new_child_hides_nothing_for_good(
    authority: TestAuthority, make_phone: MakePhone, deletion_first: bool
) -> None:
    rep, manager = make_phone(), make_phone(MANAGER)
    row_id = create(rep, "要删的客户")
    await sync(authority, rep)
    await sync(authority, manager)
    deletion = manager.engine.run([("account.delete", {"id": row_id})])
    rep.engine.run([("account.patch", {"id": row_id, "base": {"city": ""}, "values": {"city": "杭州"}})])
    contact = rep.engine.new_id()
    rep.engine.run([("contact.create", {"id": contact, "values": {"account_id": row_id, "name": "王"}})])
    for phone in (manager, rep) if deletion_first else (rep, manager):
        await sync(authority, phone)
    await exchange(authority, rep)
    refused = [row for row in rep.store.select("conflict") if row["kind"] == "rejection"]
    # The new child builds on the edit, as far as the device can tell: it is refused with it.
    assert sorted(row["code"] for row in refused) == (["deleted", "dependency"] if deletion_first else [])
    manager.engine.run([("account.restore", {"id": row_id, "deleted_tx": deletion})])
    await sync(authority, manager)
    await sync(authority, rep)
    rows = await everything(authority)
    back = rows["account", row_id]
    assert back["deleted_at"] is None
    if deletion_first:  # the edit and the child are whole in the inbox, to be sent again
        assert back["city"] == "" and ("contact", contact) not in rows
        sent = [command["name"] for row in refused for command in row["payload"]]
        assert sorted(sent) == ["account.patch", "contact.create"]
    else:  # they were there before, and come back with the row
        assert back["city"] == "杭州" and rows["contact", contact]["deleted_at"] is None
