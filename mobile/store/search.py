"""Search over the local rows: an index of our own tokens, kept by SQLite's FTS5 as a plain list of row numbers.

The trigram tokenizer finds nothing for two characters. A table with a row for each token and customer would hold
some 50 tokens each, at about 20 bytes: 50 MB for 50,000 customers. FTS5 without content, positions and sizes keeps
the same tokens in 9 MB (measured 2026-11-22), and a query takes 1 to 7 ms on CPython.

A few changed rows are indexed in the transaction that writes them. Whole pages of a first sync are marked ``_stale``
and indexed afterwards by ``index_slice``, so that pulling stays fast and every slice is short; the mark is in the row,
so a cut resumes. Until then search looks at those rows' text as it is.
"""

import time
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from mobile.store.naming import index_name, searchable, table_name
from mobile.store.tokens import Term, document, parts_of, terms_of, tokens_of
from shared.access import all_entities_on_devices
from shared.catalog import Entity

TOKENS_VERSION = 1
"""Rises with every change of ``tokens.py`` or the pinyin table: the index is then made again in slices."""
CANDIDATES = 240
"""Rows that are ranked; enough for any page that a person reads."""
STALE_SCANNED = 60
"""Rows not indexed yet whose text is compared in every way; the rest of them are found by what they contain."""
AT_ONCE = 20
"""So many changed rows are indexed in their own transaction."""


