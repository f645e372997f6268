"""Official numbers: their form, and the gaps that a server leaves which comes back from a backup.

Such a server does not know which numbers it gave after the backup. It goes on well above them, and the numbers in
between are given only to orders that had them before.
"""

import re

from shared.ids import derived_id
from shared.rules.orders import official_number

GAP_LEAST = 10_000
"""Numbers that are left free at least: more than are given between two backups."""
_FORM = re.compile(r"SO-([0-9]{4})-([0-9]{6,9})", re.ASCII)


def counter_id(org_id: str, year: int) -> str:
    """The row that counts the orders of a year."""
    return derived_id("counter", org_id, "order", year)


def claim_id(org_id: str, year: int, count: int) -> str:
    """The row that keeps a number of a gap from being given twice."""
    return derived_id("number", org_id, "order", year, count)


def parse_official(number: str) -> tuple[int, int] | None:
    """Year and count of a well-formed official number, otherwise None."""
    found = _FORM.fullmatch(number)
    if found is None:
        return None
    year, count = int(found[1]), int(found[2])
    return (year, count) if count > 0 and official_number(year, count) == number else None


def jumped(value: int) -> int:
    """Where a counter that stood at ``value`` in the backup goes on: the next round number past a gap."""
    return -(-(value + GAP_LEAST) // GAP_LEAST) * GAP_LEAST


def is_in_gap(gaps: object, count: int) -> bool:
    """Whether a counter's ``gaps`` (pairs *above, up to*) leave the number to an order that had it."""
    return isinstance(gaps, list) and any(low < count <= high for low, high in gaps)
