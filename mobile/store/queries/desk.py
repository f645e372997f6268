"""The numbers of the manager's desk, over the rows of this device. Amounts are ``Decimal``, of one currency.

Every number has a filter (``order_filter.OrderFilter``) that lists exactly its rows; a test holds them together.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from mobile.store.queries.base import Rows, decimals
from mobile.store.queries.order_filter import NONE, OrderFilter
from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.numbers import from_scaled
from shared.rules.periods import Span

TOUCHED = frozenset({"order", "account", "user"})

_FROM = "FROM e_order o LEFT JOIN e_account a ON a.id = o.account_id"
KEYS = ("owner", "city", "source")


class Group(msgspec.Struct, frozen=True):
    """Orders that have ``key`` in common: a user's id, a city, a source; ``NONE`` for those without."""

    key: str
    orders: int
    total: Decimal


class Summary(msgspec.Struct, frozen=True):
    """All orders that a filter means, and the same parted by ``KEYS``, the largest group first."""

    orders: int
    total: Decimal
    owner: tuple[Group, ...]
    city: tuple[Group, ...]
    source: tuple[Group, ...]


def totals(store: SqliteStore, asked: OrderFilter, time_zone: str) -> dict[str, Any]:
    """``orders`` and ``total`` of the orders that the filter means."""
    where, params = asked.where(time_zone)
    sql = f"SELECT count(*) AS orders, coalesce(sum(o.total), 0) AS total {_FROM} WHERE {where}"
    return decimals(store.query(sql, params), "total")[0]


def summary(store: SqliteStore, asked: OrderFilter, time_zone: str) -> Summary:
    """One pass over the orders that the filter means."""
    where, params = asked.where(time_zone)
    sql = f"""
    SELECT coalesce(o.owner_id, '{NONE}') AS owner, coalesce(nullif(a.city, ''), '{NONE}') AS city,
           coalesce(nullif(a.source, ''), '{NONE}') AS source, count(*) AS orders, sum(o.total) AS total
      {_FROM} WHERE {where} GROUP BY 1, 2, 3"""
    rows = store.query(sql, params)
    parted = {key: _groups(rows, key) for key in KEYS}
    return Summary(sum(row["orders"] for row in rows), from_scaled(sum(row["total"] for row in rows)), **parted)


def _groups(rows: Rows, key: str) -> tuple[Group, ...]:
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        orders, total = sums.get(row[key], (0, 0))
        sums[row[key]] = orders + row["orders"], total + row["total"]
    ordered = sorted(sums.items(), key=lambda item: (-item[1][1], item[0]))
    return tuple(Group(name, orders, from_scaled(total)) for name, (orders, total) in ordered)


def by_part(store: SqliteStore, asked: OrderFilter, parts: Sequence[Span], time_zone: str) -> list[Decimal]:
    """Totals of each span of days, in order; the filter's own days do not count."""
    where, params = asked.with_(first="", last="").where(time_zone, dated=True)
    bounds = msgspec.json.encode([part.bounds_ms(time_zone) for part in parts]).decode()
    sql = f"""
    SELECT (SELECT coalesce(sum(o.total), 0) {_FROM} WHERE {where}
               AND o.ordered_at >= json_extract(b.value, '$[0]') AND o.ordered_at < json_extract(b.value, '$[1]')
           ) AS total
      FROM json_each(:bounds) b ORDER BY b.key"""
    return [from_scaled(row["total"]) for row in store.query(sql, {**params, "bounds": bounds})]


def other_currencies(store: SqliteStore, asked: OrderFilter, currency: str, time_zone: str) -> int:
    """How many of the orders are in another currency and therefore not in the totals."""
    where, params = asked.with_(currency="").where(time_zone)
    sql = f"SELECT count(*) AS n {_FROM} WHERE {where} AND o.currency <> :currency"
    return int(store.query(sql, {**params, "currency": currency})[0]["n"])


def sellers(store: SqliteStore) -> Rows:
    """People who can own an order, ``id, name, role``: the active ones, and whoever still has some."""
    sql = """
    SELECT u.id, u.name, u.role FROM e_user u
     WHERE u.deleted_at IS NULL AND (u.active OR EXISTS (SELECT 1 FROM e_order o WHERE o.owner_id = u.id))
     ORDER BY u.name, u.id"""
    return store.query(sql)


def escalate_days(store: SqliteStore) -> int:
    """After how many days overdue a follow-up is escalated, by the organisation's setting as it was last synced."""
    declared = ENTITIES["organisation"].fields["escalate_days"]
    rows = store.select("organisation", limit=1)
    return int(rows[0][declared.name] if rows else declared.default)
