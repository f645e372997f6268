"""The basket: an order that is being put together, on this device only, kept as a draft so that it survives a reload.

A basket never enters the outbox. Submitting makes one transaction of it: the order, its lines, and the submission with
the hash of what the person saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from mobile.store.queries import catalogue
from mobile.store.queries.leases import Firm
from mobile.store.store import SqliteStore
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import new_row, values_to_wire
from shared.numbers import format_decimal, parse_decimal
from shared.protocol import Command
from shared.rules.orders import content_hash
from shared.rules.pricing import OrderTotals, effective_discount, order_totals
from shared.validation import check_values

KIND = "order"
ZERO = Decimal(0)
StockState = Literal["enough", "short", "none"]


class BasketLine(msgspec.Struct):
    """A product with how many, and its own discount in percent; decimal strings."""

    product_id: str
    quantity: str = "1"
    discount: str = "0"


class Basket(msgspec.Struct):
    """The draft. ``order_id`` is given at the beginning, so that trying again can never make a second order."""

    account_id: str
    order_id: str
    warehouse_id: str | None = None
    price_list_id: str | None = None
    shortage_policy: str = "backorder"
    discount: str = "0"
    note: str = ""
    lines: list[BasketLine] = []
    conflict_id: str = ""
    """The inbox row of the refused order that this one repairs."""
    opportunity_id: str | None = None
    """The deal that the order is made from."""
    saved_at: int = 0

    @property
    def id(self) -> str:
        """Name of the draft: one basket per customer, and one for each repair."""
        return f"repair:{self.conflict_id}" if self.conflict_id else f"order:{self.account_id}"

    def quantity(self, product_id: str) -> Decimal:
        """Units of the product in the basket."""
        return next((parse_decimal(line.quantity) for line in self.lines if line.product_id == product_id), ZERO)

    def set_quantity(self, product_id: str, quantity: Decimal) -> None:
        """Adds, changes or (with nothing left) takes out a line."""
        line = next((line for line in self.lines if line.product_id == product_id), None)
        if quantity <= 0:
            self.lines = [line for line in self.lines if line.product_id != product_id]
        elif line is None:
            self.lines.append(BasketLine(product_id, format_decimal(quantity)))
        else:
            line.quantity = format_decimal(quantity)

    def set_discount(self, product_id: str, percent: Decimal) -> None:
        """The line's own discount."""
        for line in self.lines:
            if line.product_id == product_id:
                line.discount = format_decimal(percent)


class PricedLine(msgspec.Struct, frozen=True):
    """A line as it is shown: product row of ``queries.catalogue``, amounts, what the stock says."""

    product: dict[str, Any]
    quantity: Decimal
    discount: Decimal
    total: Decimal
    stock: StockState
    short: Decimal
    """Units that are not there, as far as this device knows."""
    firm: Decimal
    """Units from a lease of this device: they are there whatever others do meanwhile."""
    over_limit: bool
    """Line and order discount together are above the user's limit."""


class Priced(msgspec.Struct, frozen=True):
    """The whole basket with today's local prices and stock."""

    lines: list[PricedLine]
    totals: OrderTotals
    discount: Decimal
    limit: Decimal
    tax_rates: list[Decimal]
    missing: list[str]
    """Ids of products that are not on this price list, or not on sale any more."""

    @property
    def over_limit(self) -> bool:
        return any(line.over_limit for line in self.lines)

    @property
    def listed(self) -> Decimal:
        """Sum at list prices, before all discounts."""
        return self.totals.total + self.totals.discounted

    @property
    def short_lines(self) -> list[PricedLine]:
        return [line for line in self.lines if line.short > 0]

    @property
    def unsure(self) -> Decimal:
        """Units that only the server can confirm."""
        return sum((line.quantity - line.firm for line in self.lines), ZERO)


def load(store: SqliteStore, account_id: str, new_id: Callable[[], str], *, conflict_id: str = "") -> Basket:
    """The kept basket of a customer (or of a repair), otherwise an empty one with the usual terms."""
    kept = store.draft(f"repair:{conflict_id}" if conflict_id else f"order:{account_id}")
    if kept is not None:
        return msgspec.convert(kept, Basket)
    houses = catalogue.warehouses(store)
    prices = catalogue.price_list(store, account_id)
    return Basket(
        account_id=account_id, order_id=new_id(), warehouse_id=houses[0]["id"] if houses else None,
        price_list_id=prices["id"] if prices else None, conflict_id=conflict_id,
    )  # fmt: skip