class SearchIndex:
    """The token index of all searchable entities. Writing methods belong inside a store's transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.entities = {entity.name: entity for entity in all_entities_on_devices() if searchable(entity)}

    def check_version(self) -> None:
        """Drops an index that another version of the tokens has made; its rows become stale."""
        found = self._db.execute("SELECT value FROM meta WHERE key = 'tokens'").fetchone()
        if found is not None and found[0] == str(TOKENS_VERSION):
            return
        for name in self.entities:
            self.rebuild(name)
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('tokens', ?)", (str(TOKENS_VERSION),))

    def stale(self, name: str) -> int:
        """Rows of the entity that wait for the index."""
        table = table_name(name)
        return int(self._db.execute(f"SELECT count(*) FROM [{table}] WHERE _stale").fetchone()[0])

    def refresh(self, name: str, limit: int) -> int:
        """Indexes up to ``limit`` stale rows; returns how many there were."""
        entity, table = self.entities[name], table_name(name)
        columns = ", ".join(f"[{field.name}]" for field in searchable(entity))
        rows = self._db.execute(f"SELECT _n, _search, {columns} FROM [{table}] WHERE _stale LIMIT {limit}").fetchall()
        for number, before, *values in rows:
            after = _document(entity, values)
            if after != before:
                self._drop(name, number, before)
                self._add(name, number, after)
            self._db.execute(f"UPDATE [{table}] SET _search = ?, _stale = 0 WHERE _n = ?", (after, number))
        return len(rows)

    def forget(self, name: str, row_id: str) -> None:
        """Takes a row out of the index, before it is deleted."""
        if name in self.entities:
            select = f"SELECT _n, _search FROM [{table_name(name)}] WHERE id = ?"
            found = self._db.execute(select, (row_id,)).fetchone()
            if found is not None:
                self._drop(name, *found)

    def clear(self) -> None:
        """Empties the index, with the rows."""
        for name in self.entities:
            self._db.execute(f"INSERT INTO [{index_name(name)}] ([{index_name(name)}]) VALUES ('delete-all')")

    def verify(self, name: str, after: int, limit: int) -> tuple[bool, int | None]:
        """Whether the entries of up to ``limit`` rows are right; where to go on, None at the end."""
        entity, table, index = self.entities[name], table_name(name), index_name(name)
        columns = ", ".join(f"[{field.name}]" for field in searchable(entity))
        select = f"SELECT _n, _search, {columns} FROM [{table}] WHERE _n > ? AND NOT _stale ORDER BY _n LIMIT ?"
        rows = self._db.execute(select, (after, limit)).fetchall()
        for number, stored, *values in rows:
            if stored != _document(entity, values):
                return False, None
            for token in sorted(tokens_of(stored))[:1]:
                quoted = '"' + token.replace('"', '""') + '"'
                listed = f"SELECT 1 FROM [{index}] WHERE [{index}] MATCH ? AND rowid = ?"
                if self._db.execute(listed, (quoted, number)).fetchone() is None:
                    return False, None
        return True, rows[-1][0] if len(rows) == limit else None

    def rebuild(self, name: str) -> None:
        """Empties an entity's index; its rows are indexed again in slices."""
        self._db.execute(f"INSERT INTO [{index_name(name)}] ([{index_name(name)}]) VALUES ('delete-all')")
        self._db.execute(f"UPDATE [{table_name(name)}] SET _search = NULL, _stale = 1")

    def _add(self, name: str, number: int, stored: str) -> None:
        insert = f"INSERT INTO [{index_name(name)}] (rowid, tokens) VALUES (?, ?)"
        self._db.execute(insert, (number, " ".join(tokens_of(stored))))

    def _drop(self, name: str, number: int, stored: str | None) -> None:
        if stored is None:
            return
        index = index_name(name)
        delete = f"INSERT INTO [{index}] ([{index}], rowid, tokens) VALUES ('delete', ?, ?)"
        self._db.execute(delete, (number, " ".join(tokens_of(stored))))

    def find(self, name: str, text: str, filters: Mapping[str, Any]) -> list[str]:
        """Ids of the rows that fit every word of ``text``, the best first; at most about ``CANDIDATES``.

        ``filters``: column → value, or a list of values of which one must be there.
        """
        terms = terms_of(text)
        if not terms:
            return []
        where, params = conditions(self.entities[name], filters)
        found = self._indexed(name, terms, where, params)
        found.update(self._waiting(name, terms, where, params))
        ranked = []
        for row_id, stored in found.items():
            parts = parts_of(stored)
            scores = [term.score(parts) for term in terms]
            if None not in scores:
                first = parts[0][0] if parts[0] else ""
                ranked.append((sum(score or 0 for score in scores), len(first), first, row_id))
        return [row_id for *_, row_id in sorted(ranked)]

    def _indexed(self, name: str, terms: list[Term], where: str, params: list[Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        rest = "".join(f" AND ({term.expression(anchored=False)})" for term in terms[1:])
        for anchored in (True, False):
            match = f"({terms[0].expression(anchored=anchored)}){rest}"
            found.update(self._matching(name, match, where, params))
            if len(found) >= CANDIDATES:
                break
        return found

    def _matching(self, name: str, match: str, where: str, params: list[Any]) -> list[tuple[str, str]]:
        index = index_name(name)
        # CROSS JOIN keeps the order: walk the index, look each row up, stop at the limit.
        select = (
            f"SELECT r.id, r._search FROM [{index}] CROSS JOIN [{table_name(name)}] AS r "
            f"ON r._n = [{index}].rowid WHERE [{index}] MATCH ? AND NOT r._stale AND {where} LIMIT {CANDIDATES}"
        )
        return self._db.execute(select, (match, *params)).fetchall()  # type: ignore[no-any-return]

    def _waiting(self, name: str, terms: list[Term], where: str, params: list[Any]) -> dict[str, str]:
        """Rows not indexed yet: the newest, and those that contain the first word as it was typed."""
        entity = self.entities[name]
        columns = [f"r.[{field.name}]" for field in searchable(entity)]
        select = f"SELECT r.id, {', '.join(columns)} FROM [{table_name(name)}] AS r WHERE r._stale AND {where}"
        newest = self._db.execute(f"{select} ORDER BY r._n DESC LIMIT {STALE_SCANNED}", params).fetchall()
        if len(newest) == STALE_SCANNED:
            contains = " OR ".join(f"instr(lower({column}), ?)" for column in columns)
            words = [terms[0].text] * len(columns)
            newest += self._db.execute(f"{select} AND ({contains}) LIMIT {STALE_SCANNED}", (*params, *words)).fetchall()
        return {row_id: _document(entity, values) for row_id, *values in newest}


def _document(entity: Entity, values: list[Any]) -> str:
    by_kind: dict[str, list[str]] = {"name": [], "text": [], "digits": []}
    for field, value in zip(searchable(entity), values, strict=True):
        if value:
            by_kind[str(field.options.search)].append(str(value))
    return document(by_kind["name"], by_kind["text"], by_kind["digits"])


def conditions(entity: Entity, filters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """SQL over the alias ``r`` for plain filters. Rows marked as deleted are left out unless asked for."""
    parts, params = [], []
    for column, value in {"deleted_at": None, **filters}.items():
        if column not in entity.fields:
            raise KeyError(f"{entity.name} has no field {column}")
        if isinstance(value, list | tuple):
            parts.append(f"r.[{column}] IN ({', '.join('?' for _ in value)})")
            params.extend(value)
        else:
            parts.append(f"r.[{column}] IS ?")
            params.append(value)
    return " AND ".join(parts), params


class Slices:
    """Indexes in the background, a short transaction at a time. ``clock`` gives seconds."""

    def __init__(self, rows: int = 64, clock: Any = time.perf_counter) -> None:
        self.rows = rows
        self._clock = clock

    def run(self, index: SearchIndex, aim_s: float = 0.03) -> int:
        """One slice; adapts the number of rows so that the next one takes about ``aim_s``."""
        started, done = self._clock(), 0
        for name in index.entities:
            done += index.refresh(name, self.rows - done)
            if done >= self.rows:
                break
        took = self._clock() - started
        if done == self.rows and took > 0:
            self.rows = int(min(1_000, max(16, self.rows * aim_s / took)))
        return done
