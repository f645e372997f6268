"""Reviewing an order before it is submitted: lines with their stock, discounts within the limit, totals."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.state import basket as baskets
from mobile.state.basket import Basket, Priced, PricedLine
from mobile.store.queries import accounts
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run
from mobile.ui.screens.catalogue_grid import parse_quantity
from mobile.ui.screens.order_new import firm_now, order_address, use_basket
from mobile.ui.screens.order_parts import as_of, count, picture, product_name
from mobile.ui.screens.order_totals import totals_card
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words, problem_words
from shared.errors import CaravanError
from shared.numbers import format_decimal, parse_decimal
from shared.protocol import Command
from shared.rules.pricing import effective_discount

I = ft.Icons  # noqa: E741
POLICIES = ("backorder", "partial", "reject")
REVIEW_WIDTH_PX, PICTURE_PX = 760, 64
Change = Callable[[Callable[[Basket], None]], None]


@k.component
def OrderReview(account_id: str, conflict_id: str) -> ft.Control:
    """The last look. Submitting is one transaction; after it the order's page."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    basket, priced, change = use_basket(account_id, conflict_id)
    account = use_live(lambda s: accounts.customer(s, account_id), accounts.TOUCHED, account_id)
    refused, set_refused = ft.use_state("")
    back = order_address(account_id, conflict_id)

    def submit(_: Any) -> None:
        # Read again: leaving a field for this button has just changed the basket.
        words = submit_basket(baskets.load(app.open_store, account_id, app.new_id, conflict_id=conflict_id))
        if words:
            set_refused(words)
        else:
            page.navigate(f"/orders/{basket.order_id}")

    async def throw_away(_: Any) -> None:
        words = k.t("screen.review.throw"), k.t("screen.review.throw.line"), k.t("screen.review.throw.yes")
        if await k.ask(page, *words, danger=True):
            baskets.discard(app.open_store, basket)
            page.navigate("/orders")

    title, saved = k.t("screen.review.title"), moment(basket.saved_at, app.now_ms(), app.time_zone)
    subtitle = " · ".join(filter(None, (account["name"] if account else "", k.t("screen.review.saved", time=saved))))
    if not priced.lines:
        blank = k.empty_state(
            k.t("screen.review.empty"),
            k.t("screen.basket.empty"),
            icon=I.SHOPPING_BASKET_OUTLINED,
            action=k.t("frame.nav.catalogue"),
            on_action=lambda _: page.navigate(back),
        )
        return k.scaffold(title, blank, back=back)
    parts: list[ft.Control] = [k.notice(refused, "bad", live=True)] if refused else []
    if priced.missing:
        parts.append(k.notice(k.t("screen.review.missing", count=len(priced.missing)), "warn"))
    parts += deal_line(basket, change)
    when = as_of(sync.last_sync_ms)
    parts.append(k.list_card(*[_line(line, when, change, priced) for line in priced.lines], inset=0))
    if priced.short_lines:
        parts.append(_policy_card(basket, change))
    parts += [
        _discount_card(priced, change),
        totals_card(priced, app.currency),
        NoteField(basket.note, change),
        k.button(k.t("screen.review.throw_button"), throw_away, icon=I.DELETE_OUTLINE_ROUNDED, kind="text"),
    ]
    button = k.button(
        k.t("screen.review.submit", total=k.format_money(priced.totals.total, app.currency)),
        submit,
        icon=I.CHECK_ROUNDED,
        height=52,
        expand=True,
        disabled=priced.over_limit,
    )
    words = "screen.review.online" if sync.online else "screen.review.offline"
    if not sync.online and priced.unsure == 0:
        words = "screen.lease.review.firm"
    note = k.status_line(
        k.t(words),
        "mute" if sync.online else "warn",
        I.CLOUD_DONE_OUTLINED if sync.online else I.CLOUD_OFF_ROUNDED,
        lines=2,
    )
    return k.scaffold(
        title, *parts, subtitle=subtitle, back=back, foot=k.footbar(button, note=note), max_width=REVIEW_WIDTH_PX
    )


def deal_line(basket: Basket, change: Change) -> list[ft.Control]:
    """The deal that the order is made from, with a way to make it without."""
    deal = use_app().open_store.get("opportunity", basket.opportunity_id or "")
    if deal is None:
        return []

    def unlink(_: Any) -> None:
        change(lambda kept: setattr(kept, "opportunity_id", None))

    cut = k.icon_button(I.LINK_OFF_ROUNDED, k.t("deals.unlink", name=deal["title"]), unlink, size=20)
    mark = k.icon_avatar(I.FLAG_OUTLINED)
    return [k.list_card(k.tile(deal["title"], k.t("deals.order_of"), leading=mark, height=64, action=cut))]


