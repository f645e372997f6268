"""At the end of the show: each lead that lacks a grade, a note or a next step, with one tap for each (X5)."""

from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.state.lead_capture import NEXT_STEPS, next_step_day
from mobile.store.queries import leads
from mobile.ui import kit as k
from mobile.ui.context import owner_of, use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.lead_parts import grade_picker, question_chips, second_line
from shared.catalog import ENTITIES
from shared.codec import Row, values_to_wire
from shared.protocol import Command
from shared.rules.leads import lacks, title

I = ft.Icons  # noqa: E741
WIDTH_PX = 720
SHOWN = 30


@k.component
def BoothCloseScreen() -> ft.Control:
    """``/leads/close``."""
    page, app = ft.context.page, use_app()
    day = app.today().isoformat()
    owner = owner_of(app)
    event = use_live(lambda s: leads.latest(s, day), ["event"], day)
    event_id = event["id"] if event else None
    rows = use_live(lambda s: leads.unfinished(s, event_id, owner), leads.TOUCHED, event_id, owner)
    if not rows:
        body: list[ft.Control] = [
            k.empty_state(
                k.t("leads.close.done"),
                k.t("leads.close.done.line"),
                icon=I.TASK_ALT_ROUNDED,
                action=k.t("leads.all"),
                on_action=lambda _: page.navigate("/leads"),
            )
        ]
    else:
        body = [k.soft(k.t("leads.close.line")), *(Unfinished(row, event, key=row["id"]) for row in rows[:SHOWN])]
        if len(rows) > SHOWN:
            body.append(k.caption(k.t("leads.close.more", count=len(rows) - SHOWN)))
    name = k.local(event, "name") if event else ""
    said = " · ".join(part for part in (name, k.t("leads.close.count", count=len(rows))) if part)
    return k.scaffold(k.t("leads.close"), *body, subtitle=said, back="/leads", max_width=WIDTH_PX, gap=12)


@k.component
def Unfinished(row: Row, event: Row | None) -> ft.Control:
    """One lead with what it lacks; each tap is saved at once."""
    page, app = ft.context.page, use_app()
    missing = lacks(row)
    head = k.tile(
        k.row_title(title(row)),
        second_line(row) or None,
        leading=k.avatar(title(row), 40, round_=bool(row["name"])),
        on_click=lambda _: page.navigate(f"/leads/{row['id']}"),
        name=k.t("leads.open_name", name=title(row)),
        height=56,
        padding=0,
        action=k.icon_button(
            I.EDIT_OUTLINED,
            k.t("leads.edit_name", name=title(row)),
            lambda _: page.navigate(f"/leads/{row['id']}/edit"),
        ),
    )
    parts: list[ft.Control] = [head]
    if "grade" in missing:
        words = k.t("field.lead.grade")
        parts.append(k.labelled(words, grade_picker("", lambda grade: _set(page, app, row, {"grade": grade}))))
    if "note" in missing:
        parts += _note(page, app, row, event)
    if "next_step" in missing:
        chips = []
        for key, days in NEXT_STEPS:
            step = {"next_step": k.t(f"leads.step.{key}"), "next_step_on": next_step_day(app.today(), days)}
            chips.append(k.chip(step["next_step"] or "", False, lambda _, s=step: _set(page, app, row, s)))
        parts.append(k.labelled(k.t("field.lead.next_step"), ft.Row(chips, spacing=8, run_spacing=8, wrap=True)))
    return k.card(k.col(*parts, gap=12))


def _note(page: ft.Page, app: App, row: Row, event: Row | None) -> list[ft.Control]:
    """The show's questions answer it by one tap; without any there is the form."""
    chips = question_chips(event, row["answers"], lambda answers: _set(page, app, row, {"answers": sorted(answers)}))
    if chips:
        return chips[:1]
    write = k.button(
        k.t("leads.write_note"), lambda _: page.navigate(f"/leads/{row['id']}/edit"), icon=I.EDIT_NOTE_ROUNDED,
        kind="outlined",
    )  # fmt: skip
    return [k.labelled(k.t("field.lead.note"), k.row(write))]


def _set(page: ft.Page, app: App, row: Row, values: dict[str, Any]) -> None:
    base = values_to_wire(ENTITIES["lead"], {name: row[name] for name in values})
    run_or_tell(page, app, [Command("lead.patch", {"id": row["id"], "base": base, "values": values})])
