"""Rows that were deleted long ago leave the devices, and the feed in their turn."""

from pathlib import Path

import pytest

from server.db.compaction import compact, note_time
from server.db.retirement import retire
from server.doctor.run import examine
from server.ops.opened import Opened
from server.security.audit import HeadsFile
from shared.ids import derived_id
from tests.support.authority import SECRETS, TestAuthority
from tests.support.company import ACCOUNT, ADMIN, REP
from tests.support.devices import Phone, sync
from tests.sync.restore.conftest import MakePhone
from tests.sync.restore.test_absence import DAY_MS, give

pytestmark = pytest.mark.anyio
KEEP_MS, TOMBSTONE_MS = 90 * DAY_MS, 180 * DAY_MS


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone


async def pass_days(authority: TestAuthority, days: int) -> int:
    """As the serving process works: the time is noted, days go by, old deletions leave. Returns how many rows."""
    await note_time(authority.database, authority.clock.now_ms())
    authority.clock.value += days * DAY_MS  # type: ignore[attr-defined]
    retired = await retire(authority, authority.clock.now_ms(), KEEP_MS)
    await compact(authority.database, authority.clock.now_ms(), TOMBSTONE_MS, KEEP_MS)
    return retired


async def damage(authority: TestAuthority, heads: Path) -> dict[str, int]:
    report = await examine(Opened(authority.database, SECRETS, authority), heads)
    return {code: count for one in report.examined for code, count in one.counts.items() if count}


async def stored(authority: TestAuthority, sql: str) -> int:
    return int(await authority.database.run_sync(lambda connection: connection.exec_driver_sql(sql).scalar()))


async def test_a_deleted_row_can_be_restored_for_a_time_and_then_leaves_every_device(
    phone: Phone, authority: TestAuthority, tmp_path: Path
) -> None:
    heads = HeadsFile(tmp_path / "audit-heads.log")
    authority.listen(heads.heard)
    contact = phone.engine.new_id()
    phone.engine.run([("contact.create", {"id": contact, "values": {"account_id": ACCOUNT, "name": "王"}})])
    phone.engine.run([("account.delete", {"id": ACCOUNT})])
    await sync(authority, phone)
    assert await pass_days(authority, 89) == 0
    await sync(authority, phone)
    row = phone.store.get("account", ACCOUNT)
    assert row is not None and row["deleted_at"]
    assert await pass_days(authority, 2) == 2, "the customer and the contact that went with it"
    assert await retire(authority, authority.clock.now_ms(), KEEP_MS) == 0
    await sync(authority, phone)
    assert phone.store.get("account", ACCOUNT) is None and phone.store.get("contact", contact) is None
    assert phone.engine.status().question is None
    await heads.flush()
    assert await damage(authority, heads.path) == {}
    for _ in range(2):
        await pass_days(authority, 100)
    gone = f"SELECT count(*) FROM row_version WHERE row_id = '{ACCOUNT}'"
    assert (
        await stored(authority, gone) == 0 and await stored(authority, gone.replace("row_version", "membership")) == 0
    )
    assert await stored(authority, f"SELECT count(*) FROM e_account WHERE id = '{ACCOUNT}'") == 1, "others refer to it"
    assert await damage(authority, heads.path) == {}


async def test_a_restore_from_a_device_that_was_away_still_brings_the_row_back(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    phone.engine.run([("account.delete", {"id": ACCOUNT})])
    await sync(authority, phone)
    away = make_phone()
    await sync(authority, away)
    deleted_tx = away.store.get("account", ACCOUNT)["deleted_tx"]  # type: ignore[index]
    away.engine.run([("account.restore", {"id": ACCOUNT, "deleted_tx": deleted_tx})])
    assert await pass_days(authority, 91) == 1
    await sync(authority, phone)
    assert phone.store.get("account", ACCOUNT) is None
    assert (await sync(authority, away))[0].accepted
    await sync(authority, phone)
    for one in (phone, away):
        row = one.store.get("account", ACCOUNT)
        assert row is not None and row["deleted_at"] is None


async def test_only_deleted_rows_leave_however_many_there_are(phone: Phone, authority: TestAuthority) -> None:
    given = await give(authority, 45, REP)
    await sync(authority, phone)
    for start in range(0, 40, 20):
        phone.engine.run([("account.delete", {"id": row_id}) for row_id in given[start : start + 20]])
    await sync(authority, phone)
    assert await pass_days(authority, 91) == 40
    await sync(authority, phone)
    assert {row["id"] for row in phone.store.select("account")} == {ACCOUNT, *given[40:]}


async def test_deleted_reference_data_stay_where_old_rows_still_name_them(
    phone: Phone, authority: TestAuthority, make_phone: MakePhone
) -> None:
    desk, reason = make_phone(ADMIN), derived_id("too dear")
    await sync(authority, desk)
    desk.engine.run([("lost_reason.create", {"id": reason, "values": {"name": "价格太高"}})])
    desk.engine.run([("lost_reason.delete", {"id": reason})])
    await sync(authority, desk)
    await sync(authority, phone)
    assert await pass_days(authority, 91) == 0
    fresh = make_phone()
    for one in (phone, fresh):
        await sync(authority, one)
        row = one.store.get("lost_reason", reason)
        assert row is not None and (row["name"], row["deleted_at"] is not None) == ("价格太高", True)
