"""The server's schema: made from the declarations, reached by migrations, guarded by a snapshot."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, UniqueConstraint, inspect

import server.blobs.tables
import server.security.tables
import server.trail.tables  # noqa: F401 - these declare their tables on the same metadata
from server.db import migrate
from server.db.engine import Database
from server.db.tables import is_sealed, metadata, table
from shared.catalog import ENTITIES
from shared.fields import Kind

pytestmark = pytest.mark.anyio
SNAPSHOT = Path(__file__).parent / "schema.snapshot"


def describe() -> str:
    """The declared schema as text, a line for each column, constraint and index."""
    lines = []
    for name in sorted(metadata.tables):
        made = metadata.tables[name]
        lines.append(f"{name} ({', '.join(column.name for column in made.primary_key.columns)})")
        for column in made.columns:
            lines.append(f"  {column.name} {type(column.type).__name__}{'' if column.nullable else ' not null'}")
        for key in sorted(made.foreign_key_constraints, key=lambda key: str(key.name)):
            lines.append(f"  {key.name} -> {key.elements[0].column.table.name}")
        for rule in sorted((r for r in made.constraints if isinstance(r, CheckConstraint)), key=lambda r: str(r.name)):
            lines.append(f"  check {rule.name}: {rule.sqltext}")
        for rule in made.constraints:
            if isinstance(rule, UniqueConstraint):
                lines.append(f"  unique {rule.name} ({', '.join(rule.columns.keys())})")
        for index in sorted(made.indexes, key=lambda index: str(index.name)):
            unique = "unique " if index.unique else ""
            lines.append(f"  {unique}index {index.name} ({', '.join(index.columns.keys())})")
    return "\n".join(lines) + "\n"


async def test_migrations_make_exactly_the_declared_schema(database: Database) -> None:
    differences = await database.run_sync(
        lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
    )
    assert not differences, 'write a migration: python -m server.db.revise "what changed"'


async def test_foreign_keys_and_checks_are_in_the_database(database: Database) -> None:
    def read(connection) -> tuple[set, set]:
        inspector = inspect(connection)
        keys = {
            (name, key["constrained_columns"][-1], key["referred_table"])
            for name in inspector.get_table_names()
            for key in inspector.get_foreign_keys(name)
        }
        return keys, {check["name"] for check in inspector.get_check_constraints("e_stock_level")}

    keys, checks = await database.run_sync(read)
    declared = {
        (f"e_{entity.name}", field.name, f"e_{field.options.ref}")
        for entity in ENTITIES.values()
        for field in entity.fields.values()
        if field.kind is Kind.REF
    }
    assert declared <= keys
    assert {rule.name for rule in table("stock_level").constraints if isinstance(rule, CheckConstraint)} <= checks


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert await migrate.current(database) == migrate.newest()
    assert await migrate.upgrade(database) is False


async def test_a_database_of_a_newer_server_is_refused(database: Database) -> None:
    await database.run_sync(
        lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    with pytest.raises(migrate.NewerDatabase):
        await migrate.upgrade(database)


async def test_the_planner_has_statistics_after_a_migration(database: Database) -> None:
    table_name = "sqlite_stat1" if database.dialect == "sqlite" else "pg_statistic"
    found = await database.run_sync(
        lambda connection: connection.exec_driver_sql(f"SELECT count(*) FROM {table_name}").scalar()
    )
    assert found


def test_the_schema_is_the_one_in_the_snapshot() -> None:
    assert describe() == SNAPSHOT.read_text("utf-8"), "the schema changed: add a migration, then renew the snapshot"


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_key_starts_with_the_organisation(name: str) -> None:
    made = metadata.tables[name]
    assert next(iter(made.primary_key.columns)).name == "org_id"
    for key in made.foreign_key_constraints:
        assert key.column_keys[0] == "org_id"
        assert key.deferrable
    for rule in [*made.indexes, *(r for r in made.constraints if isinstance(r, UniqueConstraint))]:
        assert rule.columns.keys()[0] == "org_id"


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_every_declared_field_has_its_column(name: str) -> None:
    entity, made = ENTITIES[name], table(name)
    assert set(made.columns.keys()) == {*entity.fields, "rev"}
    for field in entity.fields.values():
        assert made.columns[field.name].nullable == (field.nullable or is_sealed(field))


if __name__ == "__main__":
    SNAPSHOT.write_text(describe(), "utf-8")
