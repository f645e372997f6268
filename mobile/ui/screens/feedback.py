"""Feedback: one's own with what became of it, and for administrators everybody's."""

from typing import Any

import flet as ft

from mobile.store.queries import feedback as queries
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.listing import more_row
from mobile.ui.sync_pill import moment
from shared.catalog import ENTITIES
from shared.rules.feedback import STANDINGS, subject

I = ft.Icons  # noqa: E741
WIDTH_PX = 760
KINDS = ENTITIES["feedback"].fields["kind"].choices
ICONS = {"problem": I.BUG_REPORT_OUTLINED, "wish": I.LIGHTBULB_OUTLINED, "question": I.HELP_OUTLINE_ROUNDED}


def address_of(route: str) -> str:
    """An address of this app, cut to what feedback can hold; empty for anything else."""
    return route[:200] if route.startswith("/") and not route.startswith("//") else ""


def writing(screen: str = "", **told: str) -> str:
    """The address of the form, about a screen."""
    return with_query("/feedback/new", **({"from": screen} if screen else {}), **told)


@k.component
def FeedbackScreen() -> ft.Control:
    """``/feedback``; ``?show=`` one of ``STANDINGS``, for administrators."""
    page, app = ft.context.page, use_app()
    everybody = app.actor.role == "admin"
    asked = query().get("show", "")
    standing, set_standing = ft.use_state(asked if asked in STANDINGS else "")
    kind, set_kind = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    owner = None if everybody else app.actor.user_id
    counts = use_live(lambda s: queries.counts(s, owner), queries.TOUCHED, owner)
    rows = use_live(
        lambda s: queries.listed(s, standing=standing, kind=kind, owner_id=owner, limit=shown + 1),
        queries.TOUCHED, standing, kind, owner, shown,
    )  # fmt: skip

    def narrow(change: Any, value: str) -> None:
        change(value)
        set_shown(PAGE)

    def write(_: Any) -> None:
        page.navigate(writing())

    look = k.look()
    phone = look.layout == "phone"
    chips = [
        k.chip(
            k.t(f"feedback.standing.{name}" if name else "feedback.all"),
            standing == name,
            lambda _, name=name: narrow(set_standing, name),
            count=counts[name],
        )
        for name in ("", *STANDINGS)
    ]
    kinds = [
        k.chip(
            k.t(f"choice.feedback.kind.{name}"),
            kind == name,
            lambda _, name=name: narrow(set_kind, "" if kind == name else name),
            icon=ICONS[name],
        )
        for name in KINDS
    ]
    first: ft.Control = k.chip_row(*chips)
    if not phone:
        button = k.button(k.t("feedback.write"), write, icon=I.EDIT_OUTLINED, height=48)
        beside = ft.Container(button, padding=k.pad(0, look.gutter, 0, 0))
        first = k.row(ft.Container(first, expand=True), beside, gap=0)
    filters = [first, k.gap(8), k.chip_row(*kinds), k.gap(12)] if counts[""] else []
    if rows:
        tiles = [_tile(page, row, everybody) for row in rows[:shown]]
        body: ft.Control = k.list_card(*tiles, *more_row(rows, shown, lambda _: set_shown(shown + PAGE)))
    elif counts[""]:
        body = k.empty_state(
            k.t("feedback.none_so"), k.t("feedback.none_so.line"), icon=I.FILTER_ALT_OFF_OUTLINED,
            action=k.t("feedback.all"), on_action=lambda _: (narrow(set_standing, ""), narrow(set_kind, "")),
        )  # fmt: skip
    else:
        body = k.empty_state(
            k.t("feedback.none"), k.t("feedback.none.line"), icon=I.FORUM_OUTLINED, action=k.t("feedback.write"),
            on_action=write, action_icon=I.EDIT_OUTLINED,
        )  # fmt: skip
    return k.scaffold(
        k.t("feedback.everybody" if everybody else "feedback.mine"),
        body,
        subtitle=k.t("feedback.count", count=counts[""], waiting=counts["open"]),
        back="/settings",
        top=k.col(*filters),
        fab=k.floating_button(I.EDIT_OUTLINED, k.t("feedback.write"), write) if phone and counts[""] else None,
        max_width=WIDTH_PX,
    )


def _tile(page: ft.Page, row: dict[str, Any], everybody: bool) -> ft.Control:
    app = use_app()
    when = moment(row["created_at"], app.now_ms(), app.time_zone)
    said = " · ".join(part for part in (row["author"] if everybody else "", when) if part)
    badge = k.choice_badge("feedback", "status", row["status"])
    cloud = [k.unsent_mark()] if row["unsent"] else []
    words, state = subject(row), k.t(f"choice.feedback.status.{row['status']}")
    return k.tile(
        k.text(words, 15, 600, lines=2),
        said,
        leading=k.icon_avatar(ICONS[row["kind"]]),
        trailing=k.row(*cloud, badge, gap=6, tight=True),
        on_click=lambda _: page.navigate(f"/feedback/{row['id']}"),
        height=84,
        name=f"{words} · {said} · {state}",
    )
