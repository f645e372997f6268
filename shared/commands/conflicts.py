"""Settling what is in the inbox. A losing value stays in its row and can be brought back."""

from typing import Any, Literal

import msgspec

from shared.access import can_see, require_generic
from shared.catalog import ENTITIES
from shared.codec import Row, values_to_wire
from shared.commands import guards
from shared.commands.work import Work
from shared.errors import InvalidInput, NotFound, StateConflict
from shared.validation import check_values


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Chooses a side of a field conflict, or gives merged values. ``seen``: the current values that the person saw,
    in wire form. Works on a settled conflict too: that is how a losing value comes back."""

    conflict_id: str
    choice: Literal["mine", "theirs", "merged"]
    seen: dict[str, Any]
    values: dict[str, Any] = {}


class Dismiss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Discards a refused change, or puts a notice aside."""

    conflict_id: str


def _reach(work: Work, conflict_id: str) -> Row:
    conflict = work.require("conflict", conflict_id, field="conflict_id")
    if not can_see(work.actor, ENTITIES["conflict"], conflict):
        raise NotFound("not_found", entity="conflict", id=str(conflict_id)[:36])
    return conflict


def resolve(work: Work, args: Resolve) -> None:
    conflict = _reach(work, args.conflict_id)
    if conflict["kind"] != "field":
        raise StateConflict("not_a_field_conflict", kind=conflict["kind"])
    entity = ENTITIES[conflict["entity"]]
    require_generic(work.actor, entity, "patch")
    row = work.require(entity.name, conflict["row_id"])
    if not can_see(work.actor, entity, row):
        raise NotFound("not_found", entity=entity.name, id=row["id"])
    names = conflict["field"].split(",")
    wanted = args.values if args.choice == "merged" else conflict[args.choice]
    if set(wanted) != set(names):
        raise InvalidInput("values_of_conflict", field="values", fields=conflict["field"])
    values = check_values(entity, _whole(row, wanted), work.actor, creating=False)
    guards.before(work, entity, "patch", row, values)
    current = values_to_wire(entity, {name: row[name] for name in names})
    seen = _whole(row, args.seen)
    if work.authority and any(current[name] not in (seen.get(name), _whole(row, wanted)[name]) for name in names):
        _changed_again(work, conflict, row, current)
        return
    changes = {name: value for name, value in values.items() if value != row[name]}
    if changes:
        work.update(entity.name, row, changes, stamp=changes)
        guards.after(work, entity, row)
    settled = {"state": "resolved", "choice": args.choice, "resolved_at": work.now_ms}
    work.update("conflict", conflict, settled)


def _whole(row: Row, values: dict[str, Any]) -> dict[str, Any]:
    """A conflict about one key of ``custom`` stands for the whole field with that key replaced."""
    if list(values) != ["custom"]:
        return values
    merged = {**row["custom"], **(values["custom"] or {})}
    return {"custom": {key: value for key, value in merged.items() if value is not None}}


def _changed_again(work: Work, conflict: Row, row: Row, current: dict[str, Any]) -> None:
    """Somebody wrote a third value meanwhile: the question is asked again with what is there now."""
    stamp = next((row["stamps"][name] for name in current if name in row["stamps"]), None) or {}
    work.update(
        "conflict",
        conflict,
        {
            "state": "open",
            "theirs": current,
            "theirs_at": stamp.get("at", row["updated_at"]),
            "theirs_by": stamp.get("by", row["updated_by"]),
            "theirs_on": stamp.get("on", ""),
        },
    )
    work.conflicts.append(conflict["id"])


def dismiss(work: Work, args: Dismiss) -> None:
    conflict = _reach(work, args.conflict_id)
    if conflict["state"] == "open":
        work.update("conflict", conflict, {"state": "dismissed", "resolved_at": work.now_ms})
