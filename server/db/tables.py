"""The server's schema, derived from ``shared.catalog`` (SQLAlchemy Core), and the engine's own tables.

Every key starts with ``org_id``: an organisation is one shard. Decimals are integers of 1/10,000, structures JSON text,
instants UTC milliseconds, dates ISO text. Restricted fields are sealed bytes (``server.security.crypto``).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from shared.catalog import ENTITIES, Entity, Field
from shared.entities.record import COMMON
from shared.fields import DECIMAL_KINDS, Kind, Privacy

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_1_name)s",
        "uq": "uq_%(table_name)s_%(column_1_name)s",
        "ix": "ix_%(table_name)s_%(column_1_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""All tables of the server. Parts with tables of their own declare them on it."""

_INTEGER_KINDS = DECIMAL_KINDS | {Kind.INT, Kind.TIMESTAMP}

_CHECKS: dict[str, dict[str, str]] = {
    # The last guard below the conditional updates: no path at all can oversell.
    "stock_level": {
        "on_hand": "on_hand >= 0",
        "reserved": "reserved >= 0",
        "available": "on_hand - reserved >= 0",
        "backordered": "backordered >= 0",
    },
    "stock_lease": {"drawn": "drawn >= 0", "returned": "returned >= 0", "left": "quantity - drawn - returned >= 0"},
}


def is_sealed(field: Field) -> bool:
    """Whether the field's column holds sealed bytes."""
    return field.privacy is Privacy.RESTRICTED


def _type_of(field: Field) -> TypeEngine:
    if is_sealed(field):
        return LargeBinary()
    if field.kind is Kind.BOOL:
        return Boolean()
    return BigInteger() if field.kind in _INTEGER_KINDS else Text()


def _entity_table(entity: Entity) -> Table:
    name = f"e_{entity.name}"
    columns = [Column("org_id", Text(), nullable=False), Column("id", Text(), nullable=False)]
    parts: list[ForeignKeyConstraint | CheckConstraint | Index] = []
    for field in entity.fields.values():
        if field.name in ("org_id", "id"):
            continue
        columns.append(Column(field.name, _type_of(field), nullable=field.nullable or is_sealed(field)))
        if field.kind is Kind.REF and field.options.ref in ENTITIES:
            # Deferred: a batch may write children before their parents.
            target = f"e_{field.options.ref}"
            parts.append(
                ForeignKeyConstraint(
                    ["org_id", field.name],
                    [f"{target}.org_id", f"{target}.id"],
                    name=f"fk_{name}_{field.name}",
                    deferrable=True,
                    initially="DEFERRED",
                )
            )
        parts += _indexes(name, field)
    columns.append(Column("rev", BigInteger(), nullable=False, server_default=text("0")))
    parts += [CheckConstraint(rule, name=rule_name) for rule_name, rule in _CHECKS.get(entity.name, {}).items()]
    return Table(
        name,
        metadata,
        *columns,
        PrimaryKeyConstraint("org_id", "id", name=f"pk_{name}"),
        *parts,
        sqlite_with_rowid=False,
    )


def _indexes(table_name: str, field: Field) -> list[Index]:
    if field.options.unique:
        # A deleted row frees its name; restoring one whose name was given away meanwhile is refused.
        alive = text("deleted_at IS NULL")
        name = f"uq_{table_name}_{field.name}"
        return [Index(name, "org_id", field.name, unique=True, sqlite_where=alive, postgresql_where=alive)]
    # Owners, teams and authors are found through memberships and never by these columns.
    if field.options.index and field.name not in COMMON:
        return [Index(f"ix_{table_name}_{field.name}", "org_id", field.name)]
    return []


_TABLES: dict[str, Table] = {entity.name: _entity_table(entity) for entity in ENTITIES.values()}


def table(entity: str) -> Table:
    """The table of a declared entity. Raises ``KeyError`` for another name."""
    return _TABLES[entity]


