"""Commands of leads: states, conversion into a customer, merging two that are the same person.

Ids of what a lead becomes are derived from the lead and not from the transaction: two people who convert it offline
make the same customer, and what either does with it meanwhile holds.
"""

from typing import Any, Literal

import msgspec

from shared.access import require_generic
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands import deals, records, sharing
from shared.commands.lead_rules import OPEN, checked_reason, converted, moved
from shared.commands.work import Work
from shared.errors import InvalidInput, StateConflict
from shared.ids import derived_id
from shared.rules.leads import title
from shared.validation import MAX_TAGS

LEAD = ENTITIES["lead"]
NOTE_MAX = LEAD.fields["note"].options.max_length
_TEXTS = ("name", "phone", "company", "position", "email", "wechat")
_CHOICES = ("grade", "source_id", "event_id")
_NEXT_STEP = ("next_step_on", "next_step")
CONTACT_TOLD = ("name", "phone", "email", "wechat")
"""A lead that says one of these has a person who becomes the customer's contact."""
ORIGIN = ("account_id", "contact_id", "source_id", "event_id")
"""What a deal takes from its lead where the lead says it."""
AUDIENCE = ("owner_id", "team_id", "shared_with")


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another state of an open lead. ``expected``: the one that the author saw."""

    id: str
    expected: str
    state: Literal["new", "following", "interested"]


class Invalidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No customer will come of it."""

    id: str
    reason: str


class Reopen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invalid lead is worked on again."""

    id: str
    reason: str


class Deal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A deal to open with a conversion: its first stage, and its own fields in wire form."""

    stage_id: str
    values: dict[str, Any]


class Convert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lead becomes a customer with a contact and a first follow-up.

    ``account_id``: the customer that it is, none for a new one. ``contact_id``: that customer's contact who it is, none
    for a new one. ``opportunity``: a deal to open as well; also later, for a lead that was converted without one, with
    the same ``account_id``.
    """

    id: str
    account_id: str | None = None
    contact_id: str | None = None
    opportunity: Deal | None = None


class Merge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``other_id`` is the same person as ``id``: what it says goes there, it is deleted."""

    id: str
    other_id: str


def move(work: Work, args: Move) -> None:
    lead = _open(work, args.id)
    if lead["state"] == args.state:
        return
    if lead["state"] != args.expected:
        raise StateConflict("lead_moved", entity="lead", name=title(lead), state=lead["state"])
    moved(work, lead, args.state)


def invalidate(work: Work, args: Invalidate) -> None:
    reason = checked_reason(args.reason)
    lead = _reach(work, args.id)
    if lead["state"] == "converted":
        raise converted(lead)
    if lead["state"] != "invalid":
        moved(work, lead, "invalid", reason)


def reopen(work: Work, args: Reopen) -> None:
    reason = checked_reason(args.reason)
    lead = _reach(work, args.id)
    if lead["state"] == "converted":
        raise converted(lead)
    if lead["state"] == "invalid":
        moved(work, lead, "following", reason)


def _reach(work: Work, lead_id: str) -> Row:
    return records.reach(work, LEAD, lead_id)


def _open(work: Work, lead_id: str) -> Row:
    """A lead that somebody works on. Raises ``StateConflict`` ``lead_converted`` or ``lead_invalid``."""
    lead = _reach(work, lead_id)
    if lead["state"] == "converted":
        raise converted(lead)
    if lead["state"] not in OPEN:
        raise StateConflict("lead_invalid", entity="lead", name=title(lead))
    return lead


# Conversion


def convert(work: Work, args: Convert) -> None:
    lead = _reach(work, args.id)
    if lead["state"] == "converted":
        # Nor may a new customer be meant where another one is: what its author sold to it would be sold to nobody.
        if lead["account_id"] != (args.account_id or became(lead["id"], "account")):
            raise converted(lead)
        if args.opportunity is not None and lead["opportunity_id"] is None:
            work.update("lead", lead, {"opportunity_id": _deal(work, lead, args.opportunity)})
        return
    if lead["state"] not in OPEN:
        raise StateConflict("lead_invalid", entity="lead", name=title(lead))
    account = _account(work, lead, args.account_id)
    contact_id = _contact(work, lead, account, args.contact_id)
    _first_follow_up(work, lead, account)
    became_customer = {"account_id": account["id"], "contact_id": contact_id}
    lead = moved(work, lead, "converted", **became_customer)
    if args.opportunity is not None:
        work.update("lead", lead, {"opportunity_id": _deal(work, lead, args.opportunity)})
    _hand_files(work, lead["id"], {"account_id": account["id"], **_audience(account)})


def became(lead_id: str, entity: str) -> str:
    """The id of the row that a lead becomes: account, contact, activity, opportunity."""
    return derived_id("lead", lead_id, entity)


def _audience(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in AUDIENCE}


def _account(work: Work, lead: Row, account_id: str | None) -> Row:
    if account_id is not None:
        return records.reach(work, ENTITIES["account"], account_id)
    require_generic(work.actor, ENTITIES["account"], "create")
    values = {
        "id": became(lead["id"], "account"),
        "name": lead["company"] or title(lead),
        "account_class": "interested",
        "level": lead["grade"] or "C",
        "phone": lead["phone"],
        "source": "trade_show" if lead["event_id"] else "",
    }
    return work.insert("account", {**values, **_audience(lead)})


