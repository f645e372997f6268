"""One product's stock: figures, receive, count, the queue of orders, what came and went."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import leases, stock
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.forms.table import entity_table
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.screens.actions import run
from mobile.ui.screens.catalogue_grid import parse_quantity
from mobile.ui.screens.lease_parts import GrantForm, LeaseCard
from mobile.ui.screens.order_parts import as_of, count, number_words, picture, product_name
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.numbers import format_decimal
from shared.protocol import Command

I = ft.Icons  # noqa: E741
FIGURES = ("on_hand", "reserved", "available", "backordered")


@k.component
def StockProduct(product_id: str, warehouse_id: str | None, embedded: bool) -> ft.Control:
    """The product's page; ``embedded`` beside the list."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    row = use_live(lambda s: stock.level(s, warehouse_id, product_id), stock.TOUCHED, warehouse_id, product_id)
    queue = use_live(
        lambda s: stock.waiting(s, row["level_id"] if row else None), stock.TOUCHED, row and row["level_id"]
    )
    moves = use_live(lambda s: stock.moves(s, row["level_id"] if row else None), stock.TOUCHED, row and row["level_id"])
    lent = use_live(lambda s: leases.live(s, product_id=product_id), leases.TOUCHED, product_id)
    before, set_before = ft.use_state(())
    if row is None or warehouse_id is None:
        blank = k.empty_state(k.t("screen.stock.gone"), k.t("screen.nothing_found.line"), icon=I.INVENTORY_2_OUTLINED)
        return blank if embedded else k.scaffold(k.t("frame.nav.stock"), blank, back="/stock")

    def moved() -> None:
        set_before(tuple((one["order_id"], one["units"]) for one in queue))

    name = product_name(row)
    head = k.row(
        picture(row, width=88, height=72),
        ft.Container(
            k.col(
                ft.Semantics(header=True, content=k.text(name, 18, 600, lines=2)),
                k.caption(row["sku"]),
                k.caption(k.t("screen.stock.as_of", time=as_of(sync.last_sync_ms))),
                gap=2,
            ),
            expand=True,
        ),
        gap=12,
        top=True,
    )
    parts: list[ft.Control] = [head, _figures(row)]
    parts += _filled(row, queue, before)
    # A rep can come here by an address; what a role lacks is absent.
    if app.actor.role in DESK:
        parts.append(MoveForm(row, warehouse_id, moved, key=f"moves {product_id}"))
        parts.append(_show_stock(row, warehouse_id, lent))
    if queue:
        parts.append(_queue(page, row, queue))
    if moves:
        author = (k.t("field.created_by"), lambda move: move["author"])
        when = (k.t("screen.stock.when"), _when)
        parts.append(
            k.card(
                k.col(
                    k.section_title(k.t("entity.stock_move")),
                    k.gap(8),
                    entity_table("stock_move", moves, extra=(when, author)),
                )
            )
        )
    if embedded:
        return ft.ListView([ft.Container(k.col(*parts, gap=12), padding=20)], expand=True)
    return k.scaffold(k.t("frame.nav.stock"), *parts, subtitle=name, back="/stock", max_width=760)


def _show_stock(row: dict[str, Any], warehouse_id: str, lent: list[dict[str, Any]]) -> ft.Control:
    """What is set aside of this product, and the form to set more aside."""
    page = ft.context.page
    head = k.row(
        k.section_title(k.t("entity.stock_lease")),
        k.link(k.t("screen.lease.all"), lambda _: page.navigate("/leases"), I.CHEVRON_RIGHT_ROUNDED),
        between=True,
    )
    form = k.card(
        k.col(head, k.soft(k.t("screen.lease.grant.line"), 13), k.gap(12), GrantForm(row, warehouse_id, key=row["id"]))
    )
    return k.col(form, *[LeaseCard(lease, False, key=lease["id"]) for lease in lent], gap=12)


def _when(move: Any) -> str:
    app = use_app()
    return moment(move["created_at"], app.now_ms(), app.time_zone)


def _figures(row: dict[str, Any]) -> ft.Control:
    p = k.look().palette
    cells = []
    for name in FIGURES:
        color = p.text
        if name == "backordered" and row[name] > 0:
            color = p.status["warn"].fg
        if name == "available" and row[name] <= 0:
            color = p.status["bad"].fg
        cells.append(
            ft.Container(
                k.col(
                    k.caption(k.t(f"screen.stock.{name}")),
                    k.text(k.format_quantity(row[name]), 20, 600, color, lines=1),
                ),
                expand=True,
            )
        )
    return k.card(k.row(*cells, gap=8), k.pad(12, 16))


