"""Texts and money. Every size has its weight and colour here, so screens never name a font."""

from decimal import Decimal
from typing import Any

import flet as ft

from mobile.ui.look import look, t
from mobile.ui.palette import FONT
from mobile.ui.theme import W, style
from shared.numbers import round_money

MINUS = "−"
SHORT = {
    True: ((Decimal(10**8), " 亿"), (Decimal(10**4), " 万")),
    False: ((Decimal(10**6), "M"), (Decimal(10**3), "K")),
}
"""Sizes of short amounts, in Chinese and otherwise."""
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}


def text(
    value: str, size: int = 14, weight: int = 400, color: str | None = None, *, lines: int | None = None, **options: Any
) -> ft.Text:
    """A text of the scale in ``theme.LINE_HEIGHTS``. ``lines`` limits it, with an ellipsis."""
    return ft.Text(
        value,
        style=style(size, weight, color or look().palette.text),
        max_lines=lines,
        overflow=ft.TextOverflow.ELLIPSIS if lines else ft.TextOverflow.CLIP,
        no_wrap=lines == 1,
        **options,
    )


def screen_title(value: str, size: int = 24, *, lines: int = 1, **options: Any) -> ft.Control:
    """24/32, the name of the screen; a heading for screen readers."""
    return ft.Semantics(header=True, content=text(value, size, 600, lines=lines), **options)


def section_title(value: str, size: int = 16, *, lines: int = 1, **options: Any) -> ft.Control:
    """A heading inside a screen: 20 for a section, 16 for a card."""
    return ft.Semantics(header=True, content=text(value, size, 600, lines=lines), **options)


def row_title(value: str, **options: Any) -> ft.Text:
    """15/22, one line: the name of a list row."""
    return text(value, 15, 600, lines=options.pop("lines", 1), **options)


def soft(value: str, size: int = 14, **options: Any) -> ft.Text:
    """Second text."""
    return text(
        value, size, options.pop("weight", 400), options.pop("color", None) or look().palette.text_soft, **options
    )


def caption(value: str, color: str | None = None, **options: Any) -> ft.Text:
    """12/16, one line unless told otherwise."""
    options.setdefault("lines", 1)
    return soft(value, 12, color=color, **options)


def format_money(value: Decimal, currency: str = "CNY", *, cents: bool = True) -> str:
    """``−¥1,173.60``: sign, symbol, grouped digits."""
    amount = round_money(value)
    digits = f"{abs(amount):,.2f}" if cents else f"{abs(amount):,.0f}"
    return f"{MINUS if amount < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{digits}"


def short_money(value: Decimal, currency: str = "CNY") -> str:
    """For charts and overviews: ``¥238.6 万``, ``¥2.39M``; full digits while they are few."""
    for size, word in SHORT[look().language == "zh"]:
        if abs(value) >= size:
            amount = abs(value) / size
            digits = f"{amount:,.0f}" if amount >= 100 else f"{float(amount):.3g}"
            sign = MINUS if value < 0 else ""
            return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{digits}{word}"
    return format_money(value, currency, cents=False)


def format_quantity(value: Decimal) -> str:
    """Grouped, without needless zeros: ``1,200`` or ``2.5``."""
    plain = f"{value:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def money(
    value: Decimal,
    size: int = 16,
    *,
    currency: str = "CNY",
    cents: bool = True,
    color: str | None = None,
    weight: int = 600,
    **options: Any,
) -> ft.Text:
    """An amount: from 18 px on, symbol and cents are at 72 %. Screen readers hear it as words."""
    color = color or look().palette.text
    shown = format_money(value, currency, cents=cents)
    label = t(
        "frame.money", amount=shown.replace(SYMBOLS.get(currency, currency + " "), ""), currency=t_currency(currency)
    )
    if size < 18:
        return ft.Text(
            shown, style=style(size, weight, color), no_wrap=True, max_lines=1, semantics_label=label, **options
        )
    head = len(shown) - len(shown.lstrip(MINUS + SYMBOLS.get(currency, currency + " ")))
    whole, _, fraction = shown[head:].partition(".")
    small = ft.TextStyle(font_family=FONT, size=max(12, round(size * 0.72)), weight=W.W_500, color=color)
    large = ft.TextStyle(font_family=FONT, size=size, weight=W[f"W_{weight}"], color=color)
    spans = [ft.TextSpan(shown[:head], small), ft.TextSpan(whole, large)]
    if fraction:
        spans.append(ft.TextSpan("." + fraction, small))
    return ft.Text(
        spans=spans, no_wrap=True, max_lines=1, style=style(size, weight, color), semantics_label=label, **options
    )


def t_currency(currency: str) -> str:
    """The spoken name of a currency."""
    return t("frame.currency.CNY") if currency == "CNY" else currency
