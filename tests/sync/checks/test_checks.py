"""*Checks*: damage of a single row is noticed and mended, and nothing else ever calls for help.

``CARAVAN_DAMAGES`` sets how many single damages must be noticed (default 100; the figure in the README is of 1,000;
each ``WHOLE``-th is also mended over the wire),
``CARAVAN_CHECKED_EXCHANGES`` how many exchanges run under checks without a false alarm (default 100; each of two tests
plays its own, of quiet devices and of all that may happen; the figure is of 10,000), and ``CARAVAN_SEED`` which ones.
"""

import os
import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from server.db.engine import Database, Tx
from shared import protocol
from shared.catalog import ENTITIES
from shared.digests import Sums
from shared.protocol import CheckRequest
from sync.device.checks import EVERY_MS, _Walk
from tests.support.authority import Wire, caller
from tests.support.company import ACCOUNT, ADMIN, COLLEAGUE, MANAGER, ORG, REP, TEAM, order_commands
from tests.support.damage import Vandal, copy_of
from tests.support.devices import Phone, answer_to, sync
from tests.support.oracle import check_view
from tests.support.rewind import backup, close_all, come_back
from tests.support.world import COMMANDS, NETWORK, World
from tests.sync.checks.ground import alarms, check, some_history

pytestmark = pytest.mark.anyio
SEED = int(os.environ.get("CARAVAN_SEED", "0"))
DAMAGES = int(os.environ.get("CARAVAN_DAMAGES", "100"))
EXCHANGES = int(os.environ.get("CARAVAN_CHECKED_EXCHANGES", "100"))
WHOLE = 25


@pytest.fixture
async def world(tmp_path: Path, database: Database) -> World:
    return await World.make(tmp_path, database)


async def test_a_good_copy_is_clean(world: World) -> None:
    await some_history(world)
    for phone in world.phones:
        assert await check(world, phone) == "clean"
        assert phone.engine.checks.report.rows == len(copy_of(phone)) > 10
        assert alarms(phone) == []


def pass_over(phone: Phone, sums: dict[str, Sums], epoch: int, *entities: str) -> _Walk:
    """The device's own pass over its tables (of some entities, or all), to be compared with the sums."""
    phone.engine.checks._walk = walk = _Walk(sums, epoch)
    walk.entities = list(entities) or walk.entities
    while walk.place < len(walk.entities):
        phone.engine.checks.slice()
    phone.engine.checks._walk = None
    return walk


