"""Leads: the list, the page, what is captured today, who is known already, what is left to fill in."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from mobile.store.queries.base import PAGE, Rows, in_order, unsent
from mobile.store.store import SqliteStore
from mobile.store.tokens import normalise, units_of
from shared.codec import Row
from shared.rules.leads import company_key, email_key, lacks, phone_key, runs_on, title

TOUCHED = frozenset({"lead", "event", "lead_source", "account", "contact", "user", "_outbox"})
"""Entities whose commits make these results old."""
OPEN = "state IN ('new', 'following', 'interested')"
_LIST = f"""
SELECT l.id, l.name, l.company, l.phone, l.email, l.wechat, l.grade, l.state, l.next_step_on, l.next_step, l.event_id,
       l.owner_id, l.team_id, l.account_id, l.created_at, u.name AS owner_name, {unsent("lead", "l")}
  FROM e_lead l LEFT JOIN e_user u ON u.id = l.owner_id
 WHERE l.deleted_at IS NULL
"""
SAME_MAX = 5
"""So many that may be the same are shown."""
PART_MIN = 4
"""Signs that a company's name must have in common with a longer one."""


def leads(
    store: SqliteStore, *, text: str = "", state: str | None = None, grade: str | None = None,
    event_id: str | None = None, owner_id: str | None = None, only_open: bool = False, limit: int = PAGE,
    offset: int = 0,
) -> Rows:  # fmt: skip
    """The list, the newest first, or what fits ``text`` (names, companies, digits), best first. ``only_open``: those
    that somebody works on.

    Rows: the lead's name, company, phone, grade, state, next step and event, ``owner_name``, ``unsent``.
    """
    filters = {"state": state, "grade": grade, "event_id": event_id, "owner_id": owner_id}
    filters = {name: value for name, value in filters.items() if value is not None}
    listed = _LIST + "".join(f" AND l.{name} = :{name}" for name in filters)
    if only_open:
        listed += f" AND l.{OPEN}"
    if not text.strip():
        listed += " ORDER BY l.created_at DESC, l.id DESC LIMIT :limit OFFSET :offset"
        return store.query(listed, {**filters, "limit": limit, "offset": offset})
    ids = [row["id"] for row in store.search("lead", text, limit, offset, filters)]
    listed += " AND l.id IN (SELECT value FROM json_each(:ids))"
    return in_order(store.query(listed, {**filters, "ids": msgspec.json.encode(ids).decode()}), ids)


def state_counts(store: SqliteStore) -> dict[str, int]:
    """How many leads there are in each state; ``""`` is all of them."""
    rows = store.query("SELECT state, count(*) AS n FROM e_lead WHERE deleted_at IS NULL GROUP BY 1")
    counts = {row["state"]: row["n"] for row in rows}
    return {"": sum(counts.values()), **counts}


def lead(store: SqliteStore, lead_id: str) -> dict[str, Any] | None:
    """The whole row with ``owner_name``, ``account``, ``event`` and ``source`` (rows or none) and ``unsent``; None when
    it is not here or deleted."""
    row = store.get("lead", lead_id)
    if row is None or row["deleted_at"] is not None:
        return None
    account = store.get("account", row["account_id"]) if row["account_id"] else None
    owner = store.get("user", row["owner_id"]) if row["owner_id"] else None
    waiting = store.query(f"SELECT {unsent('lead', 'l')} FROM e_lead l WHERE l.id = ?", (lead_id,))[0]["unsent"]
    return {
        **row,
        "unsent": waiting,
        "owner_name": owner["name"] if owner else "",
        "account": account if account and account["deleted_at"] is None else None,
        "event": store.get("event", row["event_id"]) if row["event_id"] else None,
        "source": store.get("lead_source", row["source_id"]) if row["source_id"] else None,
    }


def captured(store: SqliteStore, bounds_ms: tuple[int, int], user_id: str) -> int:
    """Leads that the user has captured between two instants."""
    sql = "SELECT count(*) AS n FROM e_lead WHERE deleted_at IS NULL AND created_by = ? AND created_at BETWEEN ? AND ?"
    return int(store.query(sql, (user_id, bounds_ms[0], bounds_ms[1] - 1))[0]["n"])


# Shows and sources


def events(store: SqliteStore) -> list[Row]:
    """All shows, the latest first."""
    return store.select("event", "deleted_at IS NULL", order_by="starts_on DESC, id")