def save(store: SqliteStore, basket: Basket, now_ms: int) -> None:
    """Keeps the basket; an empty one is forgotten."""
    with store.transaction():
        if not (basket.lines or basket.note or basket.conflict_id or basket.opportunity_id):
            store.delete_draft(basket.id)
            return
        basket.saved_at = now_ms
        store.save_draft(basket.id, KIND, msgspec.to_builtins(basket), now_ms)


def discard(store: SqliteStore, basket: Basket) -> None:
    """Forgets the basket: it became an order, or nobody wants it."""
    with store.transaction():
        store.delete_draft(basket.id)


def kept(store: SqliteStore) -> list[Basket]:
    """All baskets with something in them, the latest first."""
    return [msgspec.convert(body, Basket) for _, body in store.drafts(KIND)]


def priced(store: SqliteStore, basket: Basket, limit: Decimal, firm: Mapping[str, Firm] | None = None) -> Priced:
    """Prices, totals and stock of the basket as this device knows them. ``limit``: the user's discount limit in %;
    ``firm``: what this device may promise (``queries.leases.firm``)."""
    products = catalogue.products_by_id(
        store, [line.product_id for line in basket.lines],
        price_list_id=basket.price_list_id, warehouse_id=basket.warehouse_id,
    )  # fmt: skip
    present = [line for line in basket.lines if _sellable(products.get(line.product_id))]
    terms = [_terms(line, products[line.product_id]) for line in present]
    discount = parse_decimal(basket.discount)
    totals = order_totals(discount, terms)
    lines = [
        _priced_line(
            term, products[line.product_id], amount.total, discount, limit, _firm_units(firm, line.product_id, term)
        )
        for line, term, amount in zip(present, terms, totals.lines, strict=True)
    ]
    return Priced(
        lines=lines, totals=totals, discount=discount, limit=limit,
        tax_rates=sorted({term["tax_rate"] for term in terms}),
        missing=[line.product_id for line in basket.lines if line not in present],
    )  # fmt: skip


def _sellable(product: Mapping[str, Any] | None) -> bool:
    return product is not None and bool(product["active"]) and product["price"] is not None


def _firm_units(firm: Mapping[str, Firm] | None, product_id: str, term: Mapping[str, Decimal]) -> Decimal:
    held = (firm or {}).get(product_id)
    return min(held.units, term["quantity"]) if held else ZERO


def _terms(line: BasketLine, product: Mapping[str, Any]) -> dict[str, Decimal]:
    return {
        "quantity": parse_decimal(line.quantity),
        "unit_price": product["price"],
        "discount": parse_decimal(line.discount),
        "tax_rate": product["tax_rate"],
    }


def _priced_line(
    term: Mapping[str, Decimal],
    product: dict[str, Any],
    total: Decimal,
    order_discount: Decimal,
    limit: Decimal,
    firm: Decimal,
) -> PricedLine:
    short = max(ZERO, term["quantity"] - firm - product["available"])
    state: StockState = "enough"
    if short > 0:
        state = "none" if product["available"] + firm <= 0 else "short"
    over_limit = effective_discount(term["discount"], order_discount) > limit
    return PricedLine(product, term["quantity"], term["discount"], total, state, short, firm, over_limit)


def draws_of(lines: Sequence[Mapping[str, Any]], firm: Mapping[str, Firm]) -> list[dict[str, str]]:
    """What an order's lines draw from this device's leases, as ``order.submit`` carries it. No unit is drawn twice."""
    left = {product_id: held.units for product_id, held in firm.items()}
    draws = []
    for line in lines:
        units = min(line["quantity"], left.get(line["product_id"], ZERO))
        if units > 0:
            left[line["product_id"]] -= units
            lease_id = firm[line["product_id"]].lease_id
            draws.append({"line_id": line["id"], "lease_id": lease_id, "quantity": format_decimal(units)})
    return draws


