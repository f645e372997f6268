"""Checksums of rows: what a device and the server compare to find a row that differs, without sending the rows.

A bucket's rows are divided into 256 *ranges* by their ids. Each row has a digest of its server version; a range's sum
is the digests added up modulo 2^64, so that no order matters and a row can be added on its own. Both sides bring a row
into the same *canonical* form first: declared fields that have their default are left out, since a missing field means
its default (a column that the device gained, a field that the server gained after the row was written).
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from shared.catalog import ENTITIES
from shared.codec import encode, to_wire
from shared.fields import Kind

RANGES = 256
_DIGEST_BYTES = 8
_MODULUS = 1 << 8 * _DIGEST_BYTES
_ABSENT_KINDS = frozenset({Kind.BOOL, Kind.JSON, Kind.TAGS})


class Defaults(msgspec.Struct, frozen=True):
    """What an entity's fields mean when they are missing."""

    values: dict[str, Any]
    """Wire form by field."""
    absent: frozenset[str]
    """Fields whose null reads as the default, too: devices keep no difference between the two."""

    def among(self, names: Iterable[str]) -> "Defaults":
        """Only those of the fields named: an older device does not know the defaults of the others."""
        known = frozenset(names)
        values = {name: value for name, value in self.values.items() if name in known}
        return Defaults(values, self.absent & known)


@cache
def defaults_of(entity: str) -> Defaults:
    """The defaults of a declared entity. Raises ``KeyError`` for another name."""
    declared = ENTITIES[entity]
    absent = (name for name, field in declared.fields.items() if field.is_decimal or field.kind in _ABSENT_KINDS)
    return Defaults(to_wire(declared, declared.blank()), frozenset(absent))


def canonical(defaults: Defaults, wire: Mapping[str, Any]) -> bytes:
    """Canonical JSON of a row's wire form without what a reader would fill in by itself; unknown fields included."""
    values, absent = defaults.values, defaults.absent
    kept = {
        name: value
        for name, value in wire.items()
        if name not in values or not (value == values[name] or (value is None and name in absent))
    }
    return encode(kept)


def range_of(row_id: str) -> int:
    """The range that a row belongs to, 0 to 255."""
    return zlib.crc32(row_id.encode("utf-8", "surrogatepass")) & (RANGES - 1)


def digest_of(entity: str, row_id: str, rev: int, body: bytes) -> int:
    """The digest of one row: 64 bits of SHA-256 over entity, id, ``rev`` (without epoch) and canonical body."""
    about = f"{entity}\n{row_id}\n{rev}\n".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(about + body).digest()[:_DIGEST_BYTES], "big")


class Sums:
    """The sums of one bucket, and how many rows went into them."""

    def __init__(self, count: int = 0, ranges: list[int] | None = None) -> None:
        self.count = count
        self.ranges = [0] * RANGES if ranges is None else ranges

    def add(self, row_id: str, digest: int) -> None:
        """Adds one row."""
        place = range_of(row_id)
        self.count += 1
        self.ranges[place] = (self.ranges[place] + digest) % _MODULUS

    def joined(self, other: "Sums") -> "Sums":
        """The sums of both together."""
        both = zip(self.ranges, other.ranges, strict=True)
        return Sums(self.count + other.count, [(one + two) % _MODULUS for one, two in both])

    def encode(self) -> str:
        """base64 of the 256 sums, eight bytes each, big-endian."""
        return base64.b64encode(b"".join(value.to_bytes(_DIGEST_BYTES, "big") for value in self.ranges)).decode()

    @classmethod
    def decode(cls, count: int, text: str) -> "Sums":
        """The sums behind ``encode``. Raises ``ValueError`` for another text."""
        data = base64.b64decode(text, validate=True)
        if len(data) != RANGES * _DIGEST_BYTES:
            raise ValueError("not the sums of 256 ranges")
        starts = range(0, len(data), _DIGEST_BYTES)
        return cls(count, [int.from_bytes(data[start : start + _DIGEST_BYTES], "big") for start in starts])

    def differing(self, other: "Sums") -> list[int]:
        """The ranges in which the two differ."""
        return [place for place in range(RANGES) if self.ranges[place] != other.ranges[place]]
