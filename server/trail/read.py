"""One record's audit trail: who did what, when, on which device, with the values before and after."""

from typing import Any

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.authority import Authority
from server.db.engine import Tx
from server.security.crypto import Vault
from server.trail.follow import catch_up, commands_of, target
from server.trail.tables import audit_touch
from shared.access import Actor, can_see, hidden_fields
from shared.audit_trail import Change, Step, Trail, TrailEntry
from shared.catalog import ENTITIES
from shared.errors import InvalidInput, NotFound
from shared.ids import is_id
from shared.protocol import Command
from shared.validation import MAX_INTEGER
from sync.authority.ports import View

PAGE = 50
CHAIN_ROLES = ("manager", "admin")
MAX_VALUE_SIGNS = 2_000


async def trail(
    authority: Authority, actor: Actor, entity: str, row_id: str, *, before: int = 0, limit: int = PAGE
) -> Trail:
    """The trail of a record that the actor may see now. Raises ``NotFound`` for any other, ``InvalidInput``."""
    declared = ENTITIES.get(entity)
    if declared is None or not declared.on_devices:
        raise InvalidInput("unknown_entity", field="entity", entity=entity[:40])
    if not is_id(row_id):
        raise InvalidInput("wrong_type", field="id", detail="Expected `uuid`")
    if not 0 <= before <= MAX_INTEGER:
        raise InvalidInput("out_of_range", field="before", low=0, high=MAX_INTEGER)

    async def seen(view: View) -> bool:
        found = (await view.rows([(entity, row_id)])).get((entity, row_id))
        return found is not None and can_see(actor, declared, found[0])

    store = authority.store
    if not await store.view(actor.org_id, seen):
        raise NotFound("not_found", entity=entity, id=row_id)
    chain = await catch_up(authority.database, store.vault, actor.org_id, authority.clock.now_ms())
    told = chain if actor.role in CHAIN_ROLES else None
    hidden = hidden_fields(declared, actor.role)

    async def read(tx: Tx) -> list[TrailEntry]:
        records = await _records(tx, actor.org_id, entity, row_id, before, limit + 1)
        names = {table: await _names(tx, actor.org_id, table, records) for table in ("user", "device")}
        return [_entry(record, names, (entity, row_id), hidden, store.vault) for record in records]

    entries = await authority.database.read(read)
    return Trail(entries[:limit], len(entries) > limit, chain.entries >= chain.head, told)


async def _records(tx: Tx, org_id: str, entity: str, row_id: str, before: int, limit: int) -> list[Any]:
    log, touch = tables.tx_log.c, audit_touch.c
    here = [touch.org_id == org_id, touch.entity == entity, touch.row_id == row_id]
    if before > 0:
        here.append(touch.n < before)
    newest = select(touch.n).where(*here).order_by(touch.n.desc()).limit(limit)
    statement = select(tables.tx_log).where(log.org_id == org_id, log.n.in_(newest)).order_by(log.n.desc())
    return list((await tx.execute(statement)).all())


async def _names(tx: Tx, org_id: str, entity: str, records: list[Any]) -> dict[str, str]:
    table = tables.table(entity)
    ids = sorted({getattr(record, f"{entity}_id") for record in records} - {""})
    found = await tx.execute(select(table.c.id, table.c.name).where(table.c.org_id == org_id, table.c.id.in_(ids)))
    return {row.id: row.name for row in found.all()}


def _entry(
    record: Any, names: dict[str, dict[str, str]], key: tuple[str, str], hidden: frozenset[str], vault: Vault
) -> TrailEntry:
    mine = [command for command in commands_of(record, vault) if target(command) == key]
    # A system write, or a command about another row that wrote this one too, is known by its name.
    steps = [_step(command, hidden) for command in mine] or [Step(name) for name in record.commands.split(",") if name]
    return TrailEntry(
        record.n, record.user_id, names["user"].get(record.user_id, ""), names["device"].get(record.device_id, ""),
        record.occurred_at, record.received_at, record.status, record.code, steps, record.payload is None,
    )  # fmt: skip


def _step(command: Command, hidden: frozenset[str]) -> Step:
    values, base = command.args.get("values"), command.args.get("base")
    if not isinstance(values, dict):
        return Step(command.name)
    seen = base if isinstance(base, dict) else {}
    changes = [
        Change(field, _cut(seen.get(field)), _cut(value))
        for field, value in values.items() if field not in hidden
    ]  # fmt: skip
    return Step(command.name, changes)


def _cut(value: Any) -> Any:
    """A value that may go out as it is; a longer one's beginning."""
    if isinstance(value, str):
        return value[:MAX_VALUE_SIGNS]
    text = msgspec.json.encode(value).decode()
    return value if len(text) <= MAX_VALUE_SIGNS else text[:MAX_VALUE_SIGNS]