async def test_damage_of_a_single_row_is_noticed_and_mended(world: World) -> None:
    """Most are undone once they are noticed, in the same state of the file, by the pass over the damaged table: sums
    add up. The others go the whole way."""
    await some_history(world)
    noticed, told = 0, []
    for first in range(0, DAMAGES, WHOLE):
        phone = world.phones[first // WHOLE % 3]
        phone.engine.checks.demand()
        await sync(world.authority, phone)
        walk = phone.engine.checks._walk
        assert walk is not None and pass_over(phone, walk.theirs, walk.epoch).differing() == {}
        phone.engine.checks.cancel()
        good = copy_of(phone)
        sums = {name: pass_over(phone, walk.theirs, walk.epoch, name).ours for name in {entity for entity, _ in good}}
        for number in range(first + 1, min(first + WHOLE, DAMAGES)):
            phone.store.connection.execute("SAVEPOINT noticing")
            vandal = Vandal(phone, SEED + number)
            said = vandal.damage(before=good)
            found = pass_over(phone, sums[vandal.entity], walk.epoch, vandal.entity).differing()
            noticed += bool(found)
            told += [] if found else [f"{number} {said}: not noticed"]
            phone.store.connection.execute("ROLLBACK TO noticing")
            phone.store.connection.execute("RELEASE noticing")
        said = Vandal(phone, SEED + first).damage(before=good)
        result = await check(world, phone)
        noticed += result == "mended"
        if result != "mended" or copy_of(phone) != good:
            told.append(f"{first} {said}: {result}")
    assert (noticed, told) == (DAMAGES, [])
    await world.check()


@pytest.mark.parametrize("buckets", ["X'FFFE'", "'損'", "7", "',1,,x,'"])
async def test_a_list_of_buckets_that_is_none_is_damage_like_any_other(world: World, buckets: str) -> None:
    """Found by a campaign of damages: bytes in place of the list ended the check with an error."""
    await some_history(world)
    phone = world.phones[0]
    good = copy_of(phone)
    phone.store.connection.execute(f"UPDATE e_account SET _buckets = {buckets} WHERE id = ?", (ACCOUNT,))
    assert await check(world, phone) == "mended" and copy_of(phone) == good


async def test_only_what_differs_travels_and_only_that_is_written(world: World) -> None:
    await some_history(world)
    phone = world.phones[0]
    phone.store.connection.execute("UPDATE e_account SET name = 'x' WHERE id = ?", (ACCOUNT,))
    phone.engine.checks.demand()
    await sync(world.authority, phone)
    while phone.engine.upkeep():
        pass
    touched: set[str] = set()
    phone.store.on_change(touched.update)
    answer = protocol.decode_response(await answer_to(world.authority, phone, phone.engine.build_request()))
    assert answer.check is not None and answer.puts == []
    brought = [put for repair in answer.check.repairs for put in repair.puts]
    assert (put_ids := {put.id for put in brought}) and ACCOUNT in put_ids and len(put_ids) < 10
    report = phone.engine.apply_response(protocol.encode(answer))
    assert report.rows == 1 and {name for name in touched if not name.startswith("_")} == {"account"}
    assert phone.engine.checks.report.result == "", "not before it was looked at again"
    assert await check(world, phone) == "mended" and phone.engine.checks.report.mended == 1


async def test_own_unsent_work_stays_on_top_of_a_repair(world: World) -> None:
    await some_history(world)
    phone = world.phones[0]
    row = phone.store.get("account", ACCOUNT)
    assert row is not None
    phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"city": row["city"]}, "values": {"city": "西安"}})])
    order_id, commands = order_commands(name="kept")
    phone.engine.run([("order.create", commands[0][1])])
    payloads = [entry.payload for entry in phone.store.outbox()]
    for body in (b'{"id": 7', b"{}", b'{"id":"' + ACCOUNT.encode() + b'","name":"other"}'):
        phone.store.connection.execute("UPDATE shadow SET row = ? WHERE id = ?", (body, ACCOUNT))
        phone.store.connection.execute("UPDATE e_account SET name = 'x' WHERE id = ?", (ACCOUNT,))
        phone.engine.limits.probe = True
        phone.engine.checks.demand()
        for _ in range(4):  # exchanges that take none of the waiting work along
            await world.pull_only(phone, 0, 0)
            while phone.engine.upkeep():
                pass
        assert phone.engine.checks.report.result == "mended"
        now = phone.store.get("account", ACCOUNT)
        assert now is not None and (now["name"], now["city"]) == (row["name"], "西安")
        assert phone.store.get("order", order_id) is not None
        assert [entry.payload for entry in phone.store.outbox()] == payloads
        check_view(phone)
    await world.heal()


async def test_no_false_alarm_in_any_interleaving(world: World) -> None:
    """Any work on any device while checks are wanted, half done, cut by restarts and by exchanges."""
    chance, exchanges, finished = random.Random(SEED), 0, 0
    while exchanges < EXCHANGES:
        number = chance.randrange(3)
        phone = world.phones[number]
        name = chance.choice([*COMMANDS, "exchange", "exchange", "exchange", *NETWORK])
        exchanges += name in NETWORK
        await world.tell((number, name, chance.randrange(8), chance.randrange(8)))
        if chance.random() < 0.3:
            phone.engine.checks.demand()
        phone.engine.checks._slice_rows = chance.choice([1, 3, 100])
        before = phone.engine.checks.report.at
        for _ in range(chance.randrange(40)):
            phone.engine.upkeep()
        finished += phone.engine.checks.report.at != before
        assert [alarms(one) for one in world.phones] == [[], [], []], f"after {exchanges} exchanges"
    assert finished > EXCHANGES // 20
    await world.heal()
    for phone in world.phones:
        assert await check(world, phone) == "clean"
    await world.check()


async def test_no_false_alarm_in_many_quiet_exchanges(world: World) -> None:
    """What devices do most: they exchange, and little has happened. Each exchange that asks for nothing else brings
    sums, and the whole replica is compared with them, before or after the next exchange."""
    await some_history(world)
    chance, exchanges, results = random.Random(SEED), 0, Counter[str]()
    while exchanges < EXCHANGES:
        number = chance.randrange(3)
        phone = world.phones[number]
        if chance.random() < 0.1:
            await world.tell((number, chance.choice(sorted(COMMANDS)), chance.randrange(8), chance.randrange(8)))
        if not phone.engine.checks.running:
            phone.engine.checks.demand()
        exchanges += len(await sync(world.authority, phone))
        before = phone.engine.checks.report.at
        while chance.random() < 0.98 and phone.engine.upkeep():
            pass
        if phone.engine.checks.report.at != before:
            results[phone.engine.checks.report.result] += 1
        assert alarms(phone) == [], f"after {exchanges} exchanges"
    assert results.keys() == {"clean"} and results["clean"] > EXCHANGES // 3
    await world.heal()
    await world.check()


