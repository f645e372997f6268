"""Parts that the queries share."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.numbers import from_scaled

Rows = list[dict[str, Any]]

PAGE = 50
"""Rows that a list shows at first, and adds with each *more*."""

UNSENT = "EXISTS (SELECT 1 FROM shadow s WHERE s.entity = '{entity}' AND s.id = {alias}.id) AS unsent"
"""Whether unsent work has touched the row: the engine keeps the server's version beside it until the answer comes."""


def unsent(entity: str, alias: str) -> str:
    """SQL for a column ``unsent`` (0 or 1)."""
    return UNSENT.format(entity=entity, alias=alias)


def decimals(rows: Rows, *names: str) -> Rows:
    """The rows with the named integers of 1/10,000 as ``Decimal``; none stays none."""
    for row in rows:
        for name in names:
            if row[name] is not None:
                row[name] = from_scaled(row[name])
    return rows


def in_order(rows: Iterable[dict[str, Any]], ids: Sequence[str]) -> Rows:
    """The rows in the order of ``ids``; ids without a row are left out."""
    by_id = {row["id"]: row for row in rows}
    return [by_id[row_id] for row_id in ids if row_id in by_id]
