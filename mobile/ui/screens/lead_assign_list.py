"""Choosing several open leads, narrowed by person, grade or words, to give them to somebody."""

from typing import Any

import flet as ft

from mobile.store.queries import lead_load, leads
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.screens.lead_assign import AssignSheet, may_assign, may_assign_lead
from mobile.ui.screens.lead_parts import GRADES
from mobile.ui.screens.listing import more_row, nothing_found, scroll_list
from shared.codec import Row
from shared.rules.leads import title

I = ft.Icons  # noqa: E741
WIDTH_PX = 760
NOBODY: frozenset[str] = frozenset()


@k.component
def AssignLeadsScreen() -> ft.Control:
    """``/leads/assign``, for those who may give leads away."""
    if may_assign(use_app().actor):
        return LeadPicker()
    nothing = k.empty_state(k.t("setup.none"), k.t("setup.none.line"), icon=I.LOCK_OUTLINE_ROUNDED)
    return k.scaffold(k.t("leads.assign"), nothing, back="/leads")


@k.component
def LeadPicker() -> ft.Control:
    """The list, and how many are chosen at its foot."""
    app = use_app()
    text, set_text = ft.use_state("")
    owner, set_owner = ft.use_state("")
    grade, set_grade = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    picked, set_picked = ft.use_state(NOBODY)
    assigning, set_assigning = ft.use_state(False)
    team = None if app.actor.role == "admin" else app.actor.team_id
    people = use_live(lambda s: lead_load.candidates(s, team), lead_load.TOUCHED, team)
    rows = use_live(
        lambda s: leads.leads(
            s, text=text, owner_id=owner or None, grade=grade or None, only_open=True, limit=shown + 1
        ),
        leads.TOUCHED, text, owner, grade, shown,
    )  # fmt: skip
    listed = [row for row in rows[:shown] if may_assign_lead(app.actor, row)]
    # What is chosen and not shown any more is not given away unseen.
    chosen = [row for row in listed if row["id"] in picked]

    def narrow(change: Any, value: str) -> None:
        change(value)
        set_shown(PAGE)

    def toggle(row_id: str) -> None:
        set_picked(lambda old: old ^ {row_id})

    def everything(_: Any) -> None:
        set_picked(NOBODY if len(chosen) == len(listed) else frozenset(row["id"] for row in listed))

    def assigned(done: frozenset[str]) -> None:
        set_assigning(False)
        set_picked(lambda old: old - done)

    def clear(_: Any) -> None:
        for change in (set_text, set_owner, set_grade):
            narrow(change, "")

    sheet = k.sheet(AssignSheet(chosen, assigned), lambda _: set_assigning(False)) if assigning and chosen else None
    ft.use_dialog(sheet)
    owners = [
        k.chip(
            one.name,
            owner == one.id,
            lambda _, one=one: narrow(set_owner, "" if owner == one.id else one.id),
            count=one.open,
        )
        for one in people
        if one.open or owner == one.id
    ]
    grades = [
        k.chip(
            k.t(f"choice.lead.grade.{word}"),
            grade == word,
            lambda _, word=word: narrow(set_grade, "" if grade == word else word),
        )
        for word in GRADES
    ]
    tiles = [pick_row(row, row["id"] in picked, toggle) for row in listed]
    tiles += more_row(rows, shown, lambda _: set_shown(shown + PAGE))
    nothing = k.empty_state(k.t("leads.assign.none"), k.t("leads.assign.none.line"), icon=I.ASSIGNMENT_IND_OUTLINED)
    blank = nothing_found(clear) if text or owner or grade else WhenHere(nothing)
    search = k.search_field(text, lambda e: narrow(set_text, e.control.value), hint=k.t("leads.search"))
    side = k.look().gutter
    top = k.col(
        ft.Container(search, padding=k.pad(0, side)),
        k.gap(12),
        *([k.chip_row(*owners, *grades), k.gap(12)] if owners or grade else []),
    )
    all_of_them = k.t("leads.assign.no_one" if len(chosen) == len(listed) else "leads.assign.all", count=len(listed))
    foot = k.footbar(
        k.button(all_of_them, everything, kind="outlined", height=52),
        k.button(
            k.t("leads.assign.give", count=len(chosen)) if chosen else k.t("leads.assign.choose"),
            lambda _: set_assigning(True), icon=I.ASSIGNMENT_IND_OUTLINED, height=52, disabled=not chosen, expand=True,
        ),
    )  # fmt: skip
    return k.scaffold(
        k.t("leads.assign"),
        scroll_list(tiles, inset=68, foot=16) if tiles else blank,
        subtitle=k.t("leads.assign.subtitle"),
        top=top,
        foot=foot if listed else None,
        back="/leads",
        scrollable=not tiles,
        max_width=WIDTH_PX,
    )


def pick_row(row: Row, picked: bool, on_toggle: Any) -> ft.Control:
    """A lead that a tap chooses, or not any more."""
    p = k.look().palette
    mark = I.CHECK_CIRCLE_ROUNDED if picked else I.RADIO_BUTTON_UNCHECKED_ROUNDED
    about = " · ".join(part for part in (row["owner_name"], row["company"] if row["name"] else "") if part)
    cloud = [k.unsent_mark()] if row["unsent"] else []
    return k.tile(
        k.row_title(title(row)),
        k.row(k.choice_badge("lead", "state", row["state"]), k.caption(about, expand=True), gap=8),
        leading=ft.Container(ft.Icon(mark, size=28, color=p.primary if picked else p.outline), width=44),
        trailing=k.row(*cloud, k.text(row["grade"] or "—", 15, 600, p.text_soft, lines=1), gap=8, tight=True),
        height=76,
        selected=picked,
        on_click=lambda _: on_toggle(row["id"]),
        name=k.t("leads.assign.picked" if picked else "leads.assign.pick", name=title(row)),
    )
