"""What a reader of ``/v1/records/{entity}`` asks for: query parameters to a checked ``Query``, by the declarations.

``where=city:eq:杭州`` (repeated: all must hold), ``sort=-ordered_at``, ``fields=name,city``, ``limit=50``,
``deleted=true``, ``cursor=…``. Whatever cannot be meant is refused with its name; nothing is ignored, because a filter
that is ignored answers with everything.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from shared.access import hidden_fields
from shared.catalog import Entity, Field
from shared.errors import InvalidInput, LimitExceeded, NotAllowed
from shared.fields import Kind, Privacy
from shared.ids import is_id
from shared.numbers import parse_decimal
from shared.validation import MAX_INTEGER, UNPRINTABLE

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_FILTERS = 20
MAX_VALUES = 100
"""Of one ``in``."""
MAX_VALUE_LENGTH = 500
MAX_CURSOR_LENGTH = 2_000
ONLY_ONCE = ("sort", "fields", "limit", "deleted", "cursor")
PARAMETERS = ("where", *ONLY_ONCE)

_ORDER = ("eq", "ne", "lt", "lte", "gt", "gte", "in")
_SAME = ("eq", "ne", "in")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.ID: _SAME,
    Kind.REF: _SAME,
    Kind.TEXT: (*_ORDER, "contains"),
    Kind.CODE: (*_ORDER, "contains"),
    Kind.PHONE: (*_SAME, "contains"),
    Kind.EMAIL: (*_SAME, "contains"),
    Kind.LONG_TEXT: ("contains",),
    Kind.ENUM: _SAME,
    Kind.BOOL: ("eq",),
    Kind.INT: _ORDER,
    Kind.MONEY: _ORDER,
    Kind.QUANTITY: _ORDER,
    Kind.PERCENT: _ORDER,
    Kind.DATE: _ORDER,
    Kind.TIME: _ORDER,
    Kind.TIMESTAMP: _ORDER,
    Kind.TAGS: ("contains",),
}
"""What a filter may ask of a field, by its kind; fields that may be empty also have ``null``."""


class Filter(msgspec.Struct, frozen=True):
    """One condition. ``values`` are row values: several with ``in``, otherwise one; a bool with ``null``."""

    field: Field
    operator: str
    values: tuple[Any, ...]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A whole question. ``fields`` None: all that the reader may see."""

    entity: Entity
    filters: tuple[Filter, ...] = ()
    sort: Field
    descending: bool = False
    fields: tuple[str, ...] | None = None
    limit: int = DEFAULT_LIMIT
    deleted: bool = False
    cursor: str = ""
    meaning: str = ""
    """What a cursor belongs to, as text: all but fields, limit and the cursor itself."""


def operators(field: Field) -> tuple[str, ...]:
    """What a filter may ask of the field; nothing of structures and of what is sealed in the database."""
    if field.privacy in (Privacy.RESTRICTED, Privacy.SECRET):
        return ()
    asked = OPERATORS.get(field.kind, ())
    return (*asked, "null") if asked and field.nullable else asked


def is_sortable(field: Field) -> bool:
    """Whether rows can be put in the order of the field."""
    return "lt" in operators(field) or field.name == "id"


def read_query(entity: Entity, role: str, parameters: Iterable[tuple[str, str]]) -> Query:
    """The question behind the query string's pairs.

    Raises ``InvalidInput`` naming the parameter at fault, ``NotAllowed`` ``field_hidden``, ``LimitExceeded``.
    """
    given: dict[str, str] = {}
    wheres: list[str] = []
    for name, value in parameters:
        if name not in PARAMETERS:
            raise InvalidInput("unknown_parameter", field=name[:60], known=", ".join(PARAMETERS))
        if name == "where":
            wheres.append(value)
        elif name in given:
            raise InvalidInput("parameter_twice", field=name)
        else:
            given[name] = value
    if len(wheres) > MAX_FILTERS:
        raise LimitExceeded("too_many_filters", field="where", status=422, given=len(wheres), limit=MAX_FILTERS)
    hidden = hidden_fields(entity, role)
    sort, descending = _sort(entity, hidden, given.get("sort", "id"))
    deleted = _flag("deleted", given.get("deleted", "false"))
    return Query(
        entity=entity,
        filters=tuple(_filter(entity, hidden, text) for text in wheres),
        sort=sort,
        descending=descending,
        fields=_fields(entity, hidden, given["fields"]) if "fields" in given else None,
        limit=_limit(given.get("limit", str(DEFAULT_LIMIT))),
        deleted=deleted,
        cursor=_cursor(given.get("cursor", "")),
        meaning="\n".join([entity.name, sort.name, str(descending), str(deleted), *sorted(wheres)]),
    )