head = Table(
    "head",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("chain_count", BigInteger(), nullable=False),
    Column("chain_head", LargeBinary(), nullable=False),
    Column("access_version", BigInteger(), nullable=False),
    Column("dataset_id", Text(), nullable=False),
    Column("epoch", BigInteger(), nullable=False),
    Column("safe_rev", BigInteger(), nullable=False, server_default=text("0")),
    Column("horizon", BigInteger(), nullable=False, server_default=text("0")),
    Column("lineage", Text(), nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("org_id"),
)
"""One row for each organisation; taking its lock is the first statement of every write."""

feed_time = Table(
    "feed_time",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("at", BigInteger(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    PrimaryKeyConstraint("org_id", "at"),
)
"""Now and then the head's ``seq`` with the time: how old a feed entry is at least (``server.db.compaction``)."""

row_version = Table(
    "row_version",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("entity", Text(), nullable=False),
    Column("row_id", Text(), nullable=False),
    Column("rev", BigInteger(), nullable=False),
    Column("gone", Boolean(), nullable=False),
    Column("buckets", Text(), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Column("restricted", LargeBinary(), nullable=False),
    PrimaryKeyConstraint("org_id", "entity", "row_id"),
    sqlite_with_rowid=False,
)
"""The current version of each row as it travels, encoded once when written. ``buckets``: those it is in now, in one
string with spaces, so that a page is judged against all buckets of the device without a second query."""

membership = Table(
    "membership",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("entity", Text(), nullable=False),
    Column("row_id", Text(), nullable=False),
    Column("bucket", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("gone", Boolean(), nullable=False),
    PrimaryKeyConstraint("org_id", "entity", "row_id", "bucket"),
    Index("ix_membership_feed", "org_id", "bucket", "seq"),
    sqlite_with_rowid=False,
)
"""The feed, compacted: one entry for each row and bucket, moved to a new ``seq`` by each write."""

history_bucket = Table(
    "history_bucket",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("bucket", Text(), nullable=False),
    Column("month", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    PrimaryKeyConstraint("org_id", "bucket", "month"),
    sqlite_with_rowid=False,
)
"""The months of history that a bucket has (``shared.rules.history``), and the last ``seq`` of each: a pull looks only
into those that have changed."""

tx_log = Table(
    "tx_log",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("n", BigInteger(), nullable=False),
    Column("tx_id", Text(), nullable=False),
    Column("user_id", Text(), nullable=False),
    Column("device_id", Text(), nullable=False),
    Column("install_id", Text(), nullable=False),
    Column("seq_of_install", BigInteger(), nullable=False),
    Column("received_at", BigInteger(), nullable=False),
    Column("occurred_at", BigInteger(), nullable=False),
    Column("status", Text(), nullable=False),
    Column("code", Text(), nullable=False),
    Column("commands", Text(), nullable=False),
    Column("payload", LargeBinary(), nullable=True),
    Column("salt", LargeBinary(), nullable=True),
    Column("payload_hash", LargeBinary(), nullable=False),
    Column("prev_hash", LargeBinary(), nullable=False),
    Column("hash", LargeBinary(), nullable=False),
    Column("outcome", LargeBinary(), nullable=False),
    PrimaryKeyConstraint("org_id", "n"),
    UniqueConstraint("org_id", "tx_id", name="uq_tx_log_tx_id"),
)
"""Every transaction ever answered, hash-chained (``sync.authority.chain``). Payload and salt can be erased together."""

install = Table(
    "install",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("install_id", Text(), nullable=False),
    Column("user_id", Text(), nullable=False),
    Column("device_id", Text(), nullable=False),
    Column("last_seq", BigInteger(), nullable=False),
    Column("nonce", Text(), nullable=False),
    Column("last_exchange_id", Text(), nullable=False),
    Column("last_exchange_at", BigInteger(), nullable=False),
    Column("safe_seq", BigInteger(), nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("org_id", "install_id"),
)
"""One user's replica on one device, and how far its transactions have been taken."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("tx_id", Text(), nullable=False),
    Column("error_id", Text(), nullable=False),
    Column("error", Text(), nullable=False),
    Column("received_at", BigInteger(), nullable=False),
    Column("attempts", Integer(), nullable=False),
    PrimaryKeyConstraint("org_id", "tx_id"),
)
"""Transactions that failed for a reason of the server's own; their payload is in ``tx_log``."""
