"""The examination as a whole, and its report."""

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.engine import Tx
from server.db.rows import AllRows
from server.db.view import StoreView
from server.doctor import books, feed, storage
from server.doctor.findings import Examined, Finding
from server.doctor.mend import mend
from server.ops.opened import Opened
from server.security import audit
from sync.authority.ports import Head


class Report(msgspec.Struct):
    """The result. ``repaired``: rows and installs that were written anew; the findings are those that are left."""

    storage: list[Finding] = []
    examined: list[Examined] = []
    repaired: int = 0

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.examined)

    @property
    def count(self) -> int:
        """How many findings, those that are only counted included."""
        return len(self.storage) + sum(one.counts.total() for one in self.examined)


async def examine(at: Opened, heads_file: Path, *, repair: bool = False) -> Report:
    """Examines every organisation; with ``repair`` mends what can be derived again, and looks once more."""
    report = await _examine(at, heads_file)
    if repair and any(one.derivable or one.installs for one in report.examined):
        repaired = 0
        for one in report.examined:
            repaired += await mend(at.authority, one)
        report = await _examine(at, heads_file)
        report.repaired = repaired
    return report


async def _examine(at: Opened, heads_file: Path) -> Report:
    report = Report(await at.database.read(storage.examine))
    for record in await at.database.read(_heads):
        report.examined.append(await at.database.read(_of_organisation(at, record.org_id)))
    by_org = {one.org_id: one for one in report.examined}
    for wrong in (await audit.verify(at.database, heads_file, at.vault)).findings:
        found = by_org.setdefault(wrong.org_id, Examined(wrong.org_id))
        found.add("chain", n=wrong.n, kind=wrong.kind, detail=wrong.detail)
    report.examined = list(by_org.values())
    return report


async def _heads(tx: Tx) -> list[Any]:
    return list((await tx.execute(select(tables.head).order_by(tables.head.c.org_id))).all())


def _of_organisation(at: Opened, org_id: str) -> Any:
    async def read(tx: Tx) -> Examined:
        found, rows = Examined(org_id), AllRows(at.vault)
        record = (await tx.execute(select(tables.head).where(tables.head.c.org_id == org_id))).first()
        if record is not None:
            view = StoreView(tx, Head(**record._mapping), rows, at.vault)
            await feed.examine(tx, view, rows, found)
            if not found.counts["unreadable"]:
                await books.examine(tx, rows, found)
        return found

    return read
