"""Rows between code and the local tables: decimals as integers of 1/10,000, lists and structures as JSON text."""

from decimal import Decimal
from typing import Any

import msgspec

from mobile.store.naming import JSON_KINDS, searchable, table_name
from shared import codec
from shared.catalog import Entity, Field
from shared.codec import UNKNOWN, Row
from shared.fields import Kind
from shared.numbers import from_scaled, parse_decimal, to_scaled

_json = msgspec.json.Decoder().decode
_PLAIN, _DECIMAL, _JSON, _BOOL = range(4)


def _conversion(field: Field) -> int:
    if field.is_decimal:
        return _DECIMAL
    if field.kind in JSON_KINDS:
        return _JSON
    return _BOOL if field.kind is Kind.BOOL else _PLAIN


class RowCodec:
    """The SQL of one entity's table and the conversion of its rows."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.table = table_name(entity.name)
        self.fields = list(entity.fields.values())
        self._special = [
            (index, field.name, conversion) for index, field in enumerate(self.fields)
            if (conversion := _conversion(field)) != _PLAIN
        ]  # fmt: skip
        self._names = [field.name for field in self.fields]
        names = self._names
        self.place_of_id = names.index("id")
        self.columns = ", ".join(f"[{name}]" for name in names) + ", _unknown"
        given = ", ".join("?" for _ in range(len(names) + 2))
        sets = ", ".join(f"[{name}] = excluded.[{name}]" for name in [*names, "_unknown", "rev"] if name != "id")
        changed = " OR ".join(f"[{f.name}] IS NOT excluded.[{f.name}]" for f in searchable(entity)) or "0"
        self.upsert = (
            f"INSERT INTO [{self.table}] ({self.columns}, rev) VALUES ({given}) "
            f"ON CONFLICT (id) DO UPDATE SET {sets}, _stale = (_stale OR {changed})"
        )
        self.select = f"SELECT {self.columns} FROM [{self.table}]"

    def encode(self, row: Row, rev: int) -> list[Any]:
        """Parameters of ``upsert``."""
        values = [row[name] for name in self._names]
        for index, _, conversion in self._special:
            values[index] = _encoded(conversion, values[index])
        unknown = row.get(UNKNOWN)
        values.append(codec.encode(unknown).decode() if unknown else None)
        values.append(rev)
        return values

    def decode(self, values: tuple[Any, ...]) -> Row:
        """A row in code from the columns of ``select``."""
        row = dict(zip(self._names, values, strict=False))
        for index, name, conversion in self._special:
            row[name] = self._decoded(index, conversion, values[index])
        if values[-1] is not None:
            row[UNKNOWN] = _json(values[-1])
        return row

    def _decoded(self, index: int, conversion: int, value: Any) -> Any:
        if value is None:
            # Columns added later, and restricted fields that never arrived, read as their declared default.
            default = self.fields[index].default
            return _copy(default)
        if conversion == _DECIMAL:
            return from_scaled(value)
        return _json(value) if conversion == _JSON else bool(value)

    def encode_value(self, field: Field, value: Any) -> Any:
        """One column's value."""
        return _encoded(_conversion(field), value)

    def take_unknown(self, field: Field, unknown: str) -> tuple[Any, str | None]:
        """The column value of a field that was kept as unknown, and what remains unknown."""
        kept = _json(unknown)
        value = kept.pop(field.name, field.default)
        if field.is_decimal and isinstance(value, str):
            value = parse_decimal(value)
        return self.encode_value(field, value), codec.encode(kept).decode() if kept else None


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list) else value


def _encoded(conversion: int, value: Any) -> Any:
    if value is None:
        return None
    if conversion == _DECIMAL:
        return to_scaled(value if isinstance(value, Decimal) else Decimal(value))
    if conversion == _JSON:
        return codec.encode(value).decode()
    return int(value) if conversion == _BOOL else value
