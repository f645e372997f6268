"""Emptying a replica for good: every table goes, and the bytes with it."""

import sqlite3


def wipe(connection: sqlite3.Connection) -> None:
    """Overwrites and drops everything in the database: rows, shadows, outbox, sent log, archive, drafts, search index.

    Repeatable: after a cut it begins again. The file stays, empty. Raises ``sqlite3.Error``.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete=ON")  # freed pages are overwritten, not only forgotten
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in _tables(connection, "sql LIKE 'CREATE VIRTUAL%'"):
            connection.execute(f"DROP TABLE [{name}]")
        for name in _tables(connection, "name NOT LIKE 'sqlite_%'"):
            connection.execute(f"DROP TABLE [{name}]")
        connection.execute("PRAGMA user_version = 0")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tables(connection: sqlite3.Connection, where: str) -> list[str]:
    return [name for (name,) in connection.execute(f"SELECT name FROM sqlite_schema WHERE type = 'table' AND {where}")]
