"""Follow-ups and next steps of leads that are due: overdue first, a call or the page, done with one tap."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.palette import Status
from mobile.ui.screens.customer_parts import day_and_time
from mobile.ui.screens.due_later import LaterButton, patch
from shared.rules.reminders import due_ms

I = ft.Icons  # noqa: E741


def due_words(row: Mapping[str, Any], today: str, now_ms: int, time_zone: str) -> tuple[str, Status]:
    """*2 days late*, *today*, *today 14:30*, *since 14:30*, or the day; with its colour."""
    due_on, clock, at = row["due_on"], row["due_time"], due_ms(row, time_zone)
    late = (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(due_on)).days
    if late > 0:
        return k.t("frame.due.late_one" if late == 1 else "frame.due.late", days=late), "bad"
    if late == 0 and at is not None:
        return (k.t("due.since", time=clock), "bad") if at <= now_ms else (k.t("due.today_at", time=clock), "warn")
    if late == 0:
        return k.t("frame.due.today"), "warn"
    return day_and_time(due_on, clock), "mute"


def mark_done(page: ft.Page, app: App, row: Mapping[str, Any]) -> None:
    """Marks a follow-up as done, or a lead's next step, with the way back in the snack bar."""
    if row["entity"] == "lead":
        before = {"next_step_on": row["due_on"], "next_step": row["due_note"]}
        after: dict[str, Any] = {"next_step_on": None, "next_step": ""}
    else:
        before, after = {"done_at": None}, {"done_at": app.now_ms()}
    if patch(page, app, row, before, after):
        stored = app.open_store.get(row["entity"], row["id"]) or after
        now = {name: stored[name] for name in after}
        k.snack(
            page,
            k.t("frame.due.done", name=row["account"]),
            action=k.t("frame.undo"),
            on_action=lambda _: patch(page, app, row, now, before),
        )


@k.component
def DueList(rows: list[dict[str, Any]], today: str, total: int) -> ft.Control:
    """The list, or what is said when nothing is due."""
    app, page = use_app(), ft.context.page
    if not rows:
        return k.card(
            k.empty_state(
                k.t("frame.home.nothing"),
                k.t("frame.home.nothing_line"),
                icon=I.EVENT_AVAILABLE_ROUNDED,
                action=k.t("frame.home.nothing_action"),
                on_action=lambda _: page.navigate("/customers"),
            ),
            0,
        )
    inset = 16 if k.look().layout == "phone" else 68
    return k.list_card(*[_tile(app, page, row, today) for row in rows], inset=inset)


def _tile(app: App, page: ft.Page, row: dict[str, Any], today: str) -> ft.Control:
    words, status = due_words(row, today, app.now_ms(), app.time_zone)
    p = k.look().palette
    color = p.status[status].fg
    whose = row["owner_name"] if row["owner_id"] != app.actor.user_id and row["owner_name"] else ""
    is_lead, note = row["entity"] == "lead", row["due_note"] or row["body"]
    # A phone's line has no room for the word beside what is to do.
    short = k.look().layout == "phone"
    said = [k.t("due.lead")] if is_lead and not short else []
    said += [whose, note, row["company"] if row["company"] != row["account"] else ""]
    mark = [ft.Icon(I.CONTACTS_OUTLINED, size=14, color=p.text_soft)] if is_lead and short else []
    line = k.row(
        ft.Icon(I.ERROR_ROUNDED if status == "bad" else I.SCHEDULE_ROUNDED, size=14, color=color),
        k.text(words, 12, 600, color, lines=1),
        *mark,
        k.caption(" · ".join(filter(None, said) if mark else ["", *filter(None, said)]).strip(), expand=True),
        *([k.unsent_mark()] if row["unsent"] else []),
        gap=4,
    )
    return k.tile(
        k.row_title(row["account"], lines=2),  # beside three buttons a phone's line is short
        line,
        leading=None if k.look().layout == "phone" else k.avatar(row["account"], 44),
        on_click=_to(page, f"/leads/{row['id']}" if is_lead else f"/customers/{row['account_id']}"),
        name="，".join([*([k.t("due.lead")] if is_lead else []), row["account"], words, note]),
        action=k.row(*_actions(app, page, row), gap=0, tight=True),
    )


def _actions(app: App, page: ft.Page, row: dict[str, Any]) -> list[ft.Control]:
    p = k.look().palette
    actions: list[ft.Control] = []
    if row["phone"]:
        number = "".join(sign for sign in row["phone"] if sign.isdigit() or sign == "+")
        actions.append(
            k.icon_button(
                I.CALL_ROUNDED,
                k.t("frame.due.call", name=row["contact"] or row["account"]),
                _call(page, number),
                color=p.primary,
                bg=p.primary_container,
                size=20,
            )
        )
    actions.append(LaterButton(row, key=f"later {row['id']}"))
    actions.append(
        k.icon_button(
            I.CHECK_ROUNDED,
            k.t("frame.due.mark", name=row["account"]),
            lambda _: mark_done(page, app, row),
            color=p.text_soft,
        )
    )
    return actions


def _to(page: ft.Page, route: str) -> Callable[[Any], None]:
    return lambda _: page.navigate(route)


def _call(page: ft.Page, number: str) -> Callable[[Any], Any]:
    async def call(_: object) -> None:
        await ft.UrlLauncher().launch_url(f"tel:{number}")

    return call