async def test_roles_teams_and_buckets_that_change_are_no_damage(world: World) -> None:
    """A rep becomes a manager (restricted parts, more buckets) and a rep again (buckets end)."""
    await some_history(world)
    phone = world.phones[2]
    admin = Wire(world.authority, ADMIN)
    await admin.pull()
    for role, before in (("manager", "rep"), ("rep", "manager")):
        phone.engine.checks.demand()
        await sync(world.authority, phone)
        phone.engine.upkeep()
        patch = {"id": COLLEAGUE, "base": {"role": before}, "values": {"role": role}}
        assert (await admin.push(("user.patch", patch))).status == "accepted"
        assert await check(world, phone) == "clean" and alarms(phone) == []
    assert {one.buckets for one in copy_of(phone).values() if one.buckets and "managers" in one.buckets} == set()


async def test_a_restored_server_is_no_damage(world: World) -> None:
    """Work is offered again and the replica filled anew while checks are wanted, half done, or being repaired."""
    await some_history(world)
    copy = await backup(world.authority)
    for step in [(0, "patch", 2, 0), (0, "order", 1, 0), (0, "create", 1, 0), (1, "receive", 1, 1)]:
        await world.tell(step)
    await world.heal()
    rep, manager, colleague = world.phones
    manager.store.connection.execute("UPDATE e_account SET city = 'x' WHERE id = ?", (ACCOUNT,))
    for phone in (rep, manager):
        phone.engine.checks.demand()
        await sync(world.authority, phone)
        phone.engine.upkeep()
    while manager.engine.upkeep():
        pass
    world.authority = await come_back(world.authority, copy)
    try:
        for phone in (rep, manager, colleague):
            phone.engine.limits.rows = phone.engine.limits.txs = 1
            assert await check(world, phone) == "clean"
        assert [len(alarms(phone)) for phone in world.phones] == [0, 1, 0], "the manager's, of before"
        await world.heal()
        assert [await check(world, phone) for phone in world.phones] == ["clean"] * 3
    finally:
        await close_all()


async def test_fields_of_a_newer_server_and_of_an_older_row_are_no_damage(world: World, database: Database) -> None:
    """A body with fields that the app does not know, one that lacks fields, one with an entity nobody here knows."""

    async def rewrite(tx: Tx) -> None:
        read = await tx.driver("SELECT body FROM row_version WHERE entity = 'account'")
        body = msgspec.json.decode(bytes(read.all()[0][0]))
        body |= {"loyalty": "gold", "points": 1.5, "flags": {"b": [], "a": None}}
        for name in ("tags", "city", "notes", "stamps", "custom"):
            body.pop(name, None)
        text = msgspec.json.encode(body, order="deterministic").hex()
        blob = f"X'{text}'" if tx.dialect == "sqlite" else f"'\\x{text}'::bytea"
        await tx.driver(f"UPDATE row_version SET body = {blob} WHERE entity = 'account'")
        columns = "org_id, entity, row_id"
        await tx.driver(
            f"INSERT INTO row_version ({columns}, rev, gone, buckets, body, restricted) SELECT org_id, 'parcel', "
            "'p1', rev, gone, buckets, body, restricted FROM row_version WHERE entity = 'account'"
        )
        await tx.driver(
            f"INSERT INTO membership ({columns}, bucket, seq, gone) SELECT org_id, 'parcel', 'p1', bucket, seq, gone "
            "FROM membership WHERE entity = 'account'"
        )

    await database.run_tx(rewrite)
    phone = world.phones[0]
    phone.engine.start_fresh()
    assert await check(world, phone) == "clean" and alarms(phone) == []
    assert phone.store.get("account", ACCOUNT)["_unknown"]["loyalty"] == "gold"  # type: ignore[index]
    phone.store.connection.execute("UPDATE e_account SET _unknown = NULL")
    assert await check(world, phone) == "mended"
    assert phone.store.get("account", ACCOUNT)["_unknown"]["loyalty"] == "gold"  # type: ignore[index]


