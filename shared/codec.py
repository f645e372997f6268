"""Rows between their three forms: in code (``Decimal``, lists), on the wire (JSON), and hashed.

A *row* in code is a ``dict`` of every declared field: str, int, bool, None, list, dict, and ``Decimal`` for money,
quantity and percent. Dates are ISO text, instants UTC milliseconds. Keys that no declaration names came from a newer
server; they are kept under ``UNKNOWN`` and go back out as they came.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from shared.catalog import ENTITIES, Entity
from shared.errors import InvalidInput
from shared.numbers import format_decimal, parse_decimal

Row = dict[str, Any]
UNKNOWN = "_unknown"
_encoder = msgspec.json.Encoder(order="deterministic")


def new_row(entity: Entity, values: Mapping[str, Any]) -> Row:
    """A complete row: the given values, and the declared defaults for the rest."""
    row = entity.blank()
    row.update(values)
    return row


def to_wire(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON-able form: decimals as canonical strings; unknown keys of a newer server beside the declared ones."""
    wire = {name: row[name] for name in entity.fields if name in row}
    for name in entity.decimals:
        value = wire.get(name)
        if isinstance(value, Decimal):
            wire[name] = format_decimal(value)
    unknown = row.get(UNKNOWN)
    return {**unknown, **wire} if unknown else wire


def from_wire(entity: Entity, wire: Mapping[str, Any]) -> Row:
    """A row from trusted wire data (what our own server sent or stored). Missing fields take their defaults."""
    row: Row = entity.blank()
    unknown: dict[str, Any] = {}
    for name, value in wire.items():
        (row if name in row else unknown)[name] = value
    for name in entity.decimals:
        if isinstance(row[name], str):
            row[name] = parse_decimal(row[name])
    if unknown:
        row[UNKNOWN] = unknown
    return row


def values_to_wire(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Like ``to_wire`` for some fields only (the arguments of a generic command)."""
    return {name: format_decimal(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def encode(value: Any) -> bytes:
    """Canonical JSON bytes: sorted keys, no spaces."""
    return _encoder.encode(value)


def encode_parts(entity: Entity, row: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The row's wire bytes in parts by privacy class: (for every reader of the bucket, for permitted readers only).

    The second is ``b""`` when the entity declares nothing restricted. Secret fields are in neither.
    """
    wire = to_wire(entity, row)
    restricted = {name: wire.pop(name) for name in entity.restricted if name in wire}
    for name in entity.secrets:
        wire.pop(name, None)
    return encode(wire), encode(restricted) if restricted else b""


def row_hash(entity: Entity, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical wire form without empty values, so that an added field changes no hash."""
    wire = {key: value for key, value in to_wire(entity, row).items() if value not in (None, "", [], {})}
    return hashlib.sha256(encode(wire)).hexdigest()


def entity_named(name: object) -> Entity:
    """The declared entity, or ``InvalidInput`` ``unknown_entity``."""
    entity = ENTITIES.get(name) if isinstance(name, str) else None
    if entity is None:
        raise InvalidInput("unknown_entity", field="entity", entity=str(name)[:60])
    return entity
