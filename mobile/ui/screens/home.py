"""Home: what is due today, the four daily ways, the month so far. Managers find their desk here (``desk.py``)."""

import datetime
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.store.queries import due
from mobile.store.queries import home as queries
from mobile.ui import kit as k
from mobile.ui.context import owner_of, use_app, use_session, use_sync
from mobile.ui.first_sync import FirstSync
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.palette import with_alpha
from mobile.ui.question_notice import question_notice
from mobile.ui.recovery_notice import recovery_notice
from mobile.ui.screens.due_list import DueList
from mobile.ui.screens.first_hour import FirstHourLine
from mobile.ui.screens.lead_home import LeadLine
from mobile.ui.screens.lease_home import OwnLeases
from mobile.ui.sync_pill import SyncPill
from shared.timezone import local_datetime, month_bounds_ms

SHOWN = 6
HERO_PX = 208
I = ft.Icons  # noqa: E741


@k.component
def HomeScreen() -> ft.Control:
    """The screen behind ``/``: a rep's day, the desk of those who lead."""
    if use_session().role in DESK:
        from mobile.ui.screens.desk import DeskScreen

        return DeskScreen()
    return RepHome()


@k.component
def RepHome() -> ft.Control:
    """A rep's day."""
    app, session, sync = use_app(), use_session(), use_sync()
    today, owner = app.today(), owner_of(app)
    day = today.isoformat()
    bounds = month_bounds_ms(app.now_ms(), app.time_zone)
    counts = use_live(lambda s: due.due_counts(s, today=day, owner_id=owner), due.TOUCHED, day, owner)
    month = use_live(lambda s: queries.month_sales(s, bounds, owner), queries.TOUCHED, bounds, owner)
    rows = use_live(lambda s: due.due(s, until=day, owner_id=owner, limit=SHOWN), due.TOUCHED, day, owner)
    org = use_live(
        lambda s: s.get("organisation", session.info.org.id) if session.info else None, ["organisation"], session.info
    )
    layout = k.look().layout
    # During a first sync nothing is said that may be untrue: no zero, no "nothing to do".
    arrived = sync.complete or bool(rows)
    listed = k.col(
        _due_heading(counts["due"]),
        k.gap(4),
        DueList(rows, day, counts["due"]) if arrived else FirstSync(k.t("frame.home.first_sync")),
    )
    sales = _month_card(app, month, today) if sync.complete else ft.Container(height=0)
    told = [*question_notice(app, sync.question), *recovery_notice(app, sync.recovery)]
    if layout == "desktop":
        left = ft.Container(k.col(_tiles(counts["due"]), k.gap(20), FirstHourLine(), OwnLeases(), listed), expand=True)
        columns = k.row(left, ft.Container(k.col(sales, LeadLine()), width=360), gap=24, top=True)
        body = k.col(*told, columns)
    else:
        first = [_tiles(counts["due"]), k.gap(16), FirstHourLine(), OwnLeases()]
        body = k.col(*told, *first, listed, k.gap(12), sales, LeadLine())
    return ft.Column(
        [
            _greeting(app, org, today),
            ft.Column(
                [ft.Container(body, padding=k.pad(0, k.look().gutter, 24, k.look().gutter))],
                scroll=ft.ScrollMode.AUTO,
                expand=True,
                spacing=0,
                horizontal_alignment=k.STRETCH,
            ),
        ],
        spacing=0,
        expand=True,
        horizontal_alignment=k.STRETCH,
    )


def given_name(name: str) -> str:
    """How a person is greeted: a Chinese name without its surname, otherwise the first word."""
    if name and ord(name[0]) > 0x2E80:
        return name[1:] if 2 < len(name) <= 4 else name
    return name.split(" ")[0]


