"""Stock for those who keep it: levels, who waits, what came and went."""

from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, in_order
from mobile.store.queries.catalogue import LOW, found
from mobile.store.store import SqliteStore
from shared.numbers import to_scaled

TOUCHED = frozenset({"product", "stock_level", "stock_move", "reservation", "order", "account", "warehouse"})

FILTERS = ("", "short", "low")
"""All, what orders wait for, what is running out."""

_AVAILABLE = "max(0, coalesce(l.on_hand, 0) - coalesce(l.reserved, 0))"
_LEVELS = f"""
SELECT x.id, x.sku, x.name, x.name_en, x.variant, x.variant_en, x.unit, x.unit_en, x.picture, l.id AS level_id,
       coalesce(l.on_hand, 0) AS on_hand, coalesce(l.reserved, 0) AS reserved,
       coalesce(l.backordered, 0) AS backordered, {_AVAILABLE} AS available,
       EXISTS (SELECT 1 FROM shadow s WHERE s.entity = 'stock_level' AND s.id = l.id) AS unsent
  FROM e_product x
  LEFT JOIN e_stock_level l ON l.product_id = x.id AND l.warehouse_id = :warehouse AND l.deleted_at IS NULL
 WHERE x.deleted_at IS NULL
"""
_WHERE = {
    "": "",
    "short": " AND coalesce(l.backordered, 0) > 0",
    "low": f" AND x.active AND {_AVAILABLE} < {to_scaled(LOW)}",
}
_DECIMALS = ("on_hand", "reserved", "backordered", "available")


def levels(
    store: SqliteStore, warehouse_id: str | None, *, text: str = "", only: str = "", limit: int = PAGE, offset: int = 0
) -> Rows:
    """Products with their stock in a warehouse, what is waited for first; ``id`` is the product's.

    Rows: ``id, sku, name(_en), variant(_en), unit(_en), picture, level_id, on_hand, reserved, backordered, available,
    unsent``. ``only`` is one of ``FILTERS``.
    """
    params: dict[str, Any] = {"warehouse": warehouse_id, "limit": limit, "offset": offset}
    sql = _LEVELS + _WHERE[only]
    if text.strip():
        ids = found(store, text, limit + offset)
        rows = store.query(
            sql + " AND x.id IN (SELECT value FROM json_each(:ids))",
            {**params, "ids": msgspec.json.encode(ids).decode()},
        )
        return decimals(in_order(rows, ids)[offset : offset + limit], *_DECIMALS)
    sql += " ORDER BY backordered = 0, available, x.sku LIMIT :limit OFFSET :offset"
    return decimals(store.query(sql, params), *_DECIMALS)


def filter_counts(store: SqliteStore, warehouse_id: str | None) -> dict[str, int]:
    """How many products each of ``FILTERS`` shows."""
    return {
        only: store.query(f"SELECT count(*) AS n FROM ({_LEVELS + where})", {"warehouse": warehouse_id})[0]["n"]
        for only, where in _WHERE.items()
    }


def level(store: SqliteStore, warehouse_id: str | None, product_id: str) -> dict[str, Any] | None:
    """One row of ``levels``."""
    rows = store.query(_LEVELS + " AND x.id = :product", {"warehouse": warehouse_id, "product": product_id})
    return decimals(rows, *_DECIMALS)[0] if rows else None


def waiting(store: SqliteStore, level_id: str | None, *, limit: int = PAGE) -> Rows:
    """Orders that wait for a stock level, the first in the queue first: ``order_id, number, account, units``."""
    sql = """
    SELECT r.order_id, o.number, a.name AS account, r.backordered AS units
      FROM e_reservation r JOIN e_order o ON o.id = r.order_id LEFT JOIN e_account a ON a.id = o.account_id
     WHERE r.waiting_for = ? AND r.deleted_at IS NULL ORDER BY r.queue_position, r.id LIMIT ?"""
    return decimals(store.query(sql, (level_id, limit)), "units")


def moves(store: SqliteStore, level_id: str | None, *, limit: int = 20) -> Rows:
    """What came and went, the newest first. Complete ``stock_move`` rows with ``author``."""
    rows = store.select("stock_move", "stock_level_id = ?", (level_id,), order_by="created_at DESC, id", limit=limit)
    names = {row["id"]: row["name"] for row in store.query("SELECT id, name FROM e_user")}
    return [{**row, "author": names.get(row["created_by"], "")} for row in rows]
