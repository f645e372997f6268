"""What the key of a program may reach: scopes ``account:read``, ``order:write``, ``*:read``."""

from collections.abc import Iterable
from functools import cache

from shared.catalog import ENTITIES
from shared.commands.registry import NAMED

EVERYTHING = "*"
ACTIONS = ("read", "write")
FAMILIES = {"stock": "stock_level", "lease": "stock_lease", "quarantine": "quarantine_item"}
"""The entity that a family of commands is about, where the family is not called like it."""
OF_ANY_ENTITY = ("conflict.resolve", "quarantine.adopt")
"""Commands that write rows of whatever entity: a key needs the scope ``*:write``."""
MAKES = {"lead.convert": ("account", "contact", "activity", "opportunity")}
"""Commands that make what other families' commands make: a key needs the scopes of these entities as well."""


def open_entities() -> tuple[str, ...]:
    """Names of the entities that a key can reach: those that devices have."""
    return tuple(name for name, entity in ENTITIES.items() if entity.on_devices)


def scope_names() -> tuple[str, ...]:
    """All scopes there are: of every entity, and of all of them."""
    return tuple(f"{name}:{action}" for name in (EVERYTHING, *open_entities()) for action in ACTIONS)


def subjects(command: str) -> tuple[str, ...]:
    """The entities whose scopes a key needs for a command, or ``*``."""
    family = command.partition(".")[0]
    return (EVERYTHING,) if command in OF_ANY_ENTITY else (FAMILIES.get(family, family), *MAKES.get(command, ()))


@cache
def written_entities() -> frozenset[str]:
    """Entities that some command needs the scope to write of; the others only follow from them."""
    generic = (f"{entity.name}.{action}" for entity in ENTITIES.values() for action in entity.options.generic)
    return frozenset(name for command in (*NAMED, *generic) for name in subjects(command)) & frozenset(open_entities())


def rights(scopes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Entity, or ``*``, → what the scopes open of it, in the order of ``scope_names``."""
    given: dict[str, tuple[str, ...]] = {}
    wanted = frozenset(scopes)
    for scope in scope_names():
        if scope in wanted:
            name, _, action = scope.rpartition(":")
            given[name] = (*given.get(name, ()), action)
    return given
