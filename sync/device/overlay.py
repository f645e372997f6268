"""The rows as they will be when a rebase commits, in memory until then.

Two hundred waiting orders read and write the same few hundred rows over and over. One look at the file for all of
them, and one write for each row that ends otherwise than it began, is what keeps the local transaction short.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from shared.catalog import ENTITIES
from shared.codec import Row
from sync.device.keys import Key, is_set
from sync.ports import LocalStore

Version = tuple[Row | None, int]
"""A row of the server's (None: not there) and its revision as stored."""


class Overlay:
    """A source of rows for commands (``RowSource``): what was put here, and below it the replica."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self._stored: dict[Key, Row | None] = {}
        self._rows: dict[Key, Row | None] = {}
        self._members: dict[Key, set[str]] = defaultdict(set)
        """Ids that are, or were, in a set of rows, by set key."""
        self._loaded: set[Key] = set()
        self._shadows: dict[Key, Version] = {}
        self._covered: set[Key] = set()
        """Rows that waiting work has written again."""

    def load(self, keys: Collection[Key]) -> None:
        """Reads rows and sets of rows from the file beforehand, one question for each kind."""
        rows = {key for key in keys if not is_set(key)}
        for name, parents in _by_name(key for key in keys if is_set(key)).items():
            entity, _, field = name.partition(".")
            for row_id, parent_id in self._store.ids_of_children(entity, field, parents):
                self._members[name, parent_id].add(row_id)
                rows.add((entity, row_id))
            self._loaded.update((name, parent) for parent in parents)
        for entity, ids in _by_name(rows - self._stored.keys()).items():
            found = self._store.get_many(entity, ids)
            self._stored.update({(entity, row_id): found.get(row_id) for row_id in ids})

    def get(self, entity: str, row_id: str) -> Row | None:
        """The row as it will be."""
        key = (entity, row_id)
        if key in self._rows:
            return self._rows[key]
        if key not in self._stored:
            self._stored[key] = self._store.get(entity, row_id)
        return self._stored[key]

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        """Rows whose ``field`` points to the parent, deleted ones too, in order of id."""
        key = (f"{entity}.{field}", parent_id)
        if key not in self._loaded:
            self.load([key])
        found = [self.get(entity, row_id) for row_id in sorted(self._members[key])]
        return [row for row in found if row is not None and row.get(field) == parent_id]

    def restore(self, keys: Iterable[Key]) -> None:
        """Takes unsent work off the rows: each is the server's again."""
        for entity, ids in _by_name(keys).items():
            if self._store.holds(entity):
                for row_id, version in self._store.shadows_of(entity, ids).items():
                    self._shadows[entity, row_id] = version
        self.load(self._shadows)
        for key, (row, _) in self._shadows.items():
            self.put(key, row)

    def put(self, key: Key, row: Row | None) -> None:
        """From now on the server's version of the row is this; None: gone."""
        self._rows[key] = row
        if row is not None:
            for field, name in ENTITIES[key[0]].sets:
                if row.get(field):
                    self._members[name, row[field]].add(key[1])

    def cover(self, written: Mapping[Key, Row]) -> None:
        """What a waiting transaction wrote stands over the server's versions."""
        for key, row in written.items():
            self.put(key, row)
        self._covered.update(written)

    def flush(self, changes: Mapping[Key, Version]) -> None:
        """Writes the rows, and beside those that waiting work covers the server's versions.

        ``changes``: the new versions, whose rows were put here; a row that is gone has revision 0 when it is made anew.
        """
        for key, (row, rev) in changes.items():
            if row is None:
                self._store.delete(*key)
            self._shade(key, (row, rev if row is not None else 0))
            if (now := self._rows[key]) is not None:
                self._store.put(key[0], now, rev if row is not None else 0)
        for key in sorted(self._rows.keys() - changes.keys()):
            if self._store.holds(key[0]):
                self._settle(key)

    def _shade(self, key: Key, version: Version) -> None:
        if key in self._covered:
            self._store.set_shadow(*key, *version)
        elif key in self._shadows:
            self._store.clear_shadow(*key)

    def _settle(self, key: Key) -> None:
        """A row that the server has not changed: restored, or touched by a transaction for the first time."""
        entity, row_id = key
        now, before = self._rows[key], self._stored[key]
        rev = self._shadows[key][1] if key in self._shadows else self._store.revision(entity, row_id) or 0
        if key not in self._shadows and not self._store.has_shadow(entity, row_id):
            self._store.set_shadow(entity, row_id, before, rev)
        elif key not in self._covered:
            self._store.clear_shadow(entity, row_id)
        if now is None and before is not None:
            self._store.delete(entity, row_id)
        elif now is not None and now != before:
            self._store.put(entity, now, rev)


def _by_name(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Ids by entity, parents by set, sorted: the same work is done in the same order."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name, row_id in sorted(keys):
        grouped[name].append(row_id)
    return grouped
