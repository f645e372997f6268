"""Work whose author may no longer see or write its rows is not lost: it goes to the managers who answer for it.

``decide`` stops at a refusal that may mean this (``Examine``); the batch looks for the evidence, which may need rows
and memberships from the database, and decides again with what was found. Without evidence a refusal stays a refusal,
so that ids of other people's rows tell nothing.
"""

import logging
from typing import Any

import msgspec

from shared.access import Actor
from shared.catalog import ENTITIES
from shared.commands import execute
from shared.commands.quarantine import HANDED_OVER, impersonal, item_id
from shared.commands.work import Key, Need, Work
from shared.errors import CaravanError, Problem
from shared.fields import Scope
from shared.protocol import Transaction
from sync.authority.ports import Unit
from sync.authority.prefetch import first_guess
from sync.authority.rows import BatchRows

log = logging.getLogger("caravan.authority")

PERMISSION = frozenset({"not_found", "role_not_allowed", "field_hidden", "other_team"})
"""Refusals that a changed owner, share, team or role can cause."""
MAX_FETCHES = 50
ROWS_KEPT = 200


class Handover(msgspec.Struct, frozen=True):
    """What was found about a refusal. ``reason`` empty: nothing, it is refused."""

    reason: str = ""
    code: str = ""
    team_id: str | None = None
    """The team that answers for the row now."""
    after: tuple[str, ...] = ()


class Examine(Exception):
    """The transaction was refused in a way that must be looked into before it is final."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Person(msgspec.Struct, frozen=True):
    """The author, as far as the evidence needs it."""

    user_id: str
    org_id: str
    device_id: str
    now_ms: int


def is_handed_over(problem: Problem | None) -> bool:
    """Whether an outcome's problem says that a manager has the work."""
    return problem is not None and problem.code in HANDED_OVER.values()


def may_be_handed_over(tx: Transaction, problem: Problem) -> bool:
    """Whether the refusal can come from a changed view, and somebody else could do the work."""
    if problem.code not in PERMISSION and problem.code != "dependency":
        return False
    return bool(impersonal([{"name": command.name, "args": command.args} for command in tx.commands]))


async def examine(
    unit: Unit, rows: BatchRows, tx: Transaction, who: Person, problem: Problem, handed_over: frozenset[str]
) -> Handover:
    """Evidence that the author could do this before: it builds on work that was handed over, the row was in the
    author's bucket, or an earlier role or team of the author's would have been allowed to."""
    if problem.code == "dependency":
        return await _with_earlier(unit, rows, handed_over)
    key = (str(problem.params.get("entity", "")), str(problem.params.get("id", "")))
    if problem.code == "not_found" and await _has_left(unit, rows, key, who):
        row = rows.get(*key)
        return Handover("scope", problem.code, row["team_id"] if row else None)
    await rows.fetch(unit, Need(rows=[("user", who.user_id)], children=[("standing", "user_id", who.user_id)]))
    for standing in rows.children("standing", "user_id", who.user_id):
        if await _would_pass(unit, rows, tx, who, standing):
            return Handover("scope", problem.code, await _team_of(unit, rows, tx))
    return Handover()


async def handed_in(unit: Unit, rows: BatchRows, tx: Transaction, code: str, handed_over: frozenset[str]) -> Handover:
    """The finding about a transaction of a shut-out device: there is nothing to prove."""
    after = tuple(sorted(item_id(tx_id) for tx_id in handed_over))
    return Handover("device", code, await _team_of(unit, rows, tx), after)


async def _with_earlier(unit: Unit, rows: BatchRows, handed_over: frozenset[str]) -> Handover:
    if not handed_over:
        return Handover()
    items = sorted(item_id(tx_id) for tx_id in handed_over)
    await rows.fetch(unit, Need(rows=[("quarantine_item", row_id) for row_id in items]))
    found = [row for row in (rows.get("quarantine_item", row_id) for row_id in items) if row is not None]
    team_id = next((row["answering_team_id"] for row in found if row["answering_team_id"]), None)
    return Handover("dependency", "dependency", team_id, tuple(row["id"] for row in found))


async def _has_left(unit: Unit, rows: BatchRows, key: Key, who: Person) -> bool:
    if key[0] not in ENTITIES or not key[1]:
        return False
    await rows.fetch(unit, Need(rows=[key]))
    if rows.get(*key) is None:
        return False
    return bool(await unit.were_members([key], [f"user:{who.user_id}"]))


async def _would_pass(unit: Unit, rows: BatchRows, tx: Transaction, who: Person, standing: dict[str, Any]) -> bool:
    """Whether nothing but today's role or team stands in the way; any other refusal is not about permission."""
    actor = Actor(who.user_id, who.org_id, standing["role"], standing["home_team_id"], who.device_id, 0)
    for _ in range(MAX_FETCHES):
        try:
            execute(tx, Work(rows, actor, authority=True, tx_id=tx.id, now_ms=who.now_ms))
        except Need as need:
            await rows.fetch(unit, need)
        except CaravanError as refusal:
            return refusal.code not in PERMISSION
        except Exception:
            log.debug("rehearsal in an earlier role failed", extra={"tx_id": tx.id}, exc_info=True)
            return False
        else:
            return True
    return False


async def _team_of(unit: Unit, rows: BatchRows, tx: Transaction) -> str | None:
    keys = concerned(tx)
    await rows.fetch(unit, Need(rows=keys))
    found = (rows.get(*key) for key in keys)
    return next((row["team_id"] for row in found if row is not None and row["team_id"]), None)


def concerned(tx: Transaction) -> list[Key]:
    """The business rows that the commands name, in order."""
    named = first_guess([tx], "").rows
    return sorted(key for key in named if ENTITIES[key[0]].options.scope is Scope.OWNER)[:ROWS_KEPT]


def put_aside(work: Work, tx: Transaction, found: Handover, subject: dict[str, Any]) -> None:
    """Writes the item, in the author's name; ``work`` is that of the refusal."""
    author = work.require("user", work.actor.user_id)
    work.insert(
        "quarantine_item",
        {
            "id": item_id(tx.id),
            "team_id": author["home_team_id"],
            "answering_team_id": found.team_id,
            "reason": found.reason,
            "code": found.code,
            "title": subject.get("title", ""),
            "tx_id": tx.id,
            "author_id": work.actor.user_id,
            "device_id": work.actor.device_id or "",
            "device_name": work.device_name[:120],
            "occurred_at": tx.occurred_at,
            "entity": subject.get("entity", ""),
            "row_id": subject.get("row_id"),
            "account_id": subject.get("account_id"),
            "touched": [list(key) for key in concerned(tx)],
            "builds_on": list(found.after),
            "written_under": tx.schema,
            "payload": [{"name": command.name, "args": command.args} for command in tx.commands],
        },
    )
