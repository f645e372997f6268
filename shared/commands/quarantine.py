"""Handed-over work: a manager has it done in his own name, or dismisses it. Both keep it whole."""

from typing import Any

import msgspec

from shared import SCHEMA_VERSION
from shared.access import can_see, require_role
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput, NotFound, StateConflict, UpgradeRequired
from shared.ids import derived_id
from shared.protocol import MAX_COMMANDS, Command, Transaction
from shared.upcast import upcast

DESK = ("manager", "admin")
PERSONAL = frozenset({"conflict", "quarantine", "device"})
"""Entities whose commands are about a person's own inbox, desk or devices: nobody else can do them in his place."""
HANDED_OVER = {"scope": "handed_over", "dependency": "handed_over_with", "device": "handed_over_device"}
"""Why → the code that the author's outcome and inbox row carry."""
ADOPTED, DISMISSED = "handed_over_adopted", "handed_over_dismissed"
"""Codes that the inbox row takes on when a manager has decided."""
TOLD = frozenset({*HANDED_OVER.values(), ADOPTED, DISMISSED})
"""All of them: there is nothing for the author to repair."""
NOTE_MAX = 200


class Adopt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Runs the item's commands as the manager's own, through the same rules, all or nothing."""

    item_id: str


class Dismiss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leaves it undone. ``reason``: in words, for the author."""

    item_id: str
    reason: str


def item_id(tx_id: str) -> str:
    """The item that a transaction became."""
    return derived_id("quarantine", tx_id)


def notice_id(tx_id: str) -> str:
    """The row in the author's inbox about a transaction that was not accepted."""
    return derived_id("rejection", tx_id)


def impersonal(commands: list[Any]) -> list[Command]:
    """The commands that somebody else can do, of ``{"name", "args"}`` objects."""
    listed = [Command(str(command["name"]), command["args"]) for command in commands]
    return [command for command in listed if command.name.partition(".")[0] not in PERSONAL]


def adopt(work: Work, args: Adopt) -> None:
    from shared.commands.registry import apply  # the registry names this module

    item = _open_item(work, "quarantine.adopt", args.item_id)
    if item["written_under"] > SCHEMA_VERSION:
        raise UpgradeRequired("newer_schema", given=item["written_under"], known=SCHEMA_VERSION)
    _require_settled(work, item)
    commands = _as_of_today(item)
    if not commands:
        raise InvalidInput("nothing_to_adopt")
    _settle(work, item, "adopted", ADOPTED, "")
    outer = work.command_index
    work.commands_in_tx += len(commands) - 1
    for index, command in enumerate(commands):
        # Numbers of their own: ids are derived from (transaction, command index, n).
        work.begin_command((outer + 1) * MAX_COMMANDS + index)
        apply(command, work)
        _has_content(work, item, command)
    work.begin_command(outer)


def dismiss(work: Work, args: Dismiss) -> None:
    item = _open_item(work, "quarantine.dismiss", args.item_id)
    reason = args.reason.strip()
    if not reason:
        raise InvalidInput("required", field="reason", entity="quarantine_item")
    if len(reason) > NOTE_MAX:
        raise InvalidInput("too_long", field="reason", entity="quarantine_item", limit=NOTE_MAX)
    _settle(work, item, "dismissed", DISMISSED, reason)


def _open_item(work: Work, command: str, row_id: str) -> Row:
    require_role(work.actor, command, *DESK)
    item = work.require("quarantine_item", row_id, field="item_id")
    if not can_see(work.actor, ENTITIES["quarantine_item"], item):
        raise NotFound("not_found", field="item_id", entity="quarantine_item", id=str(row_id)[:36])
    if item["state"] != "open":
        raise StateConflict("handover_settled", state=item["state"], name=item["title"])
    return item


def _as_of_today(item: Row) -> list[Command]:
    """The commands that somebody else can do, as they would be written under the present declarations."""
    commands = impersonal(item["payload"] or [])
    written = Transaction(item["tx_id"], item["written_under"], item["occurred_at"], commands)
    return upcast(written).commands


def _has_content(work: Work, item: Row, command: Command) -> None:
    """An attachment whose bytes the author's device has handed in has them at once."""
    if command.name != "attachment.create":
        return
    row = work.require("attachment", command.args["id"])
    if (item["arrived"] or {}).get(row["sha256"]) == row["media_type"]:
        work.update("attachment", row, {"stored_at": work.now_ms})


def _require_settled(work: Work, item: Row) -> None:
    """What it builds on comes first; a dismissed part leaves the rest to the rules."""
    for earlier_id in item["builds_on"] or ():
        earlier = work.get("quarantine_item", earlier_id)
        if earlier is not None and earlier["state"] == "open":
            raise StateConflict("handover_earlier_open", name=earlier["title"])


def _settle(work: Work, item: Row, state: str, code: str, note: str) -> None:
    settled = {"state": state, "note": note, "settled_at": work.now_ms, "settled_by": work.actor.user_id}
    work.update("quarantine_item", item, settled)
    if not work.authority:
        return  # the author's inbox is not on the manager's device
    notice = work.get("conflict", notice_id(item["tx_id"]))
    if notice is None:
        return
    by = work.get("user", work.actor.user_id)
    params = {"by": by["name"] if by else "", "reason": note}
    # Done is done; what was left undone is the author's to read, even if the row had been put aside.
    told = {"state": "resolved", "resolved_at": work.now_ms} if state == "adopted" else {"state": "open"}
    work.update("conflict", notice, {"code": code, "params": params, **told})
