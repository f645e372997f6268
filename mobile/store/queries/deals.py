"""Deals: the list, the board, one deal with the history of its stages."""

from decimal import Decimal
from typing import Any

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, unsent
from mobile.store.store import SqliteStore
from shared.codec import Row
from shared.numbers import from_scaled, round_money
from shared.rules.deals import WHOLE

TOUCHED = frozenset({"opportunity", "stage", "stage_change", "lost_reason", "account", "user", "order", "_outbox"})
STATES = ("open", "won", "lost", "cancelled")
COLUMN = 20
"""Deals that a column of the board shows; the list has all."""


class Filters(msgspec.Struct, frozen=True):
    """What the list and the board show. Empty: everything. ``late``: the day on which an open deal was expected to
    close is before ``today``; ``since``: of ended deals those that ended then or later (UTC milliseconds)."""

    state: str = ""
    stage_id: str = ""
    owner_id: str = ""
    account_id: str = ""
    text: str = ""
    late: bool = False
    today: str = ""
    since: int = 0


class Totals(msgspec.Struct, frozen=True):
    """How many deals, their amounts together, and the amounts by their odds."""

    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


class Column(msgspec.Struct, frozen=True):
    """A stage on the board with its totals and its first deals."""

    stage: Row
    totals: Totals
    deals: Rows


_FROM = """
  FROM e_opportunity o
  LEFT JOIN e_stage s ON s.id = o.stage_id
"""
_LIST = f"""
SELECT o.id, o.title, o.account_id, a.name AS account, o.stage_id, s.name AS stage, s.name_en AS stage_en, o.amount,
       o.probability, s.probability AS usual, o.expected_close, o.state, o.stage_since, o.closed_at, o.owner_id,
       u.name AS owner_name, {unsent("opportunity", "o")}
{_FROM}
  LEFT JOIN e_account a ON a.id = o.account_id
  LEFT JOIN e_user u ON u.id = o.owner_id
"""
_ORDERS = {
    "close": "o.state <> 'open', o.closed_at DESC, o.expected_close IS NULL, o.expected_close, o.id",
    "amount": "o.amount DESC, o.id",
}


