"""One transaction against the batch's rows: run it, or refuse it with its reason and an inbox row."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, entity_named
from shared.commands import execute
from shared.commands.quarantine import HANDED_OVER, notice_id
from shared.commands.work import Key, Need, Work
from shared.errors import CaravanError, Dependency, NotAllowed, Problem
from shared.fields import Privacy
from shared.protocol import Transaction
from sync.authority import quarantine
from sync.authority.awaited import Awaited, is_missing
from sync.authority.rows import BatchRows

log = logging.getLogger("caravan.authority")

INTERNAL = "internal_error"
NOBODY = ""
"""Role of a user who is not active any more."""
_RESTRICTED = {
    name: frozenset(field.name for field in entity.fields.values() if field.privacy is Privacy.RESTRICTED)
    for name, entity in ENTITIES.items()
}


class Decision(msgspec.Struct, kw_only=True):
    """The final word on one transaction, before it is stored."""

    tx_id: str
    status: str
    problem: Problem | None = None
    conflicts: list[str] = []
    written: list[tuple[str, str, bool]] = []
    """Rows that it wrote: entity, id, and whether it made the row."""
    error: str = ""
    """With ``internal_error``: what went wrong, for the quarantine."""


class Circumstances(msgspec.Struct, frozen=True):
    """What a decision needs to know beside the transaction and the rows."""

    user_id: str
    org_id: str
    device_id: str
    now_ms: int
    """Business time: ``occurred_at``, clamped."""
    refused: frozenset[str]
    """Those of the transaction's ``after`` that were rejected."""
    verdict: Problem | None = None
    """Set when an earlier attempt failed while it was stored: reject with this."""
    error: str = ""
    handover: quarantine.Handover | None = None
    """What was found about a refusal that may come from a changed view; None while nobody has looked."""
    given: dict[str, str] = {}
    """Official numbers from before the server was restored, by row id."""
    may_wait: bool = False
    """What names a row that is not there may wait for another device to bring it back."""


def actor_of(rows: BatchRows, user_id: str, org_id: str, device_id: str) -> Actor | None:
    """Who acts, from the user's row as the batch sees it now; None for a user who is not there or not active."""
    user = rows.get("user", user_id)
    if user is None or not user["active"] or user["deleted_at"] is not None:
        return None
    return Actor(
        user_id=user_id,
        org_id=org_id,
        role=user["role"],
        team_id=user["home_team_id"],
        device_id=device_id,
        discount_limit=user["discount_limit"],
    )


def decide(tx: Transaction, rows: BatchRows, about: Circumstances, new_error_id: Callable[[], str]) -> Decision:
    """Runs the transaction; what it wrote is kept in ``rows``, of a failed one only its inbox row.

    Raises ``Need`` for rows that must be fetched first, ``Examine`` for a refusal that must be looked into, ``Awaited``
    when it is not decided yet; ``rows`` are untouched then.
    """
    if about.verdict is not None:
        return _refuse(tx, rows, about, about.verdict, about.error)
    error = ""
    attempt = _work(tx, rows, about)
    try:
        _admit(attempt.actor, about)
        execute(tx, attempt)
    except CaravanError as refusal:
        problem = refusal.problem()
        if about.may_wait and is_missing(problem, rows):
            raise Awaited from refusal
        if about.handover is None and quarantine.may_be_handed_over(tx, problem):
            raise quarantine.Examine(problem) from refusal
    except Need:
        raise
    except Exception as failure:
        # A rule that breaks on one transaction must not hold up the others, nor this device's queue.
        problem = Problem(INTERNAL, None, {"error_id": new_error_id()})
        error = f"{type(failure).__name__}: {failure}"[:500]
        log.exception("transaction failed", extra={"tx_id": tx.id, "error_id": problem.params["error_id"]})
    else:
        return _accept(tx, attempt, rows)
    return _refuse(tx, rows, about, problem, error)


def _work(tx: Transaction, rows: BatchRows, about: Circumstances) -> Work:
    device = rows.get("device", about.device_id) if about.device_id else None
    # Refusals are written in the author's name even when the author has meanwhile lost all rights.
    nobody = Actor(about.user_id, about.org_id, NOBODY, device_id=about.device_id)
    actor = actor_of(rows, about.user_id, about.org_id, about.device_id) or nobody
    name = device["name"] if device else ""
    return Work(rows, actor, authority=True, tx_id=tx.id, now_ms=about.now_ms, device_name=name, given=about.given)


