"""Giving leads to a colleague, by hand or by load: one from its page, several chosen in the list."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from mobile.store.queries import lead_load
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run
from mobile.ui.words import error_words
from shared.access import Actor, answers_for
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.protocol import Command
from shared.rules.lead_load import Candidate, share_out
from shared.rules.leads import title

I = ft.Icons  # noqa: E741
COMMANDS = 200
"""Leads of one transaction; more are several."""


def may_assign(actor: Actor) -> bool:
    """Whether the role gives leads to others at all."""
    return actor.role in ENTITIES["lead"].options.generic["assign"]


def may_assign_lead(actor: Actor, row: Row) -> bool:
    """Whether this lead is the actor's to give away."""
    return may_assign(actor) and answers_for(actor, row)


@k.component
def AssignSheet(leads: Sequence[Row], on_done: Callable[[frozenset[str]], None]) -> ft.Control:
    """The colleagues with their open leads. A tap gives all of ``leads`` (``id, owner_id, team_id``, names) to one, or
    shares them out. ``on_done`` hears the ids of those that are where they should be: all, or after a refusal those of
    the transactions before it."""
    page, app = ft.context.page, use_app()
    team = None if app.actor.role == "admin" else app.actor.team_id
    people = use_live(lambda s: lead_load.candidates(s, team), lead_load.TOUCHED, team)
    names = {one.id: one.name for one in people}

    def give(given: dict[str, str], said: Callable[[Counter[str]], str]) -> None:
        moves = [lead["id"] for lead in leads if given[lead["id"]] != lead["owner_id"]]
        commands = [Command("lead.assign", {"id": lead_id, "owner_id": given[lead_id]}) for lead_id in moves]
        for first in range(0, len(commands), COMMANDS):
            refused = run(app, commands[first : first + COMMANDS])
            if refused is not None:
                why, left = error_words(refused), moves[first:]
                stopped = k.t("leads.assign.stopped", count=first, left=len(left), why=why)
                k.snack(page, stopped if first else why, status="bad")
                if first:
                    on_done(frozenset(given) - {*left})
                return
        k.snack(page, said(Counter(given[lead_id] for lead_id in moves)) if moves else k.t("leads.assign.as_before"))
        on_done(frozenset(given))

    def to_one(one: Candidate) -> Callable[[Any], None]:
        def said(moved: Counter[str]) -> str:
            return k.t("leads.assign.done", count=moved[one.id], who=one.name)

        return lambda _: give({lead["id"]: one.id for lead in leads}, said)

    def by_load(_: Any) -> None:
        def said(moved: Counter[str]) -> str:
            parts = [k.t("leads.assign.part", who=names[user_id], count=n) for user_id, n in moved.items()]
            return k.t("leads.assign.shared", who=("、" if k.look().language == "zh" else ", ").join(parts))

        give(share_out(leads, people), said)

    tiles = []
    if any(one.role == "rep" for one in people):
        tiles.append(
            k.tile(
                k.t("leads.assign.by_load"), k.t("leads.assign.by_load.line"), height=64,
                leading=k.icon_avatar(I.BALANCE_ROUNDED), on_click=by_load, name=k.t("leads.assign.by_load"),
            )
        )  # fmt: skip
    same = {lead["owner_id"] for lead in leads}
    tiles += [_tile(one, to_one(one)) for one in people if same != {one.id}]
    heading = k.t("leads.assign.title", count=len(leads))
    line = k.t("leads.assign.line")
    if len(leads) == 1:
        heading = k.t("leads.assign.title_one", name=title(leads[0]))
    blank = k.soft(k.t("screen.people.nobody.line"))
    return k.col(
        k.section_title(heading, 18), k.gap(4), k.soft(line, 13), k.gap(12), k.list_card(*tiles) if tiles else blank
    )


def _tile(one: Candidate, on_click: Any) -> ft.Control:
    load = k.t("leads.assign.load", count=one.open)
    about = " · ".join(part for part in (k.t(f"choice.user.role.{one.role}"), one.team) if part)
    return k.tile(
        one.name, about, leading=k.avatar(one.name, 40, round_=True), height=64, on_click=on_click,
        trailing=k.caption(load), name=k.t("leads.assign.to", who=one.name, load=load),
    )  # fmt: skip
