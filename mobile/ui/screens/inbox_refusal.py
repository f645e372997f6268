"""A refused change and its repair, a shortage, a local doubt."""

from typing import Any

import flet as ft

from mobile.state import basket as baskets
from mobile.state.basket import Basket, Priced
from mobile.store.queries import catalogue, inbox
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.routes import with_query
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.inbox_edit import can_edit
from mobile.ui.screens.inbox_words import describe, in_our_language, ordered_name
from mobile.ui.screens.order_new import firm_now, order_address
from mobile.ui.screens.order_review import submit_basket
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words
from shared.catalog import ENTITIES
from shared.locale import has
from shared.numbers import parse_decimal
from shared.protocol import Command
from shared.rules.orders import provisional_number

I = ft.Icons  # noqa: E741
LINES_SHOWN = 6
AS_IT_WAS = frozenset(
    {"dependency", "field_conflict", "role_not_allowed", "not_found", "internal_error", "deleted_again"}
)
"""Refusals whose cause may be gone by now: sending the same again is worth a try."""


@k.component
def RefusalCard(conflict: dict[str, Any]) -> ft.Control:
    """Why, what it contained, the repair in one tap, one's own repair, or discarding it."""
    page, app = ft.context.page, use_app()
    store = app.open_store
    all_lines, set_all = ft.use_state(False)
    commands = inbox.commands_of(conflict["payload"])
    repair = use_live(lambda s: _repair(s, conflict, commands), inbox.TOUCHED, conflict["id"], conflict["state"])
    basket = baskets.from_payload(commands, conflict["id"])

    async def discard(_: Any) -> None:
        words = k.t("screen.refusal.discard"), k.t("screen.refusal.discard.line"), k.t("screen.refusal.discard.yes")
        if await k.ask(page, *words, danger=True):
            run_or_tell(page, app, [_dismiss(conflict)], saved=k.t("screen.refusal.discarded"))

    def edit(_: Any) -> None:
        if basket is not None:
            open_repair(page, basket)
        else:
            page.navigate(with_query("/inbox", edit=conflict["id"]))

    lines = describe(store, commands)
    shown = lines if all_lines else lines[:LINES_SHOWN]
    parts: list[ft.Control] = [_head(conflict, basket), k.gap(10), contents(shown)]
    if len(lines) > len(shown):
        parts.append(k.button(k.t("screen.refusal.all", count=len(lines)), lambda _: set_all(True), kind="text"))
    parts.append(k.gap(12))
    if repair is not None:
        parts += [_suggestion(conflict, repair), k.gap(12)]
    parts += _buttons(page, conflict, commands, repair, _can_edit(conflict, commands, basket), edit)
    away = k.button(k.t("screen.refusal.discard_button"), discard, icon=I.DELETE_OUTLINE_ROUNDED, kind="text")
    parts.append(away if k.look().layout == "phone" else k.row(away))
    return k.card(k.col(*parts))


def _can_edit(conflict: dict[str, Any], commands: list[dict[str, Any]], basket: Basket | None) -> bool:
    return basket is not None or (can_edit(commands) and conflict["code"] != "deleted")


def _head(conflict: dict[str, Any], basket: Basket | None) -> ft.Control:
    app = use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)
    title = conflict["title"] or str((conflict["params"] or {}).get("name", "")) or _known_as(app.open_store, conflict)
    if basket is not None:
        customer = inbox.name_of(app.open_store, "account", basket.account_id)
        title = " · ".join(part for part in (provisional_number(basket.order_id), customer) if part)
    label = k.t("screen.refusal.order") if basket is not None else k.t("choice.conflict.kind.rejection")
    reason = problem_words(conflict["code"], in_our_language(app.open_store, conflict["params"]))
    return k.col(
        k.row(k.badge(label, "bad"), k.caption(when), between=True),
        k.gap(8),
        ft.Semantics(header=True, content=k.text(title or label, 16, 600, lines=2)),
        k.gap(2),
        k.soft(reason, 14),
        *_lease_reason(conflict["params"] or {}),
    )


def _known_as(store: SqliteStore, conflict: dict[str, Any]) -> str:
    """The record's name here, when the change does not name it."""
    entity = ENTITIES.get(conflict["entity"])
    return inbox.name_of(store, entity.name, conflict["row_id"], entity.options.title) if entity else ""


def _lease_reason(params: dict[str, Any]) -> list[ft.Control]:
    """The order counted on show stock that was gone when it arrived."""
    if not params.get("lease"):
        return []
    words = k.t(f"screen.lease.{params['lease']}", event=params.get("event", ""))
    return [k.gap(4), k.status_line(words, "warn", I.LOCK_OPEN_ROUNDED, lines=3)]


