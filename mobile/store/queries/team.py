"""The people of a team with the work that is open with each, over the rows of this device."""

from typing import Any

from mobile.store.queries.base import decimals
from mobile.store.queries.due import OVERDUE
from mobile.store.queries.leads import OPEN
from mobile.store.store import SqliteStore

TOUCHED = frozenset({"user", "team", "lead", "opportunity", "activity", "account"})


def members(store: SqliteStore, today: str, team_id: str | None = None) -> list[dict[str, Any]]:
    """Of one team or of all: ``id, name, role, active, team, leads`` (open), ``deals`` (open) with their ``amount``
    (Decimal), ``overdue`` (what was due before today) and ``oldest`` (day of the first of them). Who is not active any
    more comes last, and is left out when nothing is open with him."""
    sql = f"""
    SELECT u.id, u.name, u.role, u.active, coalesce(t.name, '') AS team, coalesce(l.n, 0) AS leads,
           coalesce(d.n, 0) AS deals, coalesce(d.amount, 0) AS amount, coalesce(v.n, 0) AS overdue, v.oldest
      FROM e_user u
      LEFT JOIN e_team t ON t.id = u.home_team_id
      LEFT JOIN (SELECT owner_id, count(*) AS n FROM e_lead WHERE {OPEN} AND deleted_at IS NULL GROUP BY 1) l
        ON l.owner_id = u.id
      LEFT JOIN (SELECT owner_id, count(*) AS n, sum(amount) AS amount FROM e_opportunity
                  WHERE state = 'open' AND deleted_at IS NULL GROUP BY 1) d ON d.owner_id = u.id
      LEFT JOIN ({OVERDUE}) v ON v.owner_id = u.id
     WHERE u.deleted_at IS NULL AND (:team IS NULL OR u.home_team_id = :team)
       AND (u.active OR l.n IS NOT NULL OR d.n IS NOT NULL OR v.n IS NOT NULL)
     ORDER BY u.active DESC, u.role <> 'rep', u.name, u.id"""
    return decimals(store.query(sql, {"until": today, "owner": None, "team": team_id}), "amount")
