"""Push and pull of sales through HTTP against the bare driver, wire bytes, and orders with their stock check."""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.bench import company
from tests.bench.company import MANAGER, REPS, TEAM, Payload, rep
from tests.bench.figures import report
from tests.bench.ground import Ground, hello_world, prepared
from tests.bench.installs import Install, at_once
from tests.bench.raw import ROWS_OF_A_SALE, Raw

BATCH = 50
"""Transactions in a request."""
PAGE = 1_000
HELLO_REQUESTS = 4_000


def push_and_pull(kind: str, count: int) -> None:
    """Speed of both directions with the ratio to the bare driver, and the bytes of both."""
    with prepared(kind) as ground:
        reader = Install(ground.server, MANAGER)
        installs = _installs(ground)
        reader.catch_up(PAGE)
        cursor = reader.cursor
        _push(ground, installs, count)
        for packed in (False, True):
            _pull(ground, reader, cursor, packed)


def _installs(ground: Ground) -> list[Install]:
    """One for each rep. Signing in registers devices, so it comes before anything is counted."""
    return [Install(ground.server, rep(number)) for number in range(REPS)]


def _push(ground: Ground, installs: list[Install], count: int) -> None:
    payloads = company.sales(count, time.time_ns() // 1_000_000)
    with Raw.open(ground.database) as raw:
        mark = raw.mark()
    seconds = _pushed(installs, payloads, BATCH)
    with Raw.open(ground.database) as raw:
        stored = raw.stored_since(mark, BATCH)
    with Raw.open(ground.spare) as spare:
        alone = spare.write(stored)
    report(f"push, {ground.kind}", count / seconds, "sales/s", ratio=_ratio(alone, seconds), raw=round(count / alone),
           sales=count, batch=BATCH, installs=REPS, physical_rows=stored.rows)  # fmt: skip
    sent, received = (sum(getattr(i, name) for i in installs) for name in ("sent_bytes", "received_bytes"))
    report(f"push, wire, {ground.kind}", sent / count / ROWS_OF_A_SALE, "bytes/change", encoding="gzip",
           bytes_per_sale=round(sent / count), answer_bytes_per_sale=round(received / count))  # fmt: skip


def _pushed(installs: list[Install], payloads: list[Payload], batch: int) -> float:
    """Seconds until all installs have handed in their customers' sales; every outcome is looked at afterwards."""
    works: list[Callable[[], None]] = []
    for number, install in enumerate(installs):
        install.forget()
        share = [payload for payload in payloads if payload.by == number]
        works.append(lambda install=install, share=share: install.push(share, batch))  # type: ignore[misc]
    seconds = _timed(lambda: at_once(works))
    said = [outcome for install in installs for answer in install.responses() for outcome in answer.outcomes]
    refused = [outcome.problem for outcome in said if outcome.status != "accepted"]
    assert not refused, refused[:3]
    assert len(said) == len(payloads)
    return seconds


def _pull(ground: Ground, reader: Install, cursor: str, packed: bool) -> None:
    """The manager's device pulls all sales of the team."""
    reader.forget()
    reader.cursor, reader.packed = cursor, packed
    seconds = _timed(lambda: reader.catch_up(PAGE))
    changes = [put for answer in reader.responses() for put in answer.puts if put.entity in ("order", "order_line")]
    after = min(put.rev for put in changes) - 1
    with Raw.open(ground.database) as raw:
        # The best of three: the first one finds cold caches, the server's connections have warm ones.
        alone, rows = min(raw.read(f"team:{TEAM}", after, PAGE) for _ in range(3))
    assert rows == len(changes), (rows, len(changes))
    encoding = "gzip" if packed else "identity"
    sales = rows / ROWS_OF_A_SALE
    report(f"pull, {ground.kind}", sales / seconds, "sales/s", ratio=_ratio(alone, seconds), raw=round(sales / alone),
           encoding=encoding, sales=round(sales), page=PAGE)  # fmt: skip
    if packed:
        received = reader.received_bytes
        report(f"pull, wire, {ground.kind}", received / rows, "bytes/change", encoding=encoding,
               bytes_per_sale=round(received / sales))  # fmt: skip


def orders(kind: str, count: int) -> None:
    """Three-line orders that are checked against prices and stock, reserved and numbered; against hello world."""
    requests = min(HELLO_REQUESTS, 10 * count)
    speeds = {}
    with prepared(kind) as ground:
        installs = _installs(ground)
        before = _hello(requests)
        for batch, share, tag in ((BATCH, count, "many"), (1, max(REPS, count // 5), "one")):
            payloads = company.orders(share, time.time_ns() // 1_000_000, tag)
            speeds[batch] = share, share / _pushed(installs, payloads, batch)
    # Before and after: on a machine that others use, too, one of them alone compares nothing.
    hello = (before + _hello(requests)) / 2
    report("hello world", hello, "requests/s", connections=REPS)
    for batch, (share, speed) in speeds.items():
        report(f"three-line orders, {kind}", speed, "orders/s", ratio_to_hello=round(speed / hello, 3), orders=share,
               batch=batch, installs=REPS)  # fmt: skip


def _hello(requests: int) -> float:
    with hello_world() as url:
        return requests / _timed(lambda: at_once([lambda: _ask(url, requests // REPS)] * REPS))


def _ask(url: str, times: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    for _ in range(times):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
    connection.close()


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ratio(alone: float, seconds: float) -> float:
    """1 would be as fast as the bare driver."""
    return round(alone / seconds, 3)