def contents(lines: list[tuple[str, str]]) -> ft.Control:
    """All that a change carried, line by line."""
    p = k.look().palette
    rows: list[ft.Control] = []
    for label, value in lines:
        if value:
            rows.append(
                k.row(
                    ft.Container(k.caption(label, lines=2), expand=2),
                    ft.Container(k.text(value, 13, lines=4), expand=3),
                    gap=8,
                    top=True,
                )
            )
        else:
            rows.append(k.text(label, 13, 600))
    return k.box(k.col(*rows, gap=4), k.pad(10, 12), p.container, 12)


def _suggestion(conflict: dict[str, Any], repair: tuple[Basket, Priced]) -> ft.Control:
    """What the repair does and what the total becomes."""
    p, app = k.look().palette, use_app()
    _, priced = repair
    words = k.t(f"screen.repair.for.{conflict['code']}", **_repair_params(conflict))
    total = k.row(k.caption(k.t("screen.repair.total")), k.money(priced.totals.total, 14, currency=app.currency), gap=6)
    mark = k.row(k.badge(k.t("screen.repair.recommended"), "ok", None), tight=True)
    text = k.col(mark, k.gap(4), k.text(words, 15, 600, lines=4), total)
    inner = k.row(k.icon_avatar(I.BUILD_ROUNDED, 40, "ok"), ft.Container(text, expand=True), gap=12, top=True)
    return k.box(inner, k.pad(10, 12), p.container, 14)


def _repair_params(conflict: dict[str, Any]) -> dict[str, str]:
    store = use_app().open_store
    params = in_our_language(store, conflict["params"])
    short = params.get("lines") or []
    comma = "、" if k.look().language == "zh" else ", "
    lines = comma.join(f"{ordered_name(store, line)} {line['taken']}" for line in short)
    names = {"lines": lines, "limit": params.get("limit", ""), "name": params.get("name", "")}
    current = str(params.get("current", ""))
    if current:
        names["current"] = k.format_money(parse_decimal(current), use_app().currency)
    return names


def _buttons(
    page: ft.Page,
    conflict: dict[str, Any],
    commands: list[dict[str, Any]],
    repair: tuple[Basket, Priced] | None,
    editable: bool,
    edit: Any,
) -> list[ft.Control]:
    buttons: list[ft.Control] = []
    if repair is not None:
        buttons.append(k.button(k.t("screen.repair.do"), lambda _: _send(page, repair[0]), icon=I.BUILD_ROUNDED))
    if conflict["code"] == "out_of_stock":
        buttons.append(
            k.button(
                k.t("screen.repair.wait"),
                lambda _: _wait(page, commands, conflict),
                kind="tonal",
                icon=I.HOURGLASS_BOTTOM_ROUNDED,
            )
        )
    if conflict["code"] == "deleted" and _deleted_tx(conflict):
        buttons.append(
            k.button(k.t("screen.repair.restore"), lambda _: _restore(page, conflict, commands), icon=I.RESTORE_ROUNDED)
        )
    elif repair is None and conflict["code"] in AS_IT_WAS:
        buttons.append(
            k.button(
                k.t("screen.repair.again"),
                lambda _: _again(page, conflict, commands),
                kind="tonal",
                icon=I.REPLAY_ROUNDED,
            )
        )
    if editable:
        buttons.append(k.button(k.t("screen.repair.edit"), edit, icon=I.EDIT_OUTLINED, kind="outlined"))
    if k.look().width < 480 or len(buttons) > 2:
        return [k.col(*buttons, gap=8), k.gap(4)]
    return [ft.Row(buttons, spacing=8, run_spacing=8, wrap=True), k.gap(4)] if buttons else []


def _repair(
    store: SqliteStore, conflict: dict[str, Any], commands: list[dict[str, Any]]
) -> tuple[Basket, Priced] | None:
    """The repaired basket with its new sums, when the refusal has such a repair."""
    if not has(f"screen.repair.for.{conflict['code']}"):
        return None
    basket = baskets.from_payload(commands, conflict["id"])
    if basket is None:
        return None
    products = catalogue.products_by_id(
        store,
        [line.product_id for line in basket.lines],
        price_list_id=basket.price_list_id,
        warehouse_id=basket.warehouse_id,
    )
    if not baskets.repaired(basket, conflict["code"], conflict["params"] or {}, products):
        return None
    app = use_app()
    priced = baskets.priced(store, basket, app.actor.discount_limit, firm_now(app, basket.warehouse_id))
    return (basket, priced) if priced.lines and not priced.over_limit else None


def _send(page: ft.Page, basket: Basket) -> None:
    words = submit_basket(basket)
    if words:
        k.snack(page, words, status="bad")
    else:
        page.navigate(f"/orders/{basket.order_id}")


def _wait(page: ft.Page, commands: list[dict[str, Any]], conflict: dict[str, Any]) -> None:
    basket = baskets.from_payload(commands, conflict["id"])
    if basket is not None:
        basket.shortage_policy = "backorder"
        _send(page, basket)


