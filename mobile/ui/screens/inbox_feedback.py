"""For its author: feedback has an answer."""

from typing import Any

import flet as ft

from mobile.store.queries import feedback as queries
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words
from shared.protocol import Command

I = ft.Icons  # noqa: E741
ANSWER_LINES = 6


@k.component
def FeedbackNotice(conflict: dict[str, Any]) -> ft.Control:
    """What was asked, state and answer as they are now, the way to the page, and *noted*."""
    page, app = ft.context.page, use_app()
    row = use_live(lambda s: s.get("feedback", conflict["row_id"]), queries.TOUCHED, conflict["row_id"])
    when = moment(conflict["updated_at"], app.now_ms(), app.time_zone)

    def noted(_: Any) -> None:
        dismiss = Command("conflict.dismiss", {"conflict_id": conflict["id"]})
        run_or_tell(page, app, [dismiss], saved=k.t("screen.shortage.noted"))

    answer = str((row or {}).get("answer") or "") or problem_words(conflict["code"])
    badge = [k.gap(6), k.row(k.choice_badge("feedback", "status", row["status"]), tight=True)] if row else []
    return k.card(
        k.col(
            k.row(k.choice_badge("conflict", "kind", "feedback"), k.caption(when), between=True),
            k.gap(8),
            ft.Semantics(header=True, content=k.text(conflict["title"], 16, 600, lines=2)),
            *badge,
            k.gap(6),
            k.soft(answer, lines=ANSWER_LINES),
            k.gap(12),
            k.row(
                k.button(
                    k.t("feedback.read"),
                    lambda _: page.navigate(f"/feedback/{conflict['row_id']}"),
                    icon=I.FORUM_OUTLINED,
                    expand=True,
                ),
                k.button(k.t("screen.shortage.note"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined", expand=True),
                gap=8,
            ),
        )
    )
