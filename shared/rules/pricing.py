"""Totals of an order. Prices include tax; every discount is a percentage; rounding is commercial, per line.

line total  = round(quantity × unit price × (1 − line discount) × (1 − order discount))
tax in line = round(line total × rate ÷ (100 + rate))
The order's totals are the sums of its rounded lines, so lists, documents and reports agree to the cent.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from shared.numbers import QUANTUM, round_money

HUNDRED = Decimal(100)


class LineTotal(msgspec.Struct, frozen=True):
    """Amounts of one line in the order's currency, tax included, and the tax within."""

    total: Decimal
    tax: Decimal


class OrderTotals(msgspec.Struct, frozen=True):
    """Sums of the rounded lines. ``discounted`` is what the discounts took off the list prices."""

    total: Decimal
    tax: Decimal
    units: Decimal
    discounted: Decimal
    lines: tuple[LineTotal, ...]


def line_total(
    quantity: Decimal, unit_price: Decimal, discount: Decimal, order_discount: Decimal, tax_rate: Decimal
) -> LineTotal:
    """Discounts and tax rate are percentages."""
    factor = (HUNDRED - discount) * (HUNDRED - order_discount) / (HUNDRED * HUNDRED)
    total = round_money(quantity * unit_price * factor)
    return LineTotal(total, round_money(total * tax_rate / (HUNDRED + tax_rate)))


def order_totals(order_discount: Decimal, lines: Sequence[Mapping[str, Any]]) -> OrderTotals:
    """Totals over lines that have ``quantity``, ``unit_price``, ``discount`` and ``tax_rate``."""
    amounts = tuple(
        line_total(line["quantity"], line["unit_price"], line["discount"], order_discount, line["tax_rate"])
        for line in lines
    )
    zero = Decimal(0)
    listed = sum((round_money(line["quantity"] * line["unit_price"]) for line in lines), zero)
    total = sum((amount.total for amount in amounts), zero)
    return OrderTotals(
        total=total,
        tax=sum((amount.tax for amount in amounts), zero),
        units=sum((line["quantity"] for line in lines), zero),
        discounted=listed - total,
        lines=amounts,
    )


def effective_discount(line_discount: Decimal, order_discount: Decimal) -> Decimal:
    """Both discounts as one percentage: 10% and 10% are 19%."""
    return (HUNDRED - (HUNDRED - line_discount) * (HUNDRED - order_discount) / HUNDRED).quantize(QUANTUM)
