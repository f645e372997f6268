"""Deals: opening, moving through the stages, winning, losing, cancelling, reopening.

Each step leaves a ``stage_change``. Two people who move a deal at the same time, each without the other's step, both
have theirs in the history; the one that reaches the server later decides where the deal is, and its entry says what
its author had seen. Pure rules are in ``rules.deals``.
"""

from typing import Any

import msgspec

from shared.access import require_role
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.records import insert_new, reach
from shared.commands.work import Work
from shared.entities.parties import SELLERS
from shared.errors import InvalidInput, StateConflict
from shared.rules.deals import days_between, require_filled, require_open

MAX_REASON = ENTITIES["stage_change"].fields["reason"].options.max_length


class Open(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new deal with its fields in wire form, in an open stage, usually the first."""

    id: str
    stage_id: str
    values: dict[str, Any]


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Into another open stage. ``seen_stage_id``: the stage that the author moved it from."""

    id: str
    stage_id: str
    seen_stage_id: str


class Win(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``stage_id``: a stage of the kind *won*."""

    id: str
    stage_id: str
    seen_stage_id: str


class Lose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``stage_id``: a stage of the kind *lost*; ``reason_id``: of a ``lost_reason``."""

    id: str
    stage_id: str
    seen_stage_id: str
    reason_id: str
    note: str = ""


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer's wish is gone: neither won nor lost. It stays in its stage."""

    id: str
    reason: str


class Reopen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ended deal goes on, in an open stage."""

    id: str
    stage_id: str
    reason: str


def open_deal(work: Work, args: Open) -> None:
    require_role(work.actor, "opportunity.open", *SELLERS)
    stage = _stage(work, args.stage_id, "open")
    given = {"stage_id": stage["id"], "stage_since": work.now_ms}
    deal = insert_new(work, ENTITIES["opportunity"], args.id, args.values, given)
    require_filled(deal, stage)
    _record(work, deal, "opened", from_stage_id=None, to_stage_id=stage["id"])


def move(work: Work, args: Move) -> None:
    """Does nothing when the deal is in the stage already: somebody else had the same idea."""
    deal = _reach(work, "opportunity.move", args.id)
    require_open(deal)
    if deal["stage_id"] == args.stage_id:
        return
    stage = _stage(work, args.stage_id, "open")
    require_filled(deal, stage)
    _step(work, deal, "moved", stage, seen=args.seen_stage_id)


def win(work: Work, args: Win) -> None:
    deal = _reach(work, "opportunity.win", args.id)
    if deal["state"] == "won":
        return
    require_open(deal)
    stage = _stage(work, args.stage_id, "won")
    require_filled(deal, stage)
    _step(work, deal, "won", stage, {"state": "won", "closed_at": work.now_ms}, seen=args.seen_stage_id)


def lose(work: Work, args: Lose) -> None:
    deal = _reach(work, "opportunity.lose", args.id)
    require_open(deal)
    stage = _stage(work, args.stage_id, "lost")
    reason = work.require("lost_reason", args.reason_id, field="reason_id")
    note = _words(args.note, "note")
    ended = {"state": "lost", "closed_at": work.now_ms, "lost_reason_id": reason["id"], "lost_note": note}
    _step(work, deal, "lost", stage, ended, seen=args.seen_stage_id, reason=reason["name"])


def cancel(work: Work, args: Cancel) -> None:
    deal = _reach(work, "opportunity.cancel", args.id)
    if deal["state"] == "cancelled":
        return
    require_open(deal)
    reason = _reason(args.reason)
    ended = {"state": "cancelled", "closed_at": work.now_ms}
    _step(work, deal, "cancelled", work.require("stage", deal["stage_id"]), ended, reason=reason)


def reopen(work: Work, args: Reopen) -> None:
    deal = _reach(work, "opportunity.reopen", args.id)
    if deal["state"] == "open":
        raise StateConflict("deal_open", name=deal["title"])
    stage = _stage(work, args.stage_id, "open")
    reason = _reason(args.reason)
    again = {"state": "open", "closed_at": None, "lost_reason_id": None, "lost_note": ""}
    _step(work, deal, "reopened", stage, again, reason=reason)


def _reach(work: Work, command: str, deal_id: str) -> Row:
    require_role(work.actor, command, *SELLERS)
    return reach(work, ENTITIES["opportunity"], deal_id)


def _stage(work: Work, stage_id: str, kind: str) -> Row:
    """A stage that deals may enter in this way."""
    stage = work.require("stage", stage_id, field="stage_id")
    if stage["kind"] != kind:
        raise InvalidInput("stage_kind", field="stage_id", stage=stage["name"])
    if not stage["active"]:
        raise StateConflict("stage_inactive", field="stage_id", stage=stage["name"])
    return stage


def _reason(text: str) -> str:
    reason = _words(text, "reason")
    if not reason:
        raise InvalidInput("required", field="reason", entity="stage_change")
    return reason


def _words(text: str, field: str) -> str:
    words = text.strip()
    if len(words) > MAX_REASON:
        raise InvalidInput("too_long", field=field, entity="stage_change", limit=MAX_REASON)
    return words


def _step(
    work: Work,
    deal: Row,
    action: str,
    stage: Row,
    changes: dict[str, Any] | None = None,
    *,
    seen: str = "",
    reason: str = "",
) -> None:
    """Puts the deal into the stage and writes down from where, by whom and after how many days."""
    elsewhere = work.get("stage", seen) if seen != deal["stage_id"] else None
    days = days_between(deal["stage_since"], work.now_ms) if deal["state"] == "open" else 0
    _record(
        work,
        deal,
        action,
        from_stage_id=deal["stage_id"],
        to_stage_id=stage["id"],
        days=days,
        seen_stage_id=elsewhere["id"] if elsewhere else None,
        reason=reason,
    )
    moved = {"stage_id": stage["id"], "stage_since": work.now_ms, **(changes or {})}
    work.update("opportunity", deal, moved, stamp=("stage_id",))


def _record(work: Work, deal: Row, action: str, **values: Any) -> None:
    owner = {name: deal[name] for name in ("owner_id", "team_id", "shared_with")}
    about = {"id": work.derived(), "opportunity_id": deal["id"], "action": action, "at": work.now_ms}
    work.insert("stage_change", {**about, **owner, **values})