def running(store: SqliteStore, day: str) -> Row | None:
    """The show that is open on the day (ISO text); of several the one that began last."""
    return next((event for event in events(store) if runs_on(event, day)), None)


def latest(store: SqliteStore, day: str) -> Row | None:
    """The show that is open on the day (ISO text), otherwise the one that began last before it."""
    return running(store, day) or next((event for event in events(store) if event["starts_on"] <= day), None)


def sources(store: SqliteStore) -> list[Row]:
    """Sources in use, in their order."""
    return store.select("lead_source", "deleted_at IS NULL AND active", order_by="position, id")


# Known already


class Same(NamedTuple):
    """Somebody who may be the same person: ``entity`` lead or account, ``why`` phone, email or company."""

    entity: str
    id: str
    name: str
    why: str
    contact_id: str | None = None
    """The contact of the account that has the number or address."""


def people_count(store: SqliteStore) -> int:
    """Customers and leads that this device can compare with."""
    living = "SELECT count(*) AS n FROM e_{} WHERE deleted_at IS NULL"
    return sum(store.query(living.format(entity))[0]["n"] for entity in ("account", "lead"))


def same(store: SqliteStore, phone: str, email: str, company: str, *, but: str = "") -> list[Same]:
    """Leads and customers on this device with the same number, address or company, in this order of weight.

    Numbers are compared by their digits, companies without their legal form and by how they sound: 驼铃 and 鸵铃 are
    one. ``but``: a lead that is not compared with itself.
    """
    found = [*_by_phone(store, phone), *_by_email(store, email), *_by_company(store, company)]
    unique: dict[tuple[str, str], Same] = {}
    for one in found:
        if one.id != but:
            unique.setdefault((one.entity, one.id), one)
    return list(unique.values())[:SAME_MAX]


def _by_phone(store: SqliteStore, phone: str) -> Iterable[Same]:
    key = phone_key(phone)
    if not key:
        return
    for entity in ("account", "contact", "lead"):
        for row in store.search(entity, key, SAME_MAX * 2):
            if phone_key(row["phone"]) == key:
                yield from _known(store, entity, row, "phone")


def _by_email(store: SqliteStore, email: str) -> Iterable[Same]:
    key = email_key(email)
    if "@" not in key:
        return
    for entity in ("contact", "lead"):
        for row in store.select(entity, "deleted_at IS NULL AND lower(email) = ?", (key,), limit=SAME_MAX):
            yield from _known(store, entity, row, "email")


def _by_company(store: SqliteStore, company: str) -> Iterable[Same]:
    key = company_key(company)
    typed = "".join(_sound(key))
    if len(key) < 2 or len(typed) < PART_MIN:
        return
    for entity, field in (("account", "name"), ("lead", "company")):
        for row in store.search(entity, typed, SAME_MAX * 2):
            if _sounds_alike(key, company_key(row[field])):
                yield from _known(store, entity, row, "company")


def _known(store: SqliteStore, entity: str, row: Row, why: str) -> Iterable[Same]:
    if entity == "lead":
        yield Same("lead", row["id"], title(row), why)
        return
    account_id = row["account_id"] if entity == "contact" else row["id"]
    account = store.get("account", account_id)
    if account is not None and account["deleted_at"] is None:
        yield Same("account", account_id, account["name"], why, row["id"] if entity == "contact" else None)


def _sound(key: str) -> list[str]:
    """A name's signs by their main reading; Latin words as they are."""
    return [unit[0] for unit in units_of(normalise(key))]


def _sounds_alike(one: str, other: str) -> bool:
    first, second = "".join(_sound(one)), "".join(_sound(other))
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return min(len(one), len(other)) >= PART_MIN and shorter in longer


# Before the booth closes


def unfinished(store: SqliteStore, event_id: str | None, owner_id: str | None = None) -> list[Row]:
    """Open leads of a show (none: of any) that lack a grade, a note or a next step, the newest first."""
    given = {name: value for name, value in (("event_id", event_id), ("owner_id", owner_id)) if value is not None}
    where = " AND ".join(["deleted_at IS NULL", OPEN, *(f"{name} = ?" for name in given)])
    rows = store.select("lead", where, tuple(given.values()), order_by="created_at DESC, id DESC")
    return [row for row in rows if lacks(row)]
