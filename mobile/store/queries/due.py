"""What is due: follow-ups with customers, and the next steps of leads that somebody works on.

Rows of both are alike: ``entity`` says which it is, ``account`` is the customer's name or the lead's.
"""

from mobile.store.queries.base import PAGE, Rows, unsent
from mobile.store.queries.leads import OPEN
from mobile.store.store import SqliteStore
from shared.rules.leads import NAMING

TOUCHED = frozenset({"account", "contact", "activity", "lead", "user", "_outbox"})
"""Entities whose commits make these results old."""
_OF_CUSTOMERS = f"""
    SELECT 'activity' AS entity, a.id, a.account_id, a.channel, a.body, a.due_on, a.due_time, a.due_note, a.owner_id,
           u.name AS owner_name, x.name AS account, x.account_class, x.city, '' AS company, c.name AS contact,
           coalesce(nullif(c.phone, ''), x.phone) AS phone, {unsent("activity", "a")}
      FROM e_activity a
      JOIN e_account x ON x.id = a.account_id AND x.deleted_at IS NULL
      LEFT JOIN e_user u ON u.id = a.owner_id
      LEFT JOIN e_contact c ON c.id = (SELECT id FROM e_contact WHERE account_id = x.id AND deleted_at IS NULL
                                        ORDER BY created_at, id LIMIT 1)
     WHERE a.done_at IS NULL AND a.deleted_at IS NULL AND (:owner IS NULL OR a.owner_id = :owner)"""
_WORKED_ON = f"+l.{OPEN}"
"""The sign keeps SQLite from the index of states: most leads are open, few are due."""
_TITLE = "coalesce(" + ", ".join(f"nullif(l.{name}, '')" for name in NAMING) + ")"
"""As ``shared.rules.leads.title`` has it."""
_OF_LEADS = f"""
    SELECT 'lead' AS entity, l.id, NULL AS account_id, NULL AS channel, '' AS body, l.next_step_on AS due_on,
           NULL AS due_time, l.next_step AS due_note, l.owner_id, u.name AS owner_name,
           {_TITLE} AS account, NULL AS account_class, '' AS city, l.company, l.name AS contact, l.phone AS phone,
           {unsent("lead", "l")}
      FROM e_lead l LEFT JOIN e_user u ON u.id = l.owner_id
     WHERE {_WORKED_ON} AND l.deleted_at IS NULL AND (:owner IS NULL OR l.owner_id = :owner)"""
_OPEN = f"""
    SELECT a.due_on, a.owner_id FROM e_activity a JOIN e_account x ON x.id = a.account_id AND x.deleted_at IS NULL
     WHERE a.due_on <= :until AND a.done_at IS NULL AND a.deleted_at IS NULL AND (:owner IS NULL OR a.owner_id = :owner)
    UNION ALL
    SELECT l.next_step_on, l.owner_id FROM e_lead l
     WHERE l.next_step_on <= :until AND {_WORKED_ON} AND l.deleted_at IS NULL
       AND (:owner IS NULL OR l.owner_id = :owner)"""

OVERDUE = f"SELECT owner_id, count(*) AS n, min(due_on) AS oldest FROM ({_OPEN}) WHERE due_on < :until GROUP BY 1"
"""What was due before ``:until``, by owner; ``:owner`` NULL: of everybody."""


def due(store: SqliteStore, *, until: str, owner_id: str | None = None, limit: int = PAGE, offset: int = 0) -> Rows:
    """What is due on ``until`` or before, in order of day and time: what has a time comes before what may be done at
    any time of its day.

    Rows: ``entity`` (``activity``, ``lead``), ``id, account_id, channel, body, due_on, due_time, due_note, owner_id,
    owner_name, account, account_class, city, company, contact, phone, unsent``.
    """
    sql = f"""
    SELECT * FROM ({_OF_CUSTOMERS} AND a.due_on <= :until UNION ALL {_OF_LEADS} AND l.next_step_on <= :until)
     ORDER BY due_on, due_time IS NULL, due_time, account, id LIMIT :limit OFFSET :offset"""
    return store.query(sql, {"until": until, "owner": owner_id, "limit": limit, "offset": offset})


def due_at_a_time(store: SqliteStore, *, day: str, owner_id: str, limit: int) -> Rows:
    """Rows as of ``due``: somebody's open follow-ups of a day that have a time, the earliest first. A lead's next step
    has none."""
    sql = f"{_OF_CUSTOMERS} AND a.due_on = :day AND a.due_time IS NOT NULL ORDER BY a.due_time, a.id LIMIT :limit"
    return store.query(sql, {"day": day, "owner": owner_id, "limit": limit})


def due_counts(store: SqliteStore, *, today: str, owner_id: str | None = None) -> dict[str, int]:
    """``due``: what is due today or before; ``overdue``: before today."""
    sql = f"SELECT count(*) AS due, coalesce(sum(due_on < :until), 0) AS overdue FROM ({_OPEN})"
    return store.query(sql, {"until": today, "owner": owner_id})[0]


def overdue(store: SqliteStore, before: str, owner_id: str | None = None) -> Rows:
    """What was due before a day, by owner: ``owner, name, count, oldest``, the oldest first."""
    sql = f"""
    SELECT v.owner_id AS owner, u.name, v.n AS count, v.oldest
      FROM ({OVERDUE}) v LEFT JOIN e_user u ON u.id = v.owner_id ORDER BY v.oldest, v.n DESC, u.name"""
    return store.query(sql, {"until": before, "owner": owner_id})
