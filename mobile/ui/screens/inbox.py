"""The inbox: what needs a person, and what has been settled."""

from typing import Any

import flet as ft

from mobile.store.queries import handovers, inbox
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.routes import query
from mobile.ui.screens.customers import illustration
from mobile.ui.screens.inbox_feedback import FeedbackNotice
from mobile.ui.screens.inbox_field import FieldConflictCard, SettledCard
from mobile.ui.screens.inbox_handover import HandedOverCard, HandoverList
from mobile.ui.screens.inbox_notice import LeadNoticeCard, NewerNoticeCard, OrderNoticeCard
from mobile.ui.screens.inbox_refusal import DoubtfulCard, LeaseNotice, RefusalCard, ShortageCard
from mobile.ui.screens.listing import more_row
from shared.commands.quarantine import DESK, TOLD

I = ft.Icons  # noqa: E741
INBOX_WIDTH_PX = 760


@k.component
def InboxScreen() -> ft.Control:
    """``/inbox``; ``?edit=<conflict id>`` opens a refused change in its form, ``?show=handovers`` handed-over work."""
    from mobile.ui.screens.inbox_edit import EditRefused

    asked = query().get("edit")
    if asked:
        return EditRefused(asked, key=f"edit {asked}")
    return InboxList()


@k.component
def InboxList() -> ft.Control:
    """The lists: open, settled, and for the desk what colleagues handed over."""
    page, app = ft.context.page, use_app()
    desk = app.actor.role in DESK

    def first() -> str:
        """Where somebody begins who leads: at what waits, wherever it does."""
        store = app.open_store
        waits = handovers.open_count(store) and not inbox.open_count(store)
        return "handovers" if desk and (waits or query().get("show") == "handovers") else "open"

    tab, set_tab = ft.use_state(first)
    settled = tab == "settled"
    shown, set_shown = ft.use_state(PAGE)
    read = inbox.settled_items if settled else inbox.open_items
    rows = use_live(lambda s: read(s, limit=shown + 1), inbox.TOUCHED, settled, shown)
    doubts = use_live(inbox.doubtful, inbox.TOUCHED)
    open_count = use_live(inbox.open_count, inbox.TOUCHED)
    settled_count = use_live(inbox.settled_count, inbox.TOUCHED)
    handed_over = use_live(handovers.open_count, handovers.TOUCHED)
    names = use_live(inbox.user_names, {"user"})

    def show(which: str) -> None:
        set_tab(which)
        set_shown(PAGE)

    chips = k.chip_row(
        k.chip(k.t("screen.inbox.open"), tab == "open", lambda _: show("open"), count=open_count),
        *([_handover_chip(tab == "handovers", handed_over, lambda _: show("handovers"))] if desk else []),
        k.chip(k.t("screen.inbox.settled"), settled, lambda _: show("settled"), count=settled_count),
    )
    subtitle = k.t("screen.inbox.count", open=open_count + handed_over, settled=settled_count)
    top = k.col(chips, k.gap(12))
    if tab == "handovers":
        return k.scaffold(
            k.t("frame.nav.inbox"), HandoverList(names), subtitle=subtitle, top=top, max_width=INBOX_WIDTH_PX
        )
    cards: list[ft.Control] = []
    if not settled:
        cards += [DoubtfulCard(doubt, key=doubt["tx_id"]) for doubt in doubts]
    cards += [_card(row, names, settled) for row in rows[:shown]]
    cards += more_row(rows, shown, lambda _: set_shown(shown + PAGE))
    if not cards:
        key = "screen.inbox.none_settled" if settled else "screen.inbox.none"
        nothing = k.empty_state(
            k.t(key),
            k.t(f"{key}.line"),
            picture=illustration("inbox-zero"),
            action=k.t("frame.home.due"),
            on_action=lambda _: page.navigate("/follow-ups"),
            action_icon=I.EVENT_AVAILABLE_ROUNDED,
        )
        cards = [WhenHere(nothing)]
    return k.scaffold(k.t("frame.nav.inbox"), *cards, subtitle=subtitle, top=top, max_width=INBOX_WIDTH_PX)


def _handover_chip(chosen: bool, count: int, choose: Any) -> ft.Control:
    return k.chip(k.t("screen.handover.tab"), chosen, choose, count=count)


def _card(row: dict[str, Any], names: dict[str, str], settled: bool) -> ft.Control:
    if settled:
        return SettledCard(row, names, key=row["id"])
    if row["kind"] == "field":
        return FieldConflictCard(row, names, key=row["id"])
    if row["code"] in TOLD:
        return HandedOverCard(row, key=row["id"])
    cards = {
        "rejection": RefusalCard,
        "shortage": ShortageCard,
        "renumbered": OrderNoticeCard,
        "lease": LeaseNotice,
        "assigned": LeadNoticeCard,
        "feedback": FeedbackNotice,
    }
    return cards.get(row["kind"], NewerNoticeCard)(row, key=row["id"])
