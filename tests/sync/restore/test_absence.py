"""A return after tombstones have been removed, and a pull that would take away unusually much."""

import msgspec
import pytest

from server.db.compaction import NOTE_EVERY_MS, compact, note_time
from shared import protocol
from shared.protocol import Remove, decode_response
from tests.support.authority import TestAuthority, Wire
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, REP
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.sync.restore.conftest import MakePhone

pytestmark = pytest.mark.anyio
DAY_MS = 86_400_000
KEEP_MS = 180 * DAY_MS


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


def create(phone: Phone, name: str) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


async def give(authority: TestAuthority, count: int, owner: str) -> list[str]:
    """Accounts that the manager makes and gives to somebody."""
    manager = Wire(authority, MANAGER, seed=count)
    await manager.pull()
    made = [manager.new_id() for _ in range(count)]
    for start in range(0, count, 20):
        part = made[start : start + 20]
        creates = [("account.create", {"id": row_id, "values": {"name": f"客户 {row_id[:4]}"}}) for row_id in part]
        await manager.push(*creates)
        await manager.push(*[("account.assign", {"id": row_id, "owner_id": owner}) for row_id in part])
    return made


async def take(authority: TestAuthority, ids: list[str], owner: str = COLLEAGUE) -> None:
    manager = Wire(authority, MANAGER, seed=77)
    await manager.pull()
    for start in range(0, len(ids), 20):
        commands = [("account.assign", {"id": row_id, "owner_id": owner}) for row_id in ids[start : start + 20]]
        assert (await manager.push(*commands)).status == "accepted"


async def half_a_year(authority: TestAuthority) -> None:
    """The feed's times are noted, half a year goes by, tombstones are removed."""
    await note_time(authority.database, authority.clock.now_ms())
    authority.clock.value += KEEP_MS + DAY_MS  # type: ignore[attr-defined]
    await compact(authority.database, authority.clock.now_ms(), KEEP_MS)


async def held(authority: TestAuthority) -> tuple[int, int]:
    """(entries that say that a row has left a bucket, versions of rows that are in none)"""

    def count(connection) -> tuple[int, int]:  # type: ignore[no-untyped-def]
        asked = ("SELECT count(*) FROM membership WHERE gone", "SELECT count(*) FROM row_version WHERE gone")
        first, second = (connection.exec_driver_sql(sql).scalar() for sql in asked)
        return int(first), int(second)

    return await authority.database.run_sync(count)


async def test_old_tombstones_leave_the_feed_and_young_ones_stay(authority: TestAuthority) -> None:
    first, second = await give(authority, 2, REP)
    await take(authority, [first])
    await half_a_year(authority)
    assert (await held(authority))[0] == 0
    await take(authority, [second])
    assert (await held(authority))[0] == 1
    assert await compact(authority.database, authority.clock.now_ms(), KEEP_MS) == []
    await note_time(authority.database, authority.clock.now_ms())
    authority.clock.value += 179 * DAY_MS  # type: ignore[attr-defined]
    assert await compact(authority.database, authority.clock.now_ms(), KEEP_MS) == []
    assert (await held(authority))[0] == 1


async def test_times_are_noted_at_most_once_an_hour(authority: TestAuthority) -> None:
    now = authority.clock.now_ms()
    for at in (now, now + NOTE_EVERY_MS - 1, now + NOTE_EVERY_MS):
        await note_time(authority.database, at)
    noted = await authority.database.run_sync(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM feed_time").scalar()
    )
    assert noted == 2


async def test_a_device_that_was_away_past_the_horizon_gets_a_snapshot_and_keeps_its_outbox(
    phone: Phone, authority: TestAuthority
) -> None:
    gone, stays = await give(authority, 2, REP)
    await sync(authority, phone)
    unsent = create(phone, "未发送")
    await take(authority, [gone])
    await half_a_year(authority)
    phone.engine.limits.rows = 4
    first = await exchange(authority, phone)
    assert first.more and phone.store.get("account", gone) is not None, "it goes with the last page"
    phone.restart()
    await sync(authority, phone)
    names = {row["id"] for row in phone.store.select("account")}
    assert names == {ACCOUNT, stays, unsent} and phone.store.buckets_aside() == [] and phone.store.outbox() == []


