"""Rows of the declared entities between their form in code and their columns, restricted fields sealed."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from server.db.bulk import Bulk, select_among
from server.db.engine import Tx
from server.db.tables import is_sealed, table
from server.security.crypto import Vault, is_sealed_text
from shared.catalog import ENTITIES, Entity, Field
from shared.codec import encode
from shared.fields import Kind
from shared.numbers import from_scaled, to_scaled
from sync.authority.ports import Versioned

Row = dict[str, Any]
_structures = frozenset({Kind.JSON, Kind.TAGS})
_load = msgspec.json.Decoder().decode


class EntityRows:
    """Reads and writes the table of one entity."""

    def __init__(self, entity: Entity, vault: Vault) -> None:
        self._entity = entity
        self._vault = vault
        self._table = table(entity.name)
        self.bulk = Bulk(self._table)
        fields = [entity.fields[name] for name in self.bulk.columns if name != "rev"]
        self._fields = tuple(fields)
        self._encoders = [(field.name, self._encoder(field)) for field in fields]
        self._decoders = [(field.name, self._decoder(field)) for field in fields]
        names = ", ".join(self.bulk.columns)
        self._select = f"SELECT {names} FROM {self._table.name}"

    def to_columns(self, row: Row, rev: int, *, sensitive: bool = False) -> tuple[Any, ...]:
        """The row as a tuple of column values. ``sensitive``: its structures are sealed as well."""
        values = [encoder(row["id"], row[name]) if encoder else row[name] for name, encoder in self._encoders]
        if sensitive:
            values = [
                self._seal_structure(field, row["id"], value) for field, value in zip(self._fields, values, strict=True)
            ]
        return (*values, rev)

    def from_columns(self, record: Iterable[Any]) -> Versioned:
        """The row and its ``rev`` from a record of this table, in the order of its columns."""
        *values, rev = record
        row_id = values[1]
        row = {
            name: decoder(row_id, value) if decoder and value is not None else value
            for (name, decoder), value in zip(self._decoders, values, strict=True)
        }
        for field in self._fields:
            if row[field.name] is None and not field.nullable:
                row[field.name] = field.default  # an empty sealed field is stored as NULL
        return row, rev

    async def by_ids(self, tx: Tx, org_id: str, ids: Iterable[str]) -> list[Versioned]:
        """Rows by id, deleted ones too."""
        return await self._where(tx, org_id, "id", ids)

    async def by_field(self, tx: Tx, org_id: str, field: str, values: Iterable[str]) -> list[Versioned]:
        """Rows whose reference points to one of the values, in order of id."""
        rows = await self._where(tx, org_id, self._entity.fields[field].name, values)
        return sorted(rows, key=lambda found: found[0]["id"])

    async def after(self, tx: Tx, org_id: str, row_id: str, limit: int) -> list[Versioned]:
        """Up to ``limit`` rows in order of id, deleted ones too, from the one after ``row_id``."""
        marks = ("?", "?", "?") if tx.dialect == "sqlite" else ("$1", "$2", "$3")
        sql = f"{self._select} WHERE org_id = {marks[0]} AND id > {marks[1]} ORDER BY id LIMIT {marks[2]}"
        result = await tx.driver(sql, (org_id, row_id, limit))
        return [self.from_columns(record) for record in result.all()]

    async def all(self, tx: Tx, org_id: str) -> list[Versioned]:
        """All rows of the organisation: for small reference entities."""
        mark = "?" if tx.dialect == "sqlite" else "$1"
        result = await tx.driver(f"{self._select} WHERE org_id = {mark}", (org_id,))
        return [self.from_columns(record) for record in result.all()]

    async def _where(self, tx: Tx, org_id: str, column: str, values: Iterable[str]) -> list[Versioned]:
        records = await select_among(tx, self._select, org_id, column, values)
        return [self.from_columns(record) for record in records]

    def _encoder(self, field: Field) -> Callable[[str, Any], Any] | None:
        name = field.name
        if is_sealed(field):
            return lambda row_id, value: (
                self._vault.seal(self._table.name, name, row_id, encode(value)) if value != field.default else None
            )
        if field.is_decimal:
            return lambda _row_id, value: to_scaled(value) if isinstance(value, Decimal) else value
        if field.kind in _structures:
            return lambda _row_id, value: None if value is None and field.nullable else encode(value).decode()
        return None

    def _decoder(self, field: Field) -> Callable[[str, Any], Any] | None:
        name = field.name
        if is_sealed(field):
            return lambda row_id, value: _load(self._vault.unseal(self._table.name, name, row_id, bytes(value)))
        if field.is_decimal:
            return lambda _row_id, value: from_scaled(value)
        if field.kind is Kind.BOOL:
            return lambda _row_id, value: bool(value)
        if field.kind in _structures:
            return lambda row_id, value: _load(
                self._vault.unseal_text(self._table.name, name, row_id, value) if is_sealed_text(value) else value
            )
        return None

    def _seal_structure(self, field: Field, row_id: str, value: Any) -> Any:
        if field.kind not in _structures or value is None:
            return value
        return self._vault.seal_text(self._table.name, field.name, row_id, value)


class AllRows:
    """``EntityRows`` of every declared entity, by name."""

    def __init__(self, vault: Vault) -> None:
        self._tables = {name: EntityRows(entity, vault) for name, entity in ENTITIES.items()}

    def __getitem__(self, entity: str) -> EntityRows:
        return self._tables[entity]
