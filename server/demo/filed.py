"""The demo's history: what is settled and old is made in the month where the server would file it.

So the first start files nothing, and a new device has the same first sync as if the old months were not there.
"""

from collections import defaultdict
from typing import Any

from server.db.filing import HEADS
from server.demo.people import TIME_ZONE
from shared.catalog import ENTITIES
from shared.rules.history import history_ends_ms, is_settled, period_of
from sync.authority.history import followers

Values = dict[str, Any]
Made = list[tuple[str, Values]]
"""(entity, complete row)."""


def file_rows(made: Made, now_ms: int, months: int) -> None:
    """Writes the ``period`` into rows that nobody has touched for so many months, and into those that follow them. 0:
    nothing is history."""
    if not months:
        return
    before_ms = history_ends_ms(now_ms, months, TIME_ZONE)
    below = _below(made)
    for entity, row in made:
        window = HEADS.get(entity)
        if window is None or row["updated_at"] >= before_ms:
            continue
        family = [(entity, row), *below[entity, row["id"]]]
        windows = [(ENTITIES[name].options.window, one) for name, one in family]
        if is_settled([(one, values) for one, values in windows if one is not None], before_ms):
            period = period_of(window, row, TIME_ZONE)
            for _, one in family:
                one["period"] = period


def _below(made: Made) -> defaultdict[tuple[str, str], Made]:
    """The rows that become history with another one, by its entity and id."""
    fields = {child.name: (entity, field.name) for entity in HEADS for child, field in followers(entity)}
    below: defaultdict[tuple[str, str], Made] = defaultdict(list)
    for entity, row in made:
        if entity in fields:
            parent, field = fields[entity]
            below[parent, row[field]].append((entity, row))
    return below
