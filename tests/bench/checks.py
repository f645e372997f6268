"""What checksums cost, one JSON line for each figure.

An exchange that asks for nothing, one that asks first (the sums are made), one that asks again (they are kept), the
device's own pass in slices, and the repair of one damaged row.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from server.db import migrate
from server.db.engine import Database
from server.ops.ports import SystemClock
from shared import protocol
from shared.access import Actor
from tests.bench import feed
from tests.bench.figures import report
from tests.support.authority import TestAuthority, device_of, make_authority
from tests.support.company import ORG, REP, TEAM
from tests.support.devices import Phone, answer_to, sync
from tests.support.postgres import create_database, running_postgres

IDLE_EXCHANGES = 20


def told(figure: str, kind: str, rows: int, cpu_ms: float, **more: object) -> None:
    report(f"checks, {kind}, {figure}", cpu_ms, "ms", rows=rows, **more)


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
    await feed.fill(database, 0, count, await authority.store.view(ORG, feed.head_seq))
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
    phone.store.connection.execute("UPDATE e_account SET city = 'x' WHERE id = ?", (feed.row_id(7),))
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


def run(kind: str, count: int) -> None:
    """All figures on ``sqlite`` or ``postgresql``."""
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            asyncio.run(measure(kind, f"sqlite:///{folder / 'server.db'}", folder, count))
            return
        with running_postgres(durable=True) as server:
            url = asyncio.run(create_database(server, "bench_checks"))
            asyncio.run(measure(kind, url, folder, count))
