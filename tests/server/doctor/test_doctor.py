"""``caravan doctor``: each kind of damage is really done to the database, and found; what can be derived is mended."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from server.db.engine import Database, Tx
from server.doctor.run import Report, examine
from server.ops.opened import Opened
from server.security.audit import HeadsFile
from shared.ids import derived_id, stock_level_id
from shared.locale import LANGUAGES, has, translate
from tests.support.authority import SECRETS, Wire, make_authority
from tests.support.company import ACCOUNT, LAMP, MANAGER, NOW, ORG, REP, TENT, WAREHOUSE, order_commands
from tests.support.history import file_now, pass_days

pytestmark = pytest.mark.anyio
LEVEL = stock_level_id(WAREHOUSE, LAMP)


class Clinic:
    """A small company with a history, its doctor, and somebody with a hammer."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.heads = folder / "audit-heads.log"

    async def open(self) -> "Clinic":
        self.authority = await make_authority(self.database)
        heads = HeadsFile(self.heads)
        self.authority.listen(heads.heard)
        self.rep, self.manager = Wire(self.authority, REP), Wire(self.authority, MANAGER)
        await self.rep.pull()
        for number, lines in enumerate([((LAMP, 2), (TENT, 1)), ((TENT, 3),), ((LAMP, 1),)]):
            _, commands = order_commands(*lines, name=f"order {number}")
            assert (await self.rep.push(*commands)).status == "accepted"
        order_id, commands = order_commands((TENT, 1), name="cancelled")
        await self.rep.push(*commands)
        await self.rep.push(("order.cancel", {"order_id": order_id}))
        contact = {"id": self.rep.new_id(), "values": {"account_id": ACCOUNT, "name": "王"}}
        await self.rep.push(("contact.create", contact))
        level = {"warehouse_id": WAREHOUSE, "product_id": TENT}
        lease = {"id": self.manager.new_id(), "holder_id": REP, "event_name": "展会", "quantity": "1"}
        granted = await self.manager.push(("lease.grant", {**level, **lease, "expires_at": NOW + 86_400_000}))
        assert granted.status == "accepted", granted.problem
        base, values = {"bank_account": ""}, {"bank_account": "6222 0000 1111"}
        await self.manager.push(("account.patch", {"id": ACCOUNT, "base": base, "values": values}))
        await self.rep.pull()
        await heads.flush()
        return self

    async def examine(self, *, repair: bool = False) -> Report:
        return await examine(Opened(self.database, SECRETS, self.authority), self.heads, repair=repair)

    async def codes(self) -> set[str]:
        report = await self.examine()
        return {finding.code for finding in report.storage} | {
            code for one in report.examined for code, count in one.counts.items() if count
        }

    async def hammer(self, *statements: str) -> None:
        """Damage, with the database's own guards off where they would hold."""
        guards = {
            "sqlite": "PRAGMA defer_foreign_keys = ON",
            "postgresql": "SET LOCAL session_replication_role = replica",
        }

        async def strike(tx: Tx) -> None:
            await tx.driver(guards[tx.dialect])
            for statement in statements:
                assert (await tx.driver(statement)).rowcount > 0, statement

        await self.database.run_tx(strike)


def unguarded(clinic: Clinic, *statements: str) -> None:
    """Damage on a connection without foreign keys."""
    connection = sqlite3.connect(str(clinic.database.url.database))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture
async def clinic(database: Database, tmp_path: Path) -> Clinic:
    return await Clinic(database, tmp_path).open()


async def test_a_healthy_company_has_no_finding(clinic: Clinic) -> None:
    report = await clinic.examine()
    assert report.count == 0 and report.rows > 30 and [one.org_id for one in report.examined] == [ORG]


