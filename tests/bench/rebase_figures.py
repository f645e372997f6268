"""Unsent edits among many local rows, met by a page that brings newer versions of all rows that they touch. Runs on
CPython and, in the browser, on Pyodide."""

import random
import sqlite3
import time
from collections.abc import Callable
from decimal import Decimal

import msgspec

from mobile.store.store import SqliteStore
from shared import protocol
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import encode, new_row, to_wire
from shared.ids import derived_id
from sync.device.engine import DeviceEngine

ORG, REP, TEAM = derived_id("org"), derived_id("rep"), derived_id("team")
NOW_MS = 1_795_320_000_000
PAGES = 3
BATCH = 1_000


class _Clock:
    def __init__(self) -> None:
        self._now_ms = NOW_MS

    def now_ms(self) -> int:
        self._now_ms += 1
        return self._now_ms


class _Entropy:
    def __init__(self) -> None:
        self._random = random.Random(7)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


def _row_id(number: int) -> str:
    return derived_id("local", number)


def fill(store: SqliteStore, rows: int) -> None:
    """The rep's customers."""
    own = {"org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP}
    own |= {"created_at": NOW_MS, "updated_at": NOW_MS}
    for start in range(0, rows, BATCH):
        with store.transaction():
            for number in range(start, min(rows, start + BATCH)):
                values = {"id": _row_id(number), "name": f"客户 {number}", "city": "杭州", **own}
                store.put("account", new_row(ENTITIES["account"], values), 1)


def measure(
    connection: sqlite3.Connection, *, rows: int, changes: int = 100, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """``page_ms``: the best of ``PAGES`` pages with a newer version of each of the ``changes`` rows; ``edit_ms``: the
    median of the edits that were made before, each applied and queued."""
    store = SqliteStore(connection)
    fill(store, rows)
    actor = Actor(REP, ORG, "rep", TEAM, None, Decimal(10))
    install = derived_id("install")
    engine = DeviceEngine(
        store, _Clock(), _Entropy(), lambda: actor, install, "0.1.0", on_install=lambda _: None, device_name="bench"
    )
    edited = [_row_id(place * (rows // changes)) for place in range(changes)]
    edits = []
    for place, row_id in enumerate(edited):
        command = {"id": row_id, "base": {"city": "杭州"}, "values": {"city": f"宁波 {place}"}}
        started = clock()
        engine.run([("account.patch", command)])
        edits.append(clock() - started)
    pages = [_page(engine, store, edited, number, clock) for number in range(PAGES)]
    assert len(store.outbox()) == changes and store.count("account") == rows
    return {"page_ms": min(pages) * 1_000, "edit_ms": sorted(edits)[changes // 2] * 1_000}


def _page(
    engine: DeviceEngine, store: SqliteStore, edited: list[str], number: int, clock: Callable[[], float]
) -> float:
    """Seconds for one page with a newer version of each row."""
    puts = []
    for row_id in edited:
        _, row, _ = store.shadow("account", row_id)
        assert row is not None
        wire = msgspec.Raw(encode(to_wire(ENTITIES["account"], {**row, "phone": f"139{number}"})))
        puts.append(protocol.Put("account", row_id, 100 + number, [f"user:{REP}"], wire))
    engine.build_request()
    body = protocol.encode(protocol.SyncResponse(status="ok", dataset="bench", nonce=f"n{number}", puts=puts))
    started = clock()
    applied = engine.apply_response(body)
    took = clock() - started
    assert applied.rows == len(edited) and not applied.doubtful
    return took
