"""Leads and deals as the desk counts them. As with orders, one filter gives the number and lists its rows."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from mobile.store.queries.base import PAGE, Rows, decimals, unsent
from mobile.store.queries.filters import RowFilter, day_terms, known_values
from mobile.store.queries.leads import OPEN
from mobile.store.queries.order_filter import NONE
from mobile.store.store import SqliteStore
from shared.rules.periods import Span

TOUCHED = frozenset({"lead", "lead_source", "opportunity", "stage", "account", "user", "_outbox"})
Kind = Literal["leads", "deals"]
ENDED = "ended"
"""A state of deals in filters: won or lost."""
OPEN_STATE = "open"
"""A state of leads in filters: somebody works on them. Of deals it is a state of its own."""
_COLUMNS: dict[str, dict[str, str]] = {
    "leads": {
        "owner": "r.owner_id = :owner",
        "source": "coalesce(r.source_id, '-') = :source",
        "state": f"(r.state = :state OR (:state = '{OPEN_STATE}' AND r.{OPEN}))",
    },
    "deals": {
        "owner": "r.owner_id = :owner",
        "source": "coalesce(r.source_id, '-') = :source",
        "stage": "r.stage_id = :stage",
        "state": "(r.state = :state OR (:state = 'ended' AND r.state IN ('won', 'lost')))",
    },
}
_TABLES = {"leads": ("e_lead", "r.created_at"), "deals": ("e_opportunity", "r.closed_at")}


class FunnelFilter(RowFilter, frozen=True):
    """Leads by the day they were written down, deals by the day they ended (``first`` and ``last``, ISO, included)."""

    kind: Kind = "leads"
    owner: str = ""
    source: str = ""
    state: str = ""
    stage: str = ""
    first: str = ""
    last: str = ""

    def where(self, time_zone: str) -> tuple[str, dict[str, Any]]:
        """``FROM … WHERE …`` over the rows ``r``, and its parameters."""
        table, day = _TABLES[self.kind]
        terms, params = ["r.deleted_at IS NULL"], {}
        for name, term in _COLUMNS[self.kind].items():
            if value := getattr(self, name):
                terms.append(term)
                params[name] = value
        days, bounds = day_terms(day, self.first, self.last, time_zone)
        return f"FROM {table} r WHERE {' AND '.join(terms + days)}", {**params, **bounds}


def from_address(kind: Kind, parameters: Mapping[str, str]) -> FunnelFilter:
    """The filter behind an address; days that are none are left out."""
    names = tuple(name for name in FunnelFilter.__struct_fields__ if name != "kind")
    return FunnelFilter(kind, **known_values(names, parameters))


def count(store: SqliteStore, asked: FunnelFilter, time_zone: str) -> int:
    """How many rows the filter means."""
    source, params = asked.where(time_zone)
    return int(store.query(f"SELECT count(*) AS n {source}", params)[0]["n"])


def by_part(store: SqliteStore, asked: FunnelFilter, parts: Sequence[Span], time_zone: str) -> list[int]:
    """How many rows each span of days has, in order; the filter's own days do not count."""
    source, params = asked.with_(first="", last="").where(time_zone)
    day = _TABLES[asked.kind][1]
    bounds = msgspec.json.encode([part.bounds_ms(time_zone) for part in parts]).decode()
    sql = f"""
    SELECT (SELECT count(*) {source}
               AND {day} >= json_extract(b.value, '$[0]') AND {day} < json_extract(b.value, '$[1]')) AS n
      FROM json_each(:bounds) b ORDER BY b.key"""
    return [int(row["n"]) for row in store.query(sql, {**params, "bounds": bounds})]


class Rate(msgspec.Struct, frozen=True):
    """Deals that ended: ``won`` of ``ended`` (cancelled ones are neither won nor lost)."""

    won: int
    ended: int

    @property
    def percent(self) -> Decimal | None:
        """One decimal; none when nothing ended."""
        return (Decimal(self.won * 100) / self.ended).quantize(Decimal("0.1")) if self.ended else None