DERIVABLE = {
    "version_missing": [f"DELETE FROM row_version WHERE row_id = '{ACCOUNT}'"],
    "version_rev": [f"UPDATE row_version SET rev = rev - 1 WHERE row_id = '{ACCOUNT}'"],
    "version_differs": [f"UPDATE e_account SET name = 'x' WHERE id = '{ACCOUNT}'"],
    "version_sealed": [f"UPDATE row_version SET restricted = substr(restricted, 1, 30) WHERE row_id = '{ACCOUNT}'"],
    "version_buckets": [f"UPDATE row_version SET buckets = 'org' WHERE row_id = '{ACCOUNT}'"],
    "membership_missing": [f"DELETE FROM membership WHERE row_id = '{ACCOUNT}' AND bucket LIKE 'user:%'"],
    "membership_late": [f"UPDATE membership SET seq = 1000 - 999 WHERE row_id = '{ACCOUNT}'"],
    "membership_stranger": [
        "INSERT INTO membership (org_id, entity, row_id, bucket, seq, gone) SELECT org_id, entity, row_id, 'org', seq, "
        f"gone FROM membership WHERE row_id = '{ACCOUNT}' AND bucket LIKE 'user:%'"
    ],
}


@pytest.mark.parametrize("code", [*DERIVABLE])
async def test_what_follows_from_the_rows_is_found_and_derived_again(clinic: Clinic, code: str) -> None:
    await clinic.hammer(*DERIVABLE[code])
    assert code in await clinic.codes()
    before = (await clinic.examine()).count
    assert before == (await clinic.examine()).count, "looking changes nothing"
    report = await clinic.examine(repair=True)
    assert (report.count, report.repaired) == (0, 1)
    for wire in (clinic.rep, clinic.manager):
        await wire.pull()
        assert wire.rows["account", ACCOUNT]["name"] == ("x" if code == "version_differs" else "山野户外")
    if code == "membership_stranger":
        stranger = Wire(clinic.authority, derived_id("rep3"))
        await stranger.pull()
        assert ("account", ACCOUNT) not in stranger.rows


@pytest.mark.parametrize("damage", ["DELETE FROM history_bucket", "UPDATE history_bucket SET seq = 1"])
async def test_a_month_whose_number_is_behind_is_found_and_derived_again(clinic: Clinic, damage: str) -> None:
    note = {"id": clinic.rep.new_id(), "values": {"account_id": ACCOUNT, "body": "去年的拜访"}}
    await clinic.rep.push(("activity.create", note))
    pass_days(clinic.authority, 400)
    filed = await file_now(clinic.authority)
    assert filed > 1 and (await clinic.examine()).count == 0
    await clinic.hammer(damage)
    assert await clinic.codes() == {"history_late"}
    report = await clinic.examine(repair=True)
    assert (report.count, report.repaired) == (0, filed)
    fresh = Wire(clinic.authority, REP, seed=8)
    await fresh.pull()
    assert fresh.rows["activity", note["id"]]["body"] == "去年的拜访"


OTHERS = {
    "version_orphan": ["UPDATE row_version SET row_id = 'nobody' WHERE entity = 'contact'"],
    "membership_orphan": ["UPDATE membership SET row_id = 'nobody' WHERE entity = 'contact'"],
    "seq_ahead": [f"UPDATE membership SET seq = 99999 WHERE row_id = '{ACCOUNT}'"],
    "rev_ahead": ["UPDATE head SET seq = 3"],
    "seq_shared": ["UPDATE membership SET seq = 30 WHERE entity IN ('tax', 'warehouse')"],
    "claim_wrong": ["UPDATE e_reservation SET waiting_for = NULL WHERE backordered > 0"],
    "lease_wrong": ["UPDATE e_stock_lease SET held_on = NULL"],
    "stock_reserved": [f"UPDATE e_stock_level SET reserved = reserved - 10000 WHERE id = '{LEVEL}'"],
    "stock_backordered": [f"UPDATE e_stock_level SET backordered = 0 WHERE id = '{LEVEL}'"],
    "order_total": ["UPDATE e_order SET total = total + 100 WHERE number = 'SO-2026-000001'"],
    "order_lines": ["UPDATE e_order SET line_count = 9 WHERE number = 'SO-2026-000001'"],
    "number_twice": ["UPDATE e_order SET number = 'SO-2026-000001' WHERE number = 'SO-2026-000002'"],
    "counter_behind": ["UPDATE e_counter SET value = 2"],
    "left_behind": [f"UPDATE e_account SET deleted_at = 1 WHERE id = '{ACCOUNT}'"],
    "install_missing": ["DELETE FROM install"],
    "seq_twice": ["UPDATE tx_log SET seq_of_install = 1 WHERE seq_of_install = 2"],
    "chain": ["UPDATE tx_log SET user_id = 'somebody else' WHERE n = 3"],
    "unreadable": [f"UPDATE e_account SET custom = '{{' WHERE id = '{ACCOUNT}'"],
}