def _where(store: SqliteStore, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The condition of the filters over ``o``, and its parameters."""
    parts, params = ["o.deleted_at IS NULL"], msgspec.structs.asdict(filters)
    for name in ("state", "stage_id", "owner_id", "account_id"):
        if params[name]:
            parts.append(f"o.{name} = :{name}")
    if filters.late:
        parts.append("o.state = 'open' AND o.expected_close < :today")
    if filters.since:
        parts.append("(o.closed_at IS NULL OR o.closed_at >= :since)")
    if filters.text.strip():
        params["ids"] = msgspec.json.encode(_found(store, filters.text.strip())).decode()
        parts.append("o.id IN (SELECT value FROM json_each(:ids))")
    return " WHERE " + " AND ".join(parts), params


def _found(store: SqliteStore, text: str) -> list[str]:
    """Deals by their title and by their customer, some hundreds at most."""
    ids = [row["id"] for row in store.search("opportunity", text, 300)]
    customers = msgspec.json.encode([row["id"] for row in store.search("account", text, 100)]).decode()
    sql = "SELECT id FROM e_opportunity WHERE account_id IN (SELECT value FROM json_each(?)) LIMIT 500"
    return list(dict.fromkeys([*ids, *(row["id"] for row in store.query(sql, (customers,)))]))


def deals(store: SqliteStore, filters: Filters, *, order: str = "close", limit: int = PAGE, offset: int = 0) -> Rows:
    """The list by expected close (ended ones after the open, the latest first) or by ``amount``, the largest first.

    Rows: ``id, title, account_id, account, stage_id, stage, stage_en, amount, probability`` (own, or None),
    ``usual`` (the stage's), ``expected_close, state, stage_since, closed_at, owner_id, owner_name, unsent``.
    """
    where, params = _where(store, filters)
    sql = f"{_LIST}{where} ORDER BY {_ORDERS[order]} LIMIT :limit OFFSET :offset"
    rows = store.query(sql, {**params, "limit": limit, "offset": offset})
    return decimals(rows, "amount", "probability", "usual")


def totals(store: SqliteStore, filters: Filters) -> Totals:
    """The sums over all that the list would show."""
    return _sum(_grouped(store, filters).values())


def _grouped(store: SqliteStore, filters: Filters) -> dict[str, Totals]:
    """Totals by stage. Amounts of equal odds are added first, so that nothing is rounded before the end."""
    where, params = _where(store, filters)
    sql = f"""
    SELECT o.stage_id, o.state, coalesce(o.probability, s.probability, 0) AS odds, count(*) AS count,
           sum(o.amount) AS amount
    {_FROM}{where} GROUP BY 1, 2, 3"""
    parts: dict[str, list[Totals]] = {}
    for row in store.query(sql, params):
        amount, odds = from_scaled(row["amount"]), from_scaled(row["odds"])
        if row["state"] != "open":
            odds = WHOLE if row["state"] == "won" else Decimal(0)
        parts.setdefault(row["stage_id"], []).append(Totals(row["count"], amount, amount * odds / WHOLE))
    return {stage_id: _added(found) for stage_id, found in parts.items()}


def _added(parts: Any) -> Totals:
    listed = list(parts)
    return Totals(
        sum(part.count for part in listed),
        sum((part.amount for part in listed), Decimal(0)),
        sum((part.weighted for part in listed), Decimal(0)),
    )


def _sum(parts: Any) -> Totals:
    added = _added(parts)
    return msgspec.structs.replace(added, weighted=round_money(added.weighted))


def stages(store: SqliteStore, kind: str = "") -> list[Row]:
    """Stages in use, of one kind or all, in their order."""
    rows = store.select("stage", "deleted_at IS NULL AND active", order_by="position, id")
    return [row for row in rows if not kind or row["kind"] == kind]


def lost_reasons(store: SqliteStore) -> list[Row]:
    """Reasons in use, in their order."""
    return store.select("lost_reason", "deleted_at IS NULL AND active", order_by="position, id")


def board(store: SqliteStore, filters: Filters, won_since: int) -> list[Column]:
    """A column for each open stage (of those out of use only such as still hold deals), then what was won since.

    ``filters.state`` and ``filters.stage_id`` are the board's own.
    """
    waiting = msgspec.structs.replace(filters, state="open", stage_id="", since=0)
    won = msgspec.structs.replace(filters, state="won", stage_id="", since=won_since)
    sums = _grouped(store, waiting)
    columns = []
    for stage in store.select("stage", "deleted_at IS NULL AND kind = 'open'", order_by="position, id"):
        if stage["active"] or stage["id"] in sums:
            found = deals(store, msgspec.structs.replace(waiting, stage_id=stage["id"]), limit=COLUMN)
            columns.append(Column(stage, _sum([sums.get(stage["id"], Totals())]), found))
    for stage in stages(store, "won")[:1]:
        columns.append(Column(stage, totals(store, won), deals(store, won, limit=COLUMN)))
    return columns


def owners(store: SqliteStore) -> Rows:
    """Colleagues with open deals: ``id, name, count``, by name."""
    sql = """
    SELECT u.id, u.name, count(*) AS count FROM e_opportunity o JOIN e_user u ON u.id = o.owner_id
     WHERE o.deleted_at IS NULL AND o.state = 'open' GROUP BY u.id, u.name ORDER BY u.name, u.id"""
    return store.query(sql)


def state_counts(store: SqliteStore, owner_id: str = "") -> dict[str, int]:
    """How many deals there are by state; ``""``: all."""
    sql = """
    SELECT state, count(*) AS n FROM e_opportunity
     WHERE deleted_at IS NULL AND (:owner = '' OR owner_id = :owner) GROUP BY state"""
    counts = {row["state"]: row["n"] for row in store.query(sql, {"owner": owner_id})}
    return {"": sum(counts.values()), **counts}


def deal(store: SqliteStore, deal_id: str) -> dict[str, Any] | None:
    """The whole row with ``account``, ``owner_name``, ``contact``, ``contact_phone``, ``lost_reason``,
    ``lost_reason_en``, ``unsent``; None when it is not here or deleted."""
    row = store.get("opportunity", deal_id)
    if row is None or row["deleted_at"] is not None:
        return None
    sql = f"""
    SELECT a.name AS account, u.name AS owner_name, c.name AS contact, c.phone AS contact_phone,
           r.name AS lost_reason, r.name_en AS lost_reason_en, {unsent("opportunity", "o")}
      FROM e_opportunity o
      LEFT JOIN e_account a ON a.id = o.account_id LEFT JOIN e_user u ON u.id = o.owner_id
      LEFT JOIN e_contact c ON c.id = o.contact_id AND c.deleted_at IS NULL
      LEFT JOIN e_lost_reason r ON r.id = o.lost_reason_id
     WHERE o.id = ?"""
    return {**row, **store.query(sql, (deal_id,))[0]}


def history(store: SqliteStore, deal_id: str) -> Rows:
    """The deal's steps, the first one first, with ``author``, the stages' names (``from_name``, ``to_name``,
    ``seen_name``, each with ``_en``) and ``unsent``."""
    sql = f"""
    SELECT h.id, h.action, h.from_stage_id, h.to_stage_id, h.at, h.days, h.reason, h.created_by, u.name AS author,
           f.name AS from_name, f.name_en AS from_name_en, t.name AS to_name, t.name_en AS to_name_en,
           n.name AS seen_name, n.name_en AS seen_name_en, {unsent("stage_change", "h")}
      FROM e_stage_change h
      LEFT JOIN e_user u ON u.id = h.created_by
      LEFT JOIN e_stage f ON f.id = h.from_stage_id
      LEFT JOIN e_stage t ON t.id = h.to_stage_id
      LEFT JOIN e_stage n ON n.id = h.seen_stage_id
     WHERE h.opportunity_id = ? AND h.deleted_at IS NULL ORDER BY h.rev = 0, h.rev, h.at, h.id"""
    return store.query(sql, (deal_id,))


def days_in_stages(steps: Rows) -> dict[str, int]:
    """Whole days spent in each stage that was left, by stage; a stage that was entered twice has both."""
    spent: dict[str, int] = {}
    for step in steps:
        if step["from_stage_id"]:
            spent[step["from_stage_id"]] = spent.get(step["from_stage_id"], 0) + step["days"]
    return spent