def submit_basket(basket: Basket) -> str:
    """Submits and forgets the basket; settles the inbox row that it repairs. Words of the refusal, empty when done."""
    app = use_app()
    try:
        firm = firm_now(app, basket.warehouse_id)
        commands = baskets.submit_commands(app.open_store, basket, app.actor, app.currency, app.new_id, firm)
    except CaravanError as error:
        return error_words(error)
    refused = run(app, commands)
    if refused is not None:
        return error_words(refused)
    baskets.discard(app.open_store, basket)
    if basket.conflict_id:
        # A transaction of its own: should the server refuse the order again, the old notice stays settled.
        late = run(app, [Command("conflict.dismiss", {"conflict_id": basket.conflict_id})])
        if late is not None:
            return error_words(late)
    return ""


def _line(line: PricedLine, when: str, change: Change, priced: Priced) -> ft.Control:
    app, product = use_app(), line.product
    name, step = product_name(product), product["step"] or Decimal(1)

    def set_quantity(value: Decimal) -> None:
        change(lambda basket: basket.set_quantity(product["id"], value))

    def typed(event: Any) -> None:
        value = parse_quantity(event.control.value)
        if value is not None and value != line.quantity:
            set_quantity(value)

    def discounted(event: Any) -> None:
        value = parse_percent(event.control.value)
        if value is not None and value != line.discount:
            change(lambda basket: basket.set_discount(product["id"], value))

    unit_price = k.format_money(product["price"], app.currency)
    words = [
        k.row(
            k.text(name, 15, 600, lines=2, expand=True), k.money(line.total, 16, currency=app.currency), gap=8, top=True
        ),
        k.soft(f"{unit_price} × {count(line.quantity, product)}", 13, lines=1),
        *_stock_lines(line, when),
    ]
    stepper = k.quantity_stepper(
        k.format_quantity(line.quantity),
        lambda _: set_quantity(line.quantity - step),
        lambda _: set_quantity(line.quantity + step),
        name=name,
        on_set=typed,
    )
    discount = k.text_field(
        k.t("screen.review.line_discount"),
        format_decimal(line.discount),
        lambda _: None,
        on_blur=discounted,
        on_submit=discounted,
        keyboard=ft.KeyboardType.NUMBER,
        suffix="%",
    )
    remove = k.icon_button(
        I.DELETE_OUTLINE_ROUNDED, k.t("screen.review.remove", name=name), lambda _: set_quantity(Decimal(0))
    )
    if k.look().layout == "phone":
        controls = k.row(ft.Container(stepper, expand=3), ft.Container(discount, expand=2), remove, gap=8)
    else:
        controls = k.row(
            k.hgap(PICTURE_PX), ft.Container(stepper, width=200), ft.Container(discount, width=136), remove, gap=12
        )
    parts: list[ft.Control] = [
        k.row(
            picture(product, width=PICTURE_PX, height=PICTURE_PX),
            ft.Container(k.col(*words, gap=2), expand=True),
            gap=12,
            top=True,
        ),
        k.gap(10),
        controls,
    ]
    if line.over_limit:
        parts.append(k.field_error(_over_words(line, priced)))
    if line.stock == "short":
        left = product["available"] + line.firm
        fix = k.button(
            k.t("screen.review.take", count=count(left, product)), lambda _: set_quantity(left), kind="outlined"
        )
        parts += [k.gap(8), k.row(fix)]
    return ft.Container(k.col(*parts), padding=k.pad(14, 16))


def _stock_lines(line: PricedLine, when: str) -> list[ft.Control]:
    """What is firm from this device's show stock; of the rest, whether it was there at the last sync."""
    product, rest = line.product, line.quantity - line.firm
    said: list[ft.Control] = []
    if line.firm > 0:
        said.append(
            k.status_line(k.t("screen.lease.firm", count=count(line.firm, product)), "ok", I.LOCK_ROUNDED, lines=2)
        )
    if line.short > 0:
        left = k.format_quantity(product["available"])
        words = k.t("screen.review.short", count=count(line.short, product), time=when, left=left)
        said.append(k.status_line(words, "bad", lines=2))
    elif rest > 0 and line.firm > 0:
        said.append(k.status_line(k.t("screen.line.pending", count=count(rest, product)), "warn", I.SCHEDULE_ROUNDED))
    elif rest > 0:
        said.append(k.status_line(k.t("screen.review.enough", time=when), "ok", I.CHECK_CIRCLE_ROUNDED))
    return said


