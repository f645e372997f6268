"""The customer list: cards on phones, columns from 600 px, list and detail side by side from 1200 px."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state import first_hour
from mobile.store.queries import accounts
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.customer_page import CustomerDetail
from mobile.ui.screens.customer_parts import card_row, wide_row
from mobile.ui.screens.listing import illustration, more_row, nothing_found, scroll_list

I = ft.Icons  # noqa: E741
CLASSES = ("", "potential", "interested", "won", "lost")
LIST_PX = 396


@k.component
def CustomersScreen() -> ft.Control:
    """The list; on wide windows with the chosen customer beside it."""
    page, app = ft.context.page, use_app()
    text, set_text = ft.use_state("")
    klass, set_klass = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    today = app.today()
    counts = use_live(accounts.class_counts, accounts.TOUCHED)
    overdue = use_live(lambda s: accounts.overdue_count(s, today.isoformat()), accounts.TOUCHED, today)
    rows = use_live(
        lambda s: accounts.customers(s, text=text, account_class=klass or None, limit=shown + 1),
        accounts.TOUCHED,
        text,
        klass,
        shown,
    )

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    def choose(word: str) -> None:
        set_klass(word)
        set_shown(PAGE)

    find = query().get("find", "")
    search = k.search_field(text, typed, hint=k.t("screen.customers.search"), take_focus=bool(find), key=f"find {find}")
    chips = [
        k.chip(
            k.t(f"choice.account.account_class.{word}") if word else k.t("screen.all"),
            klass == word,
            lambda _, word=word: choose(word),
            count=counts.get(word, 0),
        )
        for word in CLASSES
    ]
    subtitle = k.t("screen.customers.count", count=counts[""])
    if overdue:
        subtitle += k.t("screen.customers.overdue", count=overdue)
    new = k.button(
        k.t("screen.customers.new"),
        lambda _: page.navigate("/customers/new"),
        icon=I.PERSON_ADD_ALT_1_ROUNDED,
        height=52,
    )
    more = more_row(rows, shown, lambda _: set_shown(shown + PAGE))
    listed = rows[:shown]

    def clear(_: Any) -> None:
        set_text("")
        choose("")

    blank = None if listed else nothing_found(clear) if text or klass else WhenHere(_empty(page))
    layout = k.look().layout

    def step(by: int) -> None:
        ids = [row["id"] for row in listed]
        if ids:
            chosen = query().get("id", ids[0])
            at = ids.index(chosen) if chosen in ids else 0
            page.navigate(with_query("/customers", id=ids[min(max(at + by, 0), len(ids) - 1)]))

    steps = {"j": 1, "down": 1, "k": -1, "up": -1} if layout == "desktop" else {}
    k.use_keys({name: lambda by=by: step(by) for name, by in steps.items()})

    def open_one(row_id: str) -> None:
        if text.strip():
            first_hour.note(app, "find")
        page.navigate(with_query("/customers", id=row_id) if layout == "desktop" else f"/customers/{row_id}")

    if layout == "desktop":
        return _desktop(open_one, subtitle, new, search, chips, listed, more, blank)
    top = _top(search, chips, new if layout == "tablet" else None)
    make: Callable[..., ft.Control] = wide_row if layout == "tablet" else card_row
    tiles = [make(row, today, open_one) for row in listed]
    body = blank or scroll_list([*tiles, *more], inset=68)
    fab = k.floating_button(
        I.PERSON_ADD_ALT_1_ROUNDED, k.t("screen.customers.new"), lambda _: page.navigate("/customers/new")
    )
    return k.scaffold(
        k.t("frame.nav.customers"),
        body,
        top=top,
        scrollable=blank is not None,
        subtitle=subtitle,
        actions=[k.icon_button(I.CONTACTS_OUTLINED, k.t("leads.all"), lambda _: page.navigate("/leads"))]
        if layout == "phone"
        else (),
        fab=fab if layout == "phone" and blank is None else None,
    )


def _top(search: ft.Control, chips: list[ft.Control], new: ft.Control | None) -> ft.Control:
    side = k.look().gutter
    line = k.row(ft.Container(search, expand=True), *([new] if new else []), gap=12)
    return k.col(ft.Container(line, padding=k.pad(0, side)), k.gap(12), k.chip_row(*chips), k.gap(12))


def _empty(page: ft.Page) -> ft.Control:
    return k.empty_state(
        k.t("screen.customers.none"),
        k.t("screen.customers.none.line"),
        picture=illustration("no-customers"),
        action=k.t("screen.customers.first"),
        action_icon=I.PERSON_ADD_ALT_1_ROUNDED,
        on_action=lambda _: page.navigate("/customers/new"),
    )


def _desktop(
    open_one: Callable[[str], None], subtitle: str, new: ft.Control, search: ft.Control, chips: list[ft.Control],
    rows: list[dict[str, Any]], more: list[ft.Control], blank: ft.Control | None,
) -> ft.Control:  # fmt: skip
    p = k.look().palette
    ids = [row["id"] for row in rows]
    chosen = query().get("id") or (ids[0] if ids else "")
    today = use_app().today()

    tiles = [card_row(row, today, open_one, selected=row["id"] == chosen) for row in rows]
    head = k.col(
        ft.Container(search, padding=k.pad(12, 12, 0, 12)),
        k.gap(12),
        k.chip_row(*chips, gutter=12),
        k.gap(12),
        k.hairline(),
    )
    listed = scroll_list([*tiles, *more], inset=68, framed=False)
    body = ft.Container(blank, expand=True) if blank else listed
    left = k.card(
        ft.Column([head, body], spacing=0, expand=True, horizontal_alignment=k.STRETCH),
        0,
        width=LIST_PX,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    detail: ft.Control = (
        CustomerDetail(chosen, True, key=chosen)
        if chosen
        else k.empty_state(
            k.t("screen.customers.pick"), k.t("screen.customers.pick.line"), icon=I.PEOPLE_OUTLINE_ROUNDED
        )
    )
    right = k.card(detail, 0, expand=True, bg=p.card, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)
    panes = ft.Row([left, right], spacing=16, expand=True, vertical_alignment=k.STRETCH)
    pane = ft.Container(panes, expand=True, padding=k.pad(0, 0, 24, 0))
    return k.scaffold(k.t("frame.nav.customers"), pane, subtitle=subtitle, actions=[new], scrollable=False)
