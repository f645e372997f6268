"""The rules of leads and trade shows on top of the generic commands."""

from typing import Any

from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput, StateConflict
from shared.rules import qualifiers
from shared.rules.leads import NAMING, title

OPEN = ("new", "following", "interested")
"""States of a lead that somebody works on."""
HISTORY_MAX = 100
REASON_MAX = ENTITIES["lead"].fields["next_step"].options.max_length


def guard(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Raises ``InvalidInput`` ``lead_empty`` for a lead that nobody could find again, ``StateConflict``
    ``lead_converted`` for deleting one that became a customer."""
    if action == "delete" and row["state"] == "converted":
        raise converted(row)
    if action in ("create", "patch") and not any({**row, **values}.get(name) for name in NAMING):
        raise InvalidInput("lead_empty", field="name", entity="lead")


def guard_event(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Raises ``InvalidInput``: an end before the start, questions that cannot be read."""
    event = {**row, **values}
    if action in ("create", "patch") and event["ends_on"] < event["starts_on"]:
        raise InvalidInput("event_ends_early", field="ends_on", entity="event")
    try:
        qualifiers.read(values.get("qualifiers", ""))
    except ValueError as error:
        raise InvalidInput("qualifiers_unclear", field="qualifiers", entity="event", line=str(error)[:80]) from error


def remember_consent(work: Work, before: Row) -> None:
    """Notes when the person agreed; ``before`` is the lead as it was before the patch."""
    lead = work.require("lead", before["id"])
    if lead["consent"] != before["consent"]:
        work.update("lead", lead, {"consent_at": work.now_ms if lead["consent"] else None})


def converted(lead: Row) -> StateConflict:
    """The refusal of what only a lead that is not converted takes."""
    return StateConflict("lead_converted", entity="lead", name=title(lead))


def moved(work: Work, lead: Row, state: str, reason: str = "", **changes: Any) -> Row:
    """Writes a new state with its place in the history."""
    entry = {"at": work.now_ms, "by": work.actor.user_id, "from": lead["state"], "to": state, "reason": reason}
    history = [*(lead["history"] or ()), entry][-HISTORY_MAX:]
    return work.update("lead", lead, {"state": state, "history": history, **changes}, stamp=("state",))


def checked_reason(text: str) -> str:
    """A reason as it is kept. Raises ``InvalidInput`` for none and for one that is too long."""
    reason = text.strip()
    if not reason:
        raise InvalidInput("required", field="reason", entity="lead")
    if len(reason) > REASON_MAX:
        raise InvalidInput("too_long", field="reason", entity="lead", limit=REASON_MAX)
    return reason
