"""Files what is settled and old into the history of its month, and takes back what is not old enough any more.

A row and what follows it are written anew with their ``period``, a few families in each commit: an ordinary change of
buckets. So an older database is filed by the same means, as its rows are found, and devices that hold a row learn in
their next pull that it is history. Several processes at once do no harm: each family is judged under the lock.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from sqlalchemy import select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import head, table
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.work import Key, Need
from shared.rules.history import history_ends_ms, is_settled, month_of, period_of
from sync.authority.history import family, followers
from sync.authority.ports import Unit, View
from sync.authority.rows import BatchRows
from sync.authority.system import SystemWrite

FAMILIES_IN_ONE_COMMIT = 50
HEADS = {name: w for name, e in ENTITIES.items() if (w := e.options.window) is not None and w.dates}
"""The windows of the entities whose rows become history with all that follows them."""


class Filed(msgspec.Struct, frozen=True):
    """What was done for one organisation. Numbers of rows."""

    org_id: str
    filed: int = 0
    taken_back: int = 0


Judge = Callable[[Row, list[tuple[Key, Row]]], str]
"""The period that a family should have, from its first row and all its rows."""


async def file_history(authority: Authority, months: int) -> list[Filed]:
    """Files everything that nobody has touched since the month that lies ``months`` before the present one; 0: nothing
    is history, and what was filed is taken back. One result for each organisation in which something moved.

    Raises ``Unavailable`` when the database is busy: what was done stays, the rest is for the next time.
    """

    async def organisations(tx: Tx) -> list[str]:
        return [record[0] for record in (await tx.execute(select(head.c.org_id).order_by(head.c.org_id))).all()]

    done = []
    for org_id in await authority.database.read(organisations):
        found = await _file(authority, org_id, months)
        if found.filed or found.taken_back:
            done.append(found)
    return done


async def _file(authority: Authority, org_id: str, months: int) -> Filed:
    key = ("organisation", org_id)
    found = await authority.store.view(org_id, lambda view: view.rows([key]))
    if key not in found:
        return Filed(org_id)
    zone = found[key][0]["time_zone"]
    before_ms = history_ends_ms(authority.clock.now_ms(), months, zone) if months else 0
    filed = await file_before(authority, org_id, before_ms, zone) if months else 0
    return Filed(org_id, filed, await take_back(authority, org_id, month_of(before_ms, zone) if months else ""))


async def file_before(authority: Authority, org_id: str, before_ms: int, zone: str) -> int:
    """Files what is settled and was not touched since; the number of rows."""

    def judge(row: Row, rows: list[tuple[Key, Row]]) -> str:
        windows = [(ENTITIES[entity].options.window, one) for (entity, _), one in rows]
        settled = is_settled([(window, one) for window, one in windows if window is not None], before_ms)
        return period_of(HEADS[rows[0][0][0]], row, zone) if settled else ""

    filed = 0
    for entity in HEADS:
        rows = table(entity).c
        old = (rows.period == "", rows.updated_at < before_ms)
        filed += await _walk(authority, org_id, entity, old, judge)
    return filed


async def take_back(authority: Authority, org_id: str, first: str) -> int:
    """Makes the history of a month and of those after it current again, of all months for an empty one; the number of
    rows."""

    def judge(row: Row, _rows: list[tuple[Key, Row]]) -> str:
        return "" if row["period"] >= first else str(row["period"])

    taken = 0
    for entity in HEADS:
        rows = table(entity).c
        taken += await _walk(authority, org_id, entity, (rows.period > "", rows.period >= first), judge)
    return taken


async def _walk(authority: Authority, org_id: str, entity: str, wanted: tuple[object, ...], judge: Judge) -> int:
    """Goes through the rows that fulfil the conditions and are not deleted; returns how many rows were moved."""
    columns, moved, after = table(entity).c, 0, ""

    async def some(tx: Tx) -> list[str]:
        alive = (columns.org_id == org_id, columns.deleted_at.is_(None))
        statement = select(columns.id).where(*alive, *wanted, columns.id > after)  # type: ignore[arg-type]
        found = await tx.execute(statement.order_by(columns.id).limit(FAMILIES_IN_ONE_COMMIT))
        return [record[0] for record in found.all()]

    while found := await authority.database.read(some):
        after = found[-1]
        ids = await authority.store.view(org_id, partial(_moving_by_themselves, entity, found, judge))
        if not ids:
            continue
        counted: list[int] = []
        await authority.write(org_id, _moving(authority, entity, ids, judge, counted))
        moved += counted[-1] if counted else 0
    return moved


async def _moving_by_themselves(entity: str, ids: list[str], judge: Judge, view: View) -> list[str]:
    """Those that would move if nothing followed them. An old draft stays and says so itself: nobody takes the lock for
    it, day after day."""
    rows = [(key, row) for key, (row, _) in sorted((await view.rows((entity, row_id) for row_id in ids)).items())]
    return [key[1] for key, row in rows if judge(row, [(key, row)]) != row["period"]]


def _moving(
    authority: Authority, entity: str, ids: list[str], judge: Judge, counted: list[int]
) -> Callable[[Unit], Awaitable[SystemWrite | None]]:
    async def prepare(unit: Unit) -> SystemWrite | None:
        rows = BatchRows()
        children = {(child.name, field.name, row_id) for child, field in followers(entity) for row_id in ids}
        await rows.fetch(unit, Need(rows=[(entity, row_id) for row_id in ids], children=children))
        moved: list[tuple[str, Row]] = []
        for row_id in ids:
            found = family(rows, entity, row_id)
            period = judge(found[0][1], found) if found else ""
            alive = [(key, row) for key, row in found if row["deleted_at"] is None]
            moved += [(key[0], {**row, "period": period}) for key, row in alive if row["period"] != period]
        counted.append(len(moved))
        if not moved:
            return None
        now_ms = authority.clock.now_ms()
        return SystemWrite(authority.new_id(), "history.file", "", now_ms, moved)

    return prepare