def win_rate(store: SqliteStore, ended: FunnelFilter, time_zone: str) -> Rate:
    """The rate among the deals that the filter, of the state ``ENDED``, means."""
    return Rate(count(store, ended.with_(state="won"), time_zone), count(store, ended, time_zone))


def lead_sources(store: SqliteStore, asked: FunnelFilter, time_zone: str) -> Rows:
    """Leads by source, the most first: ``key`` (its id or ``NONE``), ``name, name_en, count, converted``."""
    source, params = asked.where(time_zone)
    sql = f"""
    SELECT g.key, s.name, s.name_en, g.count, g.converted FROM (
        SELECT coalesce(r.source_id, '{NONE}') AS key, count(*) AS count, sum(r.state = 'converted') AS converted
        {source} GROUP BY 1) g
      LEFT JOIN e_lead_source s ON s.id = g.key ORDER BY g.count DESC, s.position, g.key"""
    return store.query(sql, params)


class StageSum(msgspec.Struct, frozen=True):
    """A stage's open deals: how many, their amounts, and the amounts by their odds."""

    id: str
    name: str
    name_en: str
    count: int
    amount: Decimal
    weighted: Decimal


def pipeline(store: SqliteStore, owner: str = "") -> list[StageSum]:
    """Open stages in their order with what is in them; a stage out of use only while deals are left in it."""
    sql = """
    SELECT r.stage_id AS id, coalesce(r.probability, s.probability, 0) AS odds, count(*) AS count,
           sum(r.amount) AS amount
      FROM e_opportunity r LEFT JOIN e_stage s ON s.id = r.stage_id
     WHERE r.state = 'open' AND r.deleted_at IS NULL AND (:owner = '' OR r.owner_id = :owner) GROUP BY 1, 2"""
    # Amounts of equal odds are added first, then multiplied outside of SQLite, whose integers end at 64 bits.
    sums: dict[str, tuple[int, Decimal, Decimal]] = {}
    for row in decimals(store.query(sql, {"owner": owner}), "odds", "amount"):
        number, amount, weighted = sums.get(row["id"], (0, Decimal(0), Decimal(0)))
        weighted += row["amount"] * row["odds"] / 100
        sums[row["id"]] = number + row["count"], amount + row["amount"], weighted
    stages = store.query(
        "SELECT id, name, name_en, active FROM e_stage WHERE kind = 'open' AND deleted_at IS NULL ORDER BY position, id"
    )
    empty = (0, Decimal(0), Decimal(0))
    return [
        StageSum(one["id"], one["name"], one["name_en"], *sums.get(one["id"], empty))
        for one in stages if one["active"] or one["id"] in sums
    ]  # fmt: skip


def rows(store: SqliteStore, asked: FunnelFilter, time_zone: str, *, limit: int = PAGE) -> Rows:
    """The list behind a number, the newest first: ``id, title, second, owner_id, owner_name, state, amount`` (none for
    leads), ``at, unsent``."""
    source, params = asked.where(time_zone)
    entity = "lead" if asked.kind == "leads" else "opportunity"
    own = {
        "leads": "coalesce(nullif(r.name, ''), r.company) AS title, r.company AS second, NULL AS amount, "
        "r.created_at AS at",
        "deals": "r.title, (SELECT name FROM e_account WHERE id = r.account_id) AS second, r.amount, "
        "coalesce(r.closed_at, r.stage_since) AS at",
    }[asked.kind]
    sql = f"""
    SELECT r.id, {own}, r.owner_id, (SELECT name FROM e_user WHERE id = r.owner_id) AS owner_name, r.state,
           {unsent(entity, "r")} {source} ORDER BY at DESC, r.id DESC LIMIT :limit"""
    return decimals(store.query(sql, {**params, "limit": limit}), "amount")
