"""Emptying a replica for good: every table goes, and the bytes with it."""

import sqlite3


def wipe(connection: sqlite3.Connection) -> None:
    """Overwrites and drops everything in the database: rows, shadows, outbox, sent log, archive, drafts, search index.

    Only bytes of attachments that may be nowhere else stay (the server refused them, or knows no row of theirs); they
    go by the shelf's own rules when the person works here again. Repeatable: after a cut it begins again. The file
    stays. Raises ``sqlite3.Error``.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete=ON")  # freed pages are overwritten, not only forgotten
    connection.execute("BEGIN IMMEDIATE")
    try:
        kept = _only_here(connection)
        for name in _tables(connection, "sql LIKE 'CREATE VIRTUAL%'"):
            connection.execute(f"DROP TABLE [{name}]")
        for name in _tables(connection, "name NOT LIKE 'sqlite_%'"):
            if name not in kept:
                connection.execute(f"DROP TABLE [{name}]")
        connection.execute("PRAGMA user_version = 0")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _only_here(connection: sqlite3.Connection) -> frozenset[str]:
    """The tables that stay, reduced to bytes made here of which no row says that the server has them."""
    if not {"blob", "blob_piece"} <= set(_tables(connection, "1")):
        return frozenset()
    if "e_attachment" in _tables(connection, "1"):
        stored = "SELECT sha256 FROM e_attachment WHERE stored_at IS NOT NULL"
        connection.execute(f"DELETE FROM blob WHERE NOT own OR sha256 IN ({stored})")
    connection.execute("DELETE FROM blob_piece WHERE sha256 NOT IN (SELECT sha256 FROM blob)")
    left = connection.execute("SELECT count(*) FROM blob").fetchone()[0]
    return frozenset({"blob", "blob_piece"}) if left else frozenset()


def _tables(connection: sqlite3.Connection, where: str) -> list[str]:
    return [name for (name,) in connection.execute(f"SELECT name FROM sqlite_schema WHERE type = 'table' AND {where}")]
