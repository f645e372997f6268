"""Feedback: one's own, and for administrators everybody's."""

import json

from mobile.store.queries.base import PAGE, Rows, unsent
from mobile.store.store import SqliteStore
from shared.rules.feedback import STANDINGS

TOUCHED = frozenset({"feedback", "user", "_outbox"})


def listed(
    store: SqliteStore, *, standing: str = "", kind: str = "", owner_id: str | None = None, limit: int = PAGE
) -> Rows:
    """The newest first: id, kind, text, status, created_at, ``author`` (a name) and ``unsent``. ``standing``: one of
    ``STANDINGS``, empty for all."""
    sql = f"""
    SELECT f.id, f.kind, f.text, f.status, f.created_at, u.name AS author, {unsent("feedback", "f")}
      FROM e_feedback f LEFT JOIN e_user u ON u.id = f.owner_id
     WHERE f.deleted_at IS NULL AND (:owner IS NULL OR f.owner_id = :owner) AND (:kind = '' OR f.kind = :kind)
       AND (:standing = '' OR f.status IN (SELECT value FROM json_each(:states)))
     ORDER BY f.created_at DESC, f.id DESC LIMIT :limit"""
    states = json.dumps(STANDINGS.get(standing, ()))
    params = {"owner": owner_id, "kind": kind, "standing": standing, "states": states, "limit": limit}
    return store.query(sql, params)


def counts(store: SqliteStore, owner_id: str | None = None) -> dict[str, int]:
    """How many there are of each standing, and under ``""`` of all."""
    sql = """
    SELECT status, count(*) AS count FROM e_feedback
     WHERE deleted_at IS NULL AND (:owner IS NULL OR owner_id = :owner) GROUP BY status"""
    found = {row["status"]: row["count"] for row in store.query(sql, {"owner": owner_id})}
    told = {standing: sum(found.get(state, 0) for state in states) for standing, states in STANDINGS.items()}
    return {"": sum(found.values()), **told}


def open_count(store: SqliteStore) -> int:
    """How many wait for an answer."""
    return store.count("feedback", "status = 'new' AND deleted_at IS NULL")
