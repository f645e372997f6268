"""The files of a customer, of its follow-ups and of leads."""

from typing import Any

from mobile.store.queries.base import Rows, unsent
from mobile.store.store import SqliteStore
from shared.commands.attachments import claims

TOUCHED = frozenset({"attachment", "_blob", "user", "_outbox"})
"""Entities whose commits make these results old."""

_FILES = f"""
SELECT a.id, a.account_id, a.lead_id, a.activity_id, a.file_name, a.media_type, a.size, a.sha256, a.width, a.height,
       a.seconds, a.stored_at, a.created_at, a.created_by, u.name AS author, b.sha256 IS NOT NULL AS here,
       coalesce(b.problem, '') AS problem,
       {unsent("attachment", "a")}
  FROM e_attachment a LEFT JOIN e_user u ON u.id = a.created_by LEFT JOIN blob b ON b.sha256 = a.sha256
 WHERE a.deleted_at IS NULL"""


def files(store: SqliteStore, account_id: str) -> Rows:
    """All files of a customer, the newest first. Rows: the attachment's fields with ``author``, ``here`` (the bytes are
    on this device), ``problem`` (code of a refusal), ``unsent``."""
    return store.query(f"{_FILES} AND a.account_id = ? ORDER BY a.created_at DESC, a.id DESC", (account_id,))


def of_lead(store: SqliteStore, lead_id: str) -> Rows:
    """All files of a lead, the newest first; rows as in ``files``."""
    return store.query(f"{_FILES} AND a.lead_id = ? ORDER BY a.created_at DESC, a.id DESC", (lead_id,))


def file(store: SqliteStore, attachment_id: str) -> dict[str, Any] | None:
    """One file; None when it is not here or removed."""
    found = store.query(f"{_FILES} AND a.id = ?", (attachment_id,))
    return found[0] if found else None


def waiting(store: SqliteStore, user_id: str) -> Rows:
    """Files of the user whose bytes are here and not on the server, the oldest first."""
    where = " AND a.created_by = ? AND a.stored_at IS NULL AND b.sha256 IS NOT NULL ORDER BY a.created_at, a.id"
    return store.query(_FILES + where, (user_id,))


def left_of(store: SqliteStore, commands: list[dict[str, Any]]) -> list[str]:
    """Of content that commands attach what still lies on this device alone: of each the code of the server's refusal,
    empty while it may be sent."""
    hashes = sorted({claim.sha256 for claim in claims(commands)})
    places = ", ".join("?" * len(hashes))
    rows = store.query(f"SELECT problem FROM blob WHERE own AND sha256 IN ({places})", hashes)
    return [row["problem"] for row in rows]
