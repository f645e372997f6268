"""History and who reads it: apps that know nothing of months, cursors, teams, and readers of very many months."""

import msgspec
import pytest

from server.db.following import TeamFollower
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.ids import derived_id
from tests.support.authority import TestAuthority, Wire
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    MANAGER,
    ORG,
    OTHER_TEAM,
    REP,
    TEAM,
    TENT,
)  # fmt: skip
from tests.support.devices import Phone, answer_to, exchange, sync
from tests.support.history import DAY_MS, THEN, a_year_passes, check, family, file_now, has, note, sell
from tests.sync.history.conftest import MakePhone

pytestmark = pytest.mark.anyio


async def test_a_client_that_knows_nothing_of_months_has_everything_under_the_names_it_knows(
    authority: TestAuthority, phone: Phone
) -> None:
    old = Wire(authority, REP, seed=5)
    await old.pull()
    order = sell(phone)
    await sync(authority, phone)
    await old.pull()
    await a_year_passes(authority, phone)
    await old.pull()
    assert len(old.all("order_line")) == 1 and ("order", order) in old.rows
    assert {name for names in old.buckets.values() for name in names} <= {"org", "stock", f"user:{REP}"}
    fresh = Wire(authority, REP, seed=6)
    await fresh.pull(page_rows=2)
    assert fresh.rows == old.rows
    response = await fresh.send(fresh.request())
    assert response.history is None and {item.bucket for item in response.progress} == {"org", "stock", f"user:{REP}"}


async def test_an_app_that_learns_of_months_begins_its_buckets_anew(authority: TestAuthority, phone: Phone) -> None:
    order, visit = sell(phone), note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    await as_an_older_app(authority, phone)
    assert has(phone, "activity", visit), "an older app keeps everything"
    draft = sell(phone, 1, "offline")
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0] and not has(phone, "activity", visit)
    assert has(phone, "order", draft) and has(phone, "account", ACCOUNT)
    assert phone.engine.history.missing == (THEN,) and await check(authority, phone) == "clean"
    # And back: the same file under an older app has everything again.
    await as_an_older_app(authority, phone)
    assert family(phone, order) == [1, 1, 1] and has(phone, "activity", visit)
    await sync(authority, phone)
    assert family(phone, order) == [0, 0, 0] and phone.engine.history.missing == (THEN,)
    phone.engine.ask_history(1)
    await sync(authority, phone)
    assert family(phone, order) == [1, 1, 1] and phone.engine.history.since == ""


async def as_an_older_app(authority: TestAuthority, phone: Phone) -> None:
    for _ in range(20):
        request = msgspec.json.decode(phone.engine.build_request())
        del request["history"]
        report = phone.engine.apply_response(await answer_to(authority, phone, msgspec.json.encode(request)))
        if not report.more:
            return
    raise AssertionError("still more")


async def test_the_cursor_waits_for_news_of_the_months_that_were_asked_for(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, phone)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone, manager)
    for one in (phone, manager):
        await sync(authority, one)
        one.engine.ask_history(1)
        await sync(authority, one)
    caller = Wire(authority, REP).caller
    assert (await authority.changed(caller, phone.engine.cursor))[0] is False
    assert (await authority.changed(caller, manager.engine.cursor))[0] is True, "other buckets"
    manager.engine.run([("activity.delete", {"id": visit})])
    await sync(authority, manager)
    assert (await authority.changed(caller, phone.engine.cursor))[0] is True
    await exchange(authority, phone)
    assert phone.store.get("activity", visit)["deleted_at"] is not None  # type: ignore[index]


async def test_rows_of_a_user_who_changes_the_team_follow_out_of_history_too(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone = make_phone()
    await sync(authority, phone)
    visit = note(phone, "去年的拜访")
    await sync(authority, phone)
    await a_year_passes(authority, phone)
    admin = Wire(authority, ADMIN)
    await admin.pull()
    team = admin.rows["user", REP]["home_team_id"]
    patch = {"id": REP, "base": {"home_team_id": team}, "values": {"home_team_id": OTHER_TEAM}}
    assert (await admin.push(("user.patch", patch))).status == "accepted"
    await TeamFollower(authority).follow_all()
    await admin.pull()
    assert admin.rows["activity", visit]["team_id"] == OTHER_TEAM
    assert admin.rows["activity", visit]["period"] == THEN, "following is no edit"


async def grow_old(authority: TestAuthority, months: int) -> None:
    """A follow-up for each of so many months, made as an import would."""
    now_ms = authority.clock.now_ms()
    about = {"org_id": ORG, "account_id": ACCOUNT, "owner_id": REP, "team_id": TEAM, "body": "这个月的拜访"}
    rows: list[tuple[str, Row]] = []
    for month in range(months):
        at = now_ms - month * 31 * DAY_MS
        times = {"happened_at": at, "created_at": at, "updated_at": at}
        rows.append(("activity", new_row(ENTITIES["activity"], {"id": derived_id("visit", month), **about, **times})))
    await authority.write_rows(ORG, rows, name="system.import")


async def test_many_months_make_no_long_cursor(authority: TestAuthority, make_phone: MakePhone) -> None:
    await grow_old(authority, 40)
    assert await file_now(authority, 1) >= 38
    old, everything = Wire(authority, MANAGER, seed=3), make_phone(MANAGER)
    await old.pull()
    assert len(old.all("activity")) == 40 and len(old.cursor) < 1_500
    await sync(authority, everything)
    assert len(everything.engine.history.missing) >= 38
    everything.engine.ask_history(3)
    await sync(authority, everything)
    assert everything.engine.history.since == everything.engine.history.there[2]
    assert everything.store.count("activity") == 40 - len(everything.engine.history.missing)


async def test_an_outcome_is_told_to_who_reads_a_life_of_months(authority: TestAuthority, phone: Phone) -> None:
    order = sell(phone, 5)
    await sync(authority, phone)
    months = [f"{year}-{month:02}" for year in range(1900, 2010) for month in range(1, 13)]
    record = "INSERT INTO history_bucket (org_id, bucket, month, seq) VALUES ('{}', 'user:{}', '{}', 0)"
    for month in months:
        statement = record.format(ORG, MANAGER, month)
        await authority.database.run_sync(lambda connection, sql=statement: connection.exec_driver_sql(sql))
    old = Wire(authority, MANAGER, seed=4)
    await old.pull()
    level = next(row for row in old.all("stock_level") if row["product_id"] == TENT)
    values = {"warehouse_id": level["warehouse_id"], "product_id": TENT, "counted": "3", "expected": "5", "note": ""}
    outcome = await old.push(("stock.count", values))
    assert outcome.status == "accepted"
    told = {put.entity for put in outcome.puts}
    assert "order_line" in told and "conflict" not in told, "the notice is the order's author's alone"
    assert old.rows["order", order]["id"] == order
