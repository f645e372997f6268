"""What checksums cost: ``python -m tests.bench.checks [--rows 20000] [--postgres]``, one JSON line for each figure.

An exchange that asks for nothing, one that asks first (the sums are made), one that asks again (they are kept), the
device's own pass in slices, and the repair of one damaged row.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from server.db import migrate
from server.db.engine import Database
from server.ops.ports import SystemClock
from shared import protocol
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from tests.support.authority import TestAuthority, device_of, make_authority
from tests.support.company import NOW, ORG, REP, TEAM
from tests.support.devices import Phone, answer_to, sync
from tests.support.postgres import create_database, running_postgres

BATCH = 1_000
IDLE_EXCHANGES = 20


def told(figure: str, kind: str, rows: int, **values: Any) -> None:
    print(json.dumps({"figure": figure, "database": kind, "rows": rows, **values}), flush=True)


async def _fill(authority: TestAuthority, count: int) -> None:
    for start in range(0, count, BATCH):
        rows = []
        for number in range(start, min(count, start + BATCH)):
            values = {
                "id": derived_id("many", number), "org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP,
                "created_at": NOW, "updated_at": NOW + number, "name": f"客户 {number} 有限公司", "city": "杭州",
                "phone": f"138{number:08d}", "notes": "看过样品,下周再联系。", "tags": ["展会", "新"],
            }  # fmt: skip
            rows.append(("account", new_row(ENTITIES["account"], values)))
        await authority.write_rows(ORG, rows, name="system.import")


async def _timed(authority: TestAuthority, phone: Phone) -> tuple[float, int]:
    """Milliseconds of this process's CPU that one answer of the server takes (a machine that does other things, too,
    tells nothing by the clock), and its bytes."""
    body = phone.engine.build_request()
    started = time.process_time()
    answer = await answer_to(authority, phone, body)
    took = time.process_time() - started
    phone.engine.apply_response(answer)
    return round(took * 1_000, 2), len(answer)


async def measure(kind: str, url: str, folder: Path, count: int) -> None:
    """All figures for one database."""
    database = Database.open(url)
    await migrate.upgrade(database)
    authority = await make_authority(database)
    await _fill(authority, count)
    await migrate.analyze(database)
    phone = Phone(folder / f"{kind}.db", Actor(REP, ORG, "rep", TEAM, device_of(REP), 0))
    phone.engine.clock = SystemClock()  # slices adapt to what they really take
    phone.engine.limits.rows = protocol.PAGE_ROWS
    await sync(authority, phone, rounds_max=count)
    while phone.engine.upkeep():
        pass
    idle = sorted([await _timed(authority, phone) for _ in range(IDLE_EXCHANGES)])[IDLE_EXCHANGES // 2]
    told("exchange that asks nothing", kind, count, cpu_ms=idle[0], bytes=idle[1])
    for figure in ("sums made", "sums kept"):
        phone.engine.checks.cancel()
        phone.engine.checks.demand()
        took, size = await _timed(authority, phone)
        told(figure, kind, count, cpu_ms=took, bytes=size)
    _own_pass(kind, phone, count)
    phone.store.connection.execute("UPDATE e_account SET city = 'x' WHERE id = ?", (derived_id("many", 7),))
    phone.engine.checks.demand()
    await sync(authority, phone)
    while phone.engine.upkeep():
        pass
    took, size = await _timed(authority, phone)
    told("repair of one row", kind, count, cpu_ms=took, bytes=size)
    assert phone.store.count("account", "city = 'x'") == 0
    phone.close()
    await authority.close()
    await database.close()


def _own_pass(kind: str, phone: Phone, count: int) -> None:
    slices = []
    going = True
    while going:
        started = time.process_time()
        going = phone.engine.upkeep()
        slices.append(time.process_time() - started)
    assert phone.engine.checks.report.result == "clean"
    times = {"cpu_ms": round(sum(slices) * 1_000), "longest_slice_ms": round(max(slices) * 1_000, 1)}
    told("the device's own pass", kind, count, slices=len(slices), **times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.checks", description="What checksums cost.")
    parser.add_argument("--rows", type=int, default=20_000, help="accounts on the device")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL in place of SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as name:
        folder = Path(name)
        if not given.postgres:
            asyncio.run(measure("sqlite", f"sqlite:///{folder / 'server.db'}", folder, given.rows))
            return
        with running_postgres() as server:
            url = asyncio.run(create_database(server, "bench_checks"))
            asyncio.run(measure("postgresql", url, folder, given.rows))


if __name__ == "__main__":
    main()
