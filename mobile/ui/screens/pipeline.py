"""The board of open deals: a column for each stage; cards are moved by dragging, from their menu, or by keys."""

import datetime
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import flet as ft
import msgspec

from mobile.store.queries import deals
from mobile.store.queries.deals import Column, Filters
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.kit.scaffold import NAVIGATION_PX
from mobile.ui.palette import with_alpha
from mobile.ui.routes import with_query
from mobile.ui.screens.deal_actions import DealMenu, move, win
from mobile.ui.screens.deal_parts import close_words, odds, percent_words, spoken
from mobile.ui.screens.deals import DealsScreen, sums_words
from shared.codec import Row
from shared.rules.deals import days_between
from shared.timezone import month_bounds_ms

I = ft.Icons  # noqa: E741
COLUMN_MIN_PX = 216
LONG_DAYS = 14
"""After so many days in one stage a deal's stay is shown in red."""
GROUP = "deal"
FACE_PX, MENU_PX = 24, 30
"""The avatar on a card's last line, and what the menu takes of that line."""
BACK = "/pipeline"
KEYS = ("j", "k", "down", "up", "[", "]")


@k.component
def PipelineScreen() -> ft.Control:
    """``/pipeline``; a phone has no room for it and shows the list."""
    if k.look().layout == "phone":
        return DealsScreen()
    return Board()


@k.component
def Board() -> ft.Control:
    """The columns, the filters above them, and the keys."""
    page, app = ft.context.page, use_app()
    today = app.today()
    filters, set_filters = ft.use_state(Filters(today=today.isoformat()))
    selected, set_selected = ft.use_state("")
    chosen = ft.use_ref("")
    menu, set_menu = ft.use_state("")
    since = month_bounds_ms(app.now_ms(), app.time_zone)[0]
    columns = use_live(lambda s: deals.board(s, filters, since), deals.TOUCHED, filters, since)
    whole = msgspec.structs.replace(filters, state="open")
    sums = use_live(lambda s: deals.totals(s, whole), deals.TOUCHED, whole)
    late = use_live(lambda s: deals.totals(s, msgspec.structs.replace(whole, late=True)), deals.TOUCHED, whole)
    owners = use_live(deals.owners, deals.TOUCHED)

    def choose(**changes: Any) -> None:
        set_filters(lambda old: msgspec.structs.replace(old, **changes))

    def select(deal_id: str) -> None:
        chosen.current = deal_id
        set_selected(deal_id)

    def put(deal_id: str, stage: Row) -> None:
        select(deal_id)
        if stage["kind"] == "won":
            page.run_task(win, page, app, deal_id, BACK)
        else:
            move(page, app, deal_id, stage, BACK)

    def pressed(key: str) -> None:
        if urlsplit(page.route).path != BACK:
            return  # on the way to another screen
        # Read again: several keys may come before the board is drawn anew.
        _pressed(key, deals.board(app.open_store, filters, since), chosen.current, select, put)

    def entered(event: ft.KeyDownEvent) -> None:
        if event.key == "Enter" and chosen.current in _cards(deals.board(app.open_store, filters, since)):
            page.navigate(f"/deals/{chosen.current}")

    k.use_keys({name: lambda name=name: pressed(name) for name in KEYS})
    # A part of its own with nothing inside: Enter on a focused button is the button's and does not come here.
    ears = ft.KeyboardListener(ft.Container(height=8), autofocus=True, include_semantics=False, on_key_down=entered)
    sheet = k.sheet(DealMenu(menu, BACK, lambda: set_menu("")), lambda _: set_menu("")) if menu else None
    ft.use_dialog(sheet)
    chips = [
        k.chip(k.t("deals.everybody"), not filters.owner_id, lambda _: choose(owner_id="")),
        *[
            k.chip(one["name"], filters.owner_id == one["id"], lambda _, one=one: choose(owner_id=one["id"]))
            for one in owners
        ],
    ]
    over = k.chip(
        k.t("deals.late"),
        filters.late,
        lambda _: choose(late=not filters.late),
        count=late.count,
        icon=I.ERROR_OUTLINE_ROUNDED,
    )
    hint = k.caption(k.t("deals.keys")) if k.look().layout == "desktop" else ft.Container()
    bar = k.row(
        ft.Container(k.chip_row(*(chips if len(owners) > 1 else []), over, gutter=0), expand=True), hint, gap=12
    )
    inner = [
        BoardColumn(
            column, (place + 1) / len(columns), today.isoformat(), selected, put, set_menu, filters, since,
            key=column.stage["id"],
        )
        for place, column in enumerate(columns)
    ]
    room = k.look().width - 2 * k.look().gutter - 12 * max(0, len(inner) - 1)
    fits = room - _side() >= COLUMN_MIN_PX * len(inner)
    body = ft.Row(
        [ft.Container(one, expand=True) if fits else ft.Container(one, width=COLUMN_MIN_PX) for one in inner],
        spacing=12,
        expand=True,
        vertical_alignment=k.STRETCH,
        scroll=None if fits else ft.ScrollMode.AUTO,
    )
    actions = [
        k.button(k.t("deals.list"), lambda _: page.navigate("/deals"), icon=I.VIEW_LIST_OUTLINED, kind="outlined"),
        k.button(k.t("deals.new"), lambda _: page.navigate(with_query("/deals/new", back=BACK)), icon=I.ADD_ROUNDED),
    ]
    return k.scaffold(
        k.t("frame.nav.pipeline"),
        body
        if columns
        else k.empty_state(
            k.t("deals.no_stages"),
            k.t("deals.no_stages.line"),
            icon=I.FLAG_OUTLINED,
            action=k.t("frame.nav.setup"),
            on_action=lambda _: page.navigate("/setup/stage"),
        ),
        ears,
        subtitle=sums_words(sums, app.currency),
        actions=actions,
        top=ft.Container(bar, padding=k.pad(0, k.look().gutter, 12, k.look().gutter)),
        scrollable=not columns,
    )


