"""What a page costs on a device whose unsent orders it meets."""

import tempfile
import time
from decimal import Decimal
from pathlib import Path

import msgspec

from mobile.platform.common import open_database
from shared import codec, protocol
from shared.catalog import ENTITIES
from tests.bench.figures import report
from tests.bench.rebase_figures import measure
from tests.support.company import LAMP, TENT, order_commands
from tests.support.shop import Shop

CHANGES = 100


def replay(waiting: int, pages: int = 5) -> None:
    """Orders of two lines wait; each page changes the stock of a product that all of them took."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        for number in range(waiting):
            shop.engine.run(order_commands((TENT, 1), (LAMP, 2), name=f"order {number}")[1])
        took = min(_page(shop, number) for number in range(pages))
        assert len(shop.store.outbox()) == waiting
        shop.close()
    report("rebase", took * 1_000, "ms", waiting=waiting)


def _page(shop: Shop, number: int) -> float:
    """Processor seconds for one page."""
    row = {**shop.company.level(TENT), "on_hand": Decimal(50 + number)}
    wire = msgspec.Raw(codec.encode(codec.to_wire(ENTITIES["stock_level"], row)))
    put = protocol.Put("stock_level", row["id"], 100 + number, ["stock"], wire)
    shop.engine.build_request()
    body = protocol.encode(protocol.SyncResponse(status="ok", dataset="bench", nonce=f"n{number}", puts=[put]))
    started = time.process_time()
    assert shop.engine.apply_response(body).rows == 1
    return time.process_time() - started


def among_many(rows: int, *, browser: bool = False) -> None:
    """A device with many local rows and unsent edits; one page brings newer versions of all rows that they touch. On
    CPython, on a file, in processor time; ``browser``: in Chromium too, in memory, by the clock."""
    with tempfile.TemporaryDirectory() as folder:
        connection = open_database(str(Path(folder) / "app.db"))
        figures = {"CPython": measure(connection, rows=rows, changes=CHANGES, clock=time.process_time)}
        connection.close()
    if browser:
        # Imported here: it needs Chromium and the web build.
        from tests.bench.chromium import measured

        figures["browser"] = measured("rebase_figures", rows=rows, changes=CHANGES)
    for place, found in figures.items():
        common = {"rows": rows, "changes": CHANGES, "edit_ms": round(found["edit_ms"], 2)}
        report(f"rebase among many rows, {place}", found["page_ms"], "ms", **common)
