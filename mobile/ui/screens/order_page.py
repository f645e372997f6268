"""One order: what the server has decided, what is short and why, lines and sums, cancelling."""

from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import orders
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.palette import Status
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.audit_trail import trail_button
from mobile.ui.screens.older import OlderRow, can_be_older
from mobile.ui.screens.order_parts import count, line_name, number_words, picture, state_badges
from mobile.ui.screens.order_totals import sums_card
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words
from shared.numbers import round_money
from shared.protocol import Command

I = ft.Icons  # noqa: E741
ORDER_WIDTH_PX = 760


@k.component
def OrderScreen() -> ft.Control:
    """``/orders/:order_id``."""
    order_id = ft.use_route_params().get("order_id", "")
    return OrderPage(order_id, key=order_id)


@k.component
def OrderPage(order_id: str) -> ft.Control:
    """The page of an order that is here; otherwise where it went."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    order = use_live(lambda s: orders.order(s, order_id), orders.TOUCHED, order_id)
    lines = use_live(lambda s: orders.order_lines(s, order_id), orders.TOUCHED, order_id)
    short = use_live(lambda s: orders.shortage(s, order_id), orders.TOUCHED, order_id)
    refused = use_live(lambda s: orders.rejection(s, order_id), orders.TOUCHED, order_id)
    if order is None:
        return _gone(page, refused)

    async def cancel(_: Any) -> None:
        words = k.t("screen.order.cancel", number=number_words(order)), k.t("screen.order.cancel.line")
        if await k.ask(page, *words, k.t("screen.order.cancel.yes"), no=k.t("screen.order.cancel.no"), danger=True):
            run_or_tell(
                page, app, [Command("order.cancel", {"order_id": order_id})], saved=k.t("screen.order.cancelled")
            )

    waiting = any(line["backordered"] > 0 for line in lines)
    parts: list[ft.Control] = [_head(page, order, waiting)]
    firm = bool(lines) and all(line["leased"] == line["quantity"] for line in lines)
    parts += _notices(page, order, short, refused, sync.online, firm)
    parts.append(k.list_card(*[_line(line, order) for line in lines], inset=0))
    listed = sum((round_money(line["quantity"] * line["unit_price"]) for line in lines), Decimal(0))
    if _partly(lines):
        listed = sum((round_money(_charged(line) * line["unit_price"]) for line in lines), Decimal(0))
    parts.append(
        sums_card(
            listed=listed,
            discounted=listed - order["total"],
            tax=order["tax_total"],
            total=order["total"],
            rates=sorted({line["tax_rate"] for line in lines}),
            currency=order["currency"],
        )
    )
    parts.append(k.card(_terms(order)))
    if order["state"] in ("draft", "pending", "confirmed"):
        parts.append(
            k.row(k.button(k.t("screen.order.cancel_button"), cancel, icon=I.CANCEL_OUTLINED, kind="outlined"))
        )
    parts.append(k.row(trail_button("order", order_id)))
    return k.scaffold(k.t("entity.order"), *parts, back="/orders", max_width=ORDER_WIDTH_PX)


def _charged(line: dict[str, Any]) -> Decimal:
    """Units that are paid: under the policy *partial* only what there was."""
    return line["reserved"] + line["backordered"]


def _partly(lines: list[dict[str, Any]]) -> bool:
    return any(line["state"] in ("partial", "dropped") and _charged(line) < line["quantity"] for line in lines)


def _gone(page: ft.Page, refused: dict[str, Any] | None) -> ft.Control:
    if refused is not None:
        blank = k.empty_state(
            k.t("screen.order.refused"),
            problem_words(refused["code"], refused["params"] or {}),
            icon=I.ASSIGNMENT_RETURN_OUTLINED,
            action=k.t("screen.order.to_inbox"),
            on_action=lambda _: page.navigate("/inbox"),
            action_icon=I.INBOX_ROUNDED,
        )
    else:
        blank = k.empty_state(
            k.t("screen.order.gone"),
            k.t("screen.order.gone.line"),
            icon=I.RECEIPT_LONG_OUTLINED,
            action=k.t("screen.orders.all"),
            on_action=lambda _: page.navigate("/orders"),
        )
        if can_be_older(use_app().open_store):
            blank = k.col(blank, k.soft(k.t("screen.history.order"), 14), OlderRow())
    return k.scaffold(k.t("entity.order"), blank, back="/orders")


def _head(page: ft.Page, order: dict[str, Any], waiting: bool) -> ft.Control:
    p = k.look().palette
    official = bool(order["number"])
    number = ft.Semantics(
        header=True,
        content=k.text(
            number_words(order), 24 if official else 20, 600, p.text if official else p.status["warn"].fg, lines=1
        ),
    )
    cloud = [k.badge(k.t("frame.unsent"), "warn", I.CLOUD_UPLOAD_OUTLINED)] if order["unsent"] else []
    inner = k.row(
        k.avatar(order["account"] or "?", 28),
        k.text(order["account"] or "—", 15, 600, p.primary, lines=1, expand=True),
        ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=p.primary),
        gap=10,
    )
    customer = k.tappable(
        inner,
        lambda _: page.navigate(f"/customers/{order['account_id']}"),
        label=k.t("screen.customers.open", name=order["account"] or ""),
        height=48,
        border_radius=12,
    )
    deal = []
    if order["deal"]:
        words = k.t("deals.of_order", name=order["deal"])
        deal = [k.link(words, lambda _: page.navigate(f"/deals/{order['opportunity_id']}"), I.CHEVRON_RIGHT_ROUNDED)]
    return k.col(
        number,
        k.gap(6),
        ft.Row([*state_badges(order, waiting), *cloud], spacing=8, run_spacing=6, wrap=True),
        k.gap(4),
        customer,
        *[k.row(link) for link in deal],
    )


def _notices(
    page: ft.Page,
    order: dict[str, Any],
    short: dict[str, Any] | None,
    refused: dict[str, Any] | None,
    online: bool,
    firm: bool,
) -> list[ft.Control]:
    """What the state means, in a sentence; the reason of a shortage."""
    parts: list[ft.Control] = []
    if order["state"] == "pending" and firm:
        parts.append(
            k.notice(
                k.t("screen.lease.order.firm"), "ok", icon=I.LOCK_ROUNDED, detail=k.t("screen.lease.order.firm.line"),
                live=True,
            )
        )  # fmt: skip
    elif order["state"] == "pending":
        words = "screen.order.pending.online" if online else "screen.order.pending.offline"
        parts.append(k.notice(k.t("screen.order.pending"), "warn", detail=k.t(words), live=True))
    if refused is not None:
        parts.append(
            k.notice(
                k.t("screen.order.refused"),
                "bad",
                detail=problem_words(refused["code"], refused["params"] or {}),
                action=k.t("screen.order.to_inbox"),
                on_action=lambda _: page.navigate("/inbox"),
                live=True,
            )
        )
    if short is not None:
        parts.append(
            k.notice(
                problem_words(short["code"], short["params"] or {}), "warn", icon=I.HOURGLASS_BOTTOM_ROUNDED, live=True
            )
        )
    return parts


def _line(line: dict[str, Any], order: dict[str, Any]) -> ft.Control:
    name = line_name(line)
    price = f"{k.format_money(line['unit_price'], order['currency'])} × {count(line['quantity'], line)}"
    if line["discount"]:
        price += f" · −{k.format_quantity(line['discount'])}%"
    words = [
        k.row(
            k.text(name, 15, 600, lines=2, expand=True),
            k.money(line["total"], 16, currency=order["currency"]),
            gap=8,
            top=True,
        ),
        k.soft(price, 13, lines=1),
        *_line_state(line, order),
    ]
    return ft.Container(
        k.row(picture(line, width=64, height=64), ft.Container(k.col(*words, gap=3), expand=True), gap=12, top=True),
        padding=k.pad(12, 16),
    )


def _line_state(line: dict[str, Any], order: dict[str, Any]) -> list[ft.Control]:
    """What is reserved, what waits, what was not accepted."""
    said: list[tuple[str, Status, Any]] = []
    if order["state"] == "cancelled":
        said.append((k.t("choice.order_line.state.cancelled"), "mute", I.CANCEL_OUTLINED))
    elif line["state"] == "pending":
        said += _firm(line)
        rest = line["quantity"] - line["leased"]
        if rest > 0:
            said.append((k.t("screen.line.pending", count=count(rest, line)), "warn", I.SCHEDULE_ROUNDED))
    else:
        said += _firm(line)
        plain = line["reserved"] - line["leased"]
        if plain > 0:
            said.append((k.t("screen.line.reserved", count=count(plain, line)), "ok", I.LOCK_ROUNDED))
        if line["backordered"] > 0:
            said.append(
                (k.t("screen.line.waiting", count=count(line["backordered"], line)), "warn", I.HOURGLASS_BOTTOM_ROUNDED)
            )
        left = line["quantity"] - line["reserved"] - line["backordered"]
        # Lines delivered long ago hold no reservation any more; nothing of them was refused.
        if order["state"] == "confirmed" and line["state"] in ("partial", "dropped") and left > 0:
            said.append((k.t("screen.line.dropped", count=count(left, line)), "bad", I.REMOVE_SHOPPING_CART_ROUNDED))
    return [k.status_line(*one, lines=2) for one in said]


def _firm(line: dict[str, Any]) -> list[tuple[str, Status, Any]]:
    """The units that came from show stock."""
    if line["leased"] <= 0:
        return []
    return [(k.t("screen.lease.firm", count=count(line["leased"], line)), "ok", I.LOCK_ROUNDED)]


def _terms(order: dict[str, Any]) -> ft.Control:
    app = use_app()

    def at(ms: int | None) -> str:
        return moment(ms, app.now_ms(), app.time_zone) if ms else ""

    rows = [
        (k.t("field.order.ordered_at"), at(order["ordered_at"])),
        (k.t("field.order.confirmed_at"), at(order["confirmed_at"])),
        (k.t("field.order.cancelled_at"), at(order["cancelled_at"])),
        (k.t("field.owner_id"), order["owner_name"] or ""),
        (k.t("field.order.price_list_id"), k.local(order, "price_list")),
        (k.t("field.order.warehouse_id"), k.local(order, "warehouse")),
        (k.t("field.order.shortage_policy"), k.t(f"choice.order.shortage_policy.{order['shortage_policy']}")),
        (k.t("field.order.note"), order["note"]),
    ]
    return k.pairs([(label, value) for label, value in rows if value])