def _filled(
    row: dict[str, Any], queue: list[dict[str, Any]], before: tuple[tuple[str, Decimal], ...]
) -> list[ft.Control]:
    """After a receipt: which orders got their units, or that the server will hand them out in order of arrival."""
    if not before:
        return []
    if row["unsent"]:
        return [k.notice(k.t("screen.stock.sent_later"), "warn", detail=k.t("screen.stock.sent_later.line"), live=True)]
    left = {one["order_id"]: one["units"] for one in queue}
    app = use_app()
    lines = []
    for order_id, units in before:
        got = units - left.get(order_id, Decimal(0))
        order = app.open_store.get("order", order_id)
        if got > 0 and order is not None:
            account = app.open_store.get("account", order["account_id"])
            lines.append(
                k.t(
                    "screen.stock.filled.line",
                    number=number_words(order),
                    units=count(got, row),
                    customer=account["name"] if account else "",
                )
            )
    if not lines:
        return []
    return [k.notice(k.t("screen.stock.filled", count=len(lines)), "ok", detail="\n".join(lines), live=True)]


def _queue(page: ft.Page, row: dict[str, Any], queue: list[dict[str, Any]]) -> ft.Control:
    tiles = [
        k.tile(
            one["account"] or "—",
            number_words({"id": one["order_id"], "number": one["number"]}),
            leading=k.box(
                k.text(str(place), 13, 600),
                None,
                k.look().palette.container,
                10,
                width=32,
                height=32,
                alignment=k.CENTER,
            ),
            trailing=k.badge(count(one["units"], row), "warn", I.HOURGLASS_BOTTOM_ROUNDED),
            height=60,
            padding=k.pad(0),
            on_click=lambda _, one=one: page.navigate(f"/orders/{one['order_id']}"),
            name=k.t("screen.stock.open_order", customer=one["account"] or "", units=count(one["units"], row)),
        )
        for place, one in enumerate(queue, 1)
    ]
    return k.card(
        k.col(k.section_title(k.t("screen.stock.queue")), k.soft(k.t("screen.stock.queue.line"), 13), k.gap(4), *tiles)
    )


@k.component
def MoveForm(row: dict[str, Any], warehouse_id: str, on_moved: Callable[[], Any]) -> ft.Control:
    """Receive units, or correct what is on record by counting."""
    page, app = ft.context.page, use_app()
    mode, set_mode = ft.use_state("receive")
    typed, set_typed = ft.use_state("")
    note, set_note = ft.use_state("")
    error, set_error = ft.use_state("")
    k.use_unsaved(lambda: bool(typed.strip() or note.strip()))

    def choose(name: str) -> None:
        set_mode(name)
        set_error("")

    def save(_: Any) -> None:
        amount = parse_quantity(typed) if typed.strip() else None
        if amount is None:
            set_error(k.t("screen.stock.amount_missing"))
            return
        refused = run(app, [_command(mode, row, warehouse_id, amount, note)])
        if refused is not None:
            set_error(error_words(refused))
            return
        on_moved()
        set_typed("")
        set_note("")
        set_error("")
        k.snack(page, k.t(f"screen.stock.{mode}.saved", name=product_name(row)))

    chips = k.row(
        *[
            k.chip(k.t(f"screen.stock.{name}"), mode == name, lambda _, name=name: choose(name))
            for name in ("receive", "count")
        ]
    )
    amount_field = k.text_field(
        k.t(f"screen.stock.{mode}.amount"),
        typed,
        lambda e: set_typed(e.control.value),
        error=error or None,
        keyboard=ft.KeyboardType.NUMBER,
        helper=_helper(mode, row) or None,
        on_submit=save,
    )
    note_field = k.text_field(
        k.t("field.stock_move.note"),
        note,
        lambda e: set_note(e.control.value),
    )
    icon = I.ADD_BOX_OUTLINED if mode == "receive" else I.FACT_CHECK_OUTLINED
    button = k.button(k.t(f"screen.stock.{mode}.do"), save, icon=icon, height=52)
    return k.card(k.col(k.section_title(k.t("screen.stock.change")), chips, amount_field, note_field, button, gap=12))


def _helper(mode: str, row: dict[str, Any]) -> str:
    if mode == "count":
        return k.t("screen.stock.count.helper", on_hand=count(row["on_hand"], row))
    if row["backordered"] > 0:
        return k.t("screen.stock.receive.helper", waiting=count(row["backordered"], row))
    return ""


def _command(mode: str, row: dict[str, Any], warehouse_id: str, amount: Decimal, note: str) -> Command:
    args: dict[str, Any] = {"warehouse_id": warehouse_id, "product_id": row["id"], "note": note.strip()}
    if mode == "receive":
        return Command("stock.receive", {**args, "quantity": format_decimal(amount)})
    return Command(
        "stock.count", {**args, "counted": format_decimal(amount), "expected": format_decimal(row["on_hand"])}
    )
