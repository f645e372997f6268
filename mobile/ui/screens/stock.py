"""Products and stock for managers: levels, who waits for what, receipts and counts."""

from typing import Any

import flet as ft

from mobile.store.queries import catalogue, stock
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.listing import more_row, nothing_found, scroll_list
from mobile.ui.screens.order_parts import picture, product_name, variant_and_code
from mobile.ui.screens.stock_product import StockProduct

I = ft.Icons  # noqa: E741
DETAIL_PX = 420
FIGURE_PX, GAP_PX = 72, 12
"""Width of a column of numbers and the room before it, the same in a row and in the heads above."""
FIGURES = ("on_hand", "reserved", "available", "backordered")


@k.component
def StockScreen() -> ft.Control:
    """``/stock``; ``?product=<id>`` shows one product: beside the list on wide windows, otherwise in its place."""
    page = ft.context.page
    text, set_text = ft.use_state("")
    only, set_only = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    houses = use_live(catalogue.warehouses, catalogue.TOUCHED)
    warehouse = houses[0] if houses else None
    warehouse_id = warehouse["id"] if warehouse else None
    counts = use_live(lambda s: stock.filter_counts(s, warehouse_id), stock.TOUCHED, warehouse_id)
    rows = use_live(
        lambda s: stock.levels(s, warehouse_id, text=text, only=only, limit=shown + 1),
        stock.TOUCHED,
        warehouse_id,
        text,
        only,
        shown,
    )

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    chosen = query().get("product", "")
    desktop = k.look().layout == "desktop"
    if chosen and not desktop:
        return StockProduct(chosen, warehouse_id, False, key=chosen)

    def choose(name: str) -> None:
        set_only(name)
        set_shown(PAGE)

    def open_one(product_id: str) -> None:
        page.navigate(with_query("/stock", product=product_id))

    side = k.look().gutter
    chips = [
        k.chip(
            k.t(f"screen.stock.filter.{name}") if name else k.t("screen.all"),
            only == name,
            lambda _, name=name: choose(name),
            count=counts[name],
        )
        for name in stock.FILTERS
    ]
    search = k.search_field(text, typed, hint=k.t("screen.stock.search"))
    top = k.col(
        ft.Container(search, padding=k.pad(0, 0 if desktop else side, 0, side)),
        k.gap(12),
        k.chip_row(*chips),
        k.gap(12),
    )
    wide = k.look().layout != "phone"
    listed = rows[:shown]
    tiles = [_row(row, open_one, wide=wide, selected=desktop and row["id"] == chosen) for row in listed]
    more = more_row(rows, shown, lambda _: set_shown(shown + PAGE))

    def clear(_: Any) -> None:
        set_text("")
        choose("")

    blank = nothing_found(clear)
    body: ft.Control = scroll_list([*tiles, *more], inset=80, foot=24) if tiles else ft.Container(blank, expand=True)
    if wide and tiles:
        body = ft.Column([_heads(), body], spacing=0, expand=True, horizontal_alignment=k.STRETCH)
    show = k.icon_button(I.LOCK_OUTLINE_ROUNDED, k.t("screen.lease.open"), lambda _: page.navigate("/leases"))
    title, subtitle = k.t("frame.nav.stock"), k.local(warehouse, "name") if warehouse else None
    if not desktop:
        return k.scaffold(title, body, subtitle=subtitle, top=top, scrollable=False, actions=[show])
    current = chosen or (listed[0]["id"] if listed else "")
    detail: ft.Control = StockProduct(current, warehouse_id, True, key=current) if current else blank
    left = ft.Column(
        [top, ft.Container(body, expand=True, padding=k.pad(0, 0, 0, side))],
        spacing=0,
        expand=True,
        horizontal_alignment=k.STRETCH,
    )
    right = k.card(detail, 0, width=DETAIL_PX, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)
    panes = ft.Row(
        [left, ft.Container(right, padding=k.pad(0, side, side, 0))],
        spacing=16,
        expand=True,
        vertical_alignment=k.STRETCH,
    )
    return k.scaffold(title, panes, subtitle=subtitle, scrollable=False, gutter=False, actions=[show])


def _heads() -> ft.Control:
    cells = [
        ft.Container(k.caption(k.t(f"screen.stock.{name}"), text_align=ft.TextAlign.RIGHT), width=FIGURE_PX)
        for name in FIGURES
    ]
    return ft.Container(k.row(k.spacer(), *cells, gap=GAP_PX), padding=k.pad(0, 16, 6, 16))


def _row(row: dict[str, Any], on_open: Any, *, wide: bool, selected: bool) -> ft.Control:
    name = product_name(row)
    title = k.local(row, "name") if wide else name
    cloud = [k.unsent_mark()] if row["unsent"] else []
    words = k.col(
        k.row(ft.Container(k.row_title(title), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(variant_and_code(row)) if wide else _figures_line(row),
        gap=3,
    )
    figures = [
        ft.Container(_figure(row, figure), width=FIGURE_PX, alignment=ft.Alignment.CENTER_RIGHT) for figure in FIGURES
    ]
    inner = k.row(
        picture(row, width=52, height=52, radius=10),
        ft.Container(words, expand=True),
        *(figures if wide else []),
        gap=GAP_PX,
    )
    label = k.t(
        "screen.stock.open",
        name=name,
        available=k.format_quantity(row["available"]),
        waiting=k.format_quantity(row["backordered"]),
    )
    ground = k.look().palette.primary_container if selected else None
    return k.tappable(inner, lambda _: on_open(row["id"]), label=label, padding=k.pad(0, 16), least=76, bgcolor=ground)


def _figure(row: dict[str, Any], name: str) -> ft.Control:
    p = k.look().palette
    color, weight = p.text, 500
    if name == "backordered" and row[name] > 0:
        color, weight = p.status["warn"].fg, 600
    elif name == "available" and row[name] <= 0:
        color, weight = p.status["bad"].fg, 600
    return k.text(k.format_quantity(row[name]), 15, weight, color, lines=1)


def _figures_line(row: dict[str, Any]) -> ft.Control:
    p = k.look().palette
    parts: list[ft.Control] = []
    for name in ("available", "backordered"):
        if name == "backordered" and not row[name]:
            continue
        bad = (name == "available" and row[name] <= 0) or name == "backordered"
        color = p.status["warn" if name == "backordered" else "bad"].fg if bad else p.text_soft
        words = f"{k.t(f'screen.stock.{name}')} {k.format_quantity(row[name])}"
        parts.append(k.text(words, 13, 600 if bad else 400, color, lines=1))
    return k.row(k.caption(row["sku"]), *parts, gap=10)
