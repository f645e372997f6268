"""Does an exchange cost more when the feed is long? The same pull over 10,000 and over 1,000,000 rows.

The rows are written straight into the feed: a pull reads nothing else of them.
"""

import asyncio
import re
import statistics
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from sqlalchemy import update

from server.db import migrate, tables
from server.db.bulk import Bulk
from server.db.engine import Database, Tx
from server.db.view import StoreView
from shared import SCHEMA_VERSION, protocol
from shared.catalog import ENTITIES
from shared.codec import encode_parts, new_row
from shared.ids import derived_id, uuid7
from sync.authority.cursor import Cursor, decode_cursor, encode_cursor
from sync.authority.ports import View
from tests.bench.figures import report
from tests.support.authority import TestAuthority, make_authority
from tests.support.company import NOW, ORG, REP, TEAM
from tests.support.postgres import create_database, running_postgres

FEW = 10_000
PAGE = 100
EXCHANGES = 60
FIGURES = {"idle": 0, "page": PAGE}
"""Rows that an exchange brings."""
YEARS = 3
"""Of months of history, where a reader has some."""
BATCH = 20_000
BUCKET = f"user:{REP}"
_versions, _members, _months = Bulk(tables.row_version), Bulk(tables.membership), Bulk(tables.history_bucket)


async def fill(database: Database, first: int, count: int, seq: int) -> int:
    """Adds accounts of the small company's rep to the feed, numbered from ``first``; returns the head's new ``seq``."""
    for start in range(first, first + count, BATCH):
        ids = {row_id(number): number for number in range(start, min(first + count, start + BATCH))}

        async def add(tx: Tx, ids: dict[str, int] = ids, seq: int = seq) -> None:
            numbered = [*enumerate(ids.items(), seq + 1)]
            await _versions.insert(
                tx, [(ORG, "account", id_, rev, False, BUCKET, _body(id_, n), b"") for rev, (id_, n) in numbered]
            )
            await _members.insert(tx, [(ORG, "account", id_, BUCKET, rev, False) for rev, (id_, _) in numbered])
            await tx.execute(update(tables.head).where(tables.head.c.org_id == ORG).values(seq=seq + len(ids)))

        await database.run_tx(add)
        seq += len(ids)
    return seq


def row_id(number: int) -> str:
    """Ids in the order in which their rows were made, like those of devices."""
    return uuid7(NOW + number, number.to_bytes(10, "big"))


@cache
def _pattern() -> list[bytes]:
    """The body of such an account, cut where its id and its number belong."""
    values = {
        "id": "<id>", "org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP, "created_at": NOW,
        "updated_at": NOW, "name": "客户 <number> 有限公司", "city": "杭州", "phone": "138<number>",
        "notes": "看过样品,下周再联系。", "tags": ["展会", "新"],
    }  # fmt: skip
    body, _ = encode_parts(ENTITIES["account"], new_row(ENTITIES["account"], values))
    return re.split(b"(<id>|<number>)", body)


def _body(id_: str, number: int) -> bytes:
    known = {b"<id>": id_.encode(), b"<number>": b"%08d" % number}
    return b"".join([known.get(part, part) for part in _pattern()])


async def _times(authority: TestAuthority, tag: str, seq: int, behind: int = 0) -> list[float]:
    """Milliseconds of exchanges that bring so many rows from the feed's end. ``tag``: of an install of their own."""
    install = derived_id("install", tag)
    first = await authority.exchange(REP, _request(install, "first", "", "", 1))
    cursor = decode_cursor(first.cursor)
    at = Cursor(**{**msgspec.structs.asdict(cursor), "buckets": {b: seq - behind for b in cursor.buckets}})
    times = []
    for number in range(EXCHANGES):
        request = _request(install, f"{number}", first.nonce, encode_cursor(at), protocol.PAGE_ROWS)
        started = time.perf_counter()
        answer = await authority.exchange(REP, request)
        times.append((time.perf_counter() - started) * 1_000)
        assert answer.status == "ok" and len(answer.puts) == behind and not answer.more, answer.status
    return times


def _request(install: str, exchange_id: str, nonce: str, cursor: str, rows: int) -> protocol.SyncRequest:
    return protocol.SyncRequest(
        protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=install,
        exchange_id=exchange_id, nonce=nonce, tried=[exchange_id], cursor=cursor, page_rows=rows, history=[],
    )  # fmt: skip


async def _months_asked(authority: TestAuthority, seq: int, months: int) -> None:
    """Reports the share of an exchange with nothing new that asks for months of history, of a reader who has some."""
    years = [(ORG, BUCKET, f"{2000 + number // 12}-{number % 12 + 1:02}", seq) for number in range(months)]
    await authority.database.run_tx(lambda tx: _months.insert(tx, years))
    spent = 0.0

    def timed(question: Any) -> Any:
        async def ask(view: StoreView, buckets: Any) -> Any:
            nonlocal spent
            started = time.perf_counter()
            answer = await question(view, buckets)
            spent += (time.perf_counter() - started) * 1_000
            return answer

        return ask

    patched = {name: timed(getattr(StoreView, name)) for name in ("months", "lived_in")}
    with mock.patch.multiple(StoreView, **patched):
        times = await _times(authority, f"{months} months", seq)
    asked, whole = spent / (EXCHANGES + 1), sum(times) / EXCHANGES
    figure = f"months of history in a pull, {authority.database.dialect}, {months}"
    report(figure, asked / whole, "ratio", ms=round(asked, 3), of_ms=round(whole, 2))


async def _compare(kind: str, url: str, many: int) -> None:
    database = Database.open(url)
    await migrate.upgrade(database)
    authority = await make_authority(database)
    filled, seq = 0, await authority.store.view(ORG, head_seq)
    took: dict[tuple[str, int], list[float]] = {}
    few = min(FEW, many // 10)
    for rows in (few, many):
        seq = await fill(database, filled, rows - filled, seq)
        filled = rows
        await migrate.analyze(database)
        for name, behind in FIGURES.items():
            took[name, rows] = await _times(authority, f"{name} {rows}", seq, behind)
    for name in FIGURES:
        short, long = took[name, few], took[name, many]
        more = {"rows": many, "over": few, "short_ms": round(min(short), 2), "long_ms": round(min(long), 2)}
        medians = round(statistics.median(long) / statistics.median(short), 2)
        report(f"pull of a long feed, {kind}, {name}", min(long) / min(short), "ratio", **more, medians=medians)
    for months in (0, YEARS * 12):
        await _months_asked(authority, seq, months)
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
        with running_postgres(durable=True) as server:
            asyncio.run(_compare(kind, asyncio.run(create_database(server, "bench_feed")), many))
