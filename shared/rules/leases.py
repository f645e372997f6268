"""What a stock lease promises, to whom, and for how long."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

LIVE = ("offered", "claiming", "active")
"""States in which the units left are reserved for the holder."""
LATE_MS = 86_400_000
"""How long after its end the server still keeps the units of a lease that is on a device: orders made in time, offline,
may be on their way."""
LONGEST_MS = 400 * 86_400_000


def left(lease: Row) -> Decimal:
    """Units that can still be drawn or given back."""
    return Decimal(lease["quantity"] - lease["drawn"] - lease["returned"])


def is_on(lease: Row, device_id: str | None) -> bool:
    """Whether the device may draw on the lease as far as the server is concerned: it keeps the units, for this one."""
    return lease["state"] == "active" and bool(device_id) and lease["device_id"] == device_id


def is_firm(lease: Row, device_id: str | None, now_ms: int) -> bool:
    """Whether the device may promise the units now (UTC ms, as near to the server's clock as it can tell)."""
    return is_on(lease, device_id) and now_ms < lease["expires_at"]


def due_at(lease: Row) -> int:
    """When the server lets go of the units (UTC ms)."""
    return int(lease["expires_at"]) + (LATE_MS if lease["state"] == "active" else 0)
