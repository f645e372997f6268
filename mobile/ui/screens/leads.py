"""The list of leads: search, states, grades and shows as filters."""

from typing import Any

import flet as ft

from mobile.store.queries import leads
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.first_sync import FirstSync
from mobile.ui.hooks import use_live
from mobile.ui.routes import query
from mobile.ui.screens.lead_assign import may_assign
from mobile.ui.screens.lead_home import close_line
from mobile.ui.screens.lead_parts import GRADES, lead_row, wide_row
from mobile.ui.screens.listing import illustration, more_row, nothing_found, scroll_list

I = ft.Icons  # noqa: E741
STATES = ("", "new", "following", "interested", "converted", "invalid")


@k.component
def LeadsScreen() -> ft.Control:
    """``/leads``, ``?event=<id>`` for one show."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    text, set_text = ft.use_state("")
    state, set_state = ft.use_state("")
    grade, set_grade = ft.use_state("")
    event_id, set_event = ft.use_state(query().get("event", ""))
    shown, set_shown = ft.use_state(PAGE)
    today, team = app.today(), app.session.role != "rep"
    counts = use_live(leads.state_counts, leads.TOUCHED)
    shows = use_live(leads.events, ["event"])
    rows = use_live(
        lambda s: leads.leads(
            s, text=text, state=state or None, grade=grade or None, event_id=event_id or None, limit=shown + 1
        ),
        leads.TOUCHED, text, state, grade, event_id, shown,
    )  # fmt: skip
    open_event = use_live(lambda s: leads.running(s, today.isoformat()), ["event"], today)
    owner = None if team else app.actor.user_id
    lacking = use_live(
        lambda s: leads.unfinished(s, open_event["id"], owner) if open_event else [], leads.TOUCHED, open_event, owner
    )

    def narrow(change: Any, value: str) -> None:
        change(value)
        set_shown(PAGE)

    def clear(_: Any) -> None:
        for change in (set_text, set_state, set_grade, set_event):
            narrow(change, "")

    search = k.search_field(text, lambda e: narrow(set_text, e.control.value), hint=k.t("leads.search"))
    states = [
        k.chip(
            k.t(f"choice.lead.state.{word}") if word else k.t("screen.all"),
            state == word,
            lambda _, word=word: narrow(set_state, word),
            count=counts.get(word, 0),
        )
        for word in STATES
        if not word or counts.get(word)
    ]
    grades = [
        k.chip(
            k.t(f"choice.lead.grade.{word}"),
            grade == word,
            lambda _, word=word: narrow(set_grade, "" if grade == word else word),
        )
        for word in GRADES
    ]
    places = [
        k.chip(
            k.local(show, "name"),
            event_id == show["id"],
            lambda _, show=show: narrow(set_event, "" if event_id == show["id"] else show["id"]),
        )
        for show in shows
    ]
    new = k.button(
        k.t("leads.capture"), lambda _: page.navigate("/leads/new"), icon=I.PERSON_ADD_ALT_1_ROUNDED, height=52
    )
    more = more_row(rows, shown, lambda _: set_shown(shown + PAGE))
    listed = rows[:shown]
    filtered = bool(text or state or grade or event_id)
    # During a first sync nothing is said that may be untrue.
    arriving = not sync.complete and not counts[""]
    blank: ft.Control | None = None
    if not listed and arriving:
        blank = FirstSync(k.t("frame.home.first_sync"))
    elif not listed:
        blank = nothing_found(clear) if filtered else _empty(page)
    layout = k.look().layout
    make = lead_row if layout == "phone" else wide_row
    tiles = [make(row, today, lambda row_id: page.navigate(f"/leads/{row_id}"), owner=team) for row in listed]
    body = blank or scroll_list([*tiles, *more], inset=68)
    give = k.icon_button(I.ASSIGNMENT_IND_OUTLINED, k.t("leads.assign"), lambda _: page.navigate("/leads/assign"))
    fab = k.floating_button(I.PERSON_ADD_ALT_1_ROUNDED, k.t("leads.capture"), lambda _: page.navigate("/leads/new"))
    side = k.look().gutter
    line = k.row(ft.Container(search, expand=True), *([new] if layout != "phone" else []), gap=12)
    close = [ft.Container(close_line(page, len(lacking)), padding=k.pad(0, side, 12, side))] if lacking else []
    top = k.col(
        ft.Container(line, padding=k.pad(0, side)),
        k.gap(12),
        *([k.chip_row(*states), k.gap(8), k.chip_row(*grades, *places), k.gap(12)] if counts[""] else []),
        *close,
    )
    return k.scaffold(
        k.t("leads.title"),
        body,
        top=top,
        back="/" if layout == "phone" else None,
        actions=[give] if may_assign(app.actor) and counts[""] else [],
        scrollable=blank is not None,
        subtitle=None if arriving else k.t("leads.count", count=counts[""]),
        fab=fab if layout == "phone" and blank is None else None,
    )


def _empty(page: ft.Page) -> ft.Control:
    return k.empty_state(
        k.t("leads.none"),
        k.t("leads.none.line"),
        picture=illustration("no-customers"),
        action=k.t("leads.first"),
        action_icon=I.PERSON_ADD_ALT_1_ROUNDED,
        on_action=lambda _: page.navigate("/leads/new"),
    )
