"""A repair that comes together with buckets that begin anew."""

from pathlib import Path

import pytest

from server.db.compaction import compact, note_time
from server.db.engine import Database
from shared.protocol import decode_response
from tests.support.company import ACCOUNT
from tests.support.damage import copy_of
from tests.support.devices import answer_to
from tests.support.world import World
from tests.sync.checks.ground import alarms, check, some_history

pytestmark = pytest.mark.anyio
KEEP_MS = 180 * 86_400_000


async def test_a_repair_that_comes_with_buckets_filled_anew_is_left_to_a_new_check(
    tmp_path: Path, database: Database
) -> None:
    world = await World.make(tmp_path, database)
    await some_history(world)
    phone = world.phones[0]
    good, checks = copy_of(phone), phone.engine.checks
    with phone.store.transaction():  # damage: the row is said to be in one bucket too many
        phone.store.set_buckets("account", ACCOUNT, ["org", *phone.store.buckets("account", ACCOUNT)])
    checks.demand()
    phone.engine.apply_response(await answer_to(world.authority, phone, phone.engine.build_request()))
    while phone.engine.upkeep():
        pass
    assert checks.calls, "the ranges that differ are going to be asked for"
    for step in [(1, "create", 3, 0), (1, "exchange", 0, 0), (1, "assign", 2, 2), (1, "exchange", 0, 0)]:
        await world.tell(step)
    await note_time(database, world.authority.clock.now_ms())
    world.authority.clock.value += KEEP_MS + 86_400_000  # type: ignore[attr-defined]
    await compact(database, world.authority.clock.now_ms(), KEEP_MS)
    body = await answer_to(world.authority, phone, phone.engine.build_request())
    answer = decode_response(body)
    assert answer.restarts and answer.check is not None and answer.check.repairs
    phone.engine.apply_response(body)
    assert phone.store.get("account", ACCOUNT) is not None
    assert await check(world, phone) == "clean"
    assert copy_of(phone).keys() >= {("account", ACCOUNT)} & good.keys()
    assert [said.partition(":")[0] for said in alarms(phone)] == ["data_differs"]
