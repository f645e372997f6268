"""One deal: how far it is, how likely, what happened, what became of it."""

from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import accounts, deals, orders
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.actions import delete_with_undo
from mobile.ui.screens.audit_trail import trail_button
from mobile.ui.screens.customer_page import due_notice
from mobile.ui.screens.customer_parts import CHANNELS
from mobile.ui.screens.deal_actions import DealMenu, address, move, new_order, win
from mobile.ui.screens.deal_cards import close_box, ended_notice, history_card, odds_card, stages_card
from mobile.ui.screens.deal_forms import AskedScreen, EditDealScreen, LoseScreen, ReasonScreen
from mobile.ui.screens.order_parts import order_row
from mobile.ui.sync_pill import moment
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.sharing import is_own

I = ft.Icons  # noqa: E741
PAGE_WIDTH_PX, SIDE_PX = 1040, 372
SIDE_MIN_PX = 1000
TALKS = 3
"""Follow-ups of the customer that the page shows; the customer's own page has all."""


@k.component
def DealScreen() -> ft.Control:
    """``/deals/:deal_id``; with ``edit``, ``move=<stage>``, ``lose``, ``cancel``, ``reopen`` a form in its place."""
    deal_id = ft.use_route_params().get("deal_id", "")
    asked = query()
    store = use_app().open_store
    deal = store.get("opportunity", deal_id)
    back = asked.get("back") or address(deal_id)
    if deal is not None and deal["deleted_at"] is None:
        ended = deal["state"] != "open"
        stage = store.get("stage", asked.get("move", ""))
        if "edit" in asked:
            return EditDealScreen(deal, back, key=f"edit {deal_id}")
        if stage is not None and not ended:
            return AskedScreen(deal, stage, back, key=f"move {deal_id} {stage['id']}")
        if "lose" in asked and not ended:
            return LoseScreen(deal, back, key=f"lose {deal_id}")
        if "cancel" in asked and not ended:
            return ReasonScreen(deal, "cancel", back, key=f"cancel {deal_id}")
        if "reopen" in asked and ended:
            return ReasonScreen(deal, "reopen", back, key=f"reopen {deal_id}")
    return DealPage(deal_id, key=deal_id)


@k.component
def DealPage(deal_id: str) -> ft.Control:
    """The page of a deal that is here; otherwise where it went."""
    page, app = ft.context.page, use_app()
    menu, set_menu = ft.use_state(False)
    watched = deals.TOUCHED | accounts.TOUCHED | orders.TOUCHED
    deal = use_live(lambda s: deals.deal(s, deal_id), watched | {"contact"}, deal_id)
    steps = use_live(lambda s: deals.history(s, deal_id), watched, deal_id)
    stages = use_live(deals.stages, watched)
    account_id = deal["account_id"] if deal else ""
    made = use_live(lambda s: orders.orders(s, deal_id=deal_id), watched, deal_id)
    talks = use_live(lambda s: accounts.timeline(s, account_id, limit=TALKS), watched, account_id)
    due = use_live(lambda s: accounts.next_due(s, account_id), watched, account_id)
    sheet = k.sheet(DealMenu(deal_id, "", lambda: set_menu(False)), lambda _: set_menu(False)) if menu else None
    ft.use_dialog(sheet)
    if deal is None:
        return _gone(page)
    stage = app.open_store.get("stage", deal["stage_id"])
    shown = _way(deal, stage, stages)

    async def delete(_: Any) -> None:
        words = k.t("deals.delete.ask", name=deal["title"]), k.t("deals.delete.line")
        if await k.ask(page, *words, k.t("screen.delete"), danger=True) and delete_with_undo(
            page, app, "opportunity", deal_id, saved=k.t("screen.deleted")
        ):
            page.navigate("/deals")

    main: list[ft.Control] = []
    if deal["state"] != "open":
        main.append(ended_notice(deal, steps))
    main.append(stages_card(deal, shown, steps, lambda target: move(page, app, deal_id, target)))
    if deal["state"] == "open":
        main.append(odds_card(deal, stage))
    if deal["note"]:
        main.append(k.card(k.col(k.section_title(k.t("field.opportunity.note")), k.gap(8), k.text(deal["note"]))))
    side = [_orders_card(page, deal, made), _talks_card(page, deal, talks, due), history_card(steps)]
    roomy = k.look().width >= SIDE_MIN_PX
    head = _head(page, deal)
    if roomy:
        columns = k.row(
            ft.Container(k.col(*main, gap=12), expand=True),
            ft.Container(k.col(*side, gap=12), width=SIDE_PX),
            gap=16,
            top=True,
        )
        body = [head, columns]
    else:
        body = [head, *main, *side]
    more = k.icon_button(I.MORE_VERT_ROUNDED, k.t("deals.more", name=deal["title"]), lambda _: set_menu(True))
    words = k.t("deals.edit" if deal["state"] == "open" else "deals.edit_note")
    edit = k.icon_button(I.EDIT_OUTLINED, words, lambda _: page.navigate(address(deal_id, edit="1")))
    remove = []
    if is_own(app.actor, ENTITIES["opportunity"], deal) and not made:
        remove = [k.icon_button(I.DELETE_OUTLINE_ROUNDED, k.t("deals.delete"), delete)]
    phone = k.look().layout == "phone"
    return k.scaffold(
        k.t("entity.opportunity"),
        *body,
        k.row(trail_button("opportunity", deal_id), *(remove if phone else [])),
        back="/deals",
        actions=[*([] if phone else remove), edit, more],
        foot=_foot(page, deal, stages),
        max_width=PAGE_WIDTH_PX,
    )


