"""Handed-over work that a manager answers for."""

from mobile.store.queries.base import PAGE, Rows
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"quarantine_item", "user", "account", "order", "product", "_outbox"})


def open_count(store: SqliteStore) -> int:
    """How much waits for a decision."""
    return store.count("quarantine_item", "state = 'open'")


def open_items(store: SqliteStore, *, limit: int = PAGE) -> Rows:
    """Open items, the oldest first: what builds on others comes after them. Complete rows."""
    return store.select("quarantine_item", "state = 'open'", order_by="occurred_at, id", limit=limit)


def settled_items(store: SqliteStore, *, limit: int = PAGE) -> Rows:
    """Adopted and dismissed ones, the latest first."""
    return store.select("quarantine_item", "state <> 'open'", order_by="settled_at DESC, id DESC", limit=limit)
