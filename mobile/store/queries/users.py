"""Users as an administrator sees them on this device."""

from mobile.store.queries.base import Rows
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"user", "team"})


def people(store: SqliteStore) -> Rows:
    """Everybody: ``id, name, login, role, active, team``; those who are not active last."""
    sql = """
    SELECT u.id, u.name, u.login, u.role, u.active, coalesce(t.name, '') AS team
      FROM e_user u LEFT JOIN e_team t ON t.id = u.home_team_id
     WHERE u.deleted_at IS NULL ORDER BY u.active DESC, u.name, u.id"""
    return store.query(sql)
