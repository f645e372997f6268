"""The list of deals: one's own, or the team's for those who lead one."""

from typing import Any

import flet as ft
import msgspec

from mobile.store.queries import deals
from mobile.store.queries.base import PAGE
from mobile.store.queries.deals import Filters, Totals
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.routes import query
from mobile.ui.screens.deal_parts import deal_row, wide_row
from mobile.ui.screens.listing import more_row, nothing_found, scroll_list

I = ft.Icons  # noqa: E741
STATES = ("open", "won", "lost", "cancelled", "")


@k.component
def DealsScreen() -> ft.Control:
    """``/deals``; ``state``, ``stage``, ``owner``, ``late`` and ``since`` (won from then on, UTC milliseconds) in the
    address choose filters at the beginning."""
    page, app = ft.context.page, use_app()
    asked = query()
    start = Filters(
        state=asked.get("state", "open") if asked.get("state", "open") in STATES else "open",
        stage_id=asked.get("stage", ""),
        owner_id=asked.get("owner", ""),
        late=asked.get("late") == "1",
        today=app.today().isoformat(),
        since=int(asked["since"]) if asked.get("since", "").isdecimal() else 0,
    )
    filters, set_filters = ft.use_state(start)
    order, set_order = ft.use_state("close")
    shown, set_shown = ft.use_state(PAGE)
    rows = use_live(
        lambda s: deals.deals(s, filters, order=order, limit=shown + 1), deals.TOUCHED, filters, order, shown
    )
    sums = use_live(lambda s: deals.totals(s, filters), deals.TOUCHED, filters)
    counts = use_live(lambda s: deals.state_counts(s, filters.owner_id), deals.TOUCHED, filters.owner_id)
    stages = use_live(lambda s: deals.stages(s, "open"), deals.TOUCHED)
    owners = use_live(deals.owners, deals.TOUCHED)

    def choose(**changes: Any) -> None:
        # From the newest filters: two taps may come before the screen is drawn anew.
        set_filters(lambda old: msgspec.structs.replace(old, **changes))
        set_shown(PAGE)

    def clear(_: Any) -> None:
        choose(state="open", stage_id="", owner_id="", text="", late=False, since=0)

    def new(_: Any) -> None:
        page.navigate("/deals/new")

    look = k.look()
    phone = look.layout == "phone"
    search = k.search_field(filters.text, lambda e: choose(text=e.control.value), hint=k.t("deals.search"))
    sort = k.icon_button(
        I.SWAP_VERT_ROUNDED,
        k.t("deals.sort.amount" if order == "close" else "deals.sort.close"),
        lambda _: set_order("amount" if order == "close" else "close"),
    )
    wide_buttons = (
        [] if phone else [_board_button(page), k.button(k.t("deals.new"), new, icon=I.ADD_ROUNDED, height=52)]
    )
    top = k.col(
        ft.Container(
            k.row(ft.Container(search, expand=True), sort, *wide_buttons, gap=8), padding=k.pad(0, look.gutter)
        ),
        k.gap(12),
        _chips(filters, counts, stages, owners if len(owners) > 1 else [], choose),
        k.gap(12),
    )
    if not rows:
        body = nothing_found(clear) if filters != start else WhenHere(_empty(new))
    else:
        make = deal_row if phone else wide_row
        tiles = [make(row, app.today(), lambda row_id: page.navigate(f"/deals/{row_id}")) for row in rows[:shown]]
        body = scroll_list([*tiles, *more_row(rows, shown, lambda _: set_shown(shown + PAGE))], inset=16)
    return k.scaffold(
        k.t("frame.nav.deals"),
        body,
        subtitle=sums_words(sums, app.currency),
        top=top,
        scrollable=not rows,
        fab=k.floating_button(I.ADD_ROUNDED, k.t("deals.new"), new) if phone and rows else None,
    )


def sums_words(sums: Totals, currency: str) -> str:
    """``34 个 · ¥321 万 · 加权 ¥142 万``."""
    amount, weighted = k.short_money(sums.amount, currency), k.short_money(sums.weighted, currency)
    return k.t("deals.sums", count=sums.count, amount=amount, weighted=weighted)


def _board_button(page: ft.Page) -> ft.Control:
    return k.button(
        k.t("deals.board"),
        lambda _: page.navigate("/pipeline"),
        icon=I.VIEW_KANBAN_OUTLINED,
        kind="outlined",
        height=52,
    )


def _chips(filters: Filters, counts: dict[str, int], stages: list[Any], owners: list[Any], choose: Any) -> ft.Control:
    """States; of open deals the late ones and the stages; who, where there are several."""
    chips: list[ft.Control] = []
    for state in STATES:
        if state in ("open", filters.state) or not state or counts.get(state):
            words = k.t(f"choice.opportunity.state.{state}") if state else k.t("screen.all")
            chips.append(
                k.chip(
                    words,
                    filters.state == state,
                    lambda _, state=state: choose(state=state, stage_id="", late=False, since=0),
                    count=counts.get(state, 0),
                )
            )
    if filters.state == "open":
        late = k.chip(
            k.t("deals.late"), filters.late, lambda _: choose(late=not filters.late), icon=I.ERROR_OUTLINE_ROUNDED
        )
        chips.append(late)
        for stage in stages:
            chosen = filters.stage_id == stage["id"]
            chips.append(
                k.chip(
                    k.local(stage, "name"),
                    chosen,
                    lambda _, stage=stage, chosen=chosen: choose(stage_id="" if chosen else stage["id"]),
                    icon=None if chosen else I.FLAG_OUTLINED,
                )
            )
    if filters.since and filters.state == "won":
        chips.append(k.chip(k.t("deals.won_this_month"), True, lambda _: choose(since=0)))
    for one in owners:
        chosen = filters.owner_id == one["id"]
        chips.append(
            k.chip(
                one["name"],
                chosen,
                lambda _, one=one, chosen=chosen: choose(owner_id="" if chosen else one["id"]),
                icon=None if chosen else I.PERSON_OUTLINE_ROUNDED,
            )
        )
    return k.chip_row(*chips)


def _empty(new: Any) -> ft.Control:
    return k.empty_state(
        k.t("deals.none"), k.t("deals.none.line"), icon=I.FLAG_OUTLINED, action=k.t("deals.new"), on_action=new,
        action_icon=I.ADD_ROUNDED,
    )  # fmt: skip