def _greeting(app: App, org: dict[str, Any] | None, today: datetime.date) -> ft.Control:
    page = ft.context.page
    info = app.session.info
    hour = local_datetime(app.now_ms(), app.time_zone).hour
    part = "night" if hour < 5 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    name = info.user.name if info else ""
    second = " · ".join(filter(None, [k.format_day(today.isoformat()), str(org["event_name"]) if org else ""]))
    # Two lines each: beside the pill, in large text on a small phone, one would cut the name off.
    greeting = k.screen_title(k.t(f"frame.home.{part}", name=given_name(name)), lines=2)
    words = k.col(greeting, k.caption(second, lines=2))
    me = k.tappable(
        k.avatar(name, 40, round_=True),
        lambda _: page.navigate("/settings"),
        label=k.t("frame.home.me"),
        width=48,
        height=48,
        alignment=k.CENTER,
        border_radius=24,
    )
    side = k.look().gutter
    return k.box(k.row(ft.Container(words, expand=True), SyncPill(), me, gap=4), k.pad(16, side - 4, 12, side))


def _tiles(due: int) -> ft.Control:
    page, p = ft.context.page, k.look().palette
    ground, color = (p.primary_container, p.on_primary_container) if p.dark else (p.primary, p.on_primary)
    mark = k.box(
        ft.Icon(I.ADD_ROUNDED, size=28, color=ground),
        None,
        color,
        14,
        width=48,
        height=48,
        alignment=k.CENTER,
    )
    hero_words = k.col(
        mark,
        k.spacer(),
        k.text(k.t("leads.capture"), 20, 600, color, lines=2),
        k.text(k.t("leads.capture.line"), 13, 400, color, lines=2),
        gap=2,
        stretch=False,
    )
    hero = k.tappable(
        ft.Stack(
            [
                ft.Container(
                    ft.Icon(I.DOCUMENT_SCANNER_OUTLINED, size=104, color=with_alpha(color, 0.12)), right=-14, top=-8
                ),
                ft.Container(hero_words, padding=14, left=0, top=0, bottom=0, right=0),
            ]
        ),
        lambda _: page.navigate("/leads/new"),
        label=k.t("leads.capture"),
        bgcolor=ground,
        border_radius=20,
        height=HERO_PX,
        expand=5,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    tile = k.action_tile
    first = k.row(
        tile(I.EVENT_AVAILABLE_ROUNDED, k.t("frame.home.due"), lambda _: page.navigate("/follow-ups"), badge=due),
        tile(I.ADD_SHOPPING_CART_ROUNDED, k.t("frame.home.new_order"), lambda _: page.navigate("/order/new")),
        gap=8,
    )
    second = k.row(
        tile(I.PEOPLE_ALT_ROUNDED, k.t("frame.nav.customers"), lambda _: page.navigate("/customers")),
        tile(I.GRID_VIEW_ROUNDED, k.t("frame.nav.catalogue"), lambda _: page.navigate("/catalogue")),
        gap=8,
    )
    return k.row(hero, ft.Column([first, second], spacing=8, expand=7, tight=True), gap=8)


def _due_heading(count: int) -> ft.Control:
    page = ft.context.page
    more = k.link(k.t("frame.home.all", count=count), lambda _: page.navigate("/follow-ups"), I.CHEVRON_RIGHT_ROUNDED)
    return k.section(k.section_title(k.t("frame.home.due_title")), more if count > SHOWN else ft.Container(height=48))


def _month_card(app: App, month: dict[str, Any], today: datetime.date) -> ft.Control:
    page, currency = ft.context.page, app.currency
    sentence = k.t("frame.home.month_line", count=month["orders"], day=today.day)
    said = [sentence]
    if month["pending"]:
        amount = k.format_money(month["pending_total"], currency, cents=False)
        said.append(k.t("frame.home.month_pending", count=month["pending"], amount=amount))
    sentence = ("" if k.look().language == "zh" else " ").join(said)
    return k.card(
        k.col(
            k.section(
                k.section_title(k.t("frame.home.month"), 14),
                k.link(k.t("desk.mine"), lambda _: page.navigate("/dashboard"), I.CHEVRON_RIGHT_ROUNDED),
            ),
            k.money(month["total"], 28, currency=currency, cents=False),
            k.gap(4),
            k.caption(sentence, lines=3),
        ),
        k.pad(4, 16, 16, 16),  # the link is as high as a finger needs
    )
