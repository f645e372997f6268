"""Exact numbers: ``Decimal`` in code, decimal strings on the wire, integers of 1/10,000 in both databases."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

SCALE = 10_000
QUANTUM = Decimal("0.0001")
CENT = Decimal("0.01")
MAX_ABSOLUTE = Decimal("99999999999.9999")
"""About 10^11: its integer form stays far inside 64 bits, also as a sum over millions of rows."""


@lru_cache(maxsize=4096)
def parse_decimal(text: str) -> Decimal:
    """The number behind a wire string such as ``"528"`` or ``"0.05"``.

    Raises ValueError for exponents, more than four decimals, non-finite values, or values out of range.
    """
    if not text or len(text) > 20 or not text.isascii() or "e" in text.lower() or "_" in text:
        raise ValueError("not a plain decimal number")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a plain decimal number") from error
    if not value.is_finite() or abs(value) > MAX_ABSOLUTE or value != value.quantize(QUANTUM):
        raise ValueError("out of range, or more than four decimals")
    return value


def format_decimal(value: Decimal) -> str:
    """The one canonical wire form: no exponent, no trailing zeros, no negative zero."""
    if not value:
        return "0"
    text = f"{value.quantize(QUANTUM):f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def to_scaled(value: Decimal) -> int:
    """The database form, an integer of 1/10,000."""
    return int(value.quantize(QUANTUM) * SCALE)


@lru_cache(maxsize=4096)
def from_scaled(value: int) -> Decimal:
    """The number behind a database integer of 1/10,000."""
    return Decimal(value) / SCALE


def round_money(value: Decimal, minor_unit: Decimal = CENT) -> Decimal:
    """Commercial rounding, half away from zero, to the currency's minor unit."""
    return value.quantize(minor_unit, rounding=ROUND_HALF_UP)
