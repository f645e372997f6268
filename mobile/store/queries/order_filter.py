"""Which orders are meant: one filter for the list, its totals and every number of the desk, so that they agree."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from shared.rules.periods import Span
from shared.timezone import day_start_ms

NONE = "-"
"""How an address says *without a city*, *without a source*."""
_COLUMNS = {
    "state": "o.state = :state",
    "owner": "o.owner_id = :owner",
    "city": "coalesce(a.city, '') = :city",
    "source": "coalesce(a.source, '') = :source",
    "currency": "o.currency = :currency",
}


class OrderFilter(msgspec.Struct, frozen=True):
    """``first`` and ``last`` are ISO days of ordering, both included. Empty: any; ``NONE`` for ``city`` and ``source``:
    those without."""

    state: str = ""
    owner: str = ""
    city: str = ""
    source: str = ""
    currency: str = ""
    first: str = ""
    last: str = ""

    def with_(self, **values: str) -> "OrderFilter":
        """Another one with some values changed."""
        return msgspec.structs.replace(self, **values)

    def within(self, span: Span) -> "OrderFilter":
        """Another one for the days of a span."""
        return self.with_(first=span.first.isoformat(), last=span.last.isoformat())

    @property
    def narrow(self) -> dict[str, str]:
        """What is set beside the state, by name."""
        return {name: value for name, value in self.address.items() if name != "state"}

    @property
    def address(self) -> dict[str, str]:
        """The parameters of an address that leads to exactly these orders."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

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
        if self.first:
            terms.append("o.ordered_at >= :from_ms")
            params["from_ms"] = day_start_ms(date.fromisoformat(self.first), time_zone)
        if self.last:
            terms.append("o.ordered_at < :to_ms")
            params["to_ms"] = day_start_ms(date.fromisoformat(self.last) + timedelta(days=1), time_zone)
        return " AND ".join(terms), params


def from_address(parameters: Mapping[str, str]) -> OrderFilter:
    """The filter behind an address; days that are none are left out."""
    known = {name: parameters.get(name, "") for name in OrderFilter.__struct_fields__}
    for name in ("first", "last"):
        try:
            date.fromisoformat(known[name])
        except ValueError:
            known[name] = ""
    return OrderFilter(**known)