def _side() -> int:
    return NAVIGATION_PX[k.look().layout]


def _cards(columns: list[Column]) -> dict[str, int]:
    """Deals in the order of the board, each with the place of its column."""
    return {row["id"]: place for place, column in enumerate(columns) for row in column.deals}


def _pressed(
    key: str,
    columns: list[Column],
    selected: str,
    select: Callable[[str], None],
    put: Callable[[str, Row], None],
) -> None:
    """J and K select, ``[`` and ``]`` move a stage."""
    cards = _cards(columns)
    if not cards:
        return
    order = list(cards)
    at = order.index(selected) if selected in cards else None
    if key in ("j", "down"):
        select(order[0 if at is None else min(at + 1, len(order) - 1)])
    elif key in ("k", "up"):
        select(order[0 if at is None else max(at - 1, 0)])
    elif at is not None:
        place = cards[selected] + (1 if key == "]" else -1)
        if 0 <= place < len(columns):
            put(selected, columns[place].stage)


@k.component
def BoardColumn(
    column: Column,
    way: float,
    today: str,
    selected: str,
    put: Callable[[str, Row], None],
    set_menu: Callable[[str], None],
    filters: Filters,
    since: int,
) -> ft.Control:
    """A stage that cards can be dropped on; lit while one is held over it. ``way``: how far along it is, 0 to 1."""
    page, app, p = ft.context.page, use_app(), k.look().palette
    lit, set_lit = ft.use_state(False)
    stage, sums = column.stage, column.totals
    won = stage["kind"] == "won"

    def dropped(event: Any) -> None:
        set_lit(False)
        if event.src is not None and event.src.data:
            put(str(event.src.data), stage)

    name = k.t("deals.won_this_month") if won else k.local(stage, "name")
    amount = k.short_money(sums.amount, app.currency)
    count = k.box(k.text(str(sums.count), 12, 600, p.text_soft), k.pad(1, 8), p.high, 10)
    head = ft.Semantics(
        label=k.t("deals.column", stage=name, count=sums.count, amount=amount),
        header=True,
        container=True,
        content=ft.Semantics(
            exclude_semantics=True,
            content=k.row(
                ft.Container(
                    k.row(ft.Container(k.text(name, 15, 600, lines=1), expand=True, expand_loose=True), count, gap=6),
                    expand=True,
                ),
                k.text(amount, 13, 600, p.text_soft, lines=1),
                gap=6,
            ),
        ),
    )
    color = p.status["ok"].fg if won else with_alpha(p.primary, 0.2 + 0.8 * way)
    line = ft.Container(height=3, border_radius=2, bgcolor=color)
    cards = [_card(row, today, row["id"] == selected, set_menu, movable=not won, key=row["id"]) for row in column.deals]
    rest = sums.count - len(column.deals)
    if rest > 0:
        # All that the column counts and nothing else.
        asked = {"state": "won", "since": str(since)} if won else {"stage": stage["id"]}
        asked |= {"owner": filters.owner_id} if filters.owner_id else {}
        asked |= {"late": "1"} if filters.late else {}
        target = with_query("/deals", **asked)
        cards.append(k.button(k.t("deals.rest", count=rest), lambda _: page.navigate(target), kind="text"))
    if not cards:
        cards.append(ft.Container(k.soft(k.t("deals.column.empty"), 13), padding=k.pad(12, 4)))
    ground = k.box(
        k.col(
            head, k.gap(8), line, k.gap(12), ft.ListView(cards, spacing=8, expand=True, padding=k.pad(0, 0, 12)), gap=0
        ),
        k.pad(12, 10, 0, 10),
        p.primary_container if lit else p.low,
        16,
        border=ft.Border.all(2 if lit else 1, p.primary if lit else p.hairline),
        expand=True,
    )
    return ft.DragTarget(
        group=GROUP,
        content=ground,
        on_will_accept=lambda _: set_lit(True),
        on_leave=lambda _: set_lit(False),
        on_accept=dropped,
        expand=True,
    )


