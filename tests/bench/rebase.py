"""What a page costs on a device whose unsent orders it meets."""

import tempfile
import time
from decimal import Decimal
from pathlib import Path

import msgspec

from shared import codec, protocol
from shared.catalog import ENTITIES
from shared.ids import derived_id
from tests.bench.figures import report
from tests.support.company import LAMP, NOW, ORG, REP, TEAM, TENT, order_commands
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


def among_many(rows: int, changes: int = CHANGES) -> None:
    """A device with many local rows and unsent edits; one page brings newer versions of all rows that they touch."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        account = ENTITIES["account"]
        own = {"org_id": ORG, "owner_id": REP, "team_id": TEAM, "created_by": REP, "created_at": NOW, "updated_at": NOW}
        for start in range(0, rows, 1_000):
            with shop.store.transaction():
                for number in range(start, min(rows, start + 1_000)):
                    values = {"id": derived_id("local", number), "name": f"客户 {number}", "city": "杭州", **own}
                    shop.store.put("account", codec.new_row(account, values), 1)
        for number in range(changes):
            base, values = {"city": "杭州"}, {"city": f"宁波 {number}"}
            edit = {"id": derived_id("local", number * (rows // changes)), "base": base, "values": values}
            shop.engine.run([("account.patch", edit)])
        took = min(_page_of_all(shop, rows, changes, number) for number in range(3))
        assert len(shop.store.outbox()) == changes and shop.store.count("account") >= rows
        shop.close()
    report("rebase among many rows", took * 1_000, "ms", rows=rows, changes=changes)


def _page_of_all(shop: Shop, rows: int, changes: int, number: int) -> float:
    puts = []
    for place in range(changes):
        row_id = derived_id("local", place * (rows // changes))
        _, row, _ = shop.store.shadow("account", row_id)
        assert row is not None
        wire = msgspec.Raw(codec.encode(codec.to_wire(ENTITIES["account"], {**row, "phone": f"139{number}"})))
        puts.append(protocol.Put("account", row_id, 100 + number, [f"user:{REP}"], wire))
    shop.engine.build_request()
    body = protocol.encode(protocol.SyncResponse(status="ok", dataset="bench", nonce=f"n{number}", puts=puts))
    started = time.process_time()
    applied = shop.engine.apply_response(body)
    took = time.process_time() - started
    assert applied.rows == changes and not applied.doubtful
    return took
