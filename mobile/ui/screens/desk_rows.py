"""The leads and deals behind a number of the desk: exactly its rows, with the filters that made it."""

import datetime
from typing import Any

import flet as ft

from mobile.store.queries import desk, funnel
from mobile.store.queries.base import PAGE
from mobile.store.queries.funnel import ENDED, OPEN_STATE, FunnelFilter, from_address
from mobile.store.queries.order_filter import NONE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.listing import more_row, scroll_list
from mobile.ui.screens.order_narrowing import clearing_chip
from mobile.ui.sync_pill import moment

I = ft.Icons  # noqa: E741
PLACES = {"leads": "/leads", "deals": "/deals"}


@k.component
def DeskLeadsScreen() -> ft.Control:
    """``/dashboard/leads``."""
    return _Rows("leads", key="leads")


@k.component
def DeskDealsScreen() -> ft.Control:
    """``/dashboard/deals``."""
    return _Rows("deals", key="deals")


def address(asked: FunnelFilter) -> str:
    """Where the rows of a filter are listed."""
    parameters = {name: value for name, value in asked.address.items() if name != "kind"}
    return with_query(f"/dashboard/{asked.kind}", **parameters)


@k.component
def _Rows(kind: funnel.Kind) -> ft.Control:
    page, app = ft.context.page, use_app()
    zone = app.time_zone
    asked = from_address(kind, query())
    shown, set_shown = ft.use_state(PAGE)
    count = use_live(lambda s: funnel.count(s, asked, zone), funnel.TOUCHED, asked)
    rows = use_live(lambda s: funnel.rows(s, asked, zone, limit=shown + 1), funnel.TOUCHED, asked, shown)
    people = use_live(lambda s: {one["id"]: one["name"] for one in desk.sellers(s)}, desk.TOUCHED)
    source = use_live(lambda s: s.get("lead_source", asked.source), ["lead_source"], asked.source)
    stage = use_live(lambda s: s.get("stage", asked.stage), ["stage"], asked.stage)
    named = _named(asked, people, source, stage)
    chips = [clearing_chip(words, lambda _, rest=rest: page.navigate(address(rest))) for words, rest in named]
    tiles = [_tile(row, kind, page) for row in rows[:shown]]
    nothing = k.empty_state(
        k.t("desk.rows.none"),
        k.t("desk.rows.none.line"),
        icon=I.FILTER_ALT_OFF_OUTLINED,
        action=k.t("screen.clear_filters"),
        on_action=lambda _: page.navigate(address(FunnelFilter(kind))),
    )
    body: ft.Control = WhenHere(nothing)
    if tiles:
        body = scroll_list([*tiles, *more_row(rows, shown, lambda _: set_shown(shown + PAGE))], inset=16)
    return k.scaffold(
        k.t(f"desk.rows.{kind}"),
        body,
        back="/",
        subtitle=k.t("desk.rows.count", count=count),
        top=k.col(k.chip_row(*chips), k.gap(12)) if chips else None,
        scrollable=not tiles,
    )


def _named(asked: FunnelFilter, people: dict[str, str], source: Any, stage: Any) -> list[tuple[str, FunnelFilter]]:
    named = []
    if asked.state:
        entity = "lead" if asked.kind == "leads" else "opportunity"
        known = k.t("desk.filter.ended") if asked.state == ENDED else _choice(entity, asked.state)
        if asked.kind == "leads" and asked.state == OPEN_STATE:
            known = k.t("team.open")
        named.append((k.t("desk.filter.state", name=known), asked.with_(state="")))
    if asked.stage:
        named.append((k.t("desk.filter.stage", name=k.local(stage or {}, "name")), asked.with_(stage="")))
    if asked.owner:
        name = people.get(asked.owner) or k.t("desk.someone")
        named.append((k.t("desk.filter.owner", name=name), asked.with_(owner="")))
    if asked.source:
        none = asked.source == NONE or source is None
        name = k.t("desk.source.none") if none else k.local(source, "name")
        named.append((k.t("desk.filter.source", name=name), asked.with_(source="")))
    if asked.first or asked.last:
        words = k.t("desk.filter.days", first=_day(asked.first), last=_day(asked.last))
        named.append((words, asked.with_(first="", last="")))
    return named


def _choice(entity: str, state: str) -> str:
    from shared.locale import has

    key = f"choice.{entity}.state.{state}"
    return k.t(key) if has(key) else state


def _day(day: str) -> str:
    return datetime.date.fromisoformat(day).strftime("%m-%d") if day else "…"


def _tile(row: dict[str, Any], kind: str, page: ft.Page) -> ft.Control:
    app = use_app()
    when = moment(row["at"], app.now_ms(), app.time_zone)
    second = row["second"] if row["second"] != row["title"] else ""
    state = _choice("lead" if kind == "leads" else "opportunity", row["state"])
    words = " · ".join(part for part in (second, row["owner_name"], when) if part)
    amount = [k.money(row["amount"], 15, currency=app.currency)] if row["amount"] is not None else []
    cloud = [k.unsent_mark()] if row["unsent"] else []
    trailing = ft.Column(
        [k.row(*cloud, *amount, gap=6, tight=True), k.row(k.badge(state, _status(row["state"]), None), tight=True)],
        spacing=4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return k.tile(
        row["title"] or "—", words, trailing=trailing, height=76,
        on_click=lambda _: page.navigate(f"{PLACES[kind]}/{row['id']}"), name=f"{row['title']} · {words} · {state}",
    )  # fmt: skip


def _status(state: str) -> Any:
    return {"won": "ok", "converted": "ok", "lost": "bad", "open": "info", "following": "info"}.get(state, "mute")
