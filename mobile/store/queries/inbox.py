"""What needs a person: conflicts, refusals, shortages, and local transactions that are in doubt."""

from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows
from mobile.store.store import SqliteStore
from shared.protocol import decode_transaction

TOUCHED = frozenset({"conflict", "user", "account", "order", "product", "price", "stock_level", "_outbox"})

_OPEN = "state = 'open' AND deleted_at IS NULL"
_SETTLED = "state <> 'open' AND deleted_at IS NULL"


def open_count(store: SqliteStore) -> int:
    """How many things need me: the badge of the navigation."""
    return store.count("conflict", _OPEN) + len(doubtful(store))


def open_items(store: SqliteStore, *, limit: int = PAGE, offset: int = 0) -> Rows:
    """Open rows, the newest first. Complete ``conflict`` rows."""
    return store.select("conflict", _OPEN, order_by="created_at DESC, id DESC", limit=limit, offset=offset)


def settled_items(store: SqliteStore, *, limit: int = PAGE, offset: int = 0) -> Rows:
    """Settled rows, the latest first; a losing value can be brought back from here."""
    return store.select("conflict", _SETTLED, order_by="resolved_at DESC, id DESC", limit=limit, offset=offset)


def settled_count(store: SqliteStore) -> int:
    """How many have been settled."""
    return store.count("conflict", _SETTLED)


def doubtful(store: SqliteStore) -> Rows:
    """Unsent transactions whose replay failed here: ``tx_id, code, commands, occurred_at``. The server decides."""
    rows = store.query("SELECT tx_id, payload, doubtful, created_at FROM outbox WHERE doubtful <> '' ORDER BY position")
    found = []
    for row in rows:
        tx = decode_transaction(row["payload"])
        found.append(
            {
                "tx_id": row["tx_id"],
                "code": row["doubtful"],
                "occurred_at": tx.occurred_at,
                "commands": [msgspec.to_builtins(command) for command in tx.commands],
            }
        )
    return found


def user_names(store: SqliteStore) -> dict[str, str]:
    """Names of all colleagues by id."""
    return {row["id"]: row["name"] for row in store.query("SELECT id, name FROM e_user")}


def name_of(store: SqliteStore, entity: str, row_id: str | None, title: str = "name") -> str:
    """The title of a row that a command points to, empty when it is not here."""
    row = store.get(entity, row_id) if row_id else None
    return str((row or {}).get(title) or "")


def commands_of(payload: Any) -> list[dict[str, Any]]:
    """The commands in a refusal's payload: ``name`` and ``args`` each."""
    commands = payload.get("commands", []) if isinstance(payload, dict) else payload or []
    return [command for command in commands if isinstance(command, dict) and "name" in command]
