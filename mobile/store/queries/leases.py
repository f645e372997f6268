"""Stock leases: what this device may promise as firm, what is whose, and what has come of it."""

from decimal import Decimal
from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, unsent
from mobile.store.store import SqliteStore
from shared.rules.leases import LIVE, is_firm, left

TOUCHED = frozenset({"stock_lease", "product", "user", "stock_level"})


class Firm(msgspec.Struct, frozen=True):
    """Units of a product that this device holds on a lease."""

    lease_id: str
    units: Decimal
    event_name: str = ""


def firm(store: SqliteStore, device_id: str | None, warehouse_id: str | None, now_ms: int) -> dict[str, Firm]:
    """What this device may promise now, by product. ``now_ms``: ``DeviceEngine.server_now_ms``."""
    mine = "device_id = ? AND warehouse_id = ? AND state = 'active' AND deleted_at IS NULL"
    return {
        row["product_id"]: Firm(row["id"], left(row), row["event_name"])
        for row in store.select("stock_lease", mine, (device_id, warehouse_id))
        if is_firm(row, device_id, now_ms) and left(row) > 0
    }


_DECIMALS = ("quantity", "drawn", "returned", "left")
_LEASES = f"""
SELECT s.id, s.state, s.quantity, s.drawn, s.returned, s.quantity - s.drawn - s.returned AS left, s.event_name,
       s.expires_at, s.ended_at, s.device_id, s.device_name, s.device_gone_at, s.owner_id, s.product_id, s.warehouse_id,
       u.name AS holder, u.active AS holder_active,
       x.name, x.name_en, x.variant, x.variant_en, x.sku, x.unit, x.unit_en, x.picture, {unsent("stock_lease", "s")}
  FROM e_stock_lease s LEFT JOIN e_product x ON x.id = s.product_id LEFT JOIN e_user u ON u.id = s.owner_id
 WHERE s.deleted_at IS NULL
"""
_IS_LIVE = f"s.state IN ({', '.join(repr(state) for state in LIVE)})"


def live(store: SqliteStore, *, holder_id: str | None = None, product_id: str | None = None) -> Rows:
    """Leases that hold units, the first to end first; of one holder, of one product, or all that this user may see.

    Rows: ``id, state, quantity, drawn, returned, left, event_name, expires_at, device_id, device_name, device_gone_at,
    owner_id, holder, holder_active, product_id, warehouse_id``, the product's words and picture, ``unsent``.
    """
    sql = _LEASES + f" AND {_IS_LIVE}"
    params: dict[str, Any] = {"holder": holder_id, "product": product_id}
    sql += " AND s.owner_id = :holder" if holder_id else ""
    sql += " AND s.product_id = :product" if product_id else ""
    return decimals(store.query(sql + " ORDER BY s.expires_at, x.sku, s.id", params), *_DECIMALS)


def ended(store: SqliteStore, *, limit: int = PAGE) -> Rows:
    """Leases that are over, the last first; rows as of ``live``, with ``ended_at``."""
    sql = _LEASES + f" AND NOT {_IS_LIVE} ORDER BY s.ended_at DESC, s.id LIMIT ?"
    return decimals(store.query(sql, (limit,)), *_DECIMALS)
