"""Whether the database itself is whole: pages and indexes on SQLite, constraints and indexes on PostgreSQL."""

from sqlalchemy import text

from server.db.engine import Tx
from server.doctor.findings import Finding

PROBLEMS_MAX = 20


async def examine(tx: Tx) -> list[Finding]:
    """What the database says about itself."""
    return await (_sqlite(tx) if tx.dialect == "sqlite" else _postgres(tx))


async def _sqlite(tx: Tx) -> list[Finding]:
    found = []
    for (line,) in (await tx.driver(f"PRAGMA integrity_check({PROBLEMS_MAX})")).all():
        if line != "ok":
            found.append(Finding("database_damaged", {"detail": str(line)[:200]}))
    for table, _, parent, _ in (await tx.driver("PRAGMA foreign_key_check")).all()[:PROBLEMS_MAX]:
        found.append(Finding("foreign_key", {"table": table, "parent": parent}))
    return found


async def _postgres(tx: Tx) -> list[Finding]:
    found = []
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
    for (name,) in (await tx.execute(text(invalid))).all():
        found.append(Finding("index_invalid", {"name": name}))
    open_ended = "SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE NOT convalidated"
    for name, table in (await tx.execute(text(open_ended))).all():
        found.append(Finding("constraint_open", {"name": name, "table": table}))
    return found
