"""From a command's name and arguments to the function that applies it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from shared import SCHEMA_VERSION
from shared.catalog import ENTITIES
from shared.commands import conflicts, deals, devices, leads, leases, orders, quarantine, records, sharing, stock
from shared.commands.work import Work, together
from shared.errors import InvalidInput, UpgradeRequired
from shared.protocol import MAX_COMMANDS, Command, Transaction
from shared.upcast import upcast

NAMED: dict[str, tuple[type[msgspec.Struct], Callable[[Work, Any], None]]] = {
    "order.submit": (orders.Submit, orders.submit),
    "order.cancel": (orders.Cancel, orders.cancel),
    "stock.receive": (stock.Receive, stock.receive),
    "stock.count": (stock.Count, stock.count),
    "lease.grant": (leases.Grant, leases.grant),
    "lease.claim": (leases.Claim, leases.claim),
    "lease.release": (leases.Release, leases.release),
    "lease.extend": (leases.Extend, leases.extend),
    "lease.return": (leases.Return, leases.give_back),
    "lease.reclaim": (leases.Reclaim, leases.reclaim),
    "conflict.resolve": (conflicts.Resolve, conflicts.resolve),
    "conflict.dismiss": (conflicts.Dismiss, conflicts.dismiss),
    "device.revoke": (devices.Revoke, devices.revoke),
    "account.share": (sharing.Share, sharing.share),
    "account.unshare": (sharing.Unshare, sharing.unshare),
    "opportunity.open": (deals.Open, deals.open_deal),
    "opportunity.move": (deals.Move, deals.move),
    "opportunity.win": (deals.Win, deals.win),
    "opportunity.lose": (deals.Lose, deals.lose),
    "opportunity.cancel": (deals.Cancel, deals.cancel),
    "opportunity.reopen": (deals.Reopen, deals.reopen),
    "lead.move": (leads.Move, leads.move),
    "lead.convert": (leads.Convert, leads.convert),
    "lead.merge": (leads.Merge, leads.merge),
    "lead.invalidate": (leads.Invalidate, leads.invalidate),
    "lead.reopen": (leads.Reopen, leads.reopen),
    "quarantine.adopt": (quarantine.Adopt, quarantine.adopt),
    "quarantine.dismiss": (quarantine.Dismiss, quarantine.dismiss),
}
"""Named commands with the type of their arguments."""

GENERIC: dict[str, tuple[type[msgspec.Struct], Callable[[Work, str, Any], None]]] = {
    "create": (records.Create, records.create),
    "patch": (records.Patch, records.patch),
    "delete": (records.Delete, records.delete),
    "restore": (records.Restore, records.restore),
    "assign": (records.Assign, records.assign),
}
"""Actions that every entity has, as ``<entity>.<action>``, where its declaration opens them to a role."""


def execute(tx: Transaction, work: Work) -> None:
    """Runs the transaction's commands in order, those of an older schema as they would be written today.

    Raises ``CaravanError``: then nothing of it must be kept.
    """
    if tx.schema > SCHEMA_VERSION:
        raise UpgradeRequired("newer_schema", given=tx.schema, known=SCHEMA_VERSION)
    if not 0 < len(tx.commands) <= MAX_COMMANDS:
        raise InvalidInput("command_count", given=len(tx.commands), limit=MAX_COMMANDS)
    commands = upcast(tx).commands
    work.commands_in_tx = len(commands)
    together(partial(_run, index, command, work) for index, command in enumerate(commands))


def _run(index: int, command: Command, work: Work) -> None:
    work.begin_command(index)
    apply(command, work)


def apply(command: Command, work: Work) -> None:
    """Runs one command. Raises ``CaravanError`` when the rules refuse it."""
    if command.name in NAMED:
        arguments, named = NAMED[command.name]
        named(work, _arguments(arguments, command))
        return
    entity, _, action = command.name.partition(".")
    if entity not in ENTITIES or action not in GENERIC:
        raise InvalidInput("unknown_command", field="name", command=command.name[:80])
    arguments, generic = GENERIC[action]
    generic(work, entity, _arguments(arguments, command))


def _arguments(kind: type[msgspec.Struct], command: Command) -> Any:
    try:
        return msgspec.convert(command.args, kind)
    except msgspec.ValidationError as error:
        raise InvalidInput("malformed_arguments", command=command.name, detail=str(error)[:200]) from error