def submit_commands(
    store: SqliteStore,
    basket: Basket,
    actor: Actor,
    currency: str,
    new_id: Callable[[], str],
    firm: Mapping[str, Firm] | None = None,
) -> list[Command]:
    """The one transaction of an order: create, lines, submit with the hash of what is shown and with the units that
    are shown as ``firm`` (``queries.leases.firm``).

    Raises ``CaravanError`` (``InvalidInput`` with its field) when a value is not acceptable.
    """
    products = catalogue.products_by_id(
        store, [line.product_id for line in basket.lines],
        price_list_id=basket.price_list_id, warehouse_id=basket.warehouse_id,
    )  # fmt: skip
    order_values = {
        "account_id": basket.account_id, "shortage_policy": basket.shortage_policy,
        "price_list_id": basket.price_list_id, "warehouse_id": basket.warehouse_id, "discount": basket.discount,
        "currency": currency, "note": basket.note,
    }  # fmt: skip
    if basket.opportunity_id:
        order_values["opportunity_id"] = basket.opportunity_id
    order = _create("order", basket.order_id, order_values, actor)
    lines = []
    for position, line in enumerate(basket.lines):
        product = products.get(line.product_id)
        if product is None or not _sellable(product):
            continue
        lines.append(_create("order_line", new_id(), _line_values(basket, position, line, product), actor))
    seen = content_hash(order[1], [row for _, row in lines])
    args: dict[str, Any] = {"order_id": basket.order_id, "content_hash": seen}
    draws = draws_of([row for _, row in lines], firm or {})
    if draws:
        args["draws"] = draws
    submit = Command("order.submit", args)
    return [order[0], *(command for command, _ in lines), submit]


def _line_values(basket: Basket, position: int, line: BasketLine, product: Mapping[str, Any]) -> dict[str, Any]:
    name, variant = product["name"], product["variant"]
    name = name if not variant or variant in name else f"{name} {variant}"
    return {
        "order_id": basket.order_id, "product_id": line.product_id, "sku": product["sku"], "name": name,
        "position": position, "quantity": line.quantity, "unit_price": format_decimal(product["price"]),
        "discount": line.discount, "tax_rate": format_decimal(product["tax_rate"]),
    }  # fmt: skip


def _create(name: str, row_id: str, values: dict[str, Any], actor: Actor) -> tuple[Command, dict[str, Any]]:
    """The command, and the row as it will be: the hash is taken over the checked values."""
    entity = ENTITIES[name]
    checked = check_values(entity, values, actor, creating=True)
    row = new_row(entity, {"id": row_id, **checked})
    return Command(f"{name}.create", {"id": row_id, "values": values_to_wire(entity, checked)}), row


def from_payload(payload: Sequence[Mapping[str, Any]], conflict_id: str) -> Basket | None:
    """The basket behind a refused order, to be edited and sent again; None when the payload holds no whole order.

    The order keeps its id: the server never stored the refused one.
    """
    basket: Basket | None = None
    for command in payload:
        name, args = command["name"], command["args"]
        values = args.get("values", {})
        if name == "order.create":
            basket = Basket(
                account_id=values["account_id"], order_id=args["id"], warehouse_id=values.get("warehouse_id"),
                price_list_id=values.get("price_list_id"), shortage_policy=values.get("shortage_policy", "backorder"),
                discount=values.get("discount", "0"), note=values.get("note", ""), conflict_id=conflict_id,
                opportunity_id=values.get("opportunity_id"),
            )  # fmt: skip
        elif name == "order_line.create" and basket is not None and values.get("order_id") == basket.order_id:
            basket.lines.append(
                BasketLine(values["product_id"], values.get("quantity", "1"), values.get("discount", "0"))
            )
    return basket if basket is not None and basket.lines else None


def repaired(basket: Basket, code: str, params: Mapping[str, Any], products: Mapping[str, Mapping[str, Any]]) -> bool:
    """Applies the repair that fits the refusal, in place; False when there is none to offer.

    ``products``: rows of ``queries.catalogue.products_by_id``. ``out_of_stock``: as many as there were;
    ``price_changed`` and ``tax_changed``: today's price is taken at submission anyway; ``discount_over_limit``: the
    order's discount first, then the lines', down to the limit; ``product_inactive`` and ``no_price``: without them.
    """
    if code == "out_of_stock":
        taken = {line["sku"]: parse_decimal(str(line["taken"])) for line in params.get("lines", [])}
        for line in list(basket.lines):
            sku = (products.get(line.product_id) or {}).get("sku")
            if sku in taken:
                basket.set_quantity(line.product_id, taken[sku])
        return bool(basket.lines)
    if code in ("price_changed", "tax_changed", "document_changed"):
        return True
    if code == "discount_over_limit":
        cap_discount(basket, parse_decimal(str(params.get("limit", "0"))))
        return True
    if code in ("product_inactive", "no_price"):
        basket.lines = [
            line for line in basket.lines if (products.get(line.product_id) or {}).get("sku") != params.get("sku")
        ]
        return bool(basket.lines)
    return False


def cap_discount(basket: Basket, limit: Decimal) -> None:
    """Lowers the discounts so that no line's effective discount is above ``limit``."""
    order = min(parse_decimal(basket.discount), limit)
    basket.discount = format_decimal(order)
    for line in basket.lines:
        if effective_discount(parse_decimal(line.discount), order) > limit:
            line.discount = "0"
