"""The month so far."""

from typing import Any

from mobile.store.queries.base import decimals
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"order", "organisation", "_outbox"})


def month_sales(store: SqliteStore, bounds_ms: tuple[int, int], owner_id: str | None = None) -> dict[str, Any]:
    """Orders placed within ``bounds_ms`` (from, to): ``total`` (Decimal) and ``orders`` of the confirmed, and how many
    are ``pending``."""
    sql = """
    SELECT coalesce(sum(CASE WHEN state = 'confirmed' THEN total END), 0) AS total,
           coalesce(sum(state = 'confirmed'), 0) AS orders,
           coalesce(sum(CASE WHEN state = 'pending' THEN total END), 0) AS pending_total,
           coalesce(sum(state = 'pending'), 0) AS pending
      FROM e_order
     WHERE deleted_at IS NULL AND ordered_at >= :first AND ordered_at < :following
       AND (:owner IS NULL OR owner_id = :owner)"""
    params = {"first": bounds_ms[0], "following": bounds_ms[1], "owner": owner_id}
    return decimals(store.query(sql, params), "total", "pending_total")[0]
