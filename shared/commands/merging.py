"""The merge rule of a patch: what happens to a field that changed on both sides (sync/README.md, *Merge rule*).

On a device a patch simply takes effect on what the device shows; only the authority merges and makes conflicts.
"""

from collections.abc import Iterable
from typing import Any

from shared.catalog import Entity
from shared.codec import Row, values_to_wire
from shared.commands.work import Work
from shared.errors import FieldConflict
from shared.fields import Merge
from shared.ids import derived_id

KEPT_BOTH = "\n\n---\n"
"""Stands between two versions of a text that were both kept."""


def merge_patch(work: Work, entity: Entity, row: Row, base: dict[str, Any], values: dict[str, Any]) -> None:
    """Writes what may be written; for the rest an inbox row, or ``FieldConflict`` in a tx of several commands."""
    changes: dict[str, Any] = {}
    for names in _groups(entity, values):
        merged = _merge_group(work, entity, row, base, values, names)
        if merged is None:
            _report(work, entity, row, base, values, names)
        else:
            changes.update(merged)
    changes = {name: value for name, value in changes.items() if value != row[name]}
    if changes:
        work.update(entity.name, row, changes, stamp=changes)


def _groups(entity: Entity, values: Iterable[str]) -> list[list[str]]:
    """The patched fields, those of one merge group together."""
    groups: dict[str, list[str]] = {}
    for name in values:
        groups.setdefault(entity.fields[name].options.group or name, []).append(name)
    return list(groups.values())


def _merge_group(
    work: Work, entity: Entity, row: Row, base: dict[str, Any], values: dict[str, Any], names: list[str]
) -> dict[str, Any] | None:
    """The values to write, or None for a conflict."""
    if len(names) == 1:
        by_rule = _by_rule(work, entity, row, base, values, names[0])
        if by_rule is not None:
            return by_rule
    if not work.authority or all(row[name] in (base[name], values[name]) for name in names):
        return {name: values[name] for name in names}
    return None


def _by_rule(
    work: Work, entity: Entity, row: Row, base: dict[str, Any], values: dict[str, Any], name: str
) -> dict[str, Any] | None:
    """The result of a rule of its own; None where the plain comparison decides."""
    current, before, wanted = row[name], base[name], values[name]
    match entity.fields[name].merge:
        case Merge.SET:
            added, removed = set(wanted) - set(before or ()), set(before or ()) - set(wanted)
            return {name: sorted((set(current) | added) - removed)}
        case Merge.PER_KEY:
            return {name: _per_key(work, entity, row, before or {}, wanted, name)}
        case Merge.KEEP_BOTH if work.authority and current not in (before, wanted):
            return _both(entity, name, current, wanted)
        case Merge.LATEST if work.authority and current not in (before, wanted):
            return _latest(work, entity, row, base, values, name)
    return None


def _both(entity: Entity, name: str, current: str, wanted: str) -> dict[str, Any] | None:
    """Both versions, one below the other; None when that is too long: then the author has a conflict to settle."""
    if not current or not wanted:
        return {name: current or wanted}
    parts = current.split(KEPT_BOTH)
    if all(part in parts for part in wanted.split(KEPT_BOTH)):
        return {name: current}
    both = f"{current}{KEPT_BOTH}{wanted}"
    return {name: both} if len(both) <= entity.fields[name].options.max_length else None


def _per_key(work: Work, entity: Entity, row: Row, before: Any, wanted: Any, name: str) -> dict[str, Any]:
    current = dict(row[name])
    lost: list[str] = []
    for key in {**before, **wanted}:
        if before.get(key) == wanted.get(key):
            continue
        if work.authority and current.get(key) not in (before.get(key), wanted.get(key)):
            lost.append(key)
        elif key in wanted:
            current[key] = wanted[key]
        else:
            current.pop(key, None)
    for key in lost:
        base, mine = {name: {key: before.get(key)}}, {name: {key: wanted.get(key)}}
        _report(work, entity, row, base, mine, [name], part=key)
    return current


def _latest(
    work: Work, entity: Entity, row: Row, base: dict[str, Any], values: dict[str, Any], name: str
) -> dict[str, Any]:
    """The later of two business times wins; the loser is kept in a settled inbox row."""
    stamp = row["stamps"].get(name)
    wins = bool(work.now_ms >= (stamp["at"] if stamp else row["created_at"]))
    _report(work, entity, row, base, values, [name], settled="mine" if wins else "theirs")
    return {name: values[name] if wins else row[name]}


def _report(
    work: Work,
    entity: Entity,
    row: Row,
    base: dict[str, Any],
    values: dict[str, Any],
    names: list[str],
    *,
    settled: str = "",
    part: str = "",
) -> None:
    """Keeps the losing value where its author finds it: a row in his inbox."""
    if work.commands_in_tx > 1 and not settled:
        raise FieldConflict(
            "field_conflict", field=",".join(names), entity=entity.name, name=work.title(entity.name, row)
        )
    stamp = next((row["stamps"][name] for name in names if name in row["stamps"]), None) or {}
    theirs = {name: row[name] for name in names}
    if part:
        theirs = {names[0]: {part: row[names[0]].get(part)}}
    conflict_id = derived_id(work.tx_id, work.command_index, "conflict", entity.name, ",".join(names), part)
    work.insert(
        "conflict",
        {
            "id": conflict_id,
            "owner_id": work.actor.user_id,
            "team_id": work.actor.team_id,
            "kind": "field",
            "state": "resolved" if settled else "open",
            "choice": settled,
            "resolved_at": work.now_ms if settled else None,
            "title": work.title(entity.name, row),
            "tx_id": work.tx_id,
            "entity": entity.name,
            "row_id": row["id"],
            "account_id": row["id"] if entity.name == "account" else row.get("account_id"),
            "field": ",".join(names),
            "base": values_to_wire(entity, {name: base[name] for name in names}),
            "mine": values_to_wire(entity, {name: values[name] for name in names}),
            "theirs": values_to_wire(entity, theirs),
            "mine_at": work.now_ms,
            "mine_on": work.device_name[:120],
            "theirs_at": stamp.get("at", row["updated_at"]),
            "theirs_by": stamp.get("by", row["updated_by"]),
            "theirs_on": stamp.get("on", ""),
            "code": "field_conflict",
        },
    )
    work.conflicts.append(conflict_id)
