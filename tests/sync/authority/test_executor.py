"""*On the server: load, decide, flush*, and the parts of *Merge rule* and *Stock* that the authority answers for."""

import asyncio

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.db.store import SqlStore
from shared.ids import derived_id, stock_level_id
from shared.protocol import Command
from sync.authority import executor as executor_module
from sync.authority.executor import Executor
from sync.authority.ports import Commit, Flush, FlushError, Unit
from tests.support.authority import SECRETS, Wire, caller, make_authority
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    NOW,
    REP,
    WAREHOUSE,
    order_commands,
)
from tests.support.devices import SeededEntropy

pytestmark = pytest.mark.anyio
LAMP_LEVEL = ("stock_level", stock_level_id(WAREHOUSE, LAMP))


def new_account(wire: Wire, name: str, **values: object) -> tuple[str, dict]:
    return "account.create", {"id": wire.new_id(), "values": {"name": name, **values}}


async def rows_of(database: Database, statement: object) -> list:
    async def read(tx: Tx) -> list:
        return list((await tx.execute(statement)).all())

    return await database.read(read)


async def test_a_failing_transaction_leaves_nothing_but_its_outcome(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.pull()
    before = (await rows_of(database, select(tables.table("account"))))[:]
    create = new_account(rep, "一半")
    outcome = await rep.push(create, ("contact.create", {"id": rep.new_id(), "values": {"account_id": "nowhere"}}))
    assert outcome.status == "rejected"
    assert await rows_of(database, select(tables.table("account"))) == before
    assert [put.entity for put in outcome.puts] == ["conflict"]


async def test_a_refusal_is_in_its_authors_inbox_with_all_that_it_contained(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    create = new_account(rep, "新客户", discount_of_life=3)
    outcome = await rep.push(create)
    row = rep.rows[("conflict", outcome.conflicts[0])]
    assert row["kind"] == "rejection"
    assert row["state"] == "open"
    assert row["code"] == outcome.problem.code == "unknown_field"
    assert row["title"] == "新客户"
    assert row["payload"] == [{"name": create[0], "args": create[1]}]
    await manager.pull()
    assert not manager.all("conflict")


async def test_the_inbox_row_has_a_derived_id(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    tx = rep.tx(new_account(rep, "", nonsense=1))
    outcome = (await rep.send(rep.request(rep.envelope(tx)))).outcomes[0]
    assert outcome.conflicts == [derived_id("rejection", tx.id)]


async def test_a_bad_transaction_in_the_middle_keeps_the_others(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    good, bad, fine = new_account(rep, "一"), new_account(rep, "二", nonsense=1), new_account(rep, "三")
    response = await rep.send(rep.request(*(rep.envelope(rep.tx(command)) for command in (good, bad, fine))))
    assert [outcome.status for outcome in response.outcomes] == ["accepted", "rejected", "accepted"]
    assert (await rep.push(new_account(rep, "四"))).status == "accepted"


async def test_unknown_commands_are_refused(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    outcome = await rep.push(("account.polish", {"id": ACCOUNT}))
    assert (outcome.status, outcome.problem.code) == ("rejected", "unknown_command")


async def test_what_builds_on_a_refused_transaction_is_refused_as_its_dependency(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    create = new_account(rep, "会被拒绝", nonsense=1)
    first = rep.tx(create)
    contact = {"id": rep.new_id(), "values": {"account_id": create[1]["id"], "name": "张三"}}
    second = rep.tx(("contact.create", contact), after=[first.id])
    third = rep.tx(new_account(rep, "无关"), after=[second.id])
    fourth = rep.tx(new_account(rep, "真的无关"))
    response = await rep.send(rep.request(*(rep.envelope(tx) for tx in (first, second, third, fourth))))
    assert [outcome.status for outcome in response.outcomes] == ["rejected", "rejected", "rejected", "accepted"]
    assert [outcome.problem.code for outcome in response.outcomes[1:3]] == ["dependency", "dependency"]
    later = rep.tx(new_account(rep, "后来"), after=[first.id])
    assert (await rep.send(rep.request(rep.envelope(later)))).outcomes[0].problem.code == "dependency"


async def test_permissions_are_evaluated_for_every_transaction_under_the_lock(database: Database) -> None:
    authority = await make_authority(database)
    admin, manager = Wire(authority, ADMIN), Wire(authority, MANAGER)
    demote = ("user.patch", {"id": MANAGER, "base": {"role": "manager"}, "values": {"role": "rep"}})
    show = {"name": "广州展", "starts_on": "2026-12-01", "ends_on": "2026-12-03"}
    create = ("event.create", {"id": manager.new_id(), "values": show})
    first, second = await admin.push(demote), await manager.push(create)
    assert [first.status, second.status] == ["accepted", "rejected"]
    assert second.problem.code == "handed_over"  # he was a manager when he did it


async def test_business_time_is_clamped_between_the_last_exchange_and_receipt(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.push(new_account(rep, "先"))
    last = authority.clock.now_ms()
    early, late = new_account(rep, "过去"), new_account(rep, "将来")
    await rep.push(early, at=0)
    await rep.push(late, at=NOW * 2)
    now = authority.clock.now_ms()
    past, future = (rep.rows[("account", command[1]["id"])]["created_at"] for command in (early, late))
    assert NOW < past <= last
    assert last < future < now


async def test_the_first_transactions_of_an_install_may_be_weeks_old_and_not_years(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    create = new_account(rep, "很久")
    await rep.push(create, at=0)
    age = authority.clock.now_ms() - rep.rows[("account", create[1]["id"])]["created_at"]
    assert 29 * 86_400_000 < age < 31 * 86_400_000


async def test_a_field_changed_on_both_sides_is_a_conflict_for_the_second(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    patch = {"id": ACCOUNT, "base": {"city": ""}}
    assert (await manager.push(("account.patch", {**patch, "values": {"city": "广州"}}))).status == "accepted"
    outcome = await rep.push(("account.patch", {**patch, "values": {"city": "深圳"}}))
    assert outcome.status == "merged"
    row = rep.rows[("conflict", outcome.conflicts[0])]
    assert (row["base"], row["mine"], row["theirs"]) == ({"city": ""}, {"city": "深圳"}, {"city": "广州"})
    assert rep.rows[("account", ACCOUNT)]["city"] == "广州"


async def test_in_a_transaction_of_several_commands_a_field_conflict_rejects_the_whole(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    patch = {"id": ACCOUNT, "base": {"city": ""}}
    await manager.push(("account.patch", {**patch, "values": {"city": "广州"}}))
    create = new_account(rep, "同行")
    outcome = await rep.push(create, ("account.patch", {**patch, "values": {"city": "深圳"}}))
    assert outcome.status == "rejected"
    assert ("account", create[1]["id"]) not in rep.rows


async def test_waiting_requests_share_one_commit(database: Database) -> None:
    authority = await make_authority(database)
    commits: list[Commit] = []
    authority.listen(commits.append)
    wires = [Wire(authority, REP, seed) for seed in range(2, 14)]
    for wire in wires:
        await wire.pull()
    commits.clear()
    outcomes = await asyncio.gather(*(wire.push(new_account(wire, f"客户 {n}")) for n, wire in enumerate(wires)))
    assert all(outcome.status == "accepted" for outcome in outcomes)
    assert len(commits) < len(wires)


@pytest.mark.parametrize("buyers", [20])
async def test_of_many_who_order_the_last_unit_exactly_one_gets_it(database: Database, buyers: int) -> None:
    authority = await make_authority(database)
    wires = [Wire(authority, REP if n % 2 else COLLEAGUE, seed=n + 2) for n in range(buyers)]
    accounts = {user: Wire(authority, user) for user in (REP, COLLEAGUE)}
    theirs = new_account(accounts[COLLEAGUE], "同事的客户")
    await accounts[COLLEAGUE].push(theirs)

    async def buy(number: int, wire: Wire) -> str:
        account = ACCOUNT if wire.user_id == REP else theirs[1]["id"]
        order_id, commands = order_commands((LAMP, 1), name=f"last {number}", account=account)
        outcome = await wire.push(*commands)
        assert outcome.status == "accepted", outcome.problem
        lines = [row for row in wire.all("order_line") if row["order_id"] == order_id]
        return lines[0]["state"]

    states = await asyncio.gather(*(buy(number, wire) for number, wire in enumerate(wires)))
    assert sorted(states) == ["backordered"] * (buyers - 1) + ["reserved"]
    manager = Wire(authority, MANAGER)
    await manager.pull()
    level = manager.rows[LAMP_LEVEL]
    assert (level["on_hand"], level["reserved"], level["backordered"]) == ("1", "1", str(buyers - 1))
    numbers = [row["number"] for row in manager.all("order")]
    assert len(set(numbers)) == buyers


async def test_a_receipt_fills_backorders_in_order_of_arrival(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    orders = []
    for name in ("一", "二", "三"):
        order_id, commands = order_commands((LAMP, 1), name=name)
        await rep.push(*commands)
        orders.append(order_id)
    outcome = await manager.push(
        ("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": LAMP, "quantity": "1", "note": ""})
    )
    assert outcome.status == "accepted", outcome.problem
    await rep.pull()
    states = {row["order_id"]: row["state"] for row in rep.all("order_line")}
    assert [states[order_id] for order_id in orders] == ["reserved", "reserved", "backordered"]


async def test_stock_that_moved_under_a_batch_makes_it_run_again(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.pull()
    store = authority.store
    real_write, attempts = store.write, []

    async def moving(org_id: str, fn):
        async def first_move(unit: Unit):
            real_flush = unit.flush

            async def flush(changes: Flush) -> None:
                attempts.append(len(changes.rows))
                if len(attempts) == 1:
                    level = tables.table("stock_level")
                    await unit.tx.execute(level.update().where(level.c.id == LAMP_LEVEL[1]).values(rev=level.c.rev + 1))
                await real_flush(changes)

            unit.flush = flush
            return await fn(unit)

        return await real_write(org_id, first_move)

    store.write = moving
    _, commands = order_commands((LAMP, 1), name="again")
    outcome = await rep.push(*commands)
    assert outcome.status == "accepted"
    assert len(attempts) == 2
    assert rep.rows[LAMP_LEVEL]["reserved"] == "1"


async def test_the_database_itself_refuses_to_oversell(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    await make_authority(database)
    level = tables.table("stock_level")

    async def oversell(tx: Tx) -> None:
        await tx.execute(level.update().where(level.c.id == LAMP_LEVEL[1]).values(reserved=20_000))

    with pytest.raises(IntegrityError):
        await database.run_tx(oversell)


async def test_a_value_that_must_be_unique_is_refused_with_its_field(database: Database) -> None:
    authority = await make_authority(database)
    admin = Wire(authority, ADMIN)
    twin = ("product.create", {"id": admin.new_id(), "values": {"sku": "TENT", "name": "双胞胎"}})
    other = ("product.create", {"id": admin.new_id(), "values": {"sku": "NEW", "name": "新品"}})
    response = await admin.send(admin.request(admin.envelope(admin.tx(twin)), admin.envelope(admin.tx(other))))
    assert [outcome.status for outcome in response.outcomes] == ["rejected", "accepted"]
    problem = response.outcomes[0].problem
    assert (problem.code, problem.field) == ("not_unique", "sku")
    assert admin.rows[("conflict", response.outcomes[0].conflicts[0])]["code"] == "not_unique"


class Unstorable(SqlStore):
    """A database that cannot store accounts of one name, as a broken index would."""

    async def write(self, org_id: str, fn):
        async def checked(unit: Unit):
            real = unit.flush

            async def flush(changes: Flush) -> None:
                if any(write.row.get("name") == "毒" and write.entity == "account" for write in changes.rows):
                    raise FlushError("disk image is malformed")
                await real(changes)

            unit.flush = flush
            return await fn(unit)

        return await super().write(org_id, checked)


async def test_what_cannot_be_stored_is_isolated_quarantined_and_the_sequence_goes_on(database: Database) -> None:
    authority = await make_authority(database)
    authority.store = Unstorable(database, SECRETS)
    authority.executor = Executor(authority.store, SeededEntropy(3))
    authority._exchange._executor = authority.executor
    rep = Wire(authority, REP)
    names = [f"客户 {n}" for n in range(9)]
    names[4] = "毒"
    txs = [rep.tx(new_account(rep, name)) for name in names]
    response = await rep.send(rep.request(*(rep.envelope(tx) for tx in txs)))
    assert [outcome.status for outcome in response.outcomes] == ["accepted"] * 4 + ["rejected"] + ["accepted"] * 4
    problem = response.outcomes[4].problem
    assert problem.code == "internal_error"
    kept = await rows_of(database, select(tables.quarantine.c.tx_id, tables.quarantine.c.error_id))
    assert kept == [(txs[4].id, problem.params["error_id"])]
    logged = await rows_of(database, select(tables.tx_log.c.payload).where(tables.tx_log.c.tx_id == txs[4].id))
    assert "毒".encode() in bytes(logged[0][0])
    assert (await rep.push(new_account(rep, "之后"))).status == "accepted"


async def test_a_transaction_that_needs_rows_without_end_is_refused_and_the_sequence_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.authority import batch

    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    created = [new_account(rep, f"客户 {n}") for n in range(12)]
    await rep.push(*created)
    visit = {"account_id": created[0][1]["id"], "body": "谈了"}
    await rep.push(("activity.create", {"id": rep.new_id(), "values": visit}))
    monkeypatch.setattr(batch, "MAX_ROUNDS", 2)
    moves = [("account.assign", {"id": args["id"], "owner_id": COLLEAGUE}) for _, args in created]
    txs = [manager.tx(*moves), manager.tx(new_account(manager, "之后"))]
    response = await manager.send(manager.request(*(manager.envelope(tx) for tx in txs)))
    assert [outcome.status for outcome in response.outcomes] == ["rejected", "accepted"]
    assert response.outcomes[0].problem.code == "internal_error"


async def test_a_rule_that_breaks_on_one_transaction_does_not_hold_up_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.authority import decide

    real = decide.execute

    def breaking(tx, work) -> None:
        if tx.commands[0].args.get("values", {}).get("name") == "坏":
            raise ZeroDivisionError("a mistake of ours")
        real(tx, work)

    monkeypatch.setattr(decide, "execute", breaking)
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    txs = [rep.tx(new_account(rep, name)) for name in ("好", "坏", "也好")]
    response = await rep.send(rep.request(*(rep.envelope(tx) for tx in txs)))
    assert [outcome.status for outcome in response.outcomes] == ["accepted", "rejected", "accepted"]
    assert response.outcomes[1].problem.code == "internal_error"


async def test_seq_has_no_gaps_and_follows_commit_order(database: Database) -> None:
    authority = await make_authority(database)
    wires = [Wire(authority, REP, seed) for seed in range(2, 10)]
    await asyncio.gather(*(wire.push(new_account(wire, f"客户 {n}")) for n, wire in enumerate(wires)))
    revs = sorted(row[0] for row in await rows_of(database, select(tables.row_version.c.rev)))
    head = (await rows_of(database, select(tables.head.c.seq)))[0][0]
    server_only = head - len(revs)
    assert revs == sorted(set(revs))
    assert revs[-1] == head
    assert server_only == 0


async def test_a_full_queue_says_come_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.errors import Unavailable

    monkeypatch.setattr(executor_module, "MAX_WAITING", 0)
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    with pytest.raises(Unavailable, match="queue_full"):
        await rep.push(new_account(rep, "等"))


async def test_server_side_commands_run_in_a_users_name(database: Database) -> None:
    from shared.errors import CaravanError

    authority = await make_authority(database)
    outcome = await authority.run(
        caller(ADMIN), [Command("team.create", {"id": derived_id("t"), "values": {"name": "队"}})]
    )
    assert outcome.status == "accepted"
    with pytest.raises(CaravanError, match="role_not_allowed"):
        await authority.run(caller(REP), [Command("team.create", {"id": derived_id("u"), "values": {"name": "队"}})])


async def test_restricted_values_are_sealed_wherever_they_rest(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    secret = "6222021234567890"
    values = {"bank_account": secret}
    outcome = await manager.push(("account.patch", {"id": ACCOUNT, "base": {"bank_account": ""}, "values": values}))
    assert outcome.status == "accepted", outcome.problem
    other = {"bank_account": secret + "1"}
    merged = await manager.push(("account.patch", {"id": ACCOUNT, "base": {"bank_account": ""}, "values": other}))
    assert merged.status == "merged"
    assert manager.rows[("account", ACCOUNT)]["bank_account"] == secret
    assert manager.rows[("conflict", merged.conflicts[0])]["mine"] == other
    await rep.pull()
    assert "bank_account" not in rep.rows[("account", ACCOUNT)]
    refused = await rep.push(("account.patch", {"id": ACCOUNT, "base": {"bank_account": ""}, "values": values}))
    assert refused.problem.code == "field_hidden"
    for table in database.metadata.tables.values():
        for row in await rows_of(database, select(table)):
            assert secret.encode() not in b"|".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for v in row)


async def test_a_promoted_reader_gets_the_restricted_parts_and_a_demoted_one_loses_them(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager, admin = Wire(authority, REP), Wire(authority, MANAGER), Wire(authority, ADMIN)
    await manager.push(
        ("account.patch", {"id": ACCOUNT, "base": {"bank_account": ""}, "values": {"bank_account": "6222"}})
    )
    await rep.pull()
    assert "bank_account" not in rep.rows[("account", ACCOUNT)]
    await admin.push(("user.patch", {"id": REP, "base": {"role": "rep"}, "values": {"role": "manager"}}))
    await rep.pull()
    assert rep.rows[("account", ACCOUNT)]["bank_account"] == "6222"
    await admin.push(("user.patch", {"id": REP, "base": {"role": "manager"}, "values": {"role": "rep"}}))
    await rep.pull()
    assert "bank_account" not in rep.rows[("account", ACCOUNT)]