def _field(entity: Entity, hidden: frozenset[str], name: str, parameter: str) -> Field:
    field = entity.fields.get(name)
    if field is None:
        raise InvalidInput("unknown_field", field=parameter, entity=entity.name)
    if name in hidden:
        raise NotAllowed("field_hidden", field=name, entity=entity.name)
    return field


def _sort(entity: Entity, hidden: frozenset[str], text: str) -> tuple[Field, bool]:
    field = _field(entity, hidden, text.removeprefix("-"), "sort")
    if not is_sortable(field):
        raise InvalidInput("not_sortable", field="sort", name=field.name)
    return field, text.startswith("-")


def _fields(entity: Entity, hidden: frozenset[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_field(entity, hidden, name, "fields").name for name in text.split(",")))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidInput("out_of_range", field="limit", low=1, high=MAX_LIMIT)
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidInput("true_or_false", field=name)
    return text == "true"


def _cursor(text: str) -> str:
    if len(text) > MAX_CURSOR_LENGTH:
        raise InvalidInput("cursor_unknown", field="cursor")
    return text


def _filter(entity: Entity, hidden: frozenset[str], text: str) -> Filter:
    name, colon, rest = text.partition(":")
    operator, second, value = rest.partition(":")
    if not colon or not second:
        raise InvalidInput("filter_form", field="where")
    field = _field(entity, hidden, name, "where")
    possible = operators(field)
    if operator not in possible:
        raise InvalidInput("filter_operator", field="where", name=name, possible=", ".join(possible) or "-")
    if operator == "null":
        return Filter(field, operator, (_flag("where", value),))
    values = value.split(",") if operator == "in" else [value]
    if len(values) > MAX_VALUES:
        raise LimitExceeded("too_many_values", field="where", status=422, given=len(values), limit=MAX_VALUES)
    return Filter(field, operator, tuple(_value(field, operator, one) for one in values))


def _value(field: Field, operator: str, text: str) -> Any:
    """A value of a filter in row form. Its form is checked, not its meaning: half a phone number may be looked for."""
    if len(text) > MAX_VALUE_LENGTH or UNPRINTABLE.search(text):
        raise _wrong(field)
    match field.kind:
        case Kind.BOOL:
            return _flag("where", text)
        case Kind.INT | Kind.TIMESTAMP:
            if not (text.removeprefix("-").isdigit() and text.isascii() and len(text) < 20):
                raise _wrong(field)
            if abs(int(text)) > MAX_INTEGER:
                raise _wrong(field)
            return int(text)
        case Kind.MONEY | Kind.QUANTITY | Kind.PERCENT:
            try:
                return parse_decimal(text)
            except ValueError as error:
                raise _wrong(field) from error
        case Kind.ID | Kind.REF:
            if not is_id(text):
                raise _wrong(field)
        case Kind.ENUM:
            if text not in field.choices:
                raise _wrong(field)
        case Kind.TAGS:
            # The one word that cannot be told from the separator between two stored words.
            if not text or text == ",":
                raise _wrong(field)
        case _:
            if operator == "contains" and not text:
                raise _wrong(field)
    return text


def _wrong(field: Field) -> InvalidInput:
    return InvalidInput("filter_value", field="where", name=field.name, kind=str(field.kind))
