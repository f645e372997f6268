"""Changes a table that exists, for migrations on both databases: adds a reference, lets a column be empty.

SQLite can neither add a foreign key nor take a NOT NULL back. Copying the table, as is usual, would count every row
that points to it as orphaned until the commit refuses. So the change is written into the stored schema, by the
procedure that SQLite documents for changes which leave the rows as they are (lang_altertable, *Making Other Kinds Of
Table Schema Changes*).
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op


def add_reference(table: str, column: str, target: str) -> None:
    """``add_reference("e_order", "opportunity_id", "e_opportunity")``: empty for the rows that are there."""
    name = f"fk_{table}_{column}"
    op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    op.create_index(f"ix_{table}_{column}", table, ["org_id", column])
    if op.get_bind().dialect.name == "sqlite":
        _write_into_schema(table, lambda sql: _with_key(sql, name, column, target))
    else:
        op.create_foreign_key(
            name, table, target, ["org_id", column], ["org_id", "id"], deferrable=True, initially="DEFERRED"
        )


def allow_none(table: str, column: str) -> None:
    """Takes back the column's NOT NULL."""
    if op.get_bind().dialect.name == "sqlite":
        _write_into_schema(table, lambda sql: _without_not_null(sql, column))
    else:
        op.alter_column(table, column, nullable=True)


def _with_key(sql: str, name: str, column: str, target: str) -> str:
    before, closing, after = sql.rpartition(")")
    key = f"CONSTRAINT {name} FOREIGN KEY(org_id, {column}) REFERENCES {target} (org_id, id)"
    return f"{before.rstrip()}, \n\t{key} DEFERRABLE INITIALLY DEFERRED\n{closing}{after}"


def _without_not_null(sql: str, column: str) -> str:
    changed, times = re.subn(rf"(\b{column} \w+) NOT NULL", r"\1", sql, count=1)
    if not times:
        raise ValueError(f"{column} has no NOT NULL to take back")
    return changed


def _write_into_schema(table: str, change: Callable[[str], str]) -> None:
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    stored = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    made = change(connection.exec_driver_sql(stored, (table,)).scalar_one())
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (made, table))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
