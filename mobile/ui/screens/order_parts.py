"""Parts that order and catalogue screens share: numbers, states, product names, stock in words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries.catalogue import low
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.palette import Status
from mobile.ui.sync_pill import moment
from shared.rules.orders import provisional_number

I = ft.Icons  # noqa: E741


def number_words(order: Mapping[str, Any]) -> str:
    """The official number, or the provisional one that says of itself what it is."""
    return order["number"] or k.t("screen.order.provisional", number=provisional_number(order["id"]))


def state_badges(order: Mapping[str, Any], short: bool) -> list[ft.Control]:
    """The order's state, and that units are still waited for."""
    badges: list[ft.Control] = [k.choice_badge("order", "state", order["state"])]
    if short and order["state"] == "confirmed":
        badges.append(k.badge(k.t("screen.order.short"), "warn", I.HOURGLASS_BOTTOM_ROUNDED))
    return badges


def order_row(order: dict[str, Any], on_open: Callable[[str], Any], *, customer: bool = True) -> ft.Control:
    """An order as a row of two lines: who, how much; number, when, state."""
    app = use_app()
    when = moment(order["at"], app.now_ms(), app.time_zone)
    number = number_words(order)
    title = (order["account"] or "—") if customer else number
    others = order["owner_name"] if order["owner_id"] != app.actor.user_id else ""
    second = " · ".join(part for part in (number if customer else "", when, others) if part)
    cloud = [k.unsent_mark()] if order["unsent"] else []
    trailing = ft.Column(
        [
            k.row(*cloud, k.money(order["total"], 15, currency=order["currency"]), gap=6, tight=True),
            k.row(*state_badges(order, bool(order["short"]))[-1:], tight=True),
        ],
        spacing=6,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    state = k.t(f"choice.order.state.{order['state']}")
    name = k.t(
        "screen.order.open",
        number=number,
        customer=order["account"] or "",
        state=state,
        total=k.format_money(order["total"], order["currency"]),
    )
    return k.tile(
        k.row_title(title), second, trailing=trailing, height=76, on_click=lambda _: on_open(order["id"]), name=name
    )


def product_name(product: Mapping[str, Any]) -> str:
    """Name in the window's language, with the variant when the name does not say it already."""
    name, variant = k.local(product, "name"), k.local(product, "variant")
    return name if not variant or variant.lower() in name.lower() else f"{name} {variant}"


def variant_and_code(product: Mapping[str, Any]) -> str:
    """The line below a name: variant, SKU. Behind a long name the variant would be cut off, all would look alike."""
    name = k.local(product, "name")
    return " · ".join(filter(None, [product_name(product).removeprefix(name).strip(), product["sku"]]))


def line_name(line: Mapping[str, Any]) -> str:
    """What an order line is called: as it was ordered; in English by the product's present English name, if any."""
    if k.look().language == "en" and line.get("name_en"):
        return product_name({**line, "name": line["name"]})
    return str(line["name"])


def unit(product: Mapping[str, Any]) -> str:
    """The sales unit in the window's language."""
    return k.local(product, "unit") or k.t("screen.unit")


def count(value: Decimal, product: Mapping[str, Any]) -> str:
    """``12 件`` / ``12 pc``."""
    return f"{k.format_quantity(value)} {unit(product)}"


def picture(
    product: Mapping[str, Any],
    *,
    width: float | None = None,
    height: float | None = None,
    radius: float = 12,
    expand: bool | None = None,
) -> ft.Control:
    """The product's picture, or a quiet ground when it has none."""
    p = k.look().palette
    if not product.get("picture"):
        return k.box(
            ft.Icon(I.INVENTORY_2_OUTLINED, size=28, color=p.text_soft),
            None,
            p.container,
            radius,
            width=width,
            height=height,
            alignment=k.CENTER,
            expand=expand,
        )
    return ft.Image(
        src=f"/pictures/{product['picture']}",
        width=width,
        height=height,
        fit=ft.BoxFit.COVER,
        border_radius=radius,
        exclude_from_semantics=True,
        gapless_playback=True,
        expand=expand,
        error_content=k.box(None, None, p.container, radius, width=width, height=height),
    )


def as_of(last_sync_ms: int | None) -> str:
    """The time of the last sync: how old every figure of stock is."""
    app = use_app()
    return moment(last_sync_ms, app.now_ms(), app.time_zone) if last_sync_ms else k.t("screen.stock.never")


def stock_words(product: Mapping[str, Any], when: str) -> tuple[str, Status, Any]:
    """How much can still be promised, as of when; first of all what this device holds (``leased``)."""
    left = product["available"]
    if product.get("leased"):
        words = k.t("screen.lease.card", count=k.format_quantity(product["leased"]), left=k.format_quantity(left))
        return words, "ok", I.LOCK_ROUNDED
    if left <= 0:
        return k.t("screen.stock.out", time=when), "bad", I.REMOVE_SHOPPING_CART_ROUNDED
    if low(left):
        return k.t("screen.stock.low", count=k.format_quantity(left), time=when), "warn", I.SCHEDULE_ROUNDED
    return k.t("screen.stock.left", count=k.format_quantity(left), time=when), "mute", I.INVENTORY_2_OUTLINED
