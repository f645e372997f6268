"""What the list of orders is narrowed by: each filter a chip that can be taken away, and whose orders are shown."""

import datetime
from typing import Any

import flet as ft

from mobile.store.queries import desk
from mobile.store.queries.order_filter import NONE, OrderFilter
from mobile.ui import kit as k
from mobile.ui.context import use_session
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.routes import with_query

I = ft.Icons  # noqa: E741


def to_orders(page: ft.Page, asked: OrderFilter) -> None:
    """The list for a filter; the address keeps it, so that back and reload do too."""
    page.navigate(with_query("/orders", **asked.address))


def chips(page: ft.Page, asked: OrderFilter, people: dict[str, str]) -> list[ft.Control]:
    """One chip for each filter that is set; a tap takes it away."""
    named = _named(asked, people)
    return [clearing_chip(words, lambda _, rest=rest: to_orders(page, rest)) for words, rest in named]


def _named(asked: OrderFilter, people: dict[str, str]) -> list[tuple[str, OrderFilter]]:
    named = []
    if asked.owner:
        name = people.get(asked.owner) or k.t("desk.someone")
        named.append((k.t("desk.filter.owner", name=name), asked.with_(owner="")))
    if asked.first or asked.last:
        days = k.t("desk.filter.days", first=_day(asked.first), last=_day(asked.last))
        named.append((days, asked.with_(first="", last="")))
    if asked.city:
        name = k.t("desk.city.none") if asked.city == NONE else asked.city
        named.append((k.t("desk.filter.city", name=name), asked.with_(city="")))
    if asked.source:
        known = "" if asked.source == NONE else f"choice.account.source.{asked.source}"
        name = k.t(known) if known else k.t("desk.source.none")
        named.append((k.t("desk.filter.source", name=name), asked.with_(source="")))
    if asked.currency:
        named.append((k.t("desk.filter.currency", name=asked.currency), asked.with_(currency="")))
    return named


def _day(day: str) -> str:
    return datetime.date.fromisoformat(day).strftime("%m-%d") if day else "…"


def clearing_chip(words: str, on_clear: Any) -> ft.Control:
    """A filter that is set; a tap takes it away."""
    p = k.look().palette
    inner = k.row(
        k.text(words, 14, 600, p.on_primary_container, lines=1),
        ft.Icon(I.CLOSE_ROUNDED, size=16, color=p.on_primary_container),
        gap=6,
        tight=True,
    )
    return k.tappable(
        inner, on_clear, label=k.t("desk.filter.clear", what=words), padding=k.pad(0, 12, 0, 14), height=48,
        border_radius=12, bgcolor=p.primary_container,
    )  # fmt: skip


@k.component
def WhoseOrders(asked: OrderFilter, people: dict[str, str]) -> ft.Control:
    """For those who lead: a button that opens the choice of a person."""
    page = ft.context.page
    shown, show = ft.use_state(False)
    role = use_session().role
    sellers = use_live(desk.sellers, desk.TOUCHED)
    wanted = role in DESK and len(sellers) > 1

    def choose(owner: str) -> Any:
        def chosen(_: Any) -> None:
            show(False)
            to_orders(page, asked.with_(owner=owner))

        return chosen

    def tile(owner: str, name: str) -> ft.Control:
        mark = [ft.Icon(I.CHECK_ROUNDED, size=20)] if owner == asked.owner else []
        picture = k.avatar(name, 40, round_=True) if owner else k.icon_avatar(I.PEOPLE_OUTLINE_ROUNDED)
        return k.tile(
            name, leading=picture, trailing=k.row(*mark, tight=True), on_click=choose(owner), height=60, name=name
        )

    tiles = [tile("", k.t("desk.filter.everybody")), *[tile(one["id"], one["name"]) for one in sellers]]
    content = k.col(k.section_title(k.t("desk.filter.who"), 20), k.gap(12), k.list_card(*tiles))
    ft.use_dialog(k.sheet(content, lambda _: show(False)) if shown and wanted else None)
    if not wanted:
        return ft.Container(width=0)
    name = people.get(asked.owner, "") if asked.owner else k.t("desk.filter.everybody")
    return k.chip(name or k.t("desk.someone"), False, lambda _: show(True), icon=I.PERSON_SEARCH_OUTLINED)