def miss_of(tx: Transaction, rows: BatchRows, about: Circumstances) -> Need:
    """What the transaction would miss at its first miss; nothing of it is kept."""
    try:
        actor = actor_of(rows, about.user_id, about.org_id, about.device_id)
        if actor is not None:
            execute(tx, Work(rows, actor, authority=True, tx_id=tx.id, now_ms=about.now_ms))
    except Need as need:
        return need
    except Exception:
        # The run that counts comes later and reports; here it may fail because its turn has not come.
        log.debug("rehearsal failed", extra={"tx_id": tx.id}, exc_info=True)
    return Need()


def _admit(actor: Actor, about: Circumstances) -> None:
    if actor.role == NOBODY:
        raise NotAllowed("user_inactive")
    if about.refused:
        raise Dependency("dependency", transactions=sorted(about.refused)[:5])


def _accept(tx: Transaction, work: Work, rows: BatchRows) -> Decision:
    rows.keep(work)
    mine = [
        row_id
        for row_id in dict.fromkeys(work.conflicts)
        if _inbox_row(work, rows, row_id)["owner_id"] == work.actor.user_id
    ]
    merged = any(_inbox_row(work, rows, row_id)["kind"] == "field" for row_id in mine)
    return Decision(tx_id=tx.id, status="merged" if merged else "accepted", conflicts=mine, written=_written(work))


def _inbox_row(work: Work, rows: BatchRows, row_id: str) -> Row:
    row = work.written.get(("conflict", row_id)) or rows.get("conflict", row_id)
    if row is None:
        raise KeyError(f"inbox row {row_id} was announced and not written")
    return row


def _refuse(tx: Transaction, rows: BatchRows, about: Circumstances, problem: Problem, error: str) -> Decision:
    work = _work(tx, rows, about)
    subject = _subject(tx, rows)
    if about.handover is not None and about.handover.reason:
        quarantine.put_aside(work, tx, about.handover, subject)
        problem = Problem(HANDED_OVER[about.handover.reason])
    row = work.insert(
        "conflict",
        {
            "id": notice_id(tx.id),
            "owner_id": work.actor.user_id,
            "kind": "rejection",
            "tx_id": tx.id,
            **subject,
            "field": problem.field or "",
            "mine_at": tx.occurred_at,
            "mine_on": work.actor.device_id,
            "code": problem.code,
            "params": problem.params,
            "payload": [{"name": command.name, "args": command.args} for command in tx.commands],
        },
    )
    rows.keep(work)
    return Decision(
        tx_id=tx.id,
        status="rejected",
        problem=problem,
        conflicts=[row["id"]],
        written=_written(work),
        error=error,
    )


def _subject(tx: Transaction, rows: BatchRows) -> dict[str, Any]:
    """What the refused change was about: the first command's record, and its title as the author knows it."""
    for command in tx.commands:
        entity = command.name.partition(".")[0]
        row_id = command.args.get("id") or command.args.get("order_id")
        if entity not in ENTITIES or not isinstance(row_id, str) or len(row_id) > 36:
            continue
        values = command.args.get("values")
        values = values if isinstance(values, dict) else {}
        account_id = row_id if entity == "account" else values.get("account_id")
        title = values.get(entity_named(entity).options.title)
        return {
            "entity": entity,
            "row_id": row_id,
            "account_id": account_id if isinstance(account_id, str) and len(account_id) <= 36 else None,
            "title": title[:200] if isinstance(title, str) else "",
        }
    return {}


def _written(work: Work) -> list[tuple[str, str, bool]]:
    return [(entity, row_id, (entity, row_id) in work.created) for entity, row_id in work.written]


def touches_restricted(tx: Transaction) -> bool:
    """Whether a command carries a restricted value: the log then stores the payload sealed."""
    return any(_mentions(command.name.partition(".")[0], command.args) for command in tx.commands)


def is_sensitive(key: Key, row: Row) -> bool:
    """Whether an inbox row or handed-over work holds restricted values, or commands with such: it is stored sealed."""
    if key[0] not in ("conflict", "quarantine_item"):
        return False
    fields = set(row.get("field", "").split(","))
    if fields & _RESTRICTED.get(row["entity"], frozenset()):
        return True
    commands = row["payload"] if isinstance(row["payload"], list) else []
    return any(_mentions(command["name"].partition(".")[0], command["args"]) for command in commands)


def _mentions(entity: str, args: dict[str, Any]) -> bool:
    # ``conflict.resolve`` names fields of any entity in its values.
    restricted = frozenset().union(*_RESTRICTED.values()) if entity == "conflict" else _RESTRICTED.get(entity)
    if not restricted:
        return False
    return any(isinstance(part, dict) and restricted & part.keys() for part in args.values())
