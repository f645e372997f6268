"""Does an exchange cost more when the feed is long? The same pull over 10,000 and over 1,000,000 rows.

The rows are written straight into the feed: a pull reads nothing else of them.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
from sqlalchemy import update

from server.db import migrate, tables
from server.db.bulk import Bulk
from server.db.engine import Database, Tx
from shared import SCHEMA_VERSION, protocol
from shared.catalog import ENTITIES
from shared.codec import encode_parts, new_row
from shared.ids import derived_id
from sync.authority.cursor import Cursor, decode_cursor, encode_cursor
from sync.authority.ports import View
from tests.bench.figures import report
from tests.support.authority import TestAuthority, make_authority
from tests.support.company import NOW, ORG, REP, TEAM
from tests.support.postgres import create_database, running_postgres

FEW = 10_000
PAGE = 100
EXCHANGES = 60
BATCH = 20_000
BUCKET = f"user:{REP}"
_versions, _members = Bulk(tables.row_version), Bulk(tables.membership)


async def fill(database: Database, first: int, count: int, seq: int) -> int:
    """Adds accounts of the small company's rep to the feed, numbered from ``first``; returns the head's new ``seq``."""
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(first + count, start + BATCH))

        async def add(tx: Tx, numbers: range = numbers, seq: int = seq) -> None:
            await _versions.insert(tx, [_version(number, seq + 1 + n) for n, number in enumerate(numbers)])
            members = [(ORG, "account", _id(number), BUCKET, seq + 1 + n, False) for n, number in enumerate(numbers)]
            await _members.insert(tx, members)
            await tx.execute(update(tables.head).where(tables.head.c.org_id == ORG).values(seq=seq + len(numbers)))

        await database.run_tx(add)
        seq += len(numbers)
    return seq


def _id(number: int) -> str:
    return derived_id("many", number)


def _version(number: int, rev: int) -> tuple[object, ...]:
    values = {
        "id": _id(number), "org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP, "created_at": NOW,
        "updated_at": NOW + number, "name": f"客户 {number} 有限公司", "city": "杭州", "phone": f"138{number:08d}",
        "notes": "看过样品,下周再联系。", "tags": ["展会", "新"],
    }  # fmt: skip
    body, _ = encode_parts(ENTITIES["account"], new_row(ENTITIES["account"], values))
    return ORG, "account", _id(number), rev, False, BUCKET, body, b""


async def _measured(authority: TestAuthority, seq: int) -> dict[str, float]:
    """Best and median milliseconds of an exchange with nothing new, and of one with a page from the feed's end."""
    install = derived_id("install")
    first = await authority.exchange(REP, _request(install, "first", "", "", 1))
    figures: dict[str, float] = {}
    for name, behind in (("idle", 0), ("page", PAGE)):
        cursor = decode_cursor(first.cursor)
        at = Cursor(**{**msgspec.structs.asdict(cursor), "buckets": {b: seq - behind for b in cursor.buckets}})
        times = []
        for number in range(EXCHANGES):
            request = _request(install, f"{name}{number}", first.nonce, encode_cursor(at), protocol.PAGE_ROWS)
            started = time.perf_counter()
            answer = await authority.exchange(REP, request)
            times.append((time.perf_counter() - started) * 1_000)
            assert answer.status == "ok" and len(answer.puts) == behind and not answer.more, answer.status
        figures[name], figures[f"{name}_median"] = min(times), statistics.median(times)
    return figures


def _request(install: str, exchange_id: str, nonce: str, cursor: str, rows: int) -> protocol.SyncRequest:
    return protocol.SyncRequest(
        protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=install,
        exchange_id=exchange_id, nonce=nonce, tried=[exchange_id], cursor=cursor, page_rows=rows,
    )  # fmt: skip


async def _compare(kind: str, url: str, many: int) -> None:
    database = Database.open(url)
    await migrate.upgrade(database)
    authority = await make_authority(database)
    head = await authority.store.view(ORG, head_seq)
    few = min(FEW, many // 10)
    seq = await fill(database, 0, few, head)
    await migrate.analyze(database)
    short = await _measured(authority, seq)
    seq = await fill(database, few, many - few, seq)
    await migrate.analyze(database)
    long = await _measured(authority, seq)
    for name in ("idle", "page"):
        more = {"rows": many, "over": few, "short_ms": round(short[name], 2), "long_ms": round(long[name], 2)}
        medians = round(long[f"{name}_median"] / short[f"{name}_median"], 2)
        report(f"pull of a long feed, {kind}, {name}", long[name] / short[name], "ratio", **more, medians=medians)
    await authority.close()
    await database.close()


async def head_seq(view: View) -> int:
    """The organisation's ``seq``."""
    return view.head.seq


def pull(kind: str, many: int) -> None:
    """The ratio of the best of 60 exchanges over a feed of ``many`` rows to the best over 10,000."""
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as name:
        if kind == "sqlite":
            asyncio.run(_compare(kind, f"sqlite:///{Path(name) / 'server.db'}", many))
            return
        with running_postgres() as server:
            asyncio.run(_compare(kind, asyncio.run(create_database(server, "bench_feed")), many))
