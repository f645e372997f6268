"""The catalogue: shelves, products with price and availability."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, in_order
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"product", "category", "price", "price_list", "stock_level", "tax", "warehouse"})

OFTEN = "often"
"""In place of a category: what the customer has ordered before, the most frequent first."""

_PRODUCT = """
SELECT x.id, x.sku, x.name, x.name_en, x.variant, x.variant_en, x.unit, x.unit_en, x.step, x.picture, x.category_id,
       x.description, x.description_en, x.active, p.amount AS price, coalesce(t.rate, 0) AS tax_rate,
       l.id AS level_id, coalesce(l.on_hand, 0) AS on_hand, coalesce(l.reserved, 0) AS reserved,
       coalesce(l.backordered, 0) AS backordered, max(0, coalesce(l.on_hand, 0) - coalesce(l.reserved, 0)) AS available
  FROM e_product x
  LEFT JOIN e_price p ON p.price_list_id = :price_list AND p.product_id = x.id AND p.deleted_at IS NULL
  LEFT JOIN e_stock_level l ON l.warehouse_id = :warehouse AND l.product_id = x.id AND l.deleted_at IS NULL
  LEFT JOIN e_tax t ON t.id = x.tax_id AND t.deleted_at IS NULL
  LEFT JOIN e_category c ON c.id = x.category_id
"""
_DECIMALS = ("step", "price", "tax_rate", "on_hand", "reserved", "backordered", "available")


def categories(store: SqliteStore) -> Rows:
    """Shelves with something on them, in their order: ``id, name, name_en, n``."""
    return store.query(
        "SELECT c.id, c.name, c.name_en, count(x.id) AS n FROM e_category c "
        "JOIN e_product x ON x.category_id = c.id AND x.active AND x.deleted_at IS NULL "
        "WHERE c.deleted_at IS NULL GROUP BY c.id ORDER BY c.position, c.name, c.id"
    )


def price_list(store: SqliteStore, account_id: str | None = None) -> dict[str, Any] | None:
    """The customer's price list, otherwise the default one; None when there is none at all."""
    sql = """
    SELECT p.id, p.name, p.name_en FROM e_price_list p LEFT JOIN e_account a ON a.id = ? AND a.price_list_id = p.id
     WHERE p.deleted_at IS NULL ORDER BY a.id IS NULL, NOT p.is_default, p.name LIMIT 1"""
    rows = store.query(sql, (account_id,))
    return rows[0] if rows else None


def warehouses(store: SqliteStore) -> Rows:
    """All warehouses, the first one is where orders are served from."""
    return store.query("SELECT id, name, name_en FROM e_warehouse WHERE deleted_at IS NULL ORDER BY created_at, id")


def products(
    store: SqliteStore, *, price_list_id: str | None, warehouse_id: str | None, category: str | None = None,
    account_id: str | None = None, text: str = "", limit: int = PAGE, offset: int = 0,
) -> Rows:  # fmt: skip
    """Products on sale that have a price on the list, shelf by shelf, or what fits ``text`` (name, SKU, pinyin).

    Rows: ``id, sku, name(_en), variant(_en), unit(_en), step, picture, category_id, description(_en), price, tax_rate,
    level_id, on_hand, reserved, backordered, available``.
    """
    params: dict[str, Any] = {"price_list": price_list_id, "warehouse": warehouse_id, "limit": limit, "offset": offset}
    sql = _PRODUCT + " WHERE x.deleted_at IS NULL AND x.active AND p.amount IS NOT NULL"
    if text.strip():
        ids = found(store, text, limit + offset)
        rows = store.query(sql + _AMONG, {**params, "ids": msgspec.json.encode(ids).decode()})
        return decimals(in_order(rows, ids)[offset : offset + limit], *_DECIMALS)
    if category == OFTEN and account_id:
        ids = often_bought(store, account_id)
        rows = store.query(sql + _AMONG, {**params, "ids": msgspec.json.encode(ids).decode()})
        return decimals(in_order(rows, ids)[offset : offset + limit], *_DECIMALS)
    if category:
        sql += " AND x.category_id = :category"
        params["category"] = category
    sql += " ORDER BY c.position, x.sku, x.id LIMIT :limit OFFSET :offset"
    return decimals(store.query(sql, params), *_DECIMALS)


_AMONG = " AND x.id IN (SELECT value FROM json_each(:ids))"


def found(store: SqliteStore, text: str, limit: int) -> list[str]:
    """Ids of products that fit: a SKU typed in full or begun stands before what search finds."""
    begun = "SELECT id FROM e_product WHERE sku LIKE ? ESCAPE '\\' AND deleted_at IS NULL ORDER BY sku LIMIT ?"
    typed = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    ids = [row["id"] for row in store.query(begun, (typed + "%", limit))]
    ids += [row["id"] for row in store.search("product", text, limit)]
    return list(dict.fromkeys(ids))[:limit]


def products_by_id(
    store: SqliteStore, ids: Sequence[str], *, price_list_id: str | None, warehouse_id: str | None
) -> dict[str, dict[str, Any]]:
    """The same rows for given products, also for those that are no longer on sale or have no price (``None``)."""
    params = {"price_list": price_list_id, "warehouse": warehouse_id, "ids": msgspec.json.encode(list(ids)).decode()}
    rows = store.query(_PRODUCT + " WHERE x.id IN (SELECT value FROM json_each(:ids))", params)
    return {row["id"]: row for row in decimals(rows, *_DECIMALS)}


def often_bought(store: SqliteStore, account_id: str, limit: int = 24) -> list[str]:
    """Products that the customer has ordered, by the number of orders."""
    sql = """
    SELECT l.product_id AS id, count(*) AS n FROM e_order o JOIN e_order_line l ON l.order_id = o.id
     WHERE o.account_id = ? AND o.state <> 'cancelled' AND o.deleted_at IS NULL AND l.deleted_at IS NULL
     GROUP BY 1 ORDER BY n DESC, max(o.ordered_at) DESC, 1 LIMIT ?"""
    return [row["id"] for row in store.query(sql, (account_id, limit))]


def low(available: Decimal) -> bool:
    """Whether so little is left that it should stand out."""
    return available < LOW


LOW = Decimal(20)
"""Units under which availability is shown as low."""
