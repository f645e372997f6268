"""The audit chain: whoever touches the log, the head or the file outside is found out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from server.db import tables
from server.db.engine import Database, Tx
from server.security.audit import HeadsFile, verify
from sync.authority.chain import GENESIS, entry_hash
from sync.authority.ports import LogEntry
from tests.support.authority import SECRETS, Wire, make_authority
from tests.support.company import ACCOUNT, MANAGER, ORG, REP

pytestmark = pytest.mark.anyio
log = tables.tx_log.c
ENTRIES = 6


async def written(database: Database, folder: Path) -> Path:
    """A log with one accepted seed, four changes (one sealed) and a refusal; the heads file beside it."""
    authority = await make_authority(database, seed=False)
    heads = HeadsFile(folder / "audit-heads.log")
    authority.listen(heads.heard)
    await make_company(authority)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    for city in ("杭州", "宁波", "温州"):
        base = rep.rows.get(("account", ACCOUNT), {}).get("city", "")
        assert (
            await rep.push(("account.patch", {"id": ACCOUNT, "base": {"city": base}, "values": {"city": city}}))
        ).puts
        await heads.flush()
    await rep.push(("account.create", {"id": rep.new_id(), "values": {"nonsense": 1}}))
    sealed = {"id": ACCOUNT, "base": {"bank_account": ""}, "values": {"bank_account": "6222"}}
    assert (await manager.push(("account.patch", sealed))).status == "accepted"
    await heads.flush()
    return heads.path


async def make_company(authority) -> None:
    from tests.support.authority import DATASET, device_of
    from tests.support.company import Company

    company = Company()
    for user_id in (REP, MANAGER):
        company.add("device", device_of(user_id), name="phone", owner_id=user_id)
    rows = [(entity, row) for (entity, _), row in company.rows.items()]
    await authority.create_organisation(ORG, rows, dataset_id=DATASET)


async def change(database: Database, *statements: object) -> None:
    async def run(tx: Tx) -> None:
        for statement in statements:
            await tx.execute(statement)

    await database.run_tx(run)


async def test_an_untouched_log_verifies(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)
    report = await verify(database, path, SECRETS)
    assert report.ok, report.findings
    assert (report.entries, report.organisations, report.replaced) == (ENTRIES, 1, 0)
    assert report.heads_checked >= 4


async def test_every_accepted_and_refused_transaction_is_in_the_log(database: Database, tmp_path: Path) -> None:
    await written(database, tmp_path)

    async def read(tx: Tx) -> list:
        columns = (log.n, log.user_id, log.device_id, log.status, log.commands)
        return list((await tx.execute(select(*columns).order_by(log.n))).all())

    rows = await database.read(read)
    assert [row.n for row in rows] == list(range(1, ENTRIES + 1))
    assert [row.status for row in rows[1:]] == ["accepted", "accepted", "accepted", "rejected", "accepted"]
    assert rows[4].commands == "account.create"
    assert rows[4].user_id == REP
    assert rows[4].device_id


EDITS: dict[str, Callable[[], list]] = {
    "the user": lambda: [update(tables.tx_log).where(log.n == 3).values(user_id=MANAGER)],
    "the verdict": lambda: [update(tables.tx_log).where(log.n == 5).values(status="accepted")],
    "the time": lambda: [update(tables.tx_log).where(log.n == 2).values(received_at=1)],
    "the payload": lambda: [update(tables.tx_log).where(log.n == 3).values(payload=b"{}")],
    "a sealed payload": lambda: [update(tables.tx_log).where(log.n == 6).values(payload=b"\x01" + b"x" * 60)],
    "the hash": lambda: [update(tables.tx_log).where(log.n == 4).values(hash=b"x" * 32)],
    "an entry away": lambda: [delete(tables.tx_log).where(log.n == 3)],
    "the last entry away": lambda: [delete(tables.tx_log).where(log.n == ENTRIES)],
    "the order": lambda: [
        update(tables.tx_log).where(log.n == 3).values(n=100),
        update(tables.tx_log).where(log.n == 4).values(n=3),
        update(tables.tx_log).where(log.n == 100).values(n=4),
    ],
    "the head": lambda: [update(tables.head).values(chain_head=b"y" * 32)],
}


@pytest.mark.parametrize("what", EDITS)
async def test_tampering_is_noticed(database: Database, tmp_path: Path, what: str) -> None:
    path = await written(database, tmp_path)
    await change(database, *EDITS[what]())
    assert not (await verify(database, path, SECRETS)).ok


async def test_a_log_cut_off_together_with_its_head_contradicts_the_file(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)

    async def last(tx: Tx) -> bytes:
        return bytes((await tx.execute(select(log.hash).where(log.n == ENTRIES - 2))).scalar_one())

    kept = await database.read(last)
    await change(
        database,
        delete(tables.tx_log).where(log.n > ENTRIES - 2),
        update(tables.head).values(chain_head=kept, chain_count=ENTRIES - 2),
    )
    report = await verify(database, path, SECRETS)
    assert {finding.kind for finding in report.findings} == {"truncated"}


async def test_a_chain_computed_anew_contradicts_the_file(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)

    async def forge(tx: Tx) -> None:
        previous = GENESIS
        for record in (await tx.execute(select(tables.tx_log).order_by(log.n))).all():
            entry = LogEntry(
                tx_id=record.tx_id, user_id=MANAGER if record.n == 3 else record.user_id, device_id=record.device_id,
                install_id=record.install_id, seq=record.seq_of_install, received_at=record.received_at,
                occurred_at=record.occurred_at, status=record.status, code=record.code, commands=record.commands,
                payload=b"", salt=b"", fingerprint=bytes(record.payload_hash), outcome=b"", n=record.n,
                prev_hash=previous,
            )  # fmt: skip
            previous_hash, previous = previous, entry_hash(ORG, entry)
            values = {"user_id": entry.user_id, "prev_hash": previous_hash, "hash": previous}
            await tx.execute(update(tables.tx_log).where(log.n == record.n).values(values))
        await tx.execute(update(tables.head).values(chain_head=previous))

    await database.run_tx(forge)
    report = await verify(database, path, SECRETS)
    assert {finding.detail for finding in report.findings} == {"the heads file has another hash for it"}


async def test_a_crash_before_the_append_is_no_finding(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)
    lines = path.read_text("ascii").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:20], "ascii")
    assert (await verify(database, path, SECRETS)).ok
    again = HeadsFile(path)
    again._append({(ORG, "dataset-of-another-time"): (1, GENESIS)})
    report = await verify(database, path, SECRETS)
    assert report.ok, report.findings
    assert report.replaced == 1


async def test_an_edited_heads_file_is_noticed(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)
    lines = path.read_text("ascii").splitlines()
    words = lines[1].split()
    lines[1] = " ".join([*words[:3], "00" * 32])
    path.write_text("\n".join(lines) + "\n", "ascii")
    assert not (await verify(database, path, SECRETS)).ok


async def test_payload_and_salt_can_be_erased_and_the_chain_still_verifies(database: Database, tmp_path: Path) -> None:
    path = await written(database, tmp_path)
    await change(database, update(tables.tx_log).where(log.n == 3).values(payload=None, salt=None))
    assert (await verify(database, path, SECRETS)).ok