def open_repair(page: ft.Page, basket: Basket) -> None:
    """The refused order in the review, to be changed by hand; changes made earlier are kept."""
    app = use_app()
    if app.open_store.draft(basket.id) is None:
        baskets.save(app.open_store, basket, app.now_ms())
    page.navigate(order_address(basket.account_id, basket.conflict_id, review=True))


def _dismiss(conflict: dict[str, Any]) -> Command:
    return Command("conflict.dismiss", {"conflict_id": conflict["id"]})


def _as_commands(commands: list[dict[str, Any]]) -> list[Command]:
    return [Command(command["name"], command["args"]) for command in commands]


def _again(page: ft.Page, conflict: dict[str, Any], commands: list[dict[str, Any]]) -> None:
    app = use_app()
    if run_or_tell(page, app, _as_commands(commands)):
        run_or_tell(page, app, [_dismiss(conflict)], saved=k.t("screen.repair.sent"))


def _deleted_tx(conflict: dict[str, Any]) -> str:
    params = conflict["params"] or {}
    row = use_app().open_store.get(str(params.get("entity")), str(params.get("id")))
    return str((row or {}).get("deleted_tx") or "")


def _restore(page: ft.Page, conflict: dict[str, Any], commands: list[dict[str, Any]]) -> None:
    """Brings the deleted record back, then sends the change again."""
    params = conflict["params"] or {}
    back = Command(f"{params['entity']}.restore", {"id": params["id"], "deleted_tx": _deleted_tx(conflict)})
    if run_or_tell(page, use_app(), [back]):
        _again(page, conflict, commands)


@k.component
def ShortageCard(conflict: dict[str, Any]) -> ft.Control:
    """What an order is short of. It settles itself when stock arrives."""
    page, app = ft.context.page, use_app()
    params = conflict["params"] or {}
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)
    customer = inbox.name_of(app.open_store, "account", conflict["account_id"])
    title = " · ".join(part for part in (conflict["title"], customer) if part)
    lines = [
        (ordered_name(app.open_store, line), k.t("screen.shortage.line", **_quantities(line)))
        for line in params.get("lines", [])
    ]

    def noted(_: Any) -> None:
        run_or_tell(page, app, [_dismiss(conflict)], saved=k.t("screen.shortage.noted"))

    return k.card(
        k.col(
            k.row(k.choice_badge("conflict", "kind", "shortage"), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(title, 16, 600, lines=2)),
            k.gap(2),
            k.soft(problem_words(conflict["code"], params)),
            k.gap(10),
            contents(lines),
            k.gap(12),
            k.row(
                k.button(
                    k.t("screen.shortage.open"),
                    lambda _: page.navigate(f"/orders/{conflict['row_id']}"),
                    icon=I.RECEIPT_LONG_OUTLINED,
                    expand=True,
                ),
                k.button(k.t("screen.shortage.note"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined", expand=True),
                gap=8,
            ),
        )
    )


@k.component
def LeaseNotice(conflict: dict[str, Any]) -> ft.Control:
    """Units of one's show stock that are gone."""
    page, app = ft.context.page, use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)

    def noted(_: Any) -> None:
        run_or_tell(page, app, [_dismiss(conflict)], saved=k.t("screen.shortage.noted"))

    show = k.t("screen.lease.open")
    return k.card(
        k.col(
            k.row(k.choice_badge("conflict", "kind", "lease"), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(conflict["title"], 16, 600, lines=2)),
            k.gap(2),
            k.soft(problem_words(conflict["code"], in_our_language(app.open_store, conflict["params"]))),
            k.gap(12),
            k.row(
                k.button(show, lambda _: page.navigate("/leases"), icon=I.LOCK_OUTLINE_ROUNDED, expand=True),
                k.button(k.t("screen.shortage.note"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined", expand=True),
                gap=8,
            ),
        )
    )


def _quantities(line: dict[str, Any]) -> dict[str, str]:
    return {name: k.format_quantity(parse_decimal(str(line[name]))) for name in ("wanted", "taken", "short")}


@k.component
def DoubtfulCard(doubt: dict[str, Any]) -> ft.Control:
    """An unsent change that no longer fits what this device shows. It is kept and sent; the server decides."""
    app = use_app()
    when = moment(doubt["occurred_at"], app.now_ms(), app.time_zone)
    lines = describe(app.open_store, doubt["commands"])
    return k.card(
        k.col(
            k.row(k.badge(k.t("screen.doubt.badge"), "warn", I.HELP_OUTLINE_ROUNDED), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(k.t("screen.doubt.title"), 16, 600)),
            k.gap(2),
            k.soft(k.t("screen.doubt.line")),
            k.gap(10),
            contents(lines[:LINES_SHOWN]),
        )
    )
