"""What must add up: stock and claims on it, orders and their lines, numbers, installs, parents and children."""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select

from server.db import tables
from server.db.engine import Tx
from server.db.rows import AllRows
from server.doctor.findings import Examined
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.fields import Kind
from shared.ids import derived_id
from shared.numbers import format_decimal
from shared.rules.leases import LIVE, left

CHUNK = 1_000
ZERO = Decimal(0)
_NUMBER = re.compile(r"SO-(\d{4})-(\d{6,})")


async def examine(tx: Tx, rows: AllRows, found: Examined) -> None:
    """All of it, in one snapshot."""
    await _stock(tx, rows, found)
    await _orders(tx, rows, found)
    await _parents(tx, found)
    await _installs(tx, found)


async def all_rows(tx: Tx, rows: AllRows, entity: str, org_id: str) -> AsyncIterator[Row]:
    """The rows of an entity in order of id, a chunk at a time."""
    after = ""
    while True:
        chunk = await rows[entity].after(tx, org_id, after, CHUNK)
        for row, _ in chunk:
            yield row
        if len(chunk) < CHUNK:
            return
        after = chunk[-1][0]["id"]


async def _stock(tx: Tx, rows: AllRows, found: Examined) -> None:
    reserved: Counter[str] = Counter()
    backordered: Counter[str] = Counter()
    async for claim in all_rows(tx, rows, "reservation", found.org_id):
        reserved[claim["stock_level_id"]] += claim["reserved"]
        backordered[claim["stock_level_id"]] += claim["backordered"]
        waits = claim["waiting_for"] == claim["stock_level_id"]
        if min(claim["reserved"], claim["backordered"]) < 0 or waits != (claim["backordered"] > 0):
            found.add("claim_wrong", id=claim["id"])
    async for lease in all_rows(tx, rows, "stock_lease", found.org_id):
        units, live = left(lease), lease["state"] in LIVE
        if min(units, lease["drawn"], lease["returned"]) < 0 or bool(lease["held_on"]) != live or (units and not live):
            found.add("lease_wrong", id=lease["id"])
        if lease["held_on"]:
            reserved[lease["held_on"]] += units
    async for level in all_rows(tx, rows, "stock_level", found.org_id):
        if level["on_hand"] < level["reserved"] or level["on_hand"] < 0:
            numbers = {name: format_decimal(level[name]) for name in ("on_hand", "reserved")}
            found.add("oversold", id=level["id"], **numbers)
        for name, sums in (("reserved", reserved), ("backordered", backordered)):
            if level[name] != sums[level["id"]]:
                said, claimed = format_decimal(level[name]), format_decimal(Decimal(sums[level["id"]]))
                found.add(f"stock_{name}", id=level["id"], level=said, claims=claimed)


async def _orders(tx: Tx, rows: AllRows, found: Examined) -> None:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    count: Counter[str] = Counter()
    async for line in all_rows(tx, rows, "order_line", found.org_id):
        if line["deleted_at"] is None:
            totals[line["order_id"]] += line["total"]
            count[line["order_id"]] += 1
    numbers: Counter[str] = Counter()
    highest: Counter[int] = Counter()
    async for order in all_rows(tx, rows, "order", found.org_id):
        if not order["number"]:
            continue
        numbers[order["number"]] += 1
        if given := _NUMBER.fullmatch(order["number"]):
            highest[int(given[1])] = max(highest[int(given[1])], int(given[2]))
        if order["deleted_at"] is None and order["total"] != totals[order["id"]]:
            sums = format_decimal(order["total"]), format_decimal(totals[order["id"]])
            found.add("order_total", number=order["number"], total=sums[0], lines=sums[1])
        if order["deleted_at"] is None and order["line_count"] != count[order["id"]]:
            found.add("order_lines", number=order["number"], said=order["line_count"], lines=count[order["id"]])
    for number, times in numbers.items():
        if times > 1:
            found.add("number_twice", number=number, times=times)
    counters = {row["id"]: row["value"] async for row in all_rows(tx, rows, "counter", found.org_id)}
    for year, value in sorted(highest.items()):
        stored = counters.get(derived_id("counter", found.org_id, "order", year), 0)
        if stored < value:
            found.add("counter_behind", year=year, counter=stored, issued=value)


async def _parents(tx: Tx, found: Examined) -> None:
    """References that lead nowhere, and living rows that follow a deleted one."""
    for entity in ENTITIES.values():
        child = tables.table(entity.name).c
        for field in entity.fields.values():
            if field.kind is not Kind.REF or field.options.ref not in ENTITIES:
                continue
            parent = tables.table(field.options.ref).c
            mine = (child.org_id == found.org_id, child[field.name].is_not(None))
            here = and_(parent.org_id == child.org_id, parent.id == child[field.name])
            lost: Any = select(child.id).where(*mine, ~select(parent.id).where(here).exists()).order_by(child.id)
            for (row_id,) in (await tx.execute(lost)).all():
                found.add("orphan", entity=entity.name, id=row_id, field=field.name)
            if field in entity.followed:
                deleted = select(parent.id).where(here, parent.deleted_at.is_not(None)).exists()
                left: Any = select(child.id).where(*mine, child.deleted_at.is_(None), deleted).order_by(child.id)
                for (row_id,) in (await tx.execute(left)).all():
                    found.add("left_behind", entity=entity.name, id=row_id, field=field.name)


async def _installs(tx: Tx, found: Examined) -> None:
    log, install = tables.tx_log.c, tables.install.c
    numbered = (log.org_id == found.org_id, log.install_id != "", log.seq_of_install > 0)
    last = select(log.install_id, func.max(log.seq_of_install)).where(*numbered).group_by(log.install_id)
    logged = {install_id: number for install_id, number in (await tx.execute(last)).all()}
    statement = select(install.install_id, install.last_seq).where(install.org_id == found.org_id)
    stored = {install_id: number for install_id, number in (await tx.execute(statement)).all()}
    for install_id, number in sorted(logged.items()):
        if install_id not in stored:
            found.add("install_missing", id=install_id)
        elif stored[install_id] < number:
            found.add("install_behind", id=install_id, last=stored[install_id], logged=number)
            found.installs[install_id] = number
    twice = select(log.install_id, log.seq_of_install).where(*numbered)
    twice = twice.group_by(log.install_id, log.seq_of_install).having(func.count() > 1)
    for install_id, number in (await tx.execute(twice)).all():
        found.add("seq_twice", id=install_id, seq=number)
