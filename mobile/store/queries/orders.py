"""Orders: the list, the page, what is short."""

from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, unsent
from mobile.store.queries.order_filter import OrderFilter
from mobile.store.store import SqliteStore
from shared.commands.stock import shortage_id
from shared.rules.orders import provisional_number

TOUCHED = frozenset({"order", "order_line", "account", "user", "product", "conflict", "opportunity", "_outbox"})

STATES = ("", "pending", "confirmed", "short", "cancelled")
"""Filters of the list: all, three states, and confirmed orders that wait for stock."""

_SHORT = "EXISTS (SELECT 1 FROM e_order_line l WHERE l.order_id = o.id AND l.backordered > 0 AND l.deleted_at IS NULL)"
_LIST = f"""
SELECT o.id, o.number, o.state, o.total, o.currency, o.units, o.line_count, o.account_id, a.name AS account,
       o.owner_id, u.name AS owner_name, coalesce(o.ordered_at, o.created_at) AS at, {_SHORT} AS short,
       {unsent("order", "o")}
  FROM e_order o
  LEFT JOIN e_account a ON a.id = o.account_id
  LEFT JOIN e_user u ON u.id = o.owner_id
 WHERE """


def orders(
    store: SqliteStore, *, state: str = "", text: str = "", account_id: str | None = None, deal_id: str | None = None,
    limit: int = PAGE, offset: int = 0, only: OrderFilter | None = None, time_zone: str = "UTC",
) -> Rows:  # fmt: skip
    """The list, the newest first. ``state`` is one of ``STATES``; ``text`` is a number or a customer; ``only`` narrows
    it further, by days of the time zone.

    Rows: ``id, number, state, total, currency, units, line_count, account_id, account, owner_id, owner_name, at, short,
    unsent``; without an official number ``number`` is empty (show ``rules.orders.provisional_number``).
    """
    where, params = (only or OrderFilter()).with_(state="" if state == "short" else state).where(time_zone)
    sql, params = _LIST + where, {**params, "limit": limit, "offset": offset}
    if state == "short":
        sql += f" AND o.state = 'confirmed' AND {_SHORT}"
    # Only what is asked for: a condition that might not count keeps SQLite from the index.
    for name, value in (("account_id", account_id), ("opportunity_id", deal_id)):
        if value is not None:
            sql += f" AND o.{name} = :{name}"
            params[name] = value
    ids: list[str] = []
    if text.strip():
        ids = _found(store, text.strip())
        sql += " AND o.id IN (SELECT value FROM json_each(:ids))"
        params["ids"] = msgspec.json.encode(ids).decode()
    sql += " ORDER BY at DESC, o.id DESC LIMIT :limit OFFSET :offset"
    return decimals(store.query(sql, params), "total", "units")


def _found(store: SqliteStore, text: str) -> list[str]:
    """Orders by official number, by provisional number, by customer. At most some hundreds."""
    ids = [row["id"] for row in store.search("order", text, 200)]
    wanted = text.upper().removeprefix("TMP-").strip()
    if wanted:
        unnumbered = store.query("SELECT id FROM e_order WHERE number = '' AND deleted_at IS NULL")
        ids += [row["id"] for row in unnumbered if wanted in provisional_number(row["id"])[4:]]
    customers = [row["id"] for row in store.search("account", text, 50)]
    if customers:
        by_customer = store.query(
            "SELECT id FROM e_order WHERE account_id IN (SELECT value FROM json_each(?)) LIMIT 500",
            (msgspec.json.encode(customers).decode(),),
        )
        ids += [row["id"] for row in by_customer]
    return list(dict.fromkeys(ids))


def state_counts(store: SqliteStore, only: OrderFilter | None = None, time_zone: str = "UTC") -> dict[str, int]:
    """How many orders there are by filter of ``STATES``, of those that ``only`` means beside its state."""
    where, params = (only or OrderFilter()).with_(state="").where(time_zone)
    source = f"FROM e_order o LEFT JOIN e_account a ON a.id = o.account_id WHERE {where}"
    rows = store.query(f"SELECT o.state, count(*) AS n {source} GROUP BY 1", params)
    counts = {row["state"]: row["n"] for row in rows}
    short = store.query(f"SELECT count(*) AS n {source} AND o.state = 'confirmed' AND {_SHORT}", params)
    return {"": sum(counts.values()), "short": short[0]["n"], **counts}


def order(store: SqliteStore, order_id: str) -> dict[str, Any] | None:
    """The whole row with ``account``, ``owner_name``, ``price_list``, ``warehouse``, ``unsent``, and in ``deal`` the
    title of its deal; None if not here."""
    row = store.get("order", order_id)
    if row is None or row["deleted_at"] is not None:
        return None
    extra = store.query(
        "SELECT a.name AS account, u.name AS owner_name, p.name AS price_list, p.name_en AS price_list_en, "
        f"w.name AS warehouse, w.name_en AS warehouse_en, d.title AS deal, {unsent('order', 'o')} "
        "FROM e_order o LEFT JOIN e_account a ON a.id = o.account_id LEFT JOIN e_user u ON u.id = o.owner_id "
        "LEFT JOIN e_price_list p ON p.id = o.price_list_id LEFT JOIN e_warehouse w ON w.id = o.warehouse_id "
        "LEFT JOIN e_opportunity d ON d.id = o.opportunity_id AND d.deleted_at IS NULL "
        "WHERE o.id = ?",
        (order_id,),
    )[0]
    return {**row, **extra}


def order_lines(store: SqliteStore, order_id: str) -> Rows:
    """The order's lines by position, with the product's picture, names and unit as they are now."""
    sql = """
    SELECT l.id, l.product_id, l.sku, l.name, l.position, l.quantity, l.unit_price, l.discount, l.tax_rate, l.total,
           l.state, l.reserved, l.backordered, l.leased, p.picture, p.name_en, p.variant, p.variant_en, p.unit,
           p.unit_en
      FROM e_order_line l LEFT JOIN e_product p ON p.id = l.product_id
     WHERE l.order_id = ? AND l.deleted_at IS NULL ORDER BY l.position, l.id"""
    names = ("quantity", "unit_price", "discount", "tax_rate", "total", "reserved", "backordered", "leased")
    return decimals(store.query(sql, (order_id,)), *names)


def shortage(store: SqliteStore, order_id: str) -> dict[str, Any] | None:
    """The notice about what the order is short of, while it is open."""
    row = store.get("conflict", shortage_id(order_id))
    return row if row is not None and row["state"] == "open" else None


def rejection(store: SqliteStore, order_id: str) -> dict[str, Any] | None:
    """The open inbox row about a refused submission of this order."""
    rows = store.select("conflict", "kind = 'rejection' AND state = 'open' AND deleted_at IS NULL", order_by="id DESC")
    return next((row for row in rows if order_id in _order_ids(row["payload"])), None)


def _order_ids(payload: Any) -> set[str]:
    commands = payload.get("commands", []) if isinstance(payload, dict) else payload or []
    ids = set()
    for command in commands:
        args = command.get("args", {})
        if command.get("name") == "order.create":
            ids.add(args.get("id"))
        ids.add(args.get("order_id"))
    return ids - {None}
