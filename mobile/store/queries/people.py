"""Colleagues."""

from mobile.store.queries.base import Rows
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"user"})


def colleagues(store: SqliteStore, team_id: str | None = None) -> Rows:
    """Active users, of one team or of all: ``id, name, role``. Those who sell come first."""
    sql = """
    SELECT id, name, role FROM e_user
     WHERE active AND deleted_at IS NULL AND (:team IS NULL OR home_team_id = :team)
     ORDER BY role <> 'rep', name, id"""
    return store.query(sql, {"team": team_id})
