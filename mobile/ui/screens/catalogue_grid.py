"""The shelves: categories, search, product cards; with a basket the cards count."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import catalogue, leases
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.kit.scaffold import NAVIGATION_PX
from mobile.ui.look import Look
from mobile.ui.screens.listing import more_row, nothing_found
from mobile.ui.screens.order_parts import as_of, picture, product_name, stock_words, unit, variant_and_code
from shared.numbers import parse_decimal

I = ft.Icons  # noqa: E741
CARD_MIN_PX = 168
PICTURE_PX = 116
COLUMNS_MAX = 6
SetQuantity = Callable[[str, Decimal], Any]


def parse_quantity(typed: str) -> Decimal | None:
    """What was typed as a quantity; None when it is no number that can be ordered."""
    try:
        value = parse_decimal(typed.replace(",", "").replace("，", "").strip() or "0")
    except ValueError:
        return None
    return value if value >= 0 else None


@k.component
def ProductCard(
    product: dict[str, Any], quantity: Decimal, when: str, currency: str, set_quantity: SetQuantity | None, theme: str
) -> ft.Control:
    """One product. Drawn again only when one of the arguments changes; ``theme`` stands for language and colours."""
    p = k.look().palette
    words, status, icon = stock_words(product, when)
    name = product_name(product)
    chosen = quantity > 0
    price = k.row(
        k.money(product["price"], 18, currency=currency, cents=product["price"] % 1 != 0),
        ft.Container(k.caption(f"/ {unit(product)}"), padding=k.pad(0, 0, 2, 0)),
        gap=4,
        vertical_alignment=ft.CrossAxisAlignment.END,
    )
    lines = [
        k.row_title(k.local(product, "name")),
        k.caption(variant_and_code(product)),
        k.gap(2),
        k.row(
            ft.Icon(icon, size=14, color=p.status[status].fg),
            k.text(words, 12, 500, p.status[status].fg, lines=1, expand=True),
            gap=4,
        ),
        k.gap(4),
        price,
    ]
    # One node for what the card says: otherwise a row of the grid is read as one, all its cards mixed.
    parts: list[ft.Control] = [ft.MergeSemantics(k.col(*lines))]
    if set_quantity is not None:
        parts += [k.gap(8), _counter(product, name, quantity, set_quantity)]
    content = k.col(
        ft.Container(picture(product, height=PICTURE_PX, radius=0), height=PICTURE_PX),
        ft.Container(k.col(*parts), padding=k.pad(10, 12, 12, 12)),
    )
    return k.box(
        content,
        None,
        p.card,
        16,
        border=ft.Border.all(1.5 if chosen else 1, p.primary if chosen else p.hairline),
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )


MemoCard = ft.memo(ProductCard)


def _counter(product: dict[str, Any], name: str, quantity: Decimal, set_quantity: SetQuantity) -> ft.Control:
    step = product["step"] or Decimal(1)
    if quantity <= 0:
        label = k.t("screen.basket.add_name", name=name)
        p = k.look().palette
        inner = k.row(
            ft.Icon(I.ADD_ROUNDED, size=20, color=p.on_primary_container),
            k.text(k.t("screen.basket.add"), 14, 600, p.on_primary_container, lines=1),
            gap=4,
            alignment=ft.MainAxisAlignment.CENTER,
        )
        return k.tappable(
            inner,
            lambda _: set_quantity(product["id"], step),
            label=label,
            bgcolor=p.primary_container,
            border_radius=12,
            height=48,
        )

    def typed(event: Any) -> None:
        value = parse_quantity(event.control.value)
        if value is not None and value != quantity:
            set_quantity(product["id"], value)

    return k.quantity_stepper(
        k.format_quantity(quantity),
        lambda _: set_quantity(product["id"], max(Decimal(0), quantity - step)),
        lambda _: set_quantity(product["id"], quantity + step),
        name=name,
        on_set=typed,
    )


def columns_for(width: float) -> int:
    """How many cards stand side by side in ``width`` px."""
    return max(2, min(COLUMNS_MAX, int((width + 12) // (CARD_MIN_PX + 12))))


@k.component
def ProductGrid(
    account_id: str | None,
    price_list_id: str | None,
    warehouse_id: str | None,
    quantities: dict[str, Decimal],
    set_quantity: SetQuantity | None,
    side_px: int,
) -> ft.Control:
    """Search, shelves, cards. ``quantities``: what is in the basket; ``side_px``: taken by a column beside the grid."""
    app, sync, look = use_app(), use_sync(), k.look()
    text, set_text = ft.use_state("")
    shelf, set_shelf = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    shelves = use_live(catalogue.categories, catalogue.TOUCHED)
    often = use_live(lambda s: catalogue.often_bought(s, account_id) if account_id else [], {"order"}, account_id)
    products = use_live(
        lambda s: catalogue.products(
            s,
            price_list_id=price_list_id,
            warehouse_id=warehouse_id,
            category=shelf or None,
            account_id=account_id,
            text=text,
            limit=shown + 1,
        ),
        catalogue.TOUCHED,
        price_list_id,
        warehouse_id,
        shelf,
        text,
        shown,
        account_id,
    )

    firm = use_live(
        lambda s: leases.firm(s, app.actor.device_id, warehouse_id, app.device.server_now_ms),
        leases.TOUCHED,
        warehouse_id,
    )

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    def choose(name: str) -> None:
        set_shelf(name)
        set_shown(PAGE)

    chips = [k.chip(k.t("screen.all"), shelf == "", lambda _: choose(""), icon=I.APPS_ROUNDED)]
    if often:
        chips.append(
            k.chip(
                k.t("screen.catalogue.often"),
                shelf == catalogue.OFTEN,
                lambda _: choose(catalogue.OFTEN),
                icon=I.HISTORY_ROUNDED,
            )
        )
    chips += [k.chip(k.local(one, "name"), shelf == one["id"], lambda _, one=one: choose(one["id"])) for one in shelves]
    top = k.col(
        ft.Container(k.search_field(text, typed, hint=k.t("screen.catalogue.search")), padding=k.pad(0, look.gutter)),
        k.gap(12),
        k.chip_row(*chips),
        k.gap(12),
    )
    if not products:
        blank = nothing_found(lambda _: (set_text(""), choose("")), k.t("screen.catalogue.none"))
        return ft.Column(
            [top, ft.Container(blank, expand=True)], spacing=0, expand=True, horizontal_alignment=k.STRETCH
        )
    when = as_of(sync.last_sync_ms)
    cards = [
        MemoCard(
            {**product, "leased": firm[product["id"]].units} if product["id"] in firm else product,
            quantities.get(product["id"], Decimal(0)),
            when,
            app.currency,
            set_quantity,
            _theme(look),
            key=product["id"],
        )
        for product in products[:shown]
    ]
    columns = columns_for(look.width - NAVIGATION_PX[look.layout] - 2 * look.gutter - side_px)
    rows = [_line(cards[at : at + columns], columns) for at in range(0, len(cards), columns)]
    rows += more_row(products, shown, lambda _: set_shown(shown + PAGE))
    listed = ft.ListView([*rows, k.gap(80)], spacing=12, expand=True, padding=k.pad(0, look.gutter))
    return ft.Column([top, listed], spacing=0, expand=True, horizontal_alignment=k.STRETCH)


def _theme(look: Look) -> str:
    return f"{look.language} {look.dark}"


def _line(cards: list[ft.Control], columns: int) -> ft.Control:
    cells: list[ft.Control] = [ft.Container(card, expand=1) for card in cards]
    cells += [ft.Container(expand=1) for _ in range(columns - len(cards))]
    return k.row(*cells, gap=12, top=True)