def _way(deal: dict[str, Any], stage: Row | None, stages: list[Row]) -> list[Row]:
    """The stages of the stepper: the open ones, the deal's own even when it is out of use, and an end."""
    end = "lost" if deal["state"] == "lost" else "won"
    shown = [one for one in stages if one["kind"] == "open"]
    shown += [one for one in stages if one["kind"] == end][:1]
    if stage is not None and all(one["id"] != stage["id"] for one in shown):
        shown.append(stage)
    return sorted(shown, key=lambda one: (one["kind"] != "open", one["position"], one["id"]))


def _gone(page: ft.Page) -> ft.Control:
    blank = k.empty_state(
        k.t("deals.gone"),
        k.t("deals.gone.line"),
        icon=I.FLAG_OUTLINED,
        action=k.t("deals.all"),
        on_action=lambda _: page.navigate("/deals"),
    )
    return k.scaffold(k.t("entity.opportunity"), blank, back="/deals")


def _head(page: ft.Page, deal: dict[str, Any]) -> ft.Control:
    app, p = use_app(), k.look().palette
    inner = k.row(
        k.avatar(deal["account"] or "?", 28),
        ft.Container(k.text(deal["account"] or "—", 15, 600, p.primary, lines=1), expand=True, expand_loose=True),
        ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=p.primary),
        gap=10,
    )
    customer = k.tappable(
        inner,
        lambda _: page.navigate(f"/customers/{deal['account_id']}"),
        label=k.t("screen.customers.open", name=deal["account"] or ""),
        height=48,
        border_radius=12,
    )
    amount = k.col(
        k.caption(k.t("field.opportunity.amount")),
        k.money(deal["amount"], 28, currency=app.currency, cents=deal["amount"] != deal["amount"].to_integral_value()),
    )
    badges = [k.badge(k.t("frame.unsent"), "warn", I.CLOUD_UPLOAD_OUTLINED)] if deal["unsent"] else []
    if deal["state"] != "open":
        badges.insert(0, k.choice_badge("opportunity", "state", deal["state"]))
    about = [deal["contact"] or ""]
    if deal["owner_id"] != app.actor.user_id and deal["owner_name"]:
        about.append(k.t("screen.customer.owner", name=deal["owner_name"]))
    line = " · ".join(filter(None, about))
    return k.col(
        ft.Semantics(header=True, content=k.text(deal["title"], 24, 600, lines=2)),
        *([k.gap(6), ft.Row(badges, spacing=8, run_spacing=6, wrap=True)] if badges else []),
        customer,
        *([k.soft(line, 13, lines=1), k.gap(8)] if line else []),
        k.row(ft.Container(amount, expand=True), close_box(deal, app.today()), top=True),
        k.gap(4),
    )


