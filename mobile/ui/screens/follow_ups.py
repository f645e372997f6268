"""All follow-ups that are due, in pages."""

import flet as ft

from mobile.store.queries import accounts
from mobile.store.queries import home as queries
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.due_list import DueList
from mobile.ui.screens.home import owner_of

PAGE_ROWS = 50


@k.component
def FollowUpsScreen() -> ft.Control:
    """The screen behind ``/follow-ups``."""
    app = use_app()
    shown, set_shown = ft.use_state(PAGE_ROWS)
    day, owner = app.today().isoformat(), owner_of(app)
    counts = use_live(lambda s: queries.due_counts(s, today=day, owner_id=owner), queries.TOUCHED, day, owner)
    rows = use_live(
        lambda s: accounts.due(s, until=day, owner_id=owner, limit=shown), queries.TOUCHED, day, owner, shown
    )
    more: list[ft.Control] = []
    if counts["due"] > len(rows):
        left = counts["due"] - len(rows)
        more = [k.button(k.t("frame.more", count=left), lambda _: set_shown(lambda old: old + PAGE_ROWS), kind="text")]
    return k.scaffold(
        k.t("frame.home.due_title"),
        DueList(rows, day, counts["due"]),
        *more,
        back="/",
        subtitle=k.t("frame.due.counts", due=counts["due"], overdue=counts["overdue"]),
        max_width=760,
    )
