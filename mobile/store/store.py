"""The user's replica: one SQLite file, one connection, synchronous transactions, no nesting."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlite_utils import Database

from mobile.store import schema
from mobile.store.books import Books
from mobile.store.held import HeldRows
from mobile.store.later import LaterRows
from mobile.store.naming import table_name
from mobile.store.rows import RowCodec
from mobile.store.search import AT_ONCE, SearchIndex, Slices, conditions
from shared import codec
from shared.access import all_entities_on_devices
from shared.codec import Row
from sync.ports import UNCONFIRMED

ASIDE = "~"
"""Between the name of a bucket set aside and its number; no bucket of the server's has it."""
OnChange = Callable[[set[str]], None]
LISTED = "(SELECT value FROM json_each(?))"
"""Any number of values as one parameter: a statement's own parameters are limited in number."""


def _listed(values: Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()


class SqliteStore(Books, LaterRows, HeldRows):
    """``sync.ports.LocalStore`` on a connection that the platform has opened (exclusive, WAL, synchronous FULL).

    Everything that writes runs inside ``transaction()``, a plain block without ``await``. After the commit every
    ``on_change`` callback hears the names of the entities written (books as ``_outbox``, ``_meta``, ``_draft``,
    ``_errors``); callbacks must be quick and must not raise.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.isolation_level = None
        self.connection = connection
        self.db = Database(connection, recursive_triggers=False)
        self._codecs = {entity.name: RowCodec(entity) for entity in all_entities_on_devices()}
        self._callbacks: list[OnChange] = []
        self._open = False
        self._touched: set[str] = set()
        self._written: dict[str, int] = {}
        self._slices = Slices()
        self._bucket_numbers: dict[str, int] = {}
        self._prepared = False
        self.index = SearchIndex(self.db)
        with self.transaction():
            schema.prepare(self.db)
            self.index.check_version()
        self._load_buckets()
        self._prepared = True

    # Transactions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One local transaction. Raises ``RuntimeError`` when one is open already."""
        if self._open:
            raise RuntimeError("a local transaction is open already: transactions do not nest")
        self.connection.execute("BEGIN IMMEDIATE")
        self._open, self._touched, self._written = True, set(), {}
        try:
            yield
            self._index_few()
            self.connection.execute("COMMIT")
        except BaseException:
            self._open = False
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            self._forget_outbox_cache()
            if self._prepared:
                self._load_buckets()
            raise
        self._open = False
        if self._touched:
            for callback in list(self._callbacks):
                callback(set(self._touched))

    def on_change(self, callback: OnChange) -> Callable[[], None]:
        """Hears every commit. Returns the function that ends it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def _require_transaction(self) -> None:
        if not self._open:
            raise RuntimeError("writing needs an open local transaction")

    def _touch(self, name: str) -> None:
        self._require_transaction()
        self._touched.add(name)

    def _index_few(self) -> None:
        for name, count in self._written.items():
            if name in self.index.entities and count <= AT_ONCE:
                self.index.refresh(name, AT_ONCE)

    # Rows

    def get(self, entity: str, row_id: str) -> Row | None:
        """The row as the user sees it: server state with the own unsent work."""
        rows = self._codecs.get(entity)
        if rows is None:
            return None
        found = self.connection.execute(f"{rows.select} WHERE id = ?", (row_id,)).fetchone()
        return None if found is None else rows.decode(found)

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        """Rows whose ``field`` points to the parent, deleted ones too, in order of id."""
        rows = self._codecs.get(entity)
        if rows is None:
            return []
        found = self.connection.execute(f"{rows.select} WHERE [{field}] = ? ORDER BY id", (parent_id,)).fetchall()
        return [rows.decode(values) for values in found]

    def get_many(self, entity: str, ids: list[str]) -> dict[str, Row]:
        """Rows by id; those that are not there are left out."""
        rows = self._codecs.get(entity)
        if rows is None:
            return {}
        found = self.connection.execute(f"{rows.select} WHERE id IN {LISTED}", (_listed(ids),)).fetchall()
        return {row["id"]: row for row in map(rows.decode, found)}

    def ids_of_children(self, entity: str, field: str, parent_ids: list[str]) -> list[tuple[str, str]]:
        """(id, parent's id) of the rows whose ``field`` points to one of the parents, deleted ones too."""
        if entity not in self._codecs:
            return []
        sql = f"SELECT id, [{field}] FROM [{table_name(entity)}] WHERE [{field}] IN {LISTED}"
        return self.connection.execute(sql, (_listed(parent_ids),)).fetchall()

    def select(
        self, entity: str, where: str = "deleted_at IS NULL", params: Sequence[Any] = (), *, order_by: str = "id",
        limit: int = -1, offset: int = 0,
    ) -> list[Row]:  # fmt: skip
        """Rows by an SQL condition over the columns (decimals are integers of 1/10,000 there)."""
        rows = self._codecs[entity]
        sql = f"{rows.select} WHERE {where} ORDER BY {order_by} LIMIT ? OFFSET ?"
        return [rows.decode(values) for values in self.connection.execute(sql, (*params, limit, offset)).fetchall()]

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """Any reading SQL, as dicts of raw column values: for joins and sums."""
        cursor = self.connection.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def count(self, entity: str, where: str = "deleted_at IS NULL", params: Sequence[Any] = ()) -> int:
        """How many rows fulfil the condition."""
        sql = f"SELECT count(*) FROM [{table_name(entity)}] WHERE {where}"
        return int(self.connection.execute(sql, params).fetchone()[0])

    def search(
        self, entity: str, text: str, limit: int = 50, offset: int = 0, filters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """Rows that fit the words typed (name, pinyin, initials, digits), the best first.

        Without words: all that pass the filters, by title. ``filters``: field → value or list of allowed values.
        """
        rows = self._codecs[entity]
        if not text.strip():
            where, params = conditions(rows.entity, filters or {})
            sql = f"{rows.select} AS r WHERE {where} ORDER BY r.[{rows.entity.options.title}], r.id LIMIT ? OFFSET ?"
            return [rows.decode(values) for values in self.connection.execute(sql, (*params, limit, offset)).fetchall()]
        ids = self.index.find(entity, text, filters or {})[offset : offset + limit]
        return [row for row_id in ids if (row := self.get(entity, row_id)) is not None]

    def index_slice(self) -> bool:
        """Indexes some rows that arrived in bulk, about 30 ms; True while more are waiting."""
        with self.transaction():
            return self._slices.run(self.index) > 0

    def upkeep(self) -> bool:
        """As the port says: search indexing is the only background work."""
        return self.index_slice()

    def put(self, entity: str, row: Row, rev: int | None = None) -> None:
        """Insert or replace; ``rev`` None keeps the stored revision (0 for a new row)."""
        self._touch(entity)
        rows = self._codecs[entity]
        if rev is None:
            rev = self.revision(entity, row["id"]) or 0
        self.connection.execute(rows.upsert, rows.encode(row, rev))
        self._written[entity] = self._written.get(entity, 0) + 1

    def delete(self, entity: str, row_id: str) -> None:
        """Takes the row out of the replica (not a deletion that others see: that is a command)."""
        self._touch(entity)
        self.index.forget(entity, row_id)
        self.connection.execute(f"DELETE FROM [{table_name(entity)}] WHERE id = ?", (row_id,))

    def revision(self, entity: str, row_id: str) -> int | None:
        """The server's revision of the row, 0 when the server has not seen it; None without a row."""
        found = self.connection.execute(f"SELECT rev FROM [{table_name(entity)}] WHERE id = ?", (row_id,)).fetchone()
        return None if found is None else int(found[0])

    def holds(self, entity: str) -> bool:
        """Whether this version of the app has a table for the entity."""
        return entity in self._codecs

    def clear_rows(self) -> None:
        """Empties the replica; the outbox, the archive and the drafts stay."""
        for name in self._codecs:
            self._touch(name)
            self.connection.execute(f"DELETE FROM [{table_name(name)}]")
        self.index.clear()
        self.connection.execute("DELETE FROM shadow")
        self.connection.execute("DELETE FROM later_row")
        self.connection.execute("DELETE FROM bucket")
        self.connection.execute("DELETE FROM removal")
        self.connection.execute("DELETE FROM filed")
        self._bucket_numbers = {}

    # The server's version of rows that unsent work has touched

    def shadow(self, entity: str, row_id: str) -> tuple[bool, Row | None, int]:
        """(whether there is one, the row or None when the server has none, its revision)."""
        select = "SELECT row, rev FROM shadow WHERE entity = ? AND id = ?"
        found = self.connection.execute(select, (entity, row_id)).fetchone()
        if found is None:
            return False, None, 0
        return True, self._server_row(entity, found[0]), int(found[1])

    def shadows_of(self, entity: str, ids: list[str]) -> dict[str, tuple[Row | None, int]]:
        """Row and revision by id; rows without a shadow are left out."""
        select = f"SELECT id, row, rev FROM shadow WHERE entity = ? AND id IN {LISTED}"
        found = self.connection.execute(select, (entity, _listed(ids))).fetchall()
        return {row_id: (self._server_row(entity, body), int(rev)) for row_id, body, rev in found}

    def _server_row(self, entity: str, body: bytes | None) -> Row | None:
        return None if body is None else codec.from_wire(self._codecs[entity].entity, msgspec.json.decode(body))

    def has_shadow(self, entity: str, row_id: str) -> bool:
        """Whether unsent work has touched the row."""
        select = "SELECT 1 FROM shadow WHERE entity = ? AND id = ?"
        return self.connection.execute(select, (entity, row_id)).fetchone() is not None

    def set_shadow(self, entity: str, row_id: str, row: Row | None, rev: int) -> None:
        """Keeps the server's version beside the row."""
        self._require_transaction()
        body = None if row is None else codec.encode(codec.to_wire(self._codecs[entity].entity, row))
        replace = "INSERT OR REPLACE INTO shadow (entity, id, rev, row) VALUES (?, ?, ?, ?)"
        self.connection.execute(replace, (entity, row_id, rev, body))

    def clear_shadow(self, entity: str, row_id: str) -> None:
        """The row is the server's again."""
        self._require_transaction()
        self.connection.execute("DELETE FROM shadow WHERE entity = ? AND id = ?", (entity, row_id))

    def shadows(self) -> list[tuple[str, str]]:
        """All rows that unsent work has touched."""
        return self.connection.execute("SELECT entity, id FROM shadow ORDER BY entity, id").fetchall()

    # Memberships, as the numbers of the row's buckets: ",1,4,"

    def set_buckets(self, entity: str, row_id: str, buckets: list[str]) -> None:
        """The device's buckets that the row is in now."""
        self._require_transaction()
        text = self._bucket_text(buckets)
        self.connection.execute(f"UPDATE [{table_name(entity)}] SET _buckets = ? WHERE id = ?", (text, row_id))

    def _bucket_text(self, buckets: Iterable[str]) -> str:
        numbers = sorted(self._bucket(name) for name in buckets)
        return f",{','.join(map(str, numbers))}," if numbers else ""

    def buckets(self, entity: str, row_id: str) -> list[str]:
        """Names of the row's buckets, sorted."""
        sql = f"SELECT _buckets FROM [{table_name(entity)}] WHERE id = ?"
        found = self.connection.execute(sql, (row_id,)).fetchone()
        numbers = [] if found is None else str(found[0]).split(",")
        # A number that stands for nothing is damage: the checksums find it, and nothing else may stumble over it.
        return sorted(name for name, number in self._bucket_numbers.items() if str(number) in numbers)

    def drop_bucket(self, bucket: str) -> list[tuple[str, str]]:
        """Ends a bucket; returns the rows that are in no bucket any more. Reads every row: rare."""
        self._require_transaction()
        number = self._bucket_numbers.pop(bucket, None)
        if number is None:
            return []
        left: list[tuple[str, str]] = []
        for name in self._codecs:
            table, mark = table_name(name), f",{number},"
            only = self.connection.execute(f"SELECT id FROM [{table}] WHERE _buckets = ?", (mark,)).fetchall()
            left += [(name, row_id) for (row_id,) in only]
            self.connection.execute(f"UPDATE [{table}] SET _buckets = '' WHERE _buckets = ?", (mark,))
            shorten = f"UPDATE [{table}] SET _buckets = replace(_buckets, ?, ',') WHERE instr(_buckets, ?)"
            self.connection.execute(shorten, (mark, mark))
        self._drop_later(f",{number},")
        self.connection.execute("DELETE FROM bucket WHERE n = ?", (number,))
        return left

    def set_bucket_aside(self, bucket: str) -> None:
        """The bucket begins anew under its name; its rows so far are in a bucket of ``buckets_aside``."""
        self._require_transaction()
        number = self._bucket_numbers.pop(bucket, None)
        if number is not None:
            self._bucket_numbers[f"{bucket}{ASIDE}{number}"] = number
            rename = "UPDATE bucket SET name = ? WHERE n = ?"
            self.connection.execute(rename, (f"{bucket}{ASIDE}{number}", number))

    def bucket_names(self) -> list[str]:
        """The buckets that rows are in, without those set aside."""
        return sorted(name for name in self._bucket_numbers if ASIDE not in name)

    def buckets_aside(self) -> list[str]:
        """What was set aside and is not dropped yet."""
        return sorted(name for name in self._bucket_numbers if ASIDE in name)

    def forget_revisions(self) -> None:
        """Marks every version of the server's as ``UNCONFIRMED``: older than anything that the server sends."""
        self._require_transaction()
        for name in self._codecs:
            self.connection.execute(f"UPDATE [{table_name(name)}] SET rev = ? WHERE rev > 0", (UNCONFIRMED,))
        self.connection.execute("UPDATE shadow SET rev = ? WHERE rev > 0", (UNCONFIRMED,))

    def _load_buckets(self) -> None:
        self._bucket_numbers = dict(self.connection.execute("SELECT name, n FROM bucket").fetchall())

    def _bucket(self, name: str) -> int:
        number = self._bucket_numbers.get(name)
        if number is None:
            cursor = self.connection.execute("INSERT INTO bucket (name) VALUES (?)", (name,))
            number = self._bucket_numbers[name] = int(cursor.lastrowid or 0)
        return number
