"""The rules of feedback on top of the generic commands, and how its author learns what became of it."""

from typing import Any

from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput, NotAllowed
from shared.ids import derived_id
from shared.rules.feedback import WITH_WORDS, subject

ANSWERED = "feedback_answered"
"""Code of the row in the author's inbox."""


def guard(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Raises ``NotAllowed`` ``feedback_begins_new`` for feedback that answers itself, ``InvalidInput``
    ``feedback_needs_answer`` for a state that says nothing without words."""
    if action == "create" and {"status", "answer"} & values.keys():
        raise NotAllowed("feedback_begins_new", field="status" if "status" in values else "answer", entity="feedback")
    after = {**row, **values}
    if action == "patch" and after["status"] in WITH_WORDS and not after["answer"]:
        raise InvalidInput("feedback_needs_answer", field="answer", entity="feedback")


def tell(work: Work, before: Row) -> None:
    """What follows from a patch: who answered and when, and a row in the author's inbox. ``before``: as it was."""
    row = work.require("feedback", before["id"])
    if (row["status"], row["answer"]) == (before["status"], before["answer"]):
        return
    changes = {"answered_at": work.now_ms, "answered_by": work.actor.user_id}
    if row["status"] == "new" and row["answer"]:
        changes["status"] = "answered"
    row = work.update("feedback", row, changes)
    # The author's inbox is not on the administrator's device; who answers himself needs no notice.
    if work.authority and row["owner_id"] != work.actor.user_id:
        _tell_author(work, row)


def notice_id(feedback_id: str) -> str:
    """The row in its author's inbox: one for each piece of feedback, which comes back with every change."""
    return derived_id("feedback notice", feedback_id)


def _tell_author(work: Work, row: Row) -> None:
    told = {"state": "open", "resolved_at": None, "theirs_at": work.now_ms, "theirs_by": work.actor.user_id}
    known = work.get("conflict", notice_id(row["id"]))
    if known is not None:
        work.update("conflict", known, told)
    else:
        identity = {
            "id": notice_id(row["id"]),
            "owner_id": row["owner_id"],
            "team_id": row["team_id"],
            "kind": "feedback",
            "code": ANSWERED,
            "title": subject(row),
            "tx_id": work.tx_id,
            "entity": "feedback",
            "row_id": row["id"],
        }
        work.insert("conflict", {**identity, **told})
    work.conflicts.append(notice_id(row["id"]))