def _over_words(line: PricedLine, priced: Priced) -> str:
    given = effective_discount(line.discount, priced.discount)
    return problem_words(
        "discount_over_limit",
        {
            "name": product_name(line.product),
            "given": format_decimal(given),
            "limit": format_decimal(priced.limit),
        },
    )


def parse_percent(typed: str) -> Decimal | None:
    """What was typed as a percentage, 0 to 100; None when it is none."""
    try:
        value = parse_decimal(typed.replace("%", "").replace("％", "").strip() or "0")
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None


def _policy_card(basket: Basket, change: Change) -> ft.Control:
    def choose(word: str) -> None:
        def edit(kept: Basket) -> None:
            kept.shortage_policy = word

        change(edit)

    chips = [
        k.chip(
            k.t(f"choice.order.shortage_policy.{word}"),
            basket.shortage_policy == word,
            lambda _, word=word: choose(word),
        )
        for word in POLICIES
    ]
    return k.card(
        k.col(
            k.section_title(k.t("screen.review.policy")),
            k.gap(4),
            k.soft(k.t(f"screen.review.policy.{basket.shortage_policy}"), 13),
            k.gap(10),
            ft.Row(chips, spacing=8, run_spacing=8, wrap=True),
        )
    )


def _discount_card(priced: Priced, change: Change) -> ft.Control:
    """The discount on the whole order, its limit marked on the bar."""
    p = k.look().palette
    over = priced.over_limit

    def to(value: Decimal) -> None:
        def edit(basket: Basket) -> None:
            basket.discount = format_decimal(max(Decimal(0), min(Decimal(100), value)))

        change(edit)

    head = k.row(
        k.section_title(k.t("screen.review.discount")),
        *([k.badge(k.t("screen.review.over"), "bad")] if over else []),
        between=True,
    )
    top = max(priced.limit * Decimal("1.5"), priced.discount, Decimal(1))
    bar = k.col(
        _limit_bar(float(priced.discount / top), float(priced.limit / top), p.status["bad"].fg if over else p.primary),
        k.gap(4),
        k.caption(k.t("screen.review.limit", limit=k.format_quantity(priced.limit)), lines=2),
    )
    line = k.row(
        k.icon_button(I.REMOVE_ROUNDED, k.t("screen.review.less"), lambda _: to(priced.discount - 1), color=p.primary),
        k.text(f"{k.format_quantity(priced.discount)}%", 24, 600, lines=1, text_align=ft.TextAlign.CENTER, width=80),
        k.icon_button(I.ADD_ROUNDED, k.t("screen.review.more"), lambda _: to(priced.discount + 1), color=p.primary),
        ft.Container(bar, expand=True),
        gap=4,
    )
    parts: list[ft.Control] = [head, k.gap(4), line]
    if over:

        def cap(basket: Basket) -> None:
            baskets.cap_discount(basket, priced.limit)

        words = k.t("screen.review.over_limit", limit=k.format_quantity(priced.limit))
        parts += [
            k.field_error(words),
            k.gap(8),
            k.row(
                k.button(
                    k.t("screen.review.cap", limit=k.format_quantity(priced.limit)),
                    lambda _: change(cap),
                    kind="outlined",
                )
            ),
        ]
    return k.card(k.col(*parts), k.pad(14, 16))


def _limit_bar(share: float, limit: float, color: str) -> ft.Control:
    mark = round(max(0.0, min(1.0, limit)) * 1000)
    return ft.Semantics(
        exclude_semantics=True,
        content=ft.Stack(
            [
                ft.Container(k.progress_bar(share, color=color), padding=k.pad(4, 0)),
                ft.Row(
                    [
                        ft.Container(expand=mark or 1),
                        ft.Container(width=2, height=16, bgcolor=k.look().palette.text),
                        ft.Container(expand=max(1, 1000 - mark)),
                    ],
                    spacing=0,
                ),
            ],
            height=16,
        ),
    )


@k.component
def NoteField(note: str, change: Change) -> ft.Control:
    """The note to the order, kept with every letter: nobody is asked before going back from here."""

    def typed(event: Any) -> None:
        words = event.control.value
        change(lambda kept: setattr(kept, "note", words))

    return k.text_field(k.t("field.order.note"), note, typed, multiline=True)
