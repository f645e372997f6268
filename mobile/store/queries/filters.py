"""What the filters of the desk's rows share: they stand in an address, and they bound the business days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Self

import msgspec

from shared.rules.periods import Span
from shared.timezone import day_start_ms


class RowFilter(msgspec.Struct, frozen=True):
    """``first`` and ``last`` are ISO days, both included; empty: any."""

    def with_(self, **values: str) -> Self:
        """Another one with some values changed."""
        return msgspec.structs.replace(self, **values)

    def within(self, span: Span) -> Self:
        """Another one for the days of a span."""
        return self.with_(first=span.first.isoformat(), last=span.last.isoformat())

    @property
    def address(self) -> dict[str, str]:
        """The parameters of an address that leads to exactly these rows."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}


def known_values(names: tuple[str, ...], parameters: Mapping[str, str]) -> dict[str, str]:
    """A filter's values from an address; days that are none are left out."""
    known = {name: parameters.get(name, "") for name in names}
    for name in ("first", "last"):
        try:
            date.fromisoformat(known[name])
        except ValueError:
            known[name] = ""
    return known


def day_terms(instant: str, first: str, last: str, time_zone: str) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions that keep an instant (a column, UTC ms) within the business days, and their parameters."""
    terms: list[str] = []
    params: dict[str, Any] = {}
    if first:
        terms.append(f"{instant} >= :from_ms")
        params["from_ms"] = day_start_ms(date.fromisoformat(first), time_zone)
    if last:
        terms.append(f"{instant} < :to_ms")
        params["to_ms"] = day_start_ms(date.fromisoformat(last) + timedelta(days=1), time_zone)
    return terms, params
