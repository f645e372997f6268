"""What somebody should know and can do nothing about: a notice to be read and put aside."""

from typing import Any

import flet as ft

from mobile.store.queries import inbox
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words
from shared.catalog import ENTITIES
from shared.locale import has
from shared.protocol import Command

I = ft.Icons  # noqa: E741
KINDS = ENTITIES["conflict"].fields["kind"].choices
"""What this app knows of; a newer server has more."""


@k.component
def OrderNoticeCard(conflict: dict[str, Any]) -> ft.Control:
    """What happened to an order, the way to it, and *noted*."""
    customer = inbox.name_of(use_app().open_store, "account", conflict["account_id"])
    title = " · ".join(part for part in (conflict["title"], customer) if part)
    way = f"/orders/{conflict['row_id']}", k.t("screen.shortage.open"), I.RECEIPT_LONG_OUTLINED
    return _notice(conflict, title, *way)


@k.component
def LeadNoticeCard(conflict: dict[str, Any]) -> ft.Control:
    """Leads that somebody was given: the way to the one or to the list, and *noted*."""
    one = conflict["row_id"]
    title = conflict["title"] or k.t("leads.given.several", count=(conflict["params"] or {}).get("count", 0))
    words = k.t("leads.given.open" if one else "leads.given.open_all")
    return _notice(conflict, title, f"/leads/{one}" if one else "/leads", words, I.CONTACTS_OUTLINED)


@k.component
def NewerNoticeCard(conflict: dict[str, Any]) -> ft.Control:
    """A kind that only a newer server knows: what it says of itself, and *noted*; it stays among the settled."""
    return _notice(conflict, conflict["title"] or k.t("screen.newer.title"))


def notice_words(conflict: dict[str, Any]) -> str:
    """What happened; general words where a newer server tells of something that this app does not know."""
    if conflict["kind"] in KINDS or has(f"error.{conflict['code']}"):
        return problem_words(conflict["code"], conflict["params"] or {})
    return k.t("screen.newer.line")


def _notice(conflict: dict[str, Any], title: str, *way: Any) -> ft.Control:
    """``way``: route, words and icon of the button that leads there."""
    page, app = ft.context.page, use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)

    def noted(_: Any) -> None:
        dismiss = Command("conflict.dismiss", {"conflict_id": conflict["id"]})
        run_or_tell(page, app, [dismiss], saved=k.t("screen.shortage.noted"))

    buttons = k.row(
        *([k.button(way[1], lambda _: page.navigate(way[0]), icon=way[2], expand=True)] if way else []),
        k.button(k.t("screen.shortage.note"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined", expand=True),
        gap=8,
    )
    return k.card(
        k.col(
            k.row(k.choice_badge("conflict", "kind", conflict["kind"]), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(title, 16, 600, lines=2)),
            k.gap(2),
            k.soft(notice_words(conflict)),
            k.gap(12),
            buttons,
        )
    )
