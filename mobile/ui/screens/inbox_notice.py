"""What somebody should know and can do nothing about: a notice to be read and put aside."""

from typing import Any

import flet as ft

from mobile.store.queries import inbox
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words
from shared.protocol import Command

I = ft.Icons  # noqa: E741


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


def _notice(conflict: dict[str, Any], title: str, route: str, words: str, icon: Any) -> ft.Control:
    page, app = ft.context.page, use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)

    def noted(_: Any) -> None:
        dismiss = Command("conflict.dismiss", {"conflict_id": conflict["id"]})
        run_or_tell(page, app, [dismiss], saved=k.t("screen.shortage.noted"))

    buttons = k.row(
        k.button(words, lambda _: page.navigate(route), icon=icon, expand=True),
        k.button(k.t("screen.shortage.note"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined", expand=True),
        gap=8,
    )
    return k.card(
        k.col(
            k.row(k.choice_badge("conflict", "kind", conflict["kind"]), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(title, 16, 600, lines=2)),
            k.gap(2),
            k.soft(problem_words(conflict["code"], conflict["params"] or {})),
            k.gap(12),
            buttons,
        )
    )
