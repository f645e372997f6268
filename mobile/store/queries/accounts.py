"""Customers: the list and the page."""

from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, in_order, unsent
from mobile.store.store import SqliteStore

_OPEN = "due_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL"
_BY_DUE = "a.due_on, a.due_time IS NULL, a.due_time"
"""What has a time comes before what may be done at any time of the day."""
_LIST = f"""
SELECT a.id, a.name, a.account_class, a.level, a.city, a.phone, a.owner_id, u.name AS owner_name, d.due_on,
       c.name AS contact, c.phone AS contact_phone, {unsent("account", "a")}
  FROM e_account a
  LEFT JOIN (SELECT account_id, min(due_on) AS due_on FROM e_activity WHERE {_OPEN} GROUP BY account_id) d
    ON d.account_id = a.id
  LEFT JOIN e_contact c ON c.id = (SELECT id FROM e_contact WHERE account_id = a.id AND deleted_at IS NULL
                                    ORDER BY created_at, id LIMIT 1)
  LEFT JOIN e_user u ON u.id = a.owner_id
 WHERE a.deleted_at IS NULL AND (:account_class IS NULL OR a.account_class = :account_class)
"""
TOUCHED = frozenset({"account", "contact", "activity", "user", "order", "_outbox"})
"""Entities whose commits make these results old."""


def customers(
    store: SqliteStore, *, text: str = "", account_class: str | None = None, limit: int = PAGE, offset: int = 0
) -> Rows:
    """The list: by next follow-up, or what fits ``text`` (name, pinyin, initials, digits; of contacts too), best first.

    Rows: ``id, name, account_class, level, city, phone, owner_id, owner_name, due_on, contact, contact_phone, unsent``.
    """
    params: dict[str, Any] = {"account_class": account_class, "limit": limit, "offset": offset}
    if not text.strip():
        order = "ORDER BY d.due_on IS NULL, d.due_on, a.name, a.id LIMIT :limit OFFSET :offset"
        return store.query(_LIST + order, params)
    ids = _found(store, text, account_class, limit + offset)[offset : offset + limit]
    listed = _LIST + " AND a.id IN (SELECT value FROM json_each(:ids))"
    return in_order(store.query(listed, {**params, "ids": _json(ids)}), ids)


def _found(store: SqliteStore, text: str, account_class: str | None, limit: int) -> list[str]:
    filters = {"account_class": account_class} if account_class else {}
    ids = [row["id"] for row in store.search("account", text, limit, filters=filters)]
    people = store.search("contact", text, limit)
    return list(dict.fromkeys([*ids, *(row["account_id"] for row in people)]))


def _json(ids: list[str]) -> str:
    return msgspec.json.encode(ids).decode()


def class_counts(store: SqliteStore) -> dict[str, int]:
    """How many customers there are of each class; ``""`` is all of them."""
    rows = store.query("SELECT account_class, count(*) AS n FROM e_account WHERE deleted_at IS NULL GROUP BY 1")
    counts = {row["account_class"]: row["n"] for row in rows}
    return {"": sum(counts.values()), **counts}


def overdue_count(store: SqliteStore, today: str) -> int:
    """Customers whose next follow-up lies before today."""
    sql = f"SELECT count(DISTINCT account_id) AS n FROM e_activity WHERE {_OPEN} AND due_on < ?"
    return int(store.query(sql, (today,))[0]["n"])


def customer(store: SqliteStore, account_id: str) -> dict[str, Any] | None:
    """The whole row with ``owner_name``, ``price_list``, ``unsent``; None when it is not here or deleted."""
    row = store.get("account", account_id)
    if row is None or row["deleted_at"] is not None:
        return None
    extra = store.query(
        f"SELECT u.name AS owner_name, p.name AS price_list, p.name_en AS price_list_en, {unsent('account', 'a')} "
        "FROM e_account a LEFT JOIN e_user u ON u.id = a.owner_id LEFT JOIN e_price_list p ON p.id = a.price_list_id "
        "WHERE a.id = ?",
        (account_id,),
    )[0]
    return {**row, **extra}


def contacts(store: SqliteStore, account_id: str) -> Rows:
    """The people at a customer, the first one first, with ``unsent``."""
    sql = (
        f"SELECT c.id, c.name, c.position, c.phone, c.email, c.wechat, c.notes, {unsent('contact', 'c')} "
        "FROM e_contact c WHERE c.account_id = ? AND c.deleted_at IS NULL ORDER BY c.created_at, c.id"
    )
    return store.query(sql, (account_id,))


_ACTIVITY = f"""
SELECT a.id, a.account_id, a.channel, a.body, a.happened_at, a.due_on, a.due_time, a.due_note, a.done_at, a.created_by,
       u.name AS author, {unsent("activity", "a")}
  FROM e_activity a LEFT JOIN e_user u ON u.id = a.created_by
"""


def timeline(store: SqliteStore, account_id: str, *, limit: int = PAGE, offset: int = 0) -> Rows:
    """Follow-ups with a customer, the newest first, with their author's name and ``unsent``."""
    sql = (
        _ACTIVITY + " WHERE a.account_id = ? AND a.deleted_at IS NULL "
        "ORDER BY a.happened_at DESC, a.id DESC LIMIT ? OFFSET ?"
    )
    return store.query(sql, (account_id, limit, offset))


def next_due(store: SqliteStore, account_id: str) -> Rows:
    """Open follow-ups of a customer, the earliest first."""
    sql = _ACTIVITY + (
        " WHERE a.account_id = ? AND a.due_on IS NOT NULL AND a.done_at IS NULL AND a.deleted_at IS NULL "
        f"ORDER BY {_BY_DUE}, a.id"
    )
    return store.query(sql, (account_id,))


def sales(store: SqliteStore, account_id: str) -> dict[str, Any]:
    """What the customer has bought: ``orders`` (confirmed), ``total`` and ``last_at`` of them, ``count`` of all."""
    sql = """
    SELECT count(*) AS count, sum(state = 'confirmed') AS orders,
           sum(CASE WHEN state = 'confirmed' THEN total ELSE 0 END) AS total, max(ordered_at) AS last_at
      FROM e_order WHERE account_id = ? AND deleted_at IS NULL"""
    row = decimals(store.query(sql, (account_id,)), "total")[0]
    return {**row, "orders": row["orders"] or 0}
