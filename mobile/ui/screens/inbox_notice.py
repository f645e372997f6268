"""Something about an order that its author should know and can do nothing about: a notice to be read and put aside."""

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
    """What happened, the way to the order, and *noted*."""
    page, app = ft.context.page, use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)
    customer = inbox.name_of(app.open_store, "account", conflict["account_id"])
    title = " · ".join(part for part in (conflict["title"], customer) if part)

    def noted(_: Any) -> None:
        dismiss = Command("conflict.dismiss", {"conflict_id": conflict["id"]})
        run_or_tell(page, app, [dismiss], saved=k.t("screen.shortage.noted"))

    buttons = k.row(
        k.button(
            k.t("screen.shortage.open"),
            lambda _: page.navigate(f"/orders/{conflict['row_id']}"),
            icon=I.RECEIPT_LONG_OUTLINED,
            expand=True,
        ),
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
