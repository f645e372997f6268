"""The generic commands: create, patch, delete, restore, assign, for every entity whose declaration opens them."""

from functools import partial
from typing import Any

import msgspec

from shared.access import can_see, require_generic
from shared.catalog import ENTITIES, Entity, Field, deleted_with
from shared.codec import Row
from shared.commands import guards, sharing
from shared.commands.merging import merge_patch
from shared.commands.work import Work, together
from shared.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from shared.ids import is_id
from shared.validation import check_value, check_values


class Create(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new row. The id comes from the device, so that a retry is the same row."""

    id: str
    values: dict[str, Any]


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New values with the values that the author had seen (``base``), both in wire form."""

    id: str
    base: dict[str, Any]
    values: dict[str, Any]


class Delete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str


class Restore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Takes back exactly the deletion made by transaction ``deleted_tx``."""

    id: str
    deleted_tx: str


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new owner for the row and all that follows it: a change of membership."""

    id: str
    owner_id: str


def reach(work: Work, entity: Entity, row_id: str, *, deleted: bool = False) -> Row:
    """A row that the actor may see. A foreign row and a missing one look the same: ``not_found``."""
    row = work.get(entity.name, row_id) if deleted else work.require(entity.name, row_id)
    if row is None or not can_see(work.actor, entity, row):
        raise NotFound("not_found", entity=entity.name, id=str(row_id)[:36])
    return row


def create(work: Work, name: str, args: Create) -> None:
    entity = ENTITIES[name]
    require_generic(work.actor, entity, "create")
    insert_new(work, entity, args.id, args.values, {})


def insert_new(work: Work, entity: Entity, row_id: str, wire: dict[str, Any], given: dict[str, Any]) -> Row:
    """A new row of the author's from values in wire form, on top of those that a command has ``given`` it."""
    if not is_id(row_id):
        raise InvalidInput("invalid_id", field="id", entity=entity.name)
    values = check_values(entity, wire, work.actor, creating=True)
    values = {**guards.defaults(work, entity.name, values), **values}
    owner = _owner(work, entity, values)
    _require_targets(work, entity, values)
    guards.before(work, entity, "create", {"id": row_id, **values}, values)
    return work.insert(entity.name, {**given, **values, **owner, "id": row_id})


def _owner(work: Work, entity: Entity, values: dict[str, Any]) -> dict[str, Any]:
    """Owner and team: the parent's, where the entity follows one, otherwise the author's. Whoever sees the parent sees
    the child."""
    if not entity.options.follows:
        mine = {"owner_id": work.actor.user_id, "team_id": work.actor.team_id}
        return {**mine, **sharing.inherited(work, entity, values, work.actor.user_id)}
    field = entity.parent_of(values)
    if field is None:
        raise InvalidInput("required", field=entity.options.follows, entity=entity.name)
    above = reach(work, ENTITIES[str(field.options.ref)], values[field.name])
    return {name: above[name] for name in ("owner_id", "team_id", "shared_with")}


def _require_targets(work: Work, entity: Entity, values: dict[str, Any]) -> None:
    """Refuses orphans, on the device and on the server: each reference must point to a row that the author may see."""
    for name, value in values.items():
        if value is not None and name in entity.refs:
            field = entity.fields[name]
            target = ENTITIES[str(field.options.ref)]
            row = work.require(target.name, value, field=name)
            if not can_see(work.actor, target, row):
                raise NotFound("not_found", field=name, entity=target.name, id=value)


def patch(work: Work, name: str, args: Patch) -> None:
    entity = ENTITIES[name]
    require_generic(work.actor, entity, "patch")
    row = reach(work, entity, args.id)
    values = check_values(entity, args.values, work.actor, creating=False)
    if not values:
        raise InvalidInput("nothing_to_change", entity=name)
    missing = next((field for field in values if field not in args.base), None)
    if missing is not None:
        raise InvalidInput("base_missing", field=missing, entity=name)
    base = {field: _seen(entity, field, args.base[field]) for field in values}
    _require_targets(work, entity, {field: value for field, value in values.items() if value != row[field]})
    guards.before(work, entity, "patch", row, values)
    merge_patch(work, entity, row, base, values)
    guards.after(work, entity, row)


def _seen(entity: Entity, name: str, value: Any) -> Any:
    """A base value: what the device once received, so it may be empty where a new value may not."""
    field = entity.fields[name]
    if value in (None, "") and not field.is_decimal:
        return value
    return check_value(entity, field, value)


def delete(work: Work, name: str, args: Delete) -> None:
    entity = ENTITIES[name]
    require_generic(work.actor, entity, "delete")
    row = reach(work, entity, args.id)
    sharing.require_own(work, entity, row)
    guards.before(work, entity, "delete", row, {})
    _mark(work, entity, row, {"deleted_at": work.now_ms, "deleted_tx": work.tx_id})


def _mark(work: Work, entity: Entity, row: Row, changes: dict[str, Any]) -> None:
    """Writes the changes on the row and on all that goes with it and is in the same state of deletion."""
    work.update(entity.name, row, changes)
    together(partial(_mark_below, work, child, field, row, changes) for child, field in deleted_with(entity.name))


def _mark_below(work: Work, child: Entity, field: Field, row: Row, changes: dict[str, Any]) -> None:
    rows = work.children(child.name, field.name, row["id"], deleted=True)
    together(partial(_mark, work, child, one, changes) for one in rows if one["deleted_tx"] == row["deleted_tx"])


def restore(work: Work, name: str, args: Restore) -> None:
    entity = ENTITIES[name]
    require_generic(work.actor, entity, "restore")
    row = reach(work, entity, args.id, deleted=True)
    if row["deleted_at"] is None:
        return
    sharing.require_own(work, entity, row)
    if row["deleted_tx"] != args.deleted_tx:
        raise StateConflict("deleted_again", entity=name, id=row["id"], deleted_tx=str(row["deleted_tx"]))
    for field in entity.parents:
        if row[field.name] is not None:
            work.require(str(field.options.ref), row[field.name], field=field.name)
    _mark(work, entity, row, {"deleted_at": None, "deleted_tx": None})


def assign(work: Work, name: str, args: Assign) -> None:
    entity = ENTITIES[name]
    require_generic(work.actor, entity, "assign")
    row = reach(work, entity, args.id)
    sharing.require_own(work, entity, row)
    owner = work.require("user", args.owner_id, field="owner_id")
    if not owner["active"]:
        raise StateConflict("owner_inactive", field="owner_id", name=owner["name"])
    if work.actor.role == "manager" and owner["home_team_id"] != work.actor.team_id:
        raise NotAllowed("other_team", field="owner_id", name=owner["name"])
    sharing.hand_over(work, entity, row, owner)
    guards.assigned(work, entity, row, owner)
