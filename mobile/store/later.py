"""Rows of entities that a newer server has and this version of the app does not know: kept as they came, so that the
version that knows them has them without a new download."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable

import msgspec
from sqlite_utils import Database

from mobile.store.naming import table_name
from mobile.store.rows import RowCodec
from shared import codec
from shared.access import all_entities_on_devices


class LaterRows(ABC):
    """The part of the store that keeps them. Buckets are written as in the entities' tables."""

    connection: sqlite3.Connection

    @abstractmethod
    def _bucket_text(self, buckets: Iterable[str]) -> str:
        """The buckets as the column ``_buckets`` holds them."""

    @abstractmethod
    def _touch(self, name: str) -> None:
        """Notes that the open transaction changes the books named."""

    def keep_later(self, entity: str, row_id: str, rev: int, buckets: list[str], row: bytes) -> None:
        """Keeps the row's JSON, unless a newer version of it is kept."""
        self._touch("_later")
        self.connection.execute(
            "INSERT INTO later_row (entity, id, rev, _buckets, row) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET rev = excluded.rev, _buckets = excluded._buckets, row = excluded.row WHERE excluded.rev >= rev",
            (entity, row_id, rev, self._bucket_text(buckets), row),
        )

    def forget_later(self, entity: str, row_id: str, rev: int) -> None:
        """Takes it out, unless a newer version is kept."""
        self._touch("_later")
        gone = "DELETE FROM later_row WHERE entity = ? AND id = ? AND rev <= ?"
        self.connection.execute(gone, (entity, row_id, rev))

    def _drop_later(self, mark: str) -> None:
        """Ends a bucket, given as ``,7,``."""
        self.connection.execute("DELETE FROM later_row WHERE _buckets = ?", (mark,))
        shorten = "UPDATE later_row SET _buckets = replace(_buckets, ?, ',') WHERE instr(_buckets, ?)"
        self.connection.execute(shorten, (mark, mark))


def take_up(db: Database) -> None:
    """Moves what this version knows by now into its tables."""
    for entity in all_entities_on_devices():
        kept = db.execute("SELECT id, rev, _buckets, row FROM later_row WHERE entity = ?", (entity.name,)).fetchall()
        rows = RowCodec(entity)
        for row_id, rev, buckets, row in kept:
            db.execute(rows.upsert, rows.encode(codec.from_wire(entity, msgspec.json.decode(row)), rev))
            db.execute(f"UPDATE [{table_name(entity.name)}] SET _buckets = ? WHERE id = ?", (buckets, row_id))
        if kept:
            db.execute("DELETE FROM later_row WHERE entity = ?", (entity.name,))