async def test_work_on_a_row_that_left_during_the_absence_is_treated_as_by_any_removal(
    phone: Phone, authority: TestAuthority
) -> None:
    gone = (await give(authority, 1, REP))[0]
    await sync(authority, phone)
    await take(authority, [gone])
    await half_a_year(authority)
    body = phone.engine.build_request()
    base = phone.store.get("account", gone)["name"]  # type: ignore[index]
    edit = [("account.patch", {"id": gone, "base": {"name": base}, "values": {"name": "改"}})]
    tx_id = phone.engine.run(edit)
    report = phone.engine.apply_response(await answer_to(authority, phone, body))
    assert report.doubtful == [tx_id] and phone.store.get("account", gone) is None
    assert [entry.tx_id for entry in phone.store.outbox()] == [tx_id]


async def test_filling_a_bucket_goes_on_below_the_horizon(authority: TestAuthority, make_phone: MakePhone) -> None:
    await give(authority, 30, REP)
    await half_a_year(authority)
    phone = make_phone()
    answers = []
    for _ in range(30):
        phone.engine.limits.rows = 5
        body = await answer_to(authority, phone, phone.engine.build_request())
        answers.append(decode_response(body))
        if not phone.engine.apply_response(body).more:
            break
    assert len(answers) > 6 and not any(answer.restarts for answer in answers)
    assert phone.store.count("account") == 31


async def test_a_client_of_the_protocol_before_is_told_that_the_bucket_ended(authority: TestAuthority) -> None:
    rep = Wire(authority, REP)
    gone, stays = await give(authority, 2, REP)
    await rep.send(rep.request(protocol=1))
    await take(authority, [gone])
    await half_a_year(authority)
    response = await rep.send(rep.request(protocol=1))
    assert f"user:{REP}" in response.drops and response.restarts == []
    assert {row_id for entity, row_id in rep.rows if entity == "account"} == {ACCOUNT, stays}


async def test_the_poll_knows_of_a_cursor_past_the_horizon(authority: TestAuthority) -> None:
    rep = Wire(authority, REP)
    gone = (await give(authority, 1, REP))[0]
    await rep.pull()
    assert not (await authority.changed(rep.caller, rep.cursor))[0]
    await take(authority, [gone])
    await half_a_year(authority)
    assert (await authority.changed(rep.caller, rep.cursor))[0]


async def test_a_pull_that_would_take_away_unusually_much_asks_first(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 80, REP)
    await sync(authority, phone)
    await take(authority, given)
    phone.engine.limits.rows = 30
    await sync(authority, phone)
    question = phone.engine.status().question
    assert question is not None and question.going == {"account": 80} and question.total == 80
    assert phone.store.count("account") == 81
    mine = create(phone, "照常工作")
    await sync(authority, phone)
    assert phone.store.outbox() == [] and phone.store.count("account") == 82
    phone.engine.decline_removals()
    phone.restart()
    await sync(authority, phone)
    question = phone.engine.status().question
    assert question is not None and question.declined and phone.store.count("account") == 82
    phone.engine.accept_removals()
    assert {row["id"] for row in phone.store.select("account")} == {ACCOUNT, mine}
    assert phone.engine.status().question is None and phone.store.removals() == []
    assert not (await exchange(authority, phone)).rows


async def test_rows_that_come_back_are_not_taken_away_later(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 60, REP)
    await sync(authority, phone)
    await take(authority, given)
    await sync(authority, phone)
    assert phone.engine.status().question is not None
    await take(authority, given[:30], REP)
    await sync(authority, phone)
    assert phone.engine.status().question is None, "what is left is nothing unusual"
    assert {row["id"] for row in phone.store.select("account")} == {ACCOUNT, *given[:30]}


