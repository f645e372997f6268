"""The check of the local file by itself, in slices: pages and indexes, books, own work, search.

What can be put right without the server is put right at once: strays of unsent work, rows without a proper id, indexes,
the search index. Whether the rows are the server's is the checksums' business (``sync.device.checks``).
"""

from collections.abc import Iterator

import msgspec

from mobile.store.naming import table_name
from mobile.store.store import SqliteStore
from shared.access import all_entities_on_devices
from sync.device.engine import DeviceEngine
from sync.device.keys import row_keys
from sync.device.outbox import payload_hash
from sync.device.rebase import rebase

SEARCH_ROWS = 100
"""Rows whose search entries are compared in one slice."""


class LocalFindings(msgspec.Struct):
    """What was found. ``damage``: what SQLite says and could not be put right."""

    damage: list[str] = []
    mended: int = 0
    """Strays, rows without an id, and indexes that were put right."""
    search: int = 0
    """Kinds of rows whose search entries are made anew."""
    unsent: list[str] = []
    """Transactions whose bytes are not those that were stored."""

    @property
    def whole(self) -> bool:
        """Whether nothing is left that a person should know."""
        return not self.damage and not self.unsent


def slices(store: SqliteStore, engine: DeviceEngine, found: LocalFindings) -> Iterator[None]:
    """Checks everything; each step is one slice. ``found`` is filled on the way."""
    for name in _tables(store):
        _check_table(store, name, found)
        yield
    _check_unsent(store, found)
    _mend_strays(store, found)
    yield
    if store.outbox():
        with store.transaction():
            rebase(store, engine.work, store.outbox(), store.outbox(), {})
        yield
    for name in store.index.entities:
        after: int | None = 0
        while after is not None:
            right, after = store.index.verify(name, after, SEARCH_ROWS)
            if not right:
                with store.transaction():
                    store.index.rebuild(name)
                found.search += 1
                break
            yield


def _tables(store: SqliteStore) -> list[str]:
    plain = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    return [name for (name,) in store.connection.execute(plain).fetchall()]


def _check_table(store: SqliteStore, name: str, found: LocalFindings) -> None:
    wrong = _said(store, name)
    if wrong:
        with store.transaction():
            store.connection.execute(f"REINDEX [{name}]")
        left = _said(store, name)
        found.damage += left
        found.mended += not left


def _said(store: SqliteStore, name: str) -> list[str]:
    lines = store.connection.execute(f"PRAGMA integrity_check([{name}])").fetchall()
    return [f"{name}: {line}"[:200] for (line,) in lines if line != "ok"]


def _check_unsent(store: SqliteStore, found: LocalFindings) -> None:
    for entry in store.outbox():
        if payload_hash(entry.payload) != entry.payload_hash:
            found.unsent.append(entry.tx_id)


def _mend_strays(store: SqliteStore, found: LocalFindings) -> None:
    """Shadows without unsent work beside them, and rows that nothing can name."""
    touched = {key for entry in store.outbox() for key in row_keys(entry.writes)}
    with store.transaction():
        for key in store.shadows():
            if tuple(key) in touched or not store.holds(key[0]):
                continue
            _, row, rev = store.shadow(*key)
            store.clear_shadow(*key)
            if row is None:
                store.delete(*key)
            else:
                store.put(key[0], row, rev)
            found.mended += 1
        for entity in all_entities_on_devices():
            nameless = f"DELETE FROM [{table_name(entity.name)}] WHERE typeof(id) <> 'text' OR id = ''"
            found.mended += store.connection.execute(nameless).rowcount