def _contact(work: Work, lead: Row, account: Row, contact_id: str | None) -> str | None:
    if contact_id is not None:
        contact = records.reach(work, ENTITIES["contact"], contact_id)
        if contact["account_id"] != account["id"]:
            raise InvalidInput("contact_elsewhere", field="contact_id", name=contact["name"])
        return str(contact["id"])
    if not any(lead[name] for name in CONTACT_TOLD):
        return None
    require_generic(work.actor, ENTITIES["contact"], "create")
    told = {name: lead[name] for name in ("position", "phone", "email", "wechat")}
    values = {"id": became(lead["id"], "contact"), "account_id": account["id"], "name": title(lead)[:80], **told}
    work.insert("contact", {**values, **_audience(account)})
    return str(values["id"])


def _first_follow_up(work: Work, lead: Row, account: Row) -> None:
    """What was said at the booth, and the next step as the customer's reminder."""
    event = work.get("event", lead["event_id"])
    lines = [event["name"] if event else "", "; ".join(lead["answers"]), lead["note"]]
    body = "\n".join(line for line in lines if line) or lead["next_step"] or title(lead)
    values = {
        "id": became(lead["id"], "activity"),
        "account_id": account["id"],
        "channel": "booth" if lead["event_id"] else "visit",
        "body": body[: ENTITIES["activity"].fields["body"].options.max_length],
        "happened_at": lead["created_at"],
        "due_on": lead["next_step_on"],
        "due_note": lead["next_step"],
    }
    work.insert("activity", {**values, **_audience(account)})


def _deal(work: Work, lead: Row, deal: Deal) -> str:
    """Opens the deal of a lead that has its customer. A show or a source that was deleted since does not hold it up."""
    origin = {name: lead[name] for name in ORIGIN if lead[name] and not _is_deleted(work, name, lead[name])}
    origin["account_id"] = lead["account_id"]
    deal_id = became(lead["id"], "opportunity")
    values = {"title": lead["company"] or title(lead), **deal.values, **origin, "lead_id": lead["id"]}
    deals.open_deal(work, deals.Open(deal_id, deal.stage_id, values))
    return deal_id


def _is_deleted(work: Work, name: str, row_id: str) -> bool:
    row = work.get(LEAD.fields[name].options.ref or "", row_id)
    return row is not None and row["deleted_at"] is not None


def _hand_files(work: Work, lead_id: str, changes: dict[str, Any]) -> None:
    """Files go with their lead, deleted ones too."""
    for file in work.children("attachment", "lead_id", lead_id, deleted=True):
        work.update("attachment", file, changes)


# Merging


def merge(work: Work, args: Merge) -> None:
    if args.id == args.other_id:
        raise InvalidInput("lead_same", field="other_id", entity="lead")
    kept, other = _reach(work, args.id), records.reach(work, LEAD, args.other_id, deleted=True)
    if other["merged_into"] == kept["id"] and other["deleted_at"] is not None:
        return
    other = _reach(work, args.other_id)
    sharing.require_own(work, LEAD, other)
    if other["state"] == "converted":
        raise converted(other)
    changes = {name: value for name, value in _together(work, kept, other).items() if value != kept[name]}
    if changes:
        work.update("lead", kept, changes, stamp=changes)
    account = work.get("account", kept["account_id"])
    _hand_files(
        work, other["id"], {"lead_id": kept["id"], "account_id": kept["account_id"], **_audience(account or kept)}
    )
    gone = {"deleted_at": work.now_ms, "deleted_tx": work.tx_id, "merged_into": kept["id"]}
    work.update("lead", other, gone)


def _together(work: Work, kept: Row, other: Row) -> dict[str, Any]:
    """What both know. Where they differ the kept one's word stands, the other's goes into the note.

    Raises ``InvalidInput`` ``lead_note_full`` or ``lead_answers_full`` for what has no room: nothing is cut off.
    """
    together = {name: kept[name] or other[name] for name in (*_TEXTS, *_CHOICES)}
    together |= {name: (kept if _next_step(kept) else other)[name] for name in _NEXT_STEP}
    pairs = [(_said(work, other, name), _said(work, together, name)) for name in (*_TEXTS, *_CHOICES)]
    pairs.append((_next_step(other), _next_step(together)))
    differing = [theirs for theirs, ours in pairs if theirs not in ("", ours)]
    notes = [kept["note"], other["note"], " / ".join(differing)]
    together["note"] = "\n".join(note for note in notes if note)
    if len(together["note"]) > NOTE_MAX:
        raise InvalidInput("lead_note_full", field="note", entity="lead", limit=NOTE_MAX)
    together["answers"] = sorted({*kept["answers"], *other["answers"]})
    if len(together["answers"]) > MAX_TAGS:
        raise InvalidInput("lead_answers_full", field="answers", entity="lead", limit=MAX_TAGS)
    together["consent"] = kept["consent"] or other["consent"]
    times = [row["consent_at"] for row in (kept, other) if row["consent_at"]]
    together["consent_at"] = min(times) if together["consent"] and times else None
    return together


def _said(work: Work, lead: Row, name: str) -> str:
    """A field's value in words: of what it points to the name."""
    target = LEAD.fields[name].options.ref
    if target is None:
        return str(lead[name])
    row = work.get(target, lead[name])
    return str(row["name"]) if row is not None else ""


def _next_step(lead: Row) -> str:
    """The day and what is to be done then: the one means nothing without the other."""
    return " ".join(lead[name] for name in _NEXT_STEP if lead[name])
