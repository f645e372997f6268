"""Warehouses, what is in them, and who has a claim on it. Written by named commands only."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from shared import fields as f
from shared.entities.record import Dated, Owned, Record
from shared.fields import EntityOptions, Merge, Scope, Window

BY_COMMAND = Merge.COMMAND


class Warehouse(Record, kw_only=True):
    """A place with stock."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic={"create": ("admin",), "patch": ("admin",)})
    name: Annotated[str, f.text(80, form=1, column=1)]
    name_en: Annotated[str, f.text(80, form=2)] = ""


class StockLevel(Record, kw_only=True):
    """Units of a product in a warehouse; id ``ids.stock_level_id``. Available = on hand − reserved, never negative."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.STOCK,
        title="id",
        commands=("stock.receive", "stock.count", "order.submit", "order.cancel", "lease.grant"),
        counted=True,
    )
    warehouse_id: Annotated[str, f.parent("warehouse")]
    product_id: Annotated[str, f.ref("product", merge=Merge.FIXED)]
    on_hand: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=1)] = Decimal(0)
    reserved: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=2)] = Decimal(0)
    backordered: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=3)] = Decimal(0)


class StockMove(Record, kw_only=True):
    """One change of stock, 库存流水: append-only, corrected by a reversal."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.MANAGERS, title="id", commands=("stock.receive", "stock.count"), append_only=True
    )
    stock_level_id: Annotated[str, f.parent("stock_level")]
    product_id: Annotated[str, f.ref("product", merge=Merge.FIXED)]
    reason: Annotated[Literal["receipt", "count"], f.enum(merge=Merge.FIXED, column=1)]
    quantity: Annotated[Decimal, f.quantity(merge=Merge.FIXED, column=2)]
    note: Annotated[str, f.text(200, merge=Merge.FIXED, column=3)] = ""


LeaseState = Literal["offered", "claiming", "active", "returned", "expired", "reclaimed"]


class StockLease(Owned, kw_only=True):
    """Units set aside for one person, 展会配额, to be sold offline as firm on the one device that took them.

    The owner is the holder. Left = quantity − drawn − returned; while the lease is live, what is left is part of the
    stock level's reserved units.
    """

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="event_name",
        commands=("lease.grant", "lease.claim", "lease.release", "lease.extend", "lease.return", "lease.reclaim"),
        counted=True,
    )
    stock_level_id: Annotated[str, f.parent("stock_level")]
    warehouse_id: Annotated[str, f.ref("warehouse", merge=Merge.FIXED)]
    product_id: Annotated[str, f.ref("product", merge=Merge.FIXED)]
    event_name: Annotated[str, f.text(120, merge=Merge.FIXED, column=1)]
    """What the units are for, as people call it: the trade show."""
    state: Annotated[LeaseState, f.enum(merge=BY_COMMAND, column=2)] = "offered"
    """*offered*: reserved, on no device yet. *claiming* exists on devices only: the server has not answered."""
    quantity: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=3)] = Decimal(0)
    drawn: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=4)] = Decimal(0)
    """Moved to orders."""
    returned: Annotated[Decimal, f.quantity(merge=BY_COMMAND, column=5)] = Decimal(0)
    """Back in the free stock: returned, reclaimed, expired, or lost in a count."""
    expires_at: Annotated[int, f.timestamp(merge=BY_COMMAND, column=6)] = 0
    """Until then the device sells the units as firm; see ``rules.leases.due_at`` for when the server lets go."""
    device_id: Annotated[str | None, f.ref("device", merge=BY_COMMAND)] = None
    device_name: Annotated[str, f.text(120, merge=BY_COMMAND)] = ""
    """What the device was called when it took the units."""
    device_gone_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    """When that device was revoked: it promises nothing more, and another one may take the units."""
    held_on: Annotated[str | None, f.ref("stock_level", merge=BY_COMMAND)] = None
    """The stock level while the lease is live, otherwise none: live leases are found by this key."""
    ended_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None


class Reservation(Dated, kw_only=True):
    """An order line's claim on stock; id ``ids.reservation_id(line)``. It is reserved, or it waits in the queue."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="id",
        follows="order_id",
        commands=("order.submit", "order.cancel", "stock.receive", "stock.count"),
        window=Window(still_open=lambda row: row["waiting_for"] is not None),
    )
    order_id: Annotated[str, f.parent("order")]
    order_line_id: Annotated[str, f.ref("order_line", merge=Merge.FIXED)]
    stock_level_id: Annotated[str, f.parent("stock_level")]
    quantity: Annotated[Decimal, f.quantity(merge=BY_COMMAND)]
    reserved: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    backordered: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    leased: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    """Of the reserved units those that came from a lease: a loss takes them last."""
    waiting_for: Annotated[str | None, f.ref("stock_level", merge=BY_COMMAND)] = None
    """The stock level while units are backordered, otherwise none: the queue is read by this key."""
    queue_position: Annotated[int, f.integer(merge=BY_COMMAND)] = 0
    """Order of arrival at the server; receipts fill the lowest first, losses take from the highest."""
