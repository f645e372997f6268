"""Orders and their lines, and what needs a person."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from shared import fields as f
from shared.entities.parties import SELLERS
from shared.entities.record import Dated, Record
from shared.fields import EntityOptions, Merge, Scope, Window

BY_COMMAND = Merge.COMMAND
OrderState = Literal["draft", "pending", "confirmed", "cancelled"]
LineState = Literal["draft", "pending", "reserved", "partial", "backordered", "dropped", "cancelled"]
ConflictKind = Literal["field", "rejection", "shortage", "renumbered", "lease", "assigned", "feedback"]
ShortagePolicy = Literal["backorder", "partial", "reject"]


class Order(Dated, kw_only=True):
    """A sales order, 销售订单. ``pending`` exists on devices only: the server confirms or refuses."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="number",
        generic={
            "create": SELLERS,
            "patch": SELLERS,
            "delete": SELLERS,
            "restore": SELLERS,
            "assign": ("manager", "admin"),
        },
        commands=("order.submit", "order.cancel"),
        window=Window(dates=("ordered_at", "created_at"), still_open=lambda row: row["state"] in ("draft", "pending")),
    )
    account_id: Annotated[str, f.parent("account")]
    opportunity_id: Annotated[str | None, f.ref("opportunity")] = None
    """The deal that it was made from."""
    number: Annotated[str, f.code(40, merge=BY_COMMAND, column=1, search="digits", index=True)] = ""
    """The official number, given by the server; empty until confirmed (see ``rules.orders.provisional_number``)."""
    state: Annotated[OrderState, f.enum(merge=BY_COMMAND, column=2, index=True)] = "draft"
    shortage_policy: Annotated[ShortagePolicy, f.enum(form=2)] = "backorder"
    price_list_id: Annotated[str | None, f.ref("price_list", form=1)] = None
    warehouse_id: Annotated[str | None, f.ref("warehouse")] = None
    discount: Annotated[Decimal, f.percent(form=3)] = Decimal(0)
    """On the whole order, percent, on top of the lines' own."""
    currency: Annotated[str, f.code(3)] = "CNY"
    total: Annotated[Decimal, f.money(merge=BY_COMMAND, column=3)] = Decimal(0)
    """Tax included, after all discounts."""
    tax_total: Annotated[Decimal, f.money(merge=BY_COMMAND)] = Decimal(0)
    units: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    line_count: Annotated[int, f.integer(merge=BY_COMMAND)] = 0
    ordered_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND, column=4, index=True)] = None
    confirmed_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    cancelled_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    note: Annotated[str, f.long_text(2_000, form=4, search="text")] = ""


class OrderLine(Dated, kw_only=True):
    """One product on an order; lines merge while the order is a draft."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="sku",
        follows="order_id",
        generic={"create": SELLERS, "patch": SELLERS, "delete": SELLERS},
        commands=("order.submit", "order.cancel", "stock.receive", "stock.count"),
        window=Window(still_open=lambda row: row["backordered"] > 0),
    )
    order_id: Annotated[str, f.parent("order")]
    product_id: Annotated[str, f.ref("product", merge=Merge.FIXED)]
    sku: Annotated[str, f.code(40, merge=Merge.FIXED, column=1)] = ""
    name: Annotated[str, f.text(160, merge=Merge.FIXED, column=2)] = ""
    """What the product was called when it was ordered."""
    position: Annotated[int, f.integer(0, 10_000)] = 0
    quantity: Annotated[Decimal, f.quantity(form=1, column=3, minimum=0)] = Decimal(1)
    unit_price: Annotated[Decimal, f.money(group="price", minimum=0)] = Decimal(0)
    """Agreed price for one unit, tax included; verified by the server, never replaced."""
    discount: Annotated[Decimal, f.percent(form=2, group="price")] = Decimal(0)
    tax_rate: Annotated[Decimal, f.percent()] = Decimal(0)
    total: Annotated[Decimal, f.money(merge=BY_COMMAND, column=4)] = Decimal(0)
    state: Annotated[LineState, f.enum(merge=BY_COMMAND)] = "draft"
    reserved: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    backordered: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    leased: Annotated[Decimal, f.quantity(merge=BY_COMMAND)] = Decimal(0)
    """Of the reserved units those that came from a lease: firm from the moment of the order, offline too."""
    lease_id: Annotated[str | None, f.code(36, merge=BY_COMMAND)] = None


class Conflict(Record, kw_only=True):
    """Something that needs a person: a field changed twice, a refused change, a shortage, leased units taken back, or
    that feedback was answered.

    Made by the server only.
    """

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.PRIVATE, title="title", commands=("conflict.resolve", "conflict.dismiss")
    )
    kind: Annotated[ConflictKind, f.enum(merge=BY_COMMAND, column=1, index=True)]
    state: Annotated[Literal["open", "resolved", "dismissed"], f.enum(merge=BY_COMMAND, column=2, index=True)] = "open"
    title: Annotated[str, f.text(200, merge=BY_COMMAND, column=3)] = ""
    """Name of the record concerned, as it was."""
    tx_id: Annotated[str, f.code(36, merge=BY_COMMAND)]
    entity: Annotated[str, f.code(40, merge=BY_COMMAND)] = ""
    row_id: Annotated[str | None, f.code(36, merge=BY_COMMAND)] = None
    account_id: Annotated[str | None, f.code(36, merge=BY_COMMAND)] = None
    field: Annotated[str, f.code(200, merge=BY_COMMAND)] = ""
    """The field in conflict; fields of a merge group joined by ``,``."""
    base: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Values by field (wire form) that the author had seen."""
    mine: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Values by field that the author wanted."""
    theirs: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Values by field that the server had."""
    mine_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    mine_on: Annotated[str | None, f.code(120, merge=BY_COMMAND)] = None
    theirs_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    theirs_by: Annotated[str | None, f.ref("user", merge=BY_COMMAND)] = None
    theirs_on: Annotated[str | None, f.code(120, merge=BY_COMMAND)] = None
    """Name of the device the other value came from."""
    code: Annotated[str, f.code(60, merge=BY_COMMAND)] = ""
    """Stable code of the refusal or the shortage; its words are in ``shared/locale``."""
    params: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    payload: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """All commands of a refused transaction, as sent."""
    choice: Annotated[Literal["", "mine", "theirs", "merged"], f.enum(merge=BY_COMMAND)] = ""
    resolved_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None


class Counter(Record, kw_only=True):
    """A keyed total for official numbers, 单号计数; server only."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.SERVER, title="name", commands=("order.submit",))
    name: Annotated[str, f.code(60, merge=BY_COMMAND)]
    value: Annotated[int, f.integer(merge=BY_COMMAND)] = 0
    gaps: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Numbers left out when the server came back from a backup: a list of pairs (above, up to)."""
