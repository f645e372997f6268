"""The first hour: a line on the home screen, the list that it opens, and what notices that a task is done."""

from typing import Any

import flet as ft

from mobile.state import first_hour
from mobile.state.app import App
from mobile.store.queries import first_hour as queries
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.hooks import use_live
from shared.rules.first_hour import Step, steps

I = ft.Icons  # noqa: E741
WIDTH_PX = 720
MARK_PX = 40


@k.component
def FirstHourHost(address: str) -> ft.Control:
    """Draws nothing; keeps what rows and the address show as done."""
    app, sync, session = use_app(), use_sync(), use_session()
    me = app.actor.user_id
    inputs = (address, sync.online, session.role, me)
    found = use_live(lambda _: first_hour.look(app, address), {*queries.TOUCHED, "organisation", "_meta"}, *inputs)
    k.use_effect(lambda: first_hour.begin(app), [me])
    k.use_effect(lambda: first_hour.note(app, *found), [me, *found])
    return ft.Container(width=0, height=0)


def use_steps() -> tuple[bool, tuple[Step, ...]]:
    """(whether the list is hidden, the steps). A hook."""
    app, session = use_app(), use_session()
    me = app.actor.user_id
    kept = use_live(first_hour.load, {"_meta"})
    possible = use_live(lambda s: queries.possible(s, me), {"conflict", "feedback"}, me)
    return kept.hidden, steps(session.role, kept.done, possible)


def progress_words(found: tuple[Step, ...]) -> str:
    """``2 / 7``."""
    return k.t("first_hour.progress", done=sum(step.done for step in found), all=len(found))


@k.component
def FirstHourLine() -> ft.Control:
    """One line with the progress; nothing when all is done or the line was hidden."""
    page, p = ft.context.page, k.look().palette
    hidden, found = use_steps()
    done = sum(step.done for step in found)
    if hidden or done == len(found):
        return ft.Container(height=0)
    words, progress = k.t("first_hour.title"), progress_words(found)
    inner = k.row(
        ft.Icon(I.ROCKET_LAUNCH_OUTLINED, size=22, color=p.primary),
        k.text(words, 15, 500, lines=1),
        ft.Container(k.progress_bar(done / len(found)), expand=True),
        k.text(progress, 13, 600, p.text_soft, lines=1),
        ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=22, color=p.text_soft),
        gap=12,
    )
    line = k.tappable(
        inner,
        lambda _: page.navigate("/first-hour"),
        label=f"{words} {progress}",
        padding=k.pad(0, 16),
        height=52,
        bgcolor=p.card,
        border_radius=16,
        border=ft.Border.all(1, p.hairline),
    )
    return ft.Container(line, padding=k.pad(0, 0, 12, 0))


@k.component
def FirstHourScreen() -> ft.Control:
    """``/first-hour``: the tasks, each with the way to its screen."""
    app = use_app()
    hidden, found = use_steps()
    done = sum(step.done for step in found)
    head = k.col(
        k.row(
            k.section_title(k.t("first_hour.card"), 16),
            k.badge(progress_words(found), "ok" if done == len(found) else "info", None),
            between=True,
        ),
        k.gap(8),
        k.progress_bar(done / max(1, len(found)), name=k.t("first_hour.title")),
    )
    tiles = [_tile(app, number, step) for number, step in enumerate(found, 1)]
    rows: list[ft.Control] = []
    for tile in tiles:
        rows += [k.hairline(64), tile]
    card = k.card(k.col(ft.Container(head, padding=16), *rows), 0, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)
    all_done = [k.notice(k.t("first_hour.all_done"), "ok", detail=k.t("first_hour.all_done.line"))]
    shown = k.switch_row(
        k.t("first_hour.show"),
        not hidden,
        lambda on: first_hour.hide(app, not on),
        detail=k.t("first_hour.show.line"),
    )
    return k.scaffold(
        k.t("first_hour.title"),
        *(all_done if done == len(found) else []),
        card,
        k.card(shown, k.pad(12, 16)),
        subtitle=k.t("first_hour.line"),
        back="/",
        max_width=WIDTH_PX,
    )


def _tile(app: App, number: int, step: Step) -> ft.Control:
    page, p = ft.context.page, k.look().palette
    title, line = k.t(f"first_hour.{step.key}"), k.t(f"first_hour.{step.key}.line")
    inside: ft.Control = (
        ft.Icon(I.CHECK_ROUNDED, size=22, color=p.on_primary)
        if step.done
        else k.text(str(number), 15, 600, p.on_primary_container)
    )
    ground = p.primary if step.done else p.primary_container
    mark = k.box(inside, None, ground, 12, width=MARK_PX, height=MARK_PX, alignment=k.CENTER)
    said = k.t("first_hour.done") if step.done else line

    def go(_: Any) -> None:
        way = way_to(app, step.key)
        if way:
            page.navigate(way)
        else:
            app.show_sync_sheet(True)

    return k.tile(
        k.text(title, 15, 600, p.text_soft if step.done else None, lines=2),
        k.caption(said, lines=2),
        leading=mark,
        trailing=None if step.key == "signed_in" else ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=p.text_soft),
        on_click=None if step.key == "signed_in" else go,
        height=76,
        name=k.t("first_hour.step", number=number, title=title, state=said),
        padding=k.pad(0, 12, 0, 16),
    )


def way_to(app: App, key: str) -> str:
    """The address at which a task is done, with a record of one's own where it needs one; empty: the sync sheet."""
    store, me, rep = app.open_store, app.actor.user_id, app.actor.role == "rep"
    if key == "follow_up":
        account = queries.newest(store, "account", me if rep else "")
        return f"/customers/{account}?new=activity" if account else "/customers/new"
    if key == "deal":
        deal = queries.newest(store, "opportunity", me if rep else "")
        return "/deals/new" if deal is None else f"/deals/{deal}" if rep else "/pipeline"
    if key == "trail":
        order, account = queries.newest(store, "order"), queries.newest(store, "account")
        return f"/log/order/{order}" if order else f"/log/account/{account}" if account else "/customers"
    return WAYS[key]


WAYS = {
    "lead": "/leads/new",
    "find": "/customers",
    "offline_order": "/order/new",
    "sheet": "",
    "period": "/",
    "rows": "/",
    "lease": "/stock",
    "conflict": "/inbox",
    "invite": "/users/new",
    "stage": "/setup/stage",
    "event": "/setup/event/new",
    "devices": "/users",
    "chain": "/log",
    "feedback": "/feedback?show=open",
}
"""Task → address, where that is always the same."""
