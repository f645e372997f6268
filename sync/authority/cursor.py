"""The cursor: opaque to devices; how far they are in each bucket, and under which circumstances."""

import base64
import binascii
import zlib

import msgspec

from shared import SCHEMA_VERSION
from shared.errors import InvalidInput
from sync.authority.ports import Head

MAX_LENGTH = 100_000
MAX_PLAIN = 1_000_000
PACKED_FROM = 1_000
"""Bytes from which on a cursor is compressed: years of months have names that differ in little."""
_PACKED = b"z"


class Cursor(msgspec.Struct):
    """``buckets``: bucket → last ``seq`` received. A bucket that is not named starts at 0 of the compacted feed."""

    dataset: str = ""
    epoch: int = 1
    access_version: int = 0
    schema: int = SCHEMA_VERSION
    restricted: bool = False
    """Whether restricted parts were sent; when that changes, the buckets start anew."""
    horizon: int = 0
    """How far tombstones had been removed when the cursor was made (``sync.authority.compaction``)."""
    lineage: str = ""
    """Of the restore whose data they are."""
    buckets: dict[str, int] = {}
    months: list[str] | None = None
    """Months whose history was asked for; None: the client knows nothing of months and is sent all."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Cursor).decode


def encode_cursor(cursor: Cursor) -> str:
    """base64url without padding."""
    body = _encode(cursor)
    if len(body) >= PACKED_FROM:
        body = _PACKED + zlib.compress(body)
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")


def decode_cursor(text: str) -> Cursor:
    """The cursor behind the text; an empty text is a first sync. Raises ``InvalidInput`` ``malformed``."""
    if not text:
        return Cursor()
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError("too long")
        body = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        if body.startswith(_PACKED):
            body = zlib.decompressobj().decompress(body[len(_PACKED) :], MAX_PLAIN)
        return _decode(body)
    except (ValueError, binascii.Error, zlib.error, msgspec.DecodeError) as error:
        raise InvalidInput("malformed", field="cursor", status=400, detail="not a cursor of this server") from error


def is_foreign(cursor: Cursor, head: Head) -> bool:
    """Whether the cursor belongs to other data: another dataset, epoch or restore, or a point that has not been
    reached."""
    if not cursor.dataset:
        return False
    if (cursor.dataset, cursor.epoch, cursor.lineage) != (head.dataset_id, head.epoch, head.lineage):
        return True
    return any(seq > head.seq for seq in cursor.buckets.values())
