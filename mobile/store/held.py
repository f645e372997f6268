"""What is really in the local file, damaged or not: the server's versions, for checksums and their repair."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import InvalidOperation
from typing import Any

import msgspec

from mobile.store.naming import table_name
from mobile.store.rows import RowCodec
from shared import codec
from shared.codec import Row
from sync.ports import Held

UNREADABLE = (ValueError, TypeError, ArithmeticError, InvalidOperation, msgspec.DecodeError)
"""What a damaged column makes of decoding it."""
_Shadow = tuple[Any, Any]
"""(row, rev) as stored."""


class HeldRows(ABC):
    """The part of the store that checksums read."""

    connection: sqlite3.Connection
    _codecs: Mapping[str, RowCodec]
    _bucket_numbers: Mapping[str, int]

    @abstractmethod
    def delete(self, entity: str, row_id: str) -> None: ...
    @abstractmethod
    def clear_shadow(self, entity: str, row_id: str) -> None: ...

    def held(self, entity: str, after: str, limit: int) -> tuple[list[Held], str | None]:
        """Server versions in order of id, out of ``limit`` rows after an id; where to go on, None at the end."""
        rows = self._codecs[entity]
        some = f"FROM [{rows.table}] WHERE id > ? AND id < x'' ORDER BY id LIMIT ?"
        try:
            found = self.connection.execute(f"SELECT {rows.columns}, rev, _buckets {some}", (after, limit)).fetchall()
        except sqlite3.OperationalError:
            # A text that is not UTF-8 any more: read the rows one by one.
            ids = [row_id for (row_id,) in self.connection.execute(f"SELECT id {some}", (after, limit)).fetchall()]
            one_by_one = (self.held_one(entity, row_id) for row_id in ids)
            return [one for one in one_by_one if one is not None], ids[-1] if len(ids) == limit else None
        if not found:
            return [], None
        at = rows.place_of_id
        between = "SELECT id, row, rev FROM shadow WHERE entity = ? AND id > ? AND id <= ?"
        shadows = {
            row_id: (row, rev) for row_id, row, rev in self.connection.execute(between, (entity, after, found[-1][at]))
        }
        names = {number: name for name, number in self._bucket_numbers.items()}
        held = (self._held(rows, values, shadows.get(values[at]), names) for values in found)
        return [one for one in held if one is not None], found[-1][at] if len(found) == limit else None

    def held_one(self, entity: str, row_id: str) -> Held | None:
        """The server's version of one row, None when the replica has none."""
        rows = self._codecs[entity]
        sql = f"SELECT {rows.columns}, rev, _buckets FROM [{rows.table}] WHERE id = ?"
        try:
            values = self.connection.execute(sql, (row_id,)).fetchone()
        except sqlite3.OperationalError:
            return Held(row_id, None, -1, None)
        if values is None:
            return None
        asked = "SELECT row, rev FROM shadow WHERE entity = ? AND id = ?"
        shadow = self.connection.execute(asked, (entity, row_id)).fetchone()
        return self._held(rows, values, shadow, {number: name for name, number in self._bucket_numbers.items()})

    def held_keys(self, bucket: str) -> list[tuple[str, str]]:
        """Rows of the server's that are in the bucket, and those that are in none or whose buckets cannot be read."""
        names = {number: name for name, number in self._bucket_numbers.items()}
        keys = []
        for entity in self._codecs:
            sql = (
                f"SELECT r.id, r._buckets FROM [{table_name(entity)}] AS r LEFT JOIN shadow AS s "
                "ON s.entity = ? AND s.id = r.id WHERE (s.id IS NULL OR s.row IS NOT NULL) AND r.id < x''"
            )
            for row_id, text in self.connection.execute(sql, (entity,)):
                buckets = _buckets(text, names)
                if not buckets or bucket in buckets:
                    keys.append((entity, row_id))
        return keys

    def forget_unreadable(self, entity: str, row_id: str) -> None:
        """Takes out a row or a shadow that cannot be read, so that a good one can come in its place."""
        rows = self._codecs[entity]
        try:
            values = self.connection.execute(f"{rows.select} WHERE id = ?", (row_id,)).fetchone()
            damaged = values is not None and _readable(rows, values) is None
        except sqlite3.OperationalError:
            damaged = True
        if damaged:
            self.delete(entity, row_id)
        asked = "SELECT row FROM shadow WHERE entity = ? AND id = ?"
        shadow = self.connection.execute(asked, (entity, row_id)).fetchone()
        if shadow is not None and shadow[0] is not None and _from_shadow(rows, shadow[0]) is None:
            self.clear_shadow(entity, row_id)

    @staticmethod
    def _held(rows: RowCodec, values: tuple[Any, ...], shadow: _Shadow | None, names: Mapping[int, str]) -> Held | None:
        *columns, rev, text = values
        if shadow is None:
            row = _readable(rows, tuple(columns))
        elif shadow[0] is None:
            return None  # made here, and not on the server yet
        else:
            row, rev = _from_shadow(rows, shadow[0]), shadow[1]
        return Held(values[rows.place_of_id], row, rev if isinstance(rev, int) else -1, _buckets(text, names))


def _readable(rows: RowCodec, values: tuple[Any, ...]) -> Row | None:
    try:
        return rows.decode(values)
    except UNREADABLE:
        return None


def _from_shadow(rows: RowCodec, body: Any) -> Row | None:
    try:
        return codec.from_wire(rows.entity, msgspec.json.decode(body))
    except (*UNREADABLE, AttributeError):
        return None


def _buckets(text: Any, names: Mapping[int, str]) -> tuple[str, ...] | None:
    try:
        return tuple(names[int(number)] for number in text.split(",") if number)
    except (KeyError, ValueError, AttributeError, TypeError):  # TypeError: bytes where there was a text
        return None
