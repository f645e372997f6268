"""Months of history in the feed: who holds which, clients that know nothing of them, and what comes back from history.

History is filed into buckets of its own, one for each month and bucket (``shared.rules.history``). A device holds those
that it asked for; each is a bucket like any other.
"""

from collections.abc import Callable, Iterable, Mapping

from shared.catalog import ENTITIES, Entity, Field, followers_of
from shared.codec import Row
from shared.commands.work import Key, Need
from shared.rules.history import split_bucket
from sync.authority.cursor import Cursor
from sync.authority.ports import Unit
from sync.authority.rows import BatchRows


def held_months(heads: Mapping[str, int], asked: Iterable[str] | None) -> dict[str, int]:
    """Of buckets of history those of the months asked for, None: all; the newest month first."""
    wanted = None if asked is None else frozenset(asked)
    newest_first = sorted(heads, key=lambda bucket: split_bucket(bucket)[::-1], reverse=True)
    return {name: heads[name] for name in newest_first if wanted is None or split_bucket(name)[1] in wanted}


def months_of(buckets: Iterable[str]) -> tuple[str, ...]:
    """The months of buckets of history, the newest first."""
    return tuple(sorted({split_bucket(bucket)[1] for bucket in buckets}, reverse=True))


def regrouped(
    cursor: Cursor,
    ended: dict[str, str],
    anew: dict[str, str],
    told: Callable[[str], str],
    *,
    known_before: bool,
    knows: bool,
) -> None:
    """Completes what ends and what begins anew (bucket → the name told) for buckets that go by one name.

    To a client that knows nothing of months a bucket and its history are one: they begin anew together. So they do when
    the client has learnt of months (or an older one is back on the same file).
    """
    changed = bool(cursor.dataset) and known_before != knows
    again = set(anew.values()) if not knows else set()
    if changed:
        again |= {base for base, month in map(split_bucket, cursor.buckets) if month and base not in ended}
    for bucket in cursor.buckets:
        base, month = split_bucket(bucket)
        if changed and known_before and month:
            ended[bucket] = bucket  # by the name that the device has for it
        elif base in again:
            ended.pop(bucket, None)
            anew[bucket] = base


async def keep_together(unit: Unit, rows: BatchRows) -> None:
    """What a batch has edited is no history any more (``Work.update``), and neither is what belongs to it."""
    families = {root for key, row in rows.written.items() if (root := _left_history(key, row, rows)) is not None}
    need = Need(rows=families, children={(c.name, f.name, root[1]) for root in families for c, f in followers(root[0])})
    await rows.fetch(unit, need)
    for entity, row_id in sorted(families):
        for key, row in family(rows, entity, row_id):
            if row["period"] and row["deleted_at"] is None:
                rows.written[key] = {**row, "period": ""}


def _left_history(key: Key, row: Row, rows: BatchRows) -> Key | None:
    """The head of the family that comes back with the row, if it does."""
    before = rows.base.get(key)
    if "period" not in row or row["period"] or before is None or not before["period"]:
        return None
    follows = ENTITIES[key[0]].options.follows
    above = ENTITIES[key[0]].fields[follows].options.ref if follows else None
    return (above, row[follows]) if above and follows and ENTITIES[above].options.window else key


def followers(entity: str) -> list[tuple[Entity, Field]]:
    """The entities whose rows become history together with those of the entity, and their fields that point to it."""
    return [(child, field) for child, field in followers_of(entity) if child.options.window is not None]


def family(rows: BatchRows, entity: str, row_id: str) -> list[tuple[Key, Row]]:
    """The row and those that follow it, as the batch has them. Raises ``Need`` for what was not fetched."""
    head = rows.get(entity, row_id)
    found = [((entity, row_id), head)] if head is not None else []
    for child, field in followers(entity):
        found += [((child.name, row["id"]), row) for row in rows.children(child.name, field.name, row_id)]
    return found
