"""Leads on the home page: what is left before the booth closes, and the way to all of them."""

from typing import Any

import flet as ft

from mobile.store.queries import leads
from mobile.ui import kit as k
from mobile.ui.context import owner_of, use_app
from mobile.ui.hooks import use_live

I = ft.Icons  # noqa: E741


@k.component
def LeadLine() -> ft.Control:
    """One line: the check of the show that runs (X5), otherwise the leads; nothing while there are none."""
    page, app = ft.context.page, use_app()
    day = app.today().isoformat()
    owner = owner_of(app)
    event = use_live(lambda s: leads.running(s, day), ["event"], day)
    lacking = use_live(
        lambda s: len(leads.unfinished(s, event["id"], owner)) if event else 0, leads.TOUCHED, event, owner
    )
    counts = use_live(leads.state_counts, leads.TOUCHED)
    if not counts[""]:
        return ft.Container(height=0)
    line = close_line(page, lacking) if lacking else _line(
        I.CONTACTS_OUTLINED, k.t("leads.home", count=counts[""], fresh=counts.get("new", 0)),
        lambda _: page.navigate("/leads"),
    )  # fmt: skip
    return ft.Container(line, padding=k.pad(12, 0, 0, 0))


def close_line(page: ft.Page, count: int) -> ft.Control:
    """What is left to fill in before the booth closes, and the way there."""
    words = k.t("leads.close.left" if count != 1 else "leads.close.left_one", count=count)
    return _line(I.FACT_CHECK_OUTLINED, words, lambda _: page.navigate("/leads/close"))


def _line(icon: Any, words: str, on_click: Any) -> ft.Control:
    p = k.look().palette
    inner = k.row(
        ft.Icon(icon, size=22, color=p.primary),
        k.text(words, 15, 500, expand=True, lines=2),
        ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=22, color=p.text_soft),
        gap=12,
    )
    return k.tappable(
        inner,
        on_click,
        label=words,
        padding=k.pad(14, 16),
        bgcolor=p.card,
        border_radius=16,
        border=ft.Border.all(1, p.hairline),
    )
