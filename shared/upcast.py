"""Commands of an older schema, brought to the present one in memory when they are applied; stored bytes never change.

A step is needed when commands written under a schema would be misread by the rules of the next one: an argument was
renamed or means something else. A new field with a default, a new command and a new entity need none.
"""

from collections.abc import Callable

import msgspec

from shared import SCHEMA_VERSION
from shared.protocol import Command, Transaction

Step = Callable[[Command], Command]
"""Pure, and one command for one: derived ids count the commands. It returns what it does not know or cannot read as it
is, and the command itself refuses that: arguments are anything that JSON can hold."""

STEPS: dict[int, Step] = {}
"""Schema → what brings a command written under it to the next one; without a step it is read as it stands."""


def upcast(tx: Transaction) -> Transaction:
    """The transaction as it would be written today; of the present or a newer schema: as it is."""
    commands = tx.commands
    for schema in range(max(tx.schema, 1), SCHEMA_VERSION):
        if schema in STEPS:
            commands = [STEPS[schema](command) for command in commands]
    return tx if commands is tx.commands else msgspec.structs.replace(tx, commands=commands, schema=SCHEMA_VERSION)