@pytest.mark.parametrize("code", [*OTHERS])
async def test_what_only_a_person_can_mend_is_found(clinic: Clinic, code: str) -> None:
    await clinic.hammer(*OTHERS[code])
    assert code in await clinic.codes()
    await clinic.examine(repair=True)
    assert code in await clinic.codes(), "a repair covers nothing up"


async def test_a_lost_row_leaves_its_children_as_orphans(clinic: Clinic) -> None:
    orphaned = "UPDATE e_contact SET account_id = 'nobody'"
    if clinic.database.dialect == "postgresql":
        await clinic.hammer(orphaned)
        assert "orphan" in await clinic.codes()
        return
    unguarded(clinic, orphaned)
    assert {"orphan", "foreign_key"} <= await clinic.codes()


async def test_an_install_behind_the_log_is_raised(clinic: Clinic) -> None:
    await clinic.hammer("UPDATE install SET last_seq = 1 WHERE last_seq > 1")
    assert await clinic.codes() == {"install_behind"}
    assert (await clinic.examine(repair=True)).count == 0
    create = ("account.create", {"id": clinic.rep.new_id(), "values": {"name": "新"}})
    assert (await clinic.rep.push(create)).status == "accepted", "its next number fits again"


async def test_damaged_pages_and_open_constraints_are_told(clinic: Clinic) -> None:
    if clinic.database.dialect == "postgresql":
        rule = "ALTER TABLE e_account ADD CONSTRAINT later CHECK (name <> '') NOT VALID"

        async def add(tx: Tx) -> None:
            await tx.driver(rule)

        await clinic.database.run_tx(add)
        assert await clinic.codes() == {"constraint_open"}
        return
    await clinic.database.close()
    wrong = "UPDATE sqlite_master SET sql = replace(sql, 'seq)', 'row_id)') WHERE name = 'ix_membership_feed'"
    unguarded(clinic, "PRAGMA writable_schema = ON", wrong)
    clinic.database = Database.open(str(clinic.database.url))
    try:
        assert "database_damaged" in await clinic.codes()
    finally:
        await clinic.database.close()


async def test_it_examines_while_others_write(clinic: Clinic) -> None:
    """Each organisation from one snapshot: what is written meanwhile is no finding."""

    async def sell() -> None:
        for number in range(15):
            _, commands = order_commands((TENT, 1), (LAMP, 1), name=f"busy {number}")
            assert (await clinic.rep.push(*commands)).status == "accepted"

    busy = asyncio.create_task(sell())
    while not busy.done():
        assert (await clinic.examine()).count == 0
    await busy


def _codes() -> set[str]:
    return {*DERIVABLE, *OTHERS, "orphan", "foreign_key", "install_behind", "constraint_open", "database_damaged",
            "history_late", "index_invalid", "oversold"}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_words_and_what_to_do(language: str) -> None:
    for code in _codes():
        assert has(f"doctor.{code}") and has(f"doctor.{code}.todo"), code
    assert "doctor" in translate(language, "doctor.can_repair")
