"""The sums at the foot of an order, the same for a basket and for an order that was placed."""

from decimal import Decimal

import flet as ft

from mobile.state.basket import Priced
from mobile.ui import kit as k


def totals_card(priced: Priced, currency: str) -> ft.Control:
    """Of a basket."""
    return sums_card(
        listed=priced.listed,
        discounted=priced.totals.discounted,
        tax=priced.totals.tax,
        total=priced.totals.total,
        rates=priced.tax_rates,
        currency=currency,
    )


def sums_card(
    *, listed: Decimal, discounted: Decimal, tax: Decimal, total: Decimal, rates: list[Decimal], currency: str
) -> ft.Control:
    """List prices, what the discounts take off, the tax within, what is due."""
    p = k.look().palette
    percent = f" {k.format_quantity(rates[0])}%" if len(rates) == 1 else ""
    rows = [_sum(k.t("screen.total.listed"), listed, currency)]
    if discounted:
        rows.append(_sum(k.t("screen.total.discount"), -discounted, currency, p.status["warn"].fg))
    rows.append(_sum(k.t("screen.total.tax", percent=percent), tax, currency))
    due = k.row(k.text(k.t("screen.total.due"), 16, 600), k.money(total, 24, currency=currency), between=True)
    return k.card(k.col(*rows, k.hairline(), k.gap(2), due, gap=6), k.pad(12, 16))


def _sum(label: str, value: Decimal, currency: str, color: str | None = None) -> ft.Control:
    return k.row(k.soft(label), k.money(value, 14, currency=currency, weight=500, color=color), between=True)
