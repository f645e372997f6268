"""Names and column types of the local tables."""

from shared.catalog import Entity, Field
from shared.fields import DECIMAL_KINDS, Kind

INTEGER_KINDS = DECIMAL_KINDS | {Kind.INT, Kind.BOOL, Kind.TIMESTAMP}
JSON_KINDS = frozenset({Kind.TAGS, Kind.JSON})


def table_name(entity: str) -> str:
    """The table of an entity (``order`` is a reserved word, hence the prefix)."""
    return f"e_{entity}"


def index_name(entity: str) -> str:
    """The full-text table of an entity's search tokens."""
    return f"s_{entity}"


def searchable(entity: Entity) -> tuple[Field, ...]:
    """The fields that search looks at."""
    return tuple(field for field in entity.fields.values() if field.options.search)


def column_type(field: Field) -> str:
    """SQLite's type for a field."""
    return "INTEGER" if field.kind in INTEGER_KINDS else "TEXT"
