"""A new order: choose the customer, fill the basket, review. The address says where one is, so that reload keeps it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.state import basket as baskets
from mobile.state.app import App
from mobile.state.basket import Basket, Priced
from mobile.store.queries import accounts, catalogue, leases
from mobile.store.queries.base import PAGE
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.palette import with_alpha
from mobile.ui.routes import query, with_query
from mobile.ui.screens.catalogue_grid import ProductGrid, parse_quantity
from mobile.ui.screens.customer_parts import card_row
from mobile.ui.screens.listing import more_row, nobody_to_pick, scroll_list
from mobile.ui.screens.order_parts import picture, product_name
from mobile.ui.sync_pill import moment

I = ft.Icons  # noqa: E741
SIDE_PX, SIDE_MIN_PX = 336, 1000
TOUCHED = catalogue.TOUCHED | {"_draft", "account", "stock_lease"}


@k.component
def NewOrderScreen() -> ft.Control:
    """``/order/new``, ``?account=<id>``, ``&step=review``, ``&conflict=<id>`` for the repair of a refused order."""
    from mobile.ui.screens.order_review import OrderReview

    asked = query()
    account_id, conflict_id = asked.get("account", ""), asked.get("conflict", "")
    if not account_id:
        return CustomerPicker()
    key = f"{account_id} {conflict_id}"
    if asked.get("step") == "review":
        return OrderReview(account_id, conflict_id, key=f"review {key}")
    return FillBasket(account_id, conflict_id, key=f"fill {key}")


def order_address(account_id: str, conflict_id: str = "", *, review: bool = False) -> str:
    """The address of a basket, or of its review."""
    parameters = {"account": account_id}
    if conflict_id:
        parameters["conflict"] = conflict_id
    if review:
        parameters["step"] = "review"
    return with_query("/order/new", **parameters)


def firm_now(app: App, warehouse_id: str | None) -> dict[str, leases.Firm]:
    """What this device may promise at this moment, by product."""
    return leases.firm(app.open_store, app.actor.device_id, warehouse_id, app.device.server_now_ms)


def use_basket(account_id: str, conflict_id: str) -> tuple[Basket, Priced, Callable[[Callable[[Basket], None]], None]]:
    """The basket, its prices, and a function that changes and keeps it."""
    app = use_app()

    def read(store: SqliteStore) -> tuple[Basket, Priced]:
        basket = baskets.load(store, account_id, app.new_id, conflict_id=conflict_id)
        return basket, baskets.priced(store, basket, app.actor.discount_limit, firm_now(app, basket.warehouse_id))

    basket, priced = use_live(read, TOUCHED | {"user"}, account_id, conflict_id)

    def change(edit: Callable[[Basket], None]) -> None:
        # Read again: several taps may come before the screen is drawn anew.
        fresh = baskets.load(app.open_store, account_id, app.new_id, conflict_id=conflict_id)
        edit(fresh)
        baskets.save(app.open_store, fresh, app.now_ms())

    return basket, priced, change


@k.component
def CustomerPicker() -> ft.Control:
    """Whom is the order for? Baskets that were not sent yet stand on top."""
    page, app = ft.context.page, use_app()
    text, set_text = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    rows = use_live(lambda s: accounts.customers(s, text=text, limit=shown + 1), accounts.TOUCHED, text, shown)
    kept = use_live(_kept, {"_draft", "account"})

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    search = k.search_field(text, typed, hint=k.t("screen.customers.search"), autofocus=True)
    parts: list[ft.Control] = []
    if kept and not text:
        parts.append(k.section_title(k.t("screen.order.kept")))
        tiles = []
        for basket, name in kept:
            when = moment(basket.saved_at, app.now_ms(), app.time_zone)
            target = order_address(basket.account_id, basket.conflict_id)
            tiles.append(
                k.tile(
                    name,
                    k.t("screen.order.kept.line", count=len(basket.lines), time=when),
                    leading=k.icon_avatar(I.SHOPPING_BASKET_OUTLINED, status="warn"),
                    trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=22, color=k.look().palette.text_soft),
                    on_click=lambda _, target=target: page.navigate(target),
                    name=k.t("screen.order.resume", name=name),
                )
            )
        parts += [k.list_card(*tiles), k.section_title(k.t("screen.order.pick"))]
    today = app.today()
    tiles = [card_row(row, today, lambda row_id: page.navigate(order_address(row_id))) for row in rows[:shown]]
    if not tiles:
        parts.append(nobody_to_pick(page, text))
    more = more_row(rows, shown, lambda _: set_shown(shown + PAGE))
    top = ft.Container(search, padding=k.pad(0, k.look().gutter, 12, k.look().gutter))
    body = scroll_list([*tiles, *more], inset=68, foot=24) if tiles else ft.Container()
    return k.scaffold(
        k.t("frame.nav.new_order"),
        *parts,
        body,
        subtitle=k.t("screen.order.pick"),
        back="/",
        top=top,
        scrollable=False,
        max_width=760,
    )


def _kept(store: SqliteStore) -> list[tuple[Basket, str]]:
    found = []
    for basket in baskets.kept(store):
        account = store.get("account", basket.account_id)
        if account is not None and basket.lines:
            found.append((basket, account["name"]))
    return found[:5]


@k.component
def FillBasket(account_id: str, conflict_id: str) -> ft.Control:
    """The catalogue with counting cards, and the basket at the foot or at the side."""
    page = ft.context.page
    basket, priced, change = use_basket(account_id, conflict_id)
    account = use_live(lambda s: accounts.customer(s, account_id), TOUCHED, account_id)
    prices = use_live(lambda s: s.get("price_list", basket.price_list_id or ""), TOUCHED, basket.price_list_id)
    set_quantity = ft.use_callback(
        lambda product_id, quantity: change(lambda kept: kept.set_quantity(product_id, quantity)),
        [account_id, conflict_id],
    )
    quantities = {line.product["id"]: line.quantity for line in priced.lines}
    side = k.look().width >= SIDE_MIN_PX
    subtitle = " · ".join(
        part for part in (account["name"] if account else "", k.local(prices, "name") if prices else "") if part
    )
    grid = ProductGrid(
        account_id, basket.price_list_id, basket.warehouse_id, quantities, set_quantity, SIDE_PX + 16 if side else 0
    )

    def review(_: Any) -> None:
        page.navigate(order_address(account_id, conflict_id, review=True))

    body: ft.Control = ft.Container(grid, expand=True)
    if side:
        body = ft.Row(
            [
                ft.Container(grid, expand=True),
                ft.Container(_side(priced, set_quantity, review), padding=k.pad(0, k.look().gutter, 24, 0)),
            ],
            spacing=0,
            expand=True,
            vertical_alignment=k.STRETCH,
        )
    foot = _bar(priced, review) if priced.lines and not side else None
    back = f"/customers/{account_id}" if not conflict_id else "/inbox"
    return k.scaffold(
        k.t("frame.nav.new_order"), body, subtitle=subtitle, back=back, foot=foot, scrollable=False, gutter=False
    )


def kinds_words(priced: Priced) -> str:
    """``3 种 · 60 件``."""
    return k.t("screen.basket.kinds", kinds=len(priced.lines), units=k.format_quantity(priced.totals.units))


def _bar(priced: Priced, on_review: Callable[[Any], Any]) -> ft.Control:
    """The basket at the foot: pictures, how many, how much, one button."""
    p, app = k.look().palette, use_app()
    shown = priced.lines[-3:]
    pictures = ft.Stack(
        [
            ft.Container(picture(line.product, width=40, height=40, radius=10), left=16 * at)
            for at, line in enumerate(shown)
        ],
        width=40 + 16 * (len(shown) - 1),
        height=40,
    )
    words = k.col(
        k.text(kinds_words(priced), 13, 500, with_alpha(p.on_inverse, 0.85), lines=1),
        k.money(priced.totals.total, 20, currency=app.currency, color=p.on_inverse),
    )
    button = ft.FilledButton(
        content=k.t("screen.basket.review"),
        height=48,
        on_click=on_review,
        style=ft.ButtonStyle(
            bgcolor=p.inverse_primary,
            color=p.on_inverse_primary,
            padding=k.pad(0, 20),
            shape=ft.RoundedRectangleBorder(radius=14),
        ),
    )
    bar = k.box(k.row(pictures, ft.Container(words, expand=True), button, gap=12), k.pad(8, 8, 8, 12), p.inverse, 20)
    return ft.Container(ft.Semantics(container=True, live_region=True, content=bar), padding=k.pad(8, 12, 12, 12))


def _side(priced: Priced, set_quantity: Callable[[str, Decimal], Any], on_review: Callable[[Any], Any]) -> ft.Control:
    """The basket beside the shelves on wide windows."""
    app = use_app()
    lines = [_side_line(line, set_quantity) for line in priced.lines]
    empty = k.soft(k.t("screen.basket.empty"))
    listed: ft.Control = ft.ListView(lines, spacing=12, expand=True) if lines else ft.Container(empty, expand=True)
    parts: list[ft.Control] = [
        k.section_title(k.t("screen.basket.title"), 20),
        k.caption(kinds_words(priced)),
        k.gap(12),
        listed,
    ]
    if lines:
        parts += [
            k.gap(12),
            k.hairline(),
            k.gap(12),
            k.soft(k.t("screen.total.due"), 13),
            k.money(priced.totals.total, 28, currency=app.currency),
            k.gap(12),
            k.button(k.t("screen.basket.review"), on_review, icon=I.FACT_CHECK_OUTLINED, height=56),
        ]
    return k.card(
        ft.Column(parts, spacing=0, expand=True, horizontal_alignment=k.STRETCH), 20, width=SIDE_PX, radius=20
    )


def _side_line(line: baskets.PricedLine, set_quantity: Callable[[str, Decimal], Any]) -> ft.Control:
    product, step = line.product, line.product["step"] or Decimal(1)

    def typed(event: Any) -> None:
        value = parse_quantity(event.control.value)
        if value is not None and value != line.quantity:
            set_quantity(product["id"], value)

    name = product_name(product)
    stepper = k.quantity_stepper(
        k.format_quantity(line.quantity),
        lambda _: set_quantity(product["id"], line.quantity - step),
        lambda _: set_quantity(product["id"], line.quantity + step),
        name=name,
        on_set=typed,
    )
    words = k.col(
        k.text(name, 14, 600, lines=1),
        k.money(line.total, 13, currency=use_app().currency, weight=500),
        k.gap(4),
        stepper,
    )
    return k.row(picture(product, width=72, height=92, radius=14), ft.Container(words, expand=True), gap=12)
