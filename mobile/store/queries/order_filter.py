"""Which orders are meant: one filter for the list, its totals and every number of the desk, so that they agree."""

from collections.abc import Mapping
from typing import Any

from mobile.store.queries.filters import RowFilter, day_terms, known_values

NONE = "-"
"""How an address says *without a city*, *without a source*."""
_COLUMNS = {
    "state": "o.state = :state",
    "owner": "o.owner_id = :owner",
    "city": "coalesce(a.city, '') = :city",
    "source": "coalesce(a.source, '') = :source",
    "currency": "o.currency = :currency",
}


class OrderFilter(RowFilter, frozen=True):
    """``first`` and ``last`` are ISO days of ordering, both included. Empty: any; ``NONE`` for ``city`` and ``source``:
    those without."""

    state: str = ""
    owner: str = ""
    city: str = ""
    source: str = ""
    currency: str = ""
    first: str = ""
    last: str = ""

    @property
    def narrow(self) -> dict[str, str]:
        """What is set beside the state, by name."""
        return {name: value for name, value in self.address.items() if name != "state"}

    def where(self, time_zone: str, *, dated: bool = False) -> tuple[str, dict[str, Any]]:
        """SQL conditions over ``e_order o`` and ``e_account a``, and their parameters. ``short`` is not in it.

        ``dated``: the caller bounds the days of ordering itself.
        """
        terms, params = ["o.deleted_at IS NULL"], {}
        # Days have few orders, a state or a person many: the plus keeps SQLite from the indexes of those.
        plus = "+" if dated or self.first or self.last else ""
        for name, term in _COLUMNS.items():
            value = getattr(self, name)
            if value and (name, value) != ("state", "short"):
                terms.append(plus + term)
                params[name] = "" if value == NONE and name in ("city", "source") else value
        days, bounds = day_terms("o.ordered_at", self.first, self.last, time_zone)
        return " AND ".join(terms + days), {**params, **bounds}


def from_address(parameters: Mapping[str, str]) -> OrderFilter:
    """The filter behind an address; days that are none are left out."""
    return OrderFilter(**known_values(OrderFilter.__struct_fields__, parameters))