async def test_restricted_parts_are_compared_for_their_readers_only(world: World) -> None:
    rep, manager, _ = world.phones
    base, values = {"bank_account": ""}, {"bank_account": "6222 0000 1111"}
    manager.engine.run([("account.patch", {"id": ACCOUNT, "base": base, "values": values})])
    await world.heal()
    for phone in (rep, manager):
        assert await check(world, phone) == "clean"
    assert rep.store.get("account", ACCOUNT)["bank_account"] == ""  # type: ignore[index]
    manager.store.connection.execute("UPDATE e_account SET bank_account = '6222 0000 1112'")
    assert await check(world, manager) == "mended"
    assert manager.store.get("account", ACCOUNT)["bank_account"] == "6222 0000 1111"  # type: ignore[index]


async def test_a_reader_gets_no_range_of_a_bucket_that_is_not_theirs(world: World) -> None:
    rep = Wire(world.authority, REP)
    await rep.pull()
    buckets = ("managers", f"team:{TEAM}", f"user:{COLLEAGUE}")
    asked = CheckRequest(ranges={bucket: [*range(256), 999, -1] for bucket in buckets})
    answer = (await rep.send(rep.request(check=asked))).check
    assert answer is not None and {repair.bucket for repair in answer.repairs} == set(buckets)
    assert all(repair.puts == [] for repair in answer.repairs)


async def test_many_ranges_come_in_pieces(world: World) -> None:
    """A replica that lost a table comes back whole, a page's worth at a time."""
    await some_history(world)
    phone = world.phones[1]
    good = copy_of(phone)
    for name in ENTITIES:
        if phone.store.holds(name):
            phone.store.connection.execute(f"DELETE FROM [e_{name}]")
    assert await check(world, phone) == "mended"
    assert copy_of(phone) == good and phone.engine.checks.report.mended == len(good)


async def test_the_device_asks_once_a_day_and_after_an_unclean_close(world: World) -> None:
    phone = world.phones[0]
    asked = lambda: protocol.decode_request(phone.engine.build_request()).check is not None  # noqa: E731
    assert not asked()
    phone.clock.value += EVERY_MS
    assert asked()
    assert await check(world, phone) == "clean"
    assert not asked()
    phone.engine.checks.opened()
    phone.engine.checks.closed()
    phone.clock.value += EVERY_MS // 2
    phone.restart()
    phone.engine.checks.opened()
    assert not asked(), "it was closed cleanly"
    phone.restart()
    phone.engine.checks.opened()
    assert asked(), "it was killed"


async def test_a_server_without_checksums_is_not_asked_in_every_exchange(world: World) -> None:
    phone = world.phones[0]
    phone.engine.checks.demand()
    asked = 0
    for _ in range(20):
        request = protocol.decode_request(phone.engine.build_request())
        asked += request.check is not None
        older = protocol.encode(msgspec.structs.replace(request, check=None))
        phone.engine.apply_response(await answer_to(world.authority, phone, older))
    assert asked == 1
    phone.clock.value += 61_000
    assert protocol.decode_request(phone.engine.build_request()).check is not None


async def test_an_answer_that_comes_late_repairs_nothing(world: World) -> None:
    phone = world.phones[0]
    phone.store.connection.execute("UPDATE e_account SET name = 'x' WHERE id = ?", (ACCOUNT,))
    phone.engine.checks.demand()
    await sync(world.authority, phone)
    while phone.engine.upkeep():
        pass
    late = await answer_to(world.authority, phone, phone.engine.build_request())
    phone.engine.build_request()
    assert phone.engine.apply_response(late).rows == 0
    assert phone.store.get("account", ACCOUNT)["name"] == "x"  # type: ignore[index]
    assert await check(world, phone) == "mended"


async def test_sums_are_made_once_for_all_who_hold_the_bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.authority import checks

    made: list[str] = []
    real = checks.sums_of

    async def counted(view: object, reader: object, bucket: str, asked: object) -> object:
        made.append(bucket)
        return await real(view, reader, bucket, asked)  # type: ignore[arg-type]

    monkeypatch.setattr(checks, "sums_of", counted)
    for phone in world.phones:
        assert await check(world, phone) == "clean"
    assert made.count("org") == made.count("stock") == 1 and made.count(f"user:{MANAGER}") == 1
    await world.tell((1, "receive", 1, 1))
    await world.tell((1, "exchange", 0, 0))
    assert await check(world, world.phones[1]) == "clean"
    assert made.count("org") == 1 and made.count("stock") == 2, "only what changed is summed again"
    assert caller(REP).org_id == ORG