def _foot(page: ft.Page, deal: dict[str, Any], stages: list[Row]) -> ft.Control:
    """The next step, and the end that nobody wishes for; of an ended deal its order."""
    app, deal_id = use_app(), deal["id"]
    if deal["state"] != "open":
        again = k.button(
            k.t("deals.reopen"), lambda _: page.navigate(address(deal_id, reopen="1")), kind="outlined", height=52
        )
        order = k.button(
            k.t("deals.order"),
            lambda _: new_order(page, app, deal_id),
            icon=I.ADD_SHOPPING_CART_ROUNDED,
            height=52,
            expand=True,
        )
        return k.footbar(again, *([order] if deal["state"] == "won" else []))
    lose = k.button(k.t("deals.lose"), lambda _: page.navigate(address(deal_id, lose="1")), kind="outlined", height=52)
    places = [stage for stage in stages if stage["kind"] == "open"]
    here = next((n for n, stage in enumerate(places) if stage["id"] == deal["stage_id"]), len(places))
    following = places[here + 1] if here + 1 < len(places) else None

    async def won(_: Any) -> None:
        await win(page, app, deal_id)

    if following is None:
        forward = k.button(k.t("deals.win"), won, icon=I.EMOJI_EVENTS_OUTLINED, height=52, expand=True)
    else:
        words = k.t("deals.forward", stage=k.local(following, "name"))
        forward = k.button(
            words,
            lambda _: move(page, app, deal_id, following),
            icon=I.ARROW_FORWARD_ROUNDED,
            height=52,
            expand=True,
        )
    return k.footbar(lose, forward)


def _orders_card(page: ft.Page, deal: dict[str, Any], made: list[dict[str, Any]]) -> ft.Control:
    """What became of it: the orders made from it, and how much they are together."""
    app = use_app()
    add = k.icon_button(I.ADD_SHOPPING_CART_ROUNDED, k.t("deals.order"), lambda _: new_order(page, app, deal["id"]))
    title = k.section(k.section_title(k.t("deals.orders")), add)
    if not made:
        return k.card(k.col(title, k.soft(k.t("deals.orders.none"), 13)))
    counted = [order["total"] for order in made if order["state"] != "cancelled"]
    total = k.format_money(sum(counted, Decimal(0)), app.currency)
    said = k.t("deals.orders.line", count=len(counted), total=total)
    rows = [order_row(row, lambda row_id: page.navigate(f"/orders/{row_id}"), customer=False) for row in made]
    head = ft.Container(k.col(title, k.soft(said, 13)), padding=k.pad(16, 16, 8, 16))
    return k.list_card(head, *rows, inset=16)


def _talks_card(
    page: ft.Page, deal: dict[str, Any], talks: list[dict[str, Any]], due: list[dict[str, Any]]
) -> ft.Control:
    """The customer's latest follow-ups, and what is due next."""
    app = use_app()
    write = k.icon_button(
        I.EDIT_NOTE_ROUNDED,
        k.t("screen.customer.write"),
        lambda _: page.navigate(with_query(f"/customers/{deal['account_id']}", new="activity")),
    )
    parts: list[ft.Control] = [k.section(k.section_title(k.t("deals.talks")), write)]
    parts += [due_notice(one) for one in due[:1]]
    if not talks:
        parts.append(k.soft(k.t("screen.timeline.none"), 13))
    entries = []
    for entry in talks:
        icon, status = CHANNELS[entry["channel"]]
        when = moment(entry["happened_at"], app.now_ms(), app.time_zone)
        meta = " · ".join(filter(None, [when, entry["author"]]))
        title = k.t(f"choice.activity.channel.{entry['channel']}")
        body = k.text(entry["body"], 14, lines=3)
        entries.append(k.timeline_entry(icon, title, meta, body, status=status, last=entry is talks[-1]))
    return k.card(k.col(*parts, *([k.gap(8), *entries] if entries else []), gap=4))
