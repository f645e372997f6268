"""Colleagues: who can be given a customer or show stock, or see a customer too."""

from mobile.store.queries.base import Rows
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"user", "team", "account"})


def colleagues(store: SqliteStore, team_id: str | None = None) -> Rows:
    """Active users, of one team or of all: ``id, name, role, team``. Those who sell come first."""
    sql = """
    SELECT u.id, u.name, u.role, coalesce(t.name, '') AS team
      FROM e_user u LEFT JOIN e_team t ON t.id = u.home_team_id
     WHERE u.active AND u.deleted_at IS NULL AND (:team IS NULL OR u.home_team_id = :team)
     ORDER BY u.role <> 'rep', u.name, u.id"""
    return store.query(sql, {"team": team_id})


def names(store: SqliteStore, user_ids: list[str]) -> list[str]:
    """Names of the users, in order of name; who is not known here is left out."""
    rows = (store.get("user", user_id) for user_id in user_ids)
    return sorted(row["name"] for row in rows if row is not None)