def _card(
    row: dict[str, Any], today: str, selected: bool, set_menu: Callable[[str], None], *, movable: bool, key: str
) -> ft.Control:
    """A deal of a column, to be dragged by the whole of it."""
    shown = _face(row, today, selected, set_menu)
    if not movable:
        return shown
    p = k.look().palette
    # Without Material's ground the texts of what is dragged would be underlined in yellow.
    held = ft.Card(
        content=ft.Container(_words(row, today), padding=12, width=COLUMN_MIN_PX),
        bgcolor=p.card,
        elevation=6,
        shape=ft.RoundedRectangleBorder(radius=14),
    )
    return ft.Draggable(
        group=GROUP,
        content=shown,
        content_when_dragging=ft.Container(_words(row, today), padding=12, opacity=0.35),
        content_feedback=held,
        data=row["id"],
        key=key,
        max_simultaneous_drags=1,
        affinity=ft.Axis.HORIZONTAL,
    )


def _face(row: dict[str, Any], today: str, selected: bool, set_menu: Callable[[str], None]) -> ft.Control:
    page, p = ft.context.page, k.look().palette
    day = datetime.date.fromisoformat(today)
    body = k.tappable(
        _words(row, today),
        lambda _: page.navigate(f"/deals/{row['id']}"),
        label=spoken(row, day),
        padding=12,
    )
    more = k.icon_button(
        I.MORE_VERT_ROUNDED, k.t("deals.more", name=row["title"]), lambda _: set_menu(row["id"]), size=20
    )
    # The menu lies on the last line, which leaves room for it, so that amount and bar keep the card's whole width.
    inner = ft.Stack([body, ft.Container(more, right=0, bottom=0)])
    edge = ft.Border.all(2 if selected else 1, p.primary if selected else p.hairline)
    ground = k.box(inner, None, p.card, 14, border=edge, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)
    return ft.Semantics(selected=selected, content=ground)


def _words(row: dict[str, Any], today: str) -> ft.Control:
    app, p = use_app(), k.look().palette
    cloud = [k.unsent_mark()] if row["unsent"] else []
    percent = odds(row)
    parts: list[ft.Control] = [
        k.row(ft.Container(k.text(row["title"], 14, 600, lines=1), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(row["account"] or "—"),
        k.gap(6),
        k.row(
            k.text(k.short_money(row["amount"], app.currency), 15, 600, lines=1),
            *([k.text(percent_words(percent), 13, 500, p.text_soft, lines=1)] if row["state"] == "open" else []),
            between=True,
        ),
    ]
    if row["state"] == "open":
        parts += [k.gap(6), k.progress_bar(float(percent) / 100, height=4)]
    parts += [k.gap(8), _foot(row, datetime.date.fromisoformat(today))]
    return k.col(*parts)


def _foot(row: dict[str, Any], today: datetime.date) -> ft.Control:
    """Whose it is, and what is late: its expected close, otherwise how long it has been in its stage."""
    app, p = use_app(), k.look().palette
    mark = k.avatar(row["owner_name"] or "?", FACE_PX, round_=True)
    if row["state"] == "won":
        return k.row(mark, k.choice_badge("opportunity", "state", "won"), gap=8, height=FACE_PX)
    words, status = close_words(row, today)
    if status != "bad":
        stay = days_between(row["stage_since"], app.now_ms())
        words, status = k.t("deals.stay", days=stay), "bad" if stay >= LONG_DAYS else "mute"
    color = p.status[status].fg if status == "bad" else p.text_soft
    icon = I.ERROR_ROUNDED if status == "bad" else I.SCHEDULE_ROUNDED
    return k.row(
        mark,
        ft.Icon(icon, size=14, color=color),
        k.text(words, 12, 600 if status == "bad" else 400, color, lines=1, expand=True),
        k.hgap(MENU_PX),
        gap=6,
    )
