"""Who may do what to which rows: role × action × scope, and which bucket shows a row to whom.

Nothing here reads a database: both sides call it with what they hold, the server under its lock.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.catalog import ENTITIES, RESTRICTED_READERS, Entity
from shared.errors import NotAllowed
from shared.fields import Scope
from shared.rules.history import month_bucket

Row = Mapping[str, Any]

ORGANISATION_BUCKET = "org"
STOCK_BUCKET = "stock"
MANAGERS_BUCKET = "managers"
ADMINS_BUCKET = "admins"


class Actor(msgspec.Struct, frozen=True):
    """Who acts: read from the user's row, on the server under the lock and for every command."""

    user_id: str
    org_id: str
    role: str
    team_id: str | None = None
    device_id: str | None = None
    discount_limit: Any = 0
    """Percent, a ``Decimal``."""


def buckets_of_row(entity: Entity, row: Row) -> tuple[str, ...]:
    """The buckets that a row belongs to, by its entity's scope. Empty for what never leaves the server."""
    match entity.options.scope:
        case Scope.ORGANISATION:
            return (ORGANISATION_BUCKET,)
        case Scope.STOCK:
            return (STOCK_BUCKET,)
        case Scope.MANAGERS:
            return (MANAGERS_BUCKET,)
        case Scope.PRIVATE:
            return (f"user:{row['owner_id']}",)
        case Scope.OWNER:
            team = (f"team:{row['team_id']}",) if row.get("team_id") else ()
            others = (f"user:{user_id}" for user_id in row.get("shared_with") or () if user_id != row["owner_id"])
            names = (f"user:{row['owner_id']}", *team, *others)
            period = row.get("period")
            return tuple(month_bucket(name, period) for name in names) if period else names
        case Scope.DESK:
            teams = _answering_teams(row)
            return tuple(f"team:{team_id}" for team_id in teams) or (MANAGERS_BUCKET,)
        case Scope.ADMINS:
            return (f"user:{row['owner_id']}", ADMINS_BUCKET)
    return ()


def _answering_teams(row: Row) -> list[str]:
    """The teams whose managers answer for a row of the scope *desk*; none: all managers do."""
    return list(dict.fromkeys(team for team in (row.get("team_id"), row.get("answering_team_id")) if team))


def buckets_of_actor(actor: Actor, team_ids: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The buckets that a user's devices hold, reference data first. ``team_ids``: all teams, for an admin."""
    mine = (ORGANISATION_BUCKET, STOCK_BUCKET, f"user:{actor.user_id}")
    if actor.role == "manager":
        return (*mine, MANAGERS_BUCKET, *((f"team:{actor.team_id}",) if actor.team_id else ()))
    if actor.role == "admin":
        return (*mine, MANAGERS_BUCKET, ADMINS_BUCKET, *(f"team:{team_id}" for team_id in sorted(team_ids)))
    return mine


def can_see(actor: Actor, entity: Entity, row: Row) -> bool:
    """Whether the row is in a bucket of the actor's."""
    if row["org_id"] != actor.org_id:
        return False
    match entity.options.scope:
        case Scope.ORGANISATION | Scope.STOCK:
            return True
        case Scope.MANAGERS:
            return actor.role in ("manager", "admin")
        case Scope.PRIVATE:
            return bool(row.get("owner_id") == actor.user_id)
        case Scope.OWNER:
            return answers_for(actor, row) or actor.user_id in (row.get("shared_with") or ())
        case Scope.DESK:
            teams = _answering_teams(row)
            return actor.role == "admin" or (actor.role == "manager" and (not teams or actor.team_id in teams))
        case Scope.ADMINS:
            return actor.role == "admin" or bool(row.get("owner_id") == actor.user_id)
    return False


def answers_for(actor: Actor, row: Row) -> bool:
    """Whether a row of the scope *owner* is the actor's to give away or to delete: its owner, a manager of its team, an
    admin. With whom it is shared may see and edit it."""
    if row.get("owner_id") == actor.user_id:
        return True
    team_id = row.get("team_id")
    return bool(team_id) and (actor.role == "admin" or (actor.role == "manager" and team_id == actor.team_id))


def require_generic(actor: Actor, entity: Entity, action: str) -> None:
    """Raises ``NotAllowed``: ``use_command`` (naming the commands to use) or ``role_not_allowed``."""
    roles = entity.options.generic.get(action)
    if roles is None:
        commands = ", ".join(entity.options.commands) or "-"
        raise NotAllowed("use_command", entity=entity.name, action=action, commands=commands)
    if actor.role not in roles:
        raise NotAllowed("role_not_allowed", role=actor.role, entity=entity.name, action=action)


def require_role(actor: Actor, command: str, *roles: str) -> None:
    """Raises ``NotAllowed`` when the named command is not the role's."""
    if actor.role not in roles:
        raise NotAllowed("role_not_allowed", role=actor.role, entity=command.partition(".")[0], action=command)


def hidden_fields(entity: Entity, role: str) -> frozenset[str]:
    """Fields that the role's devices never receive and its commands may not write."""
    return entity.secrets if role in RESTRICTED_READERS else entity.hidden


def all_entities_on_devices() -> tuple[Entity, ...]:
    """Entities that have a local table."""
    return tuple(entity for entity in ENTITIES.values() if entity.on_devices)