async def test_a_few_rows_go_without_a_question(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 40, REP)
    await sync(authority, phone)
    await take(authority, given)
    await sync(authority, phone)
    assert phone.engine.status().question is None and phone.store.count("account") == 1


async def delete(authority: TestAuthority, ids: list[str]) -> None:
    manager = Wire(authority, MANAGER, seed=78)
    await manager.pull()
    for start in range(0, len(ids), 20):
        commands = [("account.delete", {"id": row_id}) for row_id in ids[start : start + 20]]
        assert (await manager.push(*commands)).status == "accepted"


def seen(phone: Phone) -> int:
    return sum(row["deleted_at"] is None for row in phone.store.select("account"))


async def test_rows_that_somebody_deletes_in_masses_are_asked_about_too(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 80, REP)
    await sync(authority, phone)
    await delete(authority, given[:60])
    await take(authority, given[60:])
    phone.engine.limits.rows = 30
    await sync(authority, phone)
    question = phone.engine.status().question
    assert question is not None and (question.total, question.deleted) == (80, 60) and seen(phone) == 81
    phone.engine.checks.demand()
    await sync(authority, phone)
    while phone.engine.upkeep():
        pass
    await sync(authority, phone)
    assert phone.engine.checks.report.result == "clean" and seen(phone) == 81, "a check does not answer for the person"
    phone.restart()
    phone.engine.accept_removals()
    assert seen(phone) == 1 and phone.engine.status().question is None and phone.store.removals() == []
    assert phone.store.get("account", given[0])["deleted_at"] and phone.store.get("account", given[79]) is None  # type: ignore[index]
    assert not (await exchange(authority, phone)).rows
    phone.engine.checks.demand()
    await sync(authority, phone)
    while phone.engine.upkeep():
        pass
    assert phone.engine.checks.report.result == "clean"


async def test_deleted_rows_that_are_restored_meanwhile_are_out_of_the_question(
    phone: Phone, authority: TestAuthority
) -> None:
    given = await give(authority, 60, REP)
    await sync(authority, phone)
    await delete(authority, given)
    await sync(authority, phone)
    assert phone.engine.status().question is not None
    manager = Wire(authority, MANAGER, seed=79)
    await manager.pull()
    for row_id in given[:40]:
        deleted_tx = manager.rows["account", row_id]["deleted_tx"]
        assert (await manager.push(("account.restore", {"id": row_id, "deleted_tx": deleted_tx}))).problem is None
    await sync(authority, phone)
    assert phone.engine.status().question is None and seen(phone) == 41


async def test_what_the_person_deletes_himself_is_not_asked_about(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 60, REP)
    await sync(authority, phone)
    for start in range(0, 60, 20):
        phone.engine.run([("account.delete", {"id": row_id}) for row_id in given[start : start + 20]])
    reports = await sync(authority, phone)
    assert len(reports[0].accepted) == 3 and phone.engine.status().question is None
    assert seen(phone) == 1 and phone.store.removals() == []


async def test_a_few_deleted_rows_go_without_a_question(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 40, REP)
    await sync(authority, phone)
    await delete(authority, given)
    await sync(authority, phone)
    assert phone.engine.status().question is None and seen(phone) == 1


async def test_a_server_gone_mad_cannot_empty_a_device(phone: Phone, authority: TestAuthority) -> None:
    await give(authority, 120, REP)
    await sync(authority, phone)
    body = await answer_to(authority, phone, phone.engine.build_request())
    answer = decode_response(body)
    rows = phone.store.select("account")
    mad = [Remove("account", row["id"], answer.seq + 1) for row in rows]
    phone.engine.apply_response(protocol.encode(msgspec.structs.replace(answer, removes=mad)))
    assert phone.store.count("account") == len(rows)
