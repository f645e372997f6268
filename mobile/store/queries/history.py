"""How much of history lies on this device, by month."""

from collections.abc import Collection

import msgspec

from mobile.store.naming import table_name
from mobile.store.store import SqliteStore
from shared.access import all_entities_on_devices

WINDOWED = tuple(entity for entity in all_entities_on_devices() if entity.options.window is not None)
TOUCHED = frozenset(entity.name for entity in WINDOWED) | {"_history"}
ROW_BYTES = 120
"""What a row takes beside its values: its place in the table and in the indexes, measured on the demo company."""


class Month(msgspec.Struct, frozen=True):
    """``2026-05``, its rows here, and about how many bytes they take."""

    month: str
    rows: int
    size: int


def months(store: SqliteStore, asked: Collection[str]) -> list[Month]:
    """The months asked for, the newest first; reads every row that can be history."""
    found = dict.fromkeys(asked, (0, 0))
    for entity in WINDOWED:
        length = " + ".join(f"coalesce(length([{name}]), 0)" for name in entity.fields)
        sql = f"""
        SELECT period, count(*) AS rows, sum({length}) AS size FROM [{table_name(entity.name)}]
         WHERE period <> '' GROUP BY period"""
        for row in store.query(sql):
            if row["period"] in found:
                rows, size = found[row["period"]]
                found[row["period"]] = rows + row["rows"], size + row["size"] + row["rows"] * ROW_BYTES
    return [Month(month, *found[month]) for month in sorted(found, reverse=True)]
