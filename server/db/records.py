"""A page of rows of one entity, in one statement: the reader's memberships, the filters, and where the last page ended.

Bodies are the versions that devices receive, and who sees a row is decided by the same memberships and the same judge
as in a pull (``sync.authority.feed``). A page begins behind the last row of the one before (keyset), so that rows which
are written meanwhile move nothing: a row that stays as it is is seen exactly once.
"""

import base64
import binascii
import hashlib
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, tuple_

from server.db import tables
from server.db.record_query import Filter, Query
from server.db.view import StoreView
from server.security.crypto import SealError, Vault
from shared.catalog import Entity, Field
from shared.codec import encode
from shared.errors import InvalidInput
from shared.fields import Kind
from shared.numbers import to_scaled
from shared.protocol import Put
from sync.authority.feed import Reader, judge
from sync.authority.ports import View

_m = tables.membership.c
_v = tables.row_version.c


class RecordPage(msgspec.Struct):
    """Rows as they travel, and the cursor of the next page; empty after the last one."""

    puts: list[Put]
    cursor: str


def page_statement(query: Query, reader: Reader, after: tuple[Any, str] | None, dialect: str) -> Any:
    """The statement of a page, one row longer than asked for; its plan is kept by a test.

    ``after``: the last row of the page before, as (value of the sorted column, id).
    """
    org_id, name = reader.actor.org_id, query.entity.name
    table = tables.table(name)
    sort = table.c[query.sort.name]
    visible = exists().where(
        _m.org_id == org_id,
        _m.entity == name,
        _m.row_id == table.c.id,
        _m.bucket.in_(reader.buckets),
        _m.gone.is_(False),
    )
    conditions = [table.c.org_id == org_id, visible, *(_condition(table, one, dialect) for one in query.filters)]
    if not query.deleted:
        conditions.append(table.c.deleted_at.is_(None))
    if after is not None:
        conditions.append(_behind(sort, table.c.id, after, query))
    same_row = and_(_v.org_id == table.c.org_id, _v.entity == name, _v.row_id == table.c.id)
    return (
        select(_v.entity, _v.row_id, literal(0), _v.gone, _v.rev, _v.buckets, _v.body, _v.restricted, sort)
        .select_from(table.join(tables.row_version, same_row))
        .where(*conditions)
        .order_by(*_order(sort, table.c.id, query))
        .limit(query.limit + 1)
    )


def _order(sort: Any, row_id: Any, query: Query) -> list[Any]:
    """Empty values first, last when descending: as SQLite has them, so that its index gives the order."""
    columns = [row_id] if query.sort.name == "id" else [sort, row_id]
    if query.descending:
        columns = [column.desc() for column in columns]
    if query.sort.nullable:
        columns[0] = columns[0].nulls_last() if query.descending else columns[0].nulls_first()
    return columns


def _behind(sort: Any, row_id: Any, after: tuple[Any, str], query: Query) -> ColumnElement[bool]:
    value, last = after
    down = query.descending
    if query.sort.name == "id":
        return row_id < last if down else row_id > last  # type: ignore[no-any-return]
    further = row_id < last if down else row_id > last
    if value is None:
        return and_(sort.is_(None), further) if down else or_(sort.is_not(None), further)
    here, there = tuple_(sort, row_id), tuple_(literal(value, sort.type), literal(last))
    behind = here < there if down else here > there
    return or_(behind, sort.is_(None)) if down and query.sort.nullable else behind


def _condition(table: Any, one: Filter, dialect: str) -> ColumnElement[bool]:
    column, values = table.c[one.field.name], [_stored(one.field, value) for value in one.values]
    match one.operator:
        case "null":
            return column.is_(None) if one.values[0] else column.is_not(None)
        case "eq":
            return column == values[0]
        case "ne":
            return column.is_distinct_from(values[0])
        case "in":
            return column.in_(values)
        case "contains":
            where = func.instr if dialect == "sqlite" else func.strpos
            if one.field.kind is Kind.TAGS:
                return where(column, encode(values[0]).decode()) > 0
            return where(func.lower(column), func.lower(literal(values[0]))) > 0
    compared = {
        "lt": column < values[0],
        "lte": column <= values[0],
        "gt": column > values[0],
        "gte": column >= values[0],
    }
    return compared[one.operator]


def _stored(field: Field, value: Any) -> Any:
    return to_scaled(value) if isinstance(value, Decimal) else value


async def read_records(view: StoreView, reader: Reader, query: Query, vault: Vault) -> RecordPage:
    """The page asked for. Raises ``InvalidInput`` ``cursor_unknown``: not ours, or of another question."""
    after = _opened(query, reader, vault) if query.cursor else None
    statement = page_statement(query, reader, after, view.dialect)
    found = await view.selected(statement, restricted=reader.restricted)
    puts, _ = judge((row for row, _ in found[: query.limit]), reader)
    if len(found) <= query.limit:
        return RecordPage(puts, "")
    last, value = found[query.limit - 1]
    return RecordPage(puts, _sealed(query, reader, vault, (value, last.id)))


def _place(query: Query, reader: Reader) -> str:
    """What a cursor is bound to: it opens for the same reader and the same question alone."""
    return hashlib.sha256(f"{reader.actor.org_id}\n{reader.actor.user_id}\n{query.meaning}".encode()).hexdigest()


def _sealed(query: Query, reader: Reader, vault: Vault, at: tuple[Any, str]) -> str:
    sealed = vault.seal("records", "cursor", _place(query, reader), encode(at))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _opened(query: Query, reader: Reader, vault: Vault) -> tuple[Any, str]:
    try:
        sealed = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        value, last = msgspec.json.decode(vault.unseal("records", "cursor", _place(query, reader), sealed))
    except (ValueError, binascii.Error, SealError) as error:
        raise InvalidInput("cursor_unknown", field="cursor") from error
    return value, last


async def read_record(view: View, reader: Reader, entity: Entity, row_id: str) -> Put | None:
    """One row as the reader's devices have it, a deleted one too; None when it is in none of the reader's buckets."""
    versions = await view.versions([(entity.name, row_id)], restricted=reader.restricted)
    puts, _ = judge(versions, reader)
    return puts[0] if puts else None
