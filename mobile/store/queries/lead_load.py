"""Who can be given leads, and how many open ones everybody has."""

from mobile.store.queries.leads import OPEN
from mobile.store.store import SqliteStore
from shared.rules.lead_load import Candidate

TOUCHED = frozenset({"lead", "user", "team"})


def candidates(store: SqliteStore, team_id: str | None = None) -> list[Candidate]:
    """Active users of one team or of all, those who sell first, then in order of name."""
    sql = f"""
    SELECT u.id, u.name, u.role, u.home_team_id AS team_id, coalesce(t.name, '') AS team, coalesce(l.n, 0) AS open
      FROM e_user u
      LEFT JOIN e_team t ON t.id = u.home_team_id
      LEFT JOIN (SELECT owner_id, count(*) AS n FROM e_lead WHERE {OPEN} AND deleted_at IS NULL GROUP BY 1) l
        ON l.owner_id = u.id
     WHERE u.active AND u.deleted_at IS NULL AND (:team IS NULL OR u.home_team_id = :team)
     ORDER BY u.role <> 'rep', u.name, u.id"""
    return [Candidate(**row) for row in store.query(sql, {"team": team_id})]
