"""How SQLite goes about a read: the plans of the statements that it really runs."""

from collections.abc import Callable
from typing import Any

from mobile.store.store import SqliteStore


def plan(store: SqliteStore, read: Callable[[SqliteStore], Any]) -> str:
    """``EXPLAIN QUERY PLAN`` of each statement that ``read`` runs, a line for each step."""
    statements: list[str] = []
    store.connection.set_trace_callback(statements.append)
    try:
        read(store)
    finally:
        store.connection.set_trace_callback(None)
    wanted = [one for one in statements if one.lstrip().startswith("SELECT")]
    assert wanted, "nothing was read"
    steps = [row for one in wanted for row in store.connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall()]
    return "\n".join(row[3] for row in steps)
