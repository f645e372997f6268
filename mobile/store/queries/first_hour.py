"""What the rows of this device say about somebody's first hour."""

from mobile.store.queries.base import UNSENT
from mobile.store.store import SqliteStore
from shared.rules.first_hour import OCCASIONAL

TOUCHED = frozenset(
    {"lead", "activity", "stage_change", "order", "stock_lease", "conflict", "user", "stage", "event", "feedback"}
)
_MADE = "created_by = :me AND created_at >= :since"
_DONE = {
    "lead": f"e_lead WHERE {_MADE}",
    # Written by hand: the one that a conversion makes has a derived id, which is no UUIDv7.
    "follow_up": f"e_activity WHERE {_MADE} AND substr(id, 15, 1) = '7'",
    "deal": f"e_stage_change WHERE {_MADE} AND action IN ('moved', 'won', 'lost')",
    "offline_order": "e_order AS o WHERE o.created_by = :me AND o.created_at >= :since AND o.state = 'pending' AND "
    + UNSENT.format(entity="order", alias="o").removesuffix(" AS unsent"),
    "lease": f"e_stock_lease WHERE {_MADE}",
    # The server settles some by itself when it makes them.
    "conflict": "e_conflict WHERE kind = 'field' AND state = 'resolved' AND updated_by = :me AND resolved_at >= :since"
    " AND updated_at > created_at",
    "invite": "e_user WHERE id <> :me AND created_at >= :since",
    "stage": "e_stage WHERE updated_by = :me AND updated_at >= :since AND updated_at > created_at",
    "event": f"e_event WHERE {_MADE}",
    "feedback": "e_feedback WHERE answered_by = :me AND answered_at >= :since",
}
"""Task → where the rows are that tell that it is done."""
_POSSIBLE = {
    "conflict": "e_conflict WHERE kind = 'field' AND deleted_at IS NULL",
    "feedback": "e_feedback WHERE owner_id <> :me AND deleted_at IS NULL",
}


def done(store: SqliteStore, keys: tuple[str, ...], me: str, since: int, *, online: bool) -> tuple[str, ...]:
    """Those of the tasks that the rows show as done. An order counts as taken offline while there is no network and
    the server has not heard of it."""
    asked = [key for key in keys if key in _DONE and not (key == "offline_order" and online)]
    return tuple(key for key in asked if _any(store, _DONE[key], me, since))


def possible(store: SqliteStore, me: str) -> frozenset[str]:
    """Tasks of ``OCCASIONAL`` for which there is something."""
    return frozenset(key for key in OCCASIONAL if _any(store, _POSSIBLE[key], me, 0))


def _any(store: SqliteStore, rows: str, me: str, since: int) -> bool:
    params = {name: value for name, value in (("me", me), ("since", since)) if f":{name}" in rows}
    return bool(store.query(f"SELECT EXISTS (SELECT 1 FROM {rows}) AS there", params)[0]["there"])


_NEWEST = {
    "account": "e_account WHERE deleted_at IS NULL AND (owner_id = :me OR :me = '')",
    "opportunity": "e_opportunity WHERE deleted_at IS NULL AND state = 'open' AND (owner_id = :me OR :me = '')",
    "order": "e_order WHERE deleted_at IS NULL AND (owner_id = :me OR :me = '')",
}


def newest(store: SqliteStore, entity: str, owner_id: str = "") -> str | None:
    """Id of the youngest account, open deal or order, of an owner where one is named."""
    found = store.query(f"SELECT id FROM {_NEWEST[entity]} ORDER BY created_at DESC, id DESC LIMIT 1", {"me": owner_id})
    return str(found[0]["id"]) if found else None
