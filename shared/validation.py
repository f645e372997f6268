"""Checks the values of generic commands against the declarations, on both sides, with words for each mistake."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from shared.access import Actor, hidden_fields
from shared.catalog import Entity, Field
from shared.entities.record import COMMON
from shared.errors import InvalidInput, NotAllowed
from shared.fields import Kind, Merge
from shared.ids import is_id
from shared.numbers import format_decimal, parse_decimal

MAX_INTEGER = 2**53 - 1
MAX_TAGS = 50
MAX_CUSTOM_KEYS = 100
_COMMON = frozenset(COMMON) - {"custom"}
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
"""Control characters apart from line feed and tab, and halves of surrogate pairs."""
TIME = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"[+0-9][0-9 ()./-]{2,}(?:(?:x|ext\.?|转)\s*[0-9]+)?", re.IGNORECASE)


def check_values(entity: Entity, values: Mapping[str, Any], actor: Actor, *, creating: bool) -> dict[str, Any]:
    """Wire values as row values. Raises ``InvalidInput`` or ``NotAllowed`` naming the first field at fault."""
    hidden = hidden_fields(entity, actor.role)
    checked: dict[str, Any] = {}
    for name, value in values.items():
        field = entity.fields.get(name)
        if field is None or name in _COMMON:
            raise InvalidInput("unknown_field", field=str(name)[:60], entity=entity.name)
        if name in hidden:
            raise NotAllowed("field_hidden", field=name, entity=entity.name)
        _require_writable(entity, field, creating=creating)
        checked[name] = check_value(entity, field, value)
    if creating:
        for name in entity.required:
            if name not in checked:
                raise InvalidInput("required", field=name, entity=entity.name)
    return checked


def _require_writable(entity: Entity, field: Field, *, creating: bool) -> None:
    if field.merge is Merge.COMMAND:
        commands = ", ".join(entity.options.commands) or "-"
        raise NotAllowed("use_command", field=field.name, entity=entity.name, action=field.name, commands=commands)
    if field.merge is Merge.FIXED and not creating:
        raise NotAllowed("field_fixed", field=field.name, entity=entity.name)


def check_value(entity: Entity, field: Field, value: Any) -> Any:
    """One wire value as a row value."""
    if value is None:
        if field.nullable:
            return None
        raise InvalidInput("required", field=field.name, entity=entity.name)
    if field.is_decimal:
        return _decimal(entity, field, value)
    check = _CHECKS[field.kind]
    return check(entity, field, value)


def _wrong(entity: Entity, field: Field, code: str = "invalid_value", **params: Any) -> InvalidInput:
    return InvalidInput(code, field=field.name, entity=entity.name, **params)


def _text(entity: Entity, field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(entity, field)
    if UNPRINTABLE.search(value):
        raise _wrong(entity, field, "control_characters")
    text = str(value).strip() if field.kind is not Kind.LONG_TEXT else str(value).rstrip()
    if len(text) > field.options.max_length:
        raise _wrong(entity, field, "too_long", limit=field.options.max_length)
    if field.required and not text:
        raise _wrong(entity, field, "required")
    return text


def _phone(entity: Entity, field: Field, value: Any) -> str:
    text = _text(entity, field, value)
    if text and not _PHONE.fullmatch(text):
        raise _wrong(entity, field, "invalid_phone")
    return text


def _email(entity: Entity, field: Field, value: Any) -> str:
    text = _text(entity, field, value)
    if text and not _EMAIL.fullmatch(text):
        raise _wrong(entity, field, "invalid_email")
    return text


def _enum(entity: Entity, field: Field, value: Any) -> str:
    if isinstance(value, str) and value in field.choices:
        return str(value)
    raise _wrong(entity, field, "not_a_choice", choices=", ".join(choice for choice in field.choices if choice))


def _flag(entity: Entity, field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(entity, field)
    return value


def _integer(entity: Entity, field: Field, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_INTEGER:
        raise _wrong(entity, field)
    _range(entity, field, Decimal(value))
    return value


def _decimal(entity: Entity, field: Field, value: Any) -> Decimal:
    if not isinstance(value, str):
        raise _wrong(entity, field, "invalid_number")
    try:
        number = parse_decimal(value)
    except ValueError as error:
        raise _wrong(entity, field, "invalid_number") from error
    _range(entity, field, number)
    return number


def _range(entity: Entity, field: Field, number: Decimal) -> None:
    low, high = field.options.minimum, field.options.maximum
    if low is not None and number < low:
        raise _wrong(entity, field, "too_small", limit=low, given=format_decimal(number))
    if high is not None and number > high:
        raise _wrong(entity, field, "too_large", limit=high, given=format_decimal(number))


def _date(entity: Entity, field: Field, value: Any) -> str:
    try:
        parsed = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        parsed = None
    if parsed is None or not 1900 <= parsed.year <= 2200:
        raise _wrong(entity, field, "invalid_date")
    return parsed.isoformat()


def _time(entity: Entity, field: Field, value: Any) -> str:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        raise _wrong(entity, field, "invalid_time")
    return str(value)


def _id(entity: Entity, field: Field, value: Any) -> str:
    if not is_id(value):
        raise _wrong(entity, field, "invalid_id")
    return str(value)


def _tags(entity: Entity, field: Field, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise _wrong(entity, field)
    words = {word.strip() for word in value if isinstance(word, str) and 0 < len(word.strip()) <= 40}
    if len(words) != len(value):
        raise _wrong(entity, field)
    return sorted(words)


def _json(entity: Entity, field: Field, value: Any) -> Any:
    if not isinstance(value, dict) or len(value) > MAX_CUSTOM_KEYS or not all(isinstance(key, str) for key in value):
        raise _wrong(entity, field)
    if any(not isinstance(item, str | int | bool | None) for item in value.values()):
        raise _wrong(entity, field)
    return value


_CHECKS = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.CODE: _text,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.ENUM: _enum,
    Kind.BOOL: _flag,
    Kind.INT: _integer,
    Kind.TIMESTAMP: _integer,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.ID: _id,
    Kind.REF: _id,
    Kind.TAGS: _tags,
    Kind.JSON: _json,
}
