"""The list of orders: one's own, or the team's for those who lead one."""

from typing import Any

import flet as ft

from mobile.store.queries import desk, orders
from mobile.store.queries.base import PAGE
from mobile.store.queries.order_filter import OrderFilter, from_address
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.routes import query
from mobile.ui.screens import order_narrowing as narrowing
from mobile.ui.screens.listing import illustration, more_row, nothing_found, scroll_list
from mobile.ui.screens.older import OlderRow, since_words, use_history
from mobile.ui.screens.order_narrowing import WhoseOrders, to_orders
from mobile.ui.screens.order_parts import number_words, order_row, state_badges
from mobile.ui.sync_pill import moment

I = ft.Icons  # noqa: E741
ROOMY_PX = 1000


@k.component
def OrdersScreen() -> ft.Control:
    """``/orders``."""
    page, app = ft.context.page, use_app()
    asked, zone = from_address(query()), app.time_zone
    state = asked.state
    text, set_text = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    counts = use_live(lambda s: orders.state_counts(s, asked, zone), orders.TOUCHED, asked)
    history = use_history()
    rows = use_live(
        lambda s: orders.orders(s, state=state, text=text, limit=shown + 1, only=asked, time_zone=zone),
        orders.TOUCHED, asked, text, shown,
    )  # fmt: skip
    narrowed = use_live(lambda s: _narrowed(s, asked, zone), orders.TOUCHED, asked)
    people = use_live(lambda s: {one["id"]: one["name"] for one in desk.sellers(s)}, desk.TOUCHED)

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    def choose(name: str) -> None:
        set_shown(PAGE)
        to_orders(page, asked.with_(state=name))

    def clear(_: Any) -> None:
        set_text("")
        to_orders(page, OrderFilter())

    def new(_: Any) -> None:
        page.navigate("/order/new")

    look = k.look()
    phone = look.layout == "phone"
    label = k.t("frame.nav.new_order")
    search = k.search_field(text, typed, hint=k.t("screen.orders.search"))
    button = [] if phone else [k.button(label, new, icon=I.ADD_SHOPPING_CART_ROUNDED, height=52)]
    chips = [
        k.chip(_state_label(name), state == name, lambda _, name=name: choose(name), count=counts.get(name, 0))
        for name in orders.STATES
        if not name or name == state or counts.get(name)
    ]
    whose = [WhoseOrders(asked, people)] if use_session().role in DESK else []
    top = k.col(
        ft.Container(k.row(ft.Container(search, expand=True), *button, gap=12), padding=k.pad(0, look.gutter)),
        k.gap(12),
        k.chip_row(*whose, *narrowing.chips(page, asked, people), *chips),
        k.gap(12),
    )
    if not rows:
        nothing = nothing_found(clear) if text or asked.address else WhenHere(_empty(new))
        body = k.col(nothing, OlderRow(bool(text)))
    else:
        make = order_row if phone else _wide_row
        tiles = [make(row, lambda row_id: page.navigate(f"/orders/{row_id}")) for row in rows[:shown]]
        older = [OlderRow(bool(text))] if len(rows) <= shown and history.since else []
        body = scroll_list([*tiles, *more_row(rows, shown, lambda _: set_shown(shown + PAGE)), *older], inset=16)
    return k.scaffold(
        k.t("frame.nav.orders"),
        body,
        subtitle=since_words(history, narrowed or k.t("screen.orders.count", count=counts[""])),
        top=top,
        scrollable=not rows,
        fab=k.floating_button(I.ADD_SHOPPING_CART_ROUNDED, label, new) if phone and rows else None,
    )


def _narrowed(store: SqliteStore, asked: OrderFilter, zone: str) -> str:
    """How many the narrowed list has and what they come to, when they are of one currency."""
    if not asked.narrow or asked.state == "short":
        return ""
    found = desk.totals(store, asked, zone)
    count = k.t("screen.orders.count", count=found["orders"])
    if not asked.currency:
        return count
    return k.t("desk.filter.total", count=count, amount=k.format_money(found["total"], asked.currency))


def _state_label(name: str) -> str:
    if name == "short":
        return k.t("screen.order.short")
    return k.t(f"choice.order.state.{name}") if name else k.t("screen.all")


def _empty(new: Any) -> ft.Control:
    return k.empty_state(
        k.t("screen.orders.none"),
        k.t("screen.orders.none.line"),
        picture=illustration("no-orders"),
        action=k.t("screen.orders.first"),
        action_icon=I.ADD_SHOPPING_CART_ROUNDED,
        on_action=new,
    )


def _wide_row(order: dict[str, Any], on_open: Any) -> ft.Control:
    """An order in columns: number, customer, who, when, state, amount; on tablets the number below the customer."""
    app, p = use_app(), k.look().palette
    when = moment(order["at"], app.now_ms(), app.time_zone)
    cloud = [k.unsent_mark()] if order["unsent"] else []
    official = bool(order["number"])
    number = k.text(
        number_words(order), 14, 600 if official else 500, None if official else p.status["warn"].fg, lines=1
    )
    customer = k.text(order["account"] or "—", 15, 600, lines=1)
    if k.look().width >= ROOMY_PX:
        who = [
            ft.Container(k.row(ft.Container(number, expand=True, expand_loose=True), *cloud, gap=6), width=176),
            ft.Container(customer, expand=True),
            ft.Container(k.caption(order["owner_name"] or ""), width=72),
        ]
    else:
        second = " · ".join(filter(None, [number_words(order), order["owner_name"]]))
        name = k.row(ft.Container(customer, expand=True, expand_loose=True), *cloud, gap=6)
        who = [ft.Container(k.col(name, k.caption(second), gap=2), expand=True)]
    cells = [
        *who,
        ft.Container(k.caption(when), width=96),
        ft.Container(ft.Row(state_badges(order, bool(order["short"]))[-1:], tight=True), width=120),
        ft.Container(
            k.money(order["total"], 15, currency=order["currency"]), width=120, alignment=ft.Alignment.CENTER_RIGHT
        ),
    ]
    state = k.t(f"choice.order.state.{order['state']}")
    name = k.t(
        "screen.order.open",
        number=number_words(order),
        customer=order["account"] or "",
        state=state,
        total=k.format_money(order["total"], order["currency"]),
    )
    return k.tappable(
        k.row(*cells, gap=12), lambda _: on_open(order["id"]), label=name, padding=k.pad(0, 16), least=60
    )
