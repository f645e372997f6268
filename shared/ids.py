"""Identifiers: time-ordered ones for new rows, derived ones for rows that follow from a transaction."""

import re
import uuid
from functools import lru_cache
from hashlib import sha1

NAMESPACE = uuid.UUID("6f0c1f0e-2b1f-5d0a-9c4e-0c5a7a4a4e01")
_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def uuid7(now_ms: int, random_bytes: bytes) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) from a time in UTC milliseconds and ten random bytes.

    Ours because the standard library has one only from Python 3.14, and because time and
    randomness come in through the engine's Clock and Entropy ports.
    """
    if len(random_bytes) != 10:
        raise ValueError("uuid7 needs exactly 10 random bytes")
    value = (now_ms & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(random_bytes, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def derived_id(*parts: object) -> str:
    """A UUIDv5 of the parts: the same inputs give the same id on every device and on the server."""
    # What ``uuid.uuid5`` does, without its objects: an order derives some twenty ids.
    name = "\x1f".join([str(part) for part in parts])
    digest = bytearray(sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(value: object) -> bool:
    """Whether the value is a UUID in its canonical lower-case text form."""
    return isinstance(value, str) and _CANONICAL.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def stock_level_id(warehouse_id: str, product_id: str) -> str:
    """Stock levels are keyed totals: one row for each warehouse and product, found without a search."""
    return derived_id("stock_level", warehouse_id, product_id)


@lru_cache(maxsize=4096)
def price_id(price_list_id: str, product_id: str) -> str:
    """Prices are keyed by list and product."""
    return derived_id("price", price_list_id, product_id)


def reservation_id(order_line_id: str) -> str:
    """An order line has at most one reservation."""
    return derived_id("reservation", order_line_id)
