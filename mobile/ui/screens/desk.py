"""The manager's desk: what was won, by whom, where and how it goes, over the rows of this device, offline too.

Every number opens exactly its rows. A rep finds the same page about the own work at ``/dashboard``.
"""

import datetime
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.store.queries import desk, due, funnel
from mobile.store.queries.funnel import ENDED, FunnelFilter
from mobile.store.queries.order_filter import NONE, OrderFilter
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.first_sync import FirstSync
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.question_notice import question_notice
from mobile.ui.recovery_notice import recovery_notice
from mobile.ui.routes import query, with_query
from mobile.ui.screens import desk_chart as chart
from mobile.ui.screens import desk_funnel as cards_of
from mobile.ui.screens import desk_parts as parts
from mobile.ui.screens.admin_home import AdminTodo
from mobile.ui.screens.backup_line import BackupLine
from mobile.ui.screens.desk_rows import address
from mobile.ui.screens.first_hour import FirstHourLine
from mobile.ui.screens.lease_home import OwnLeases
from mobile.ui.screens.older import OlderRow, reaches_back, use_history
from shared.rules.periods import KINDS, Period, Span, period_of
from shared.rules.reminders import escalated_before
from shared.timezone import local_datetime

I = ft.Icons  # noqa: E741
PACE_FROM_DAYS = 3
"""How long a period must have run before its end is guessed at."""


@k.component
def DeskScreen() -> ft.Control:
    """``/`` for managers and admins, ``/dashboard``; ``?period=`` one of ``KINDS``."""
    app, session, sync, page = use_app(), use_session(), use_sync(), ft.context.page
    zone, today = app.time_zone, app.today()
    own = session.role not in DESK
    owner = app.actor.user_id if own else ""
    kind = query().get("period", "month")
    period = period_of(kind if kind in KINDS else "month", today)
    won = OrderFilter(state="confirmed", owner=owner, currency=app.currency)
    now = won.within(period)
    same = won.within(period.same_part_before(today))
    waiting = won.with_(state="pending")
    inputs = (period, today, owner, app.currency)
    sold = use_live(lambda s: desk.summary(s, now, zone), desk.TOUCHED, *inputs)
    earlier = use_live(lambda s: desk.totals(s, same, zone), desk.TOUCHED, *inputs)
    pending = use_live(lambda s: desk.totals(s, waiting, zone), desk.TOUCHED, *inputs)
    series = use_live(lambda s: _series(s, won, period, today, zone), desk.TOUCHED, *inputs)
    others = use_live(lambda s: desk.other_currencies(s, now, app.currency, zone), desk.TOUCHED, *inputs)
    leads = FunnelFilter("leads", owner=owner)
    ended = FunnelFilter("deals", state=ENDED, owner=owner)
    spans = (period, period.same_part_before(today))
    lead_counts = use_live(
        lambda s: [funnel.count(s, leads.within(span), zone) for span in spans], funnel.TOUCHED, *inputs
    )
    lead_parts = use_live(
        lambda s: funnel.by_part(s, leads, [part for part in period.parts() if part.first <= today], zone),
        funnel.TOUCHED, *inputs,
    )  # fmt: skip
    rates = use_live(
        lambda s: [funnel.win_rate(s, ended.within(span), zone) for span in spans], funnel.TOUCHED, *inputs
    )
    stages = use_live(lambda s: funnel.pipeline(s, owner), funnel.TOUCHED, owner)
    lead_sources = use_live(lambda s: funnel.lead_sources(s, leads.within(period), zone), funnel.TOUCHED, *inputs)
    days = use_live(desk.escalate_days, ["organisation"])
    late = use_live(lambda s: due.overdue(s, today.isoformat(), owner or None), due.TOUCHED, today, owner)
    long = use_live(
        lambda s: due.overdue(s, escalated_before(today, days).isoformat(), owner or None),
        due.TOUCHED, today, owner, days,
    )  # fmt: skip
    history = use_history()
    partial = reaches_back(history, spans[1].first)
    basis = None if partial else earlier
    people = use_live(lambda s: {row["id"]: row["name"] for row in desk.sellers(s)}, desk.TOUCHED)

    def to(asked: OrderFilter) -> Any:
        return lambda _: page.navigate(with_query("/orders", **asked.address))

    def to_rows(asked: FunnelFilter) -> Any:
        return lambda _: page.navigate(address(asked))

    def to_late(**parameters: str) -> Any:
        return lambda _: page.navigate(with_query("/follow-ups", **{"late": "0", **parameters}))

    def group_of(key: str) -> Any:
        return lambda group: to(now.with_(**{key: group.key}))

    layout = k.look().layout
    width = k.look().width - {"phone": 0, "tablet": 89, "desktop": 233}[layout] - 2 * k.look().gutter
    cards = [
        _won_card(app, period, sold, basis, series, to(now), to(same)),
        cards_of.leads_card(
            period,
            _lower(period),
            *lead_counts,
            lead_parts,
            to_rows(leads.within(spans[0])),
            to_rows(leads.within(spans[1])),
        ),
        cards_of.rate_card(
            period, _lower(period), *rates, to_rows(ended.within(spans[0])), to_rows(ended.within(spans[1]))
        ),
        _overdue_card(late, long, days, to_late(**({"owner": owner} if own else {}))),
    ]
    wide_trend = width if layout != "desktop" else (width - 16) * 0.64
    trend = _trend_card(
        app, period, today, series, basis["total"] if basis else None,
        (wide_trend - 34, chart.height_beside(len(stages))),
        lambda part: to(won.within(part)), sold.orders, to(now),
    )  # fmt: skip
    regions = parts.GroupCard(
        k.t("desk.regions"), _largest("desk.regions.line", sold.city, sold.total, _city), sold.city, _city,
        app.currency, group_of("city"), False, key=f"city {kind}",
    )  # fmt: skip
    sources = parts.GroupCard(
        k.t("desk.sources"), _largest("desk.sources.line", sold.source, sold.total, _source), sold.source, _source,
        app.currency, group_of("source"), False, key=f"source {kind}",
    )  # fmt: skip

    def name_of(user_id: str) -> str:
        return people.get(user_id) or k.t("desk.someone")

    ranking = parts.GroupCard(
        k.t("desk.ranking"), _largest("desk.ranking.line", sold.owner, sold.total, name_of), sold.owner, name_of,
        app.currency, group_of("owner"), True, key=f"owner {kind}",
    )  # fmt: skip
    open_deals = FunnelFilter("deals", state="open", owner=owner)
    stage_card = cards_of.pipeline_card(stages, app.currency, lambda stage: to_rows(open_deals.with_(stage=stage.id)))
    origins = cards_of.lead_sources_card(lead_sources, lambda key: to_rows(leads.within(period).with_(source=key)))
    team = parts.overdue_card(late, today, days, lambda user_id: to_late(owner=user_id))
    people_cards = [] if own else [ranking, team]
    told = [*question_notice(app, sync.question), *recovery_notice(app, sync.recovery)]
    if partial:
        told.append(OlderRow(first=spans[1].first.isoformat()[:7]))
    said = [k.t("desk.counted")]
    if others:
        said.append(k.t("desk.counted.currency", count=others))
    foot = k.caption(("" if k.look().language == "zh" else " ").join(said), lines=4)
    waits = _pending_line(app, pending, to(waiting))
    if layout == "desktop":
        second = k.row(ft.Container(trend, expand=64), ft.Container(stage_card, expand=36), gap=16, top=True)
        columns = ([ranking, sources], [team, origins], [regions]) if not own else ([regions], [sources], [origins])
        third = k.row(*[ft.Container(k.col(*column, gap=16), expand=1) for column in columns], gap=16, top=True)
        body = [_cards(cards, 4), *waits, k.col(OwnLeases(), second), third, foot]
    elif layout == "tablet":
        body = [_cards(cards, 2), *waits, k.col(OwnLeases(), trend), stage_card]
        columns = ([ranking, regions], [team, sources, origins]) if not own else ([regions], [sources, origins])
        body += [k.row(*[ft.Container(k.col(*column, gap=12), expand=1) for column in columns], gap=12, top=True), foot]
    else:
        body = [cards[0], _cards(cards[1:3], 2), cards[3], *waits, *([] if own else [_ways(page)])]
        body += [k.col(OwnLeases(), trend), stage_card]
        body += [*people_cards, regions, sources, origins, foot]
    if not sync.complete:
        # Nothing is said that may be untrue while the rows still come in.
        body = [FirstSync(k.t("desk.counted.first_sync"))]
    if session.role == "admin":
        # In one part: while there is nothing to do it takes no gap either.
        body[0] = k.col(AdminTodo(), BackupLine(), body[0])
    if not own:
        body[0] = k.col(FirstHourLine(), body[0])
    place = "/dashboard" if own else "/"
    chips = [_period_chip(page, place, name, name == period.kind) for name in KINDS]
    narrow = layout != "desktop"  # beside them there is no room for the title
    return k.scaffold(
        k.t("desk.mine" if own else "desk.title"),
        *told,
        *body,
        subtitle=_subtitle(app, period, today),
        back="/" if own else None,
        actions=[] if narrow else [k.row(*chips, gap=8)],
        top=k.col(k.chip_row(*chips), k.gap(12)) if narrow else None,
        gap=16 if layout == "desktop" else 12,
        help_name="dashboard",
    )


def _series(store: Any, won: OrderFilter, period: Period, today: datetime.date, zone: str) -> dict[str, list[Decimal]]:
    """Totals of the period's parts up to today, and of those of the period before."""
    so_far = [part for part in period.parts() if part.first <= today]
    return {
        "now": desk.by_part(store, won, so_far, zone),
        "before": desk.by_part(store, won, period.before().parts(), zone),
    }


def _subtitle(app: App, period: Period, today: datetime.date) -> str:
    days = k.t(
        "desk.day_of", first=_short_day(period.first), last=_short_day(period.last),
        day=(today - period.first).days + 1, days=period.days,
    )  # fmt: skip
    if k.look().layout == "phone":
        return days  # beside help and pill there is room for one thing
    hour = local_datetime(app.now_ms(), app.time_zone).hour
    part = "night" if hour < 5 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    from mobile.ui.screens.home import given_name

    name = given_name(app.session.info.user.name) if app.session.info else ""
    return f"{k.t(f'frame.home.{part}', name=name)} · {days}"


def _short_day(day: datetime.date) -> str:
    return day.strftime("%m-%d")


def _period_chip(page: ft.Page, place: str, kind: str, selected: bool) -> ft.Control:
    return k.chip(k.t(f"desk.{kind}"), selected, lambda _: page.navigate(with_query(place, period=kind)))


def _cards(cards: list[ft.Control], columns: int) -> ft.Control:
    """Cards in rows of equal widths."""
    rows = []
    for index in range(0, len(cards), columns):
        line = [ft.Container(card, expand=1) for card in cards[index : index + columns]]
        line += [ft.Container(expand=1)] * (columns - len(line))
        rows.append(k.row(*line, gap=12 if columns == 2 else 16, top=True))
    return k.col(*rows, gap=12)


def _won_card(
    app: App, period: Period, sold: desk.Summary, earlier: dict[str, Any] | None, series: dict[str, list[Decimal]],
    to_now: Any, to_before: Any,
) -> ft.Control:  # fmt: skip
    """``earlier`` None: what it is compared with is not all here."""
    said = k.format_money(sold.total, app.currency, cents=False)
    before = k.t(f"desk.before.{period.kind}")
    line: ft.Control = k.caption(k.t("desk.compare.partial", before=before), lines=2)
    if earlier is not None:
        amount = k.short_money(earlier["total"], app.currency)
        line = parts.compared(before, sold.total, earlier["total"], amount, to_before)
    rising = chart.running(series["now"])
    spark = chart.sparkline(rising, k.look().palette.chart[0]) if len(rising) > 1 else None
    return parts.number_card(
        I.EMOJI_EVENTS_OUTLINED, k.t("desk.won", period=_lower(period)),
        k.money(sold.total, 28, currency=app.currency, cents=False), said, to_now, spark=spark, below=line,
    )  # fmt: skip


def _pending_line(app: App, pending: dict[str, Any], on_open: Any) -> list[ft.Control]:
    """Orders that are not counted as won yet, because the server has not confirmed them."""
    if not pending["orders"]:
        return []
    amount = k.format_money(pending["total"], app.currency, cents=False)
    words = k.t("desk.pending.some", count=pending["orders"], amount=amount)
    return [k.notice(words, "warn", action=k.t("desk.pending.show"), on_action=on_open)]


def _overdue_card(late: list[dict[str, Any]], long: list[dict[str, Any]], days: int, on_open: Any) -> ft.Control:
    count, escalated = sum(row["count"] for row in late), sum(row["count"] for row in long)
    color = k.look().palette.status["bad"].fg if escalated else None
    if not count:
        line: ft.Control = k.status_line(k.t("desk.overdue.none"), "ok", size=12)
    elif escalated:
        words = k.t("desk.overdue.line", count=escalated, days=days)
        to_long = ft.context.page
        line = k.tappable(
            k.status_line(words, "bad", size=12),
            lambda _: to_long.navigate(with_query("/follow-ups", late=str(days))),
            label=words, padding=k.pad(4, 0), border_radius=8,
        )  # fmt: skip
    else:
        line = k.caption(k.t("desk.overdue.fresh", days=days))
    return parts.number_card(
        I.EVENT_BUSY_OUTLINED, k.t("desk.overdue"), k.text(str(count), 28, 600, color, lines=1), str(count), on_open,
        below=line,
    )  # fmt: skip


def _lower(period: Period) -> str:
    words = k.t(f"desk.{period.kind}")
    return words if k.look().language == "zh" else words.lower()


def _largest(key: str, groups: Any, whole: Decimal, name: Any) -> str:
    """The sentence about the largest group."""
    if not groups or whole <= 0:
        return k.t("desk.ranking.none")
    return k.t(key, name=name(groups[0].key), percent=parts.percent(groups[0].total, whole))


def _city(key: str) -> str:
    return k.t("desk.city.none") if key == NONE else key


def _source(key: str) -> str:
    return k.t("desk.source.none") if key == NONE else k.t(f"choice.account.source.{key}")


def trend_sentence(period: Period, today: datetime.date, total: Decimal, earlier: Decimal | None, currency: str) -> str:
    """What the chart shows, in one or two sentences. ``earlier`` None: what it is compared with is not all here."""
    before, now = k.t(f"desk.before.{period.kind}"), k.short_money(total, currency)
    if not total:
        return k.t("desk.trend.none")
    if earlier is None:
        said = [k.t("desk.trend.partial", now=now, before=before)]
    elif not earlier:
        said = [k.t("desk.trend.first", now=now, before=before)]
    elif total == earlier:
        said = [k.t("desk.trend.same", now=now, before=before)]
    else:
        way = "more" if total > earlier else "less"
        said = [k.t(f"desk.trend.{way}", now=now, before=before, percent=parts.percent(abs(total - earlier), earlier))]
    days = period.so_far(today).days
    if PACE_FROM_DAYS <= days < period.days:
        said.append(k.t("desk.trend.pace", amount=k.short_money(total * period.days / days, currency)))
    return ("" if k.look().language == "zh" else " ").join(said)


def _trend_card(
    app: App, period: Period, today: datetime.date, series: dict[str, list[Decimal]], earlier: Decimal | None,
    size: tuple[float, float], open_part: Any, count: int, to_orders: Any,
) -> ft.Control:  # fmt: skip
    spans = period.parts()
    total = sum(series["now"], Decimal(0))
    sentence = trend_sentence(period, today, total, earlier, app.currency)
    now, before = chart.running(series["now"]), chart.running(series["before"] if earlier is not None else [])
    labels = [_part_label(period, part) for part in spans]
    tips = [
        k.t(
            "desk.trend.tip",
            day=_part_name(period, spans[index]),
            amount=k.format_money(value, app.currency, cents=False),
        )
        for index, value in enumerate(series["now"])
    ]
    picture: list[ft.Control] = []
    legend: list[ft.Control] = []
    if total or any(before):
        drawn = chart.trend(
            now, before[: len(spans)], labels, *size, currency=app.currency, sentence=sentence, tips=tips,
            on_part=lambda index: open_part(spans[index])(None),
        )  # fmt: skip
        whole = k.t(f"desk.whole.{period.kind}") if before else ""
        legend = [chart.legend(k.t(f"desk.{period.kind}"), whole)]
        picture = [k.gap(8), drawn]
    more = k.link(k.t("desk.orders_n", count=count), to_orders, I.CHEVRON_RIGHT_ROUNDED)
    title: ft.Control = k.section_title(k.t("desk.trend", period=_lower(period)))
    foot = k.row(*legend, more, between=True, wrap=True)
    if k.look().layout != "phone":
        title, foot = k.section(title, legend[0] if legend else None), k.row(k.spacer(), more)
    return k.card(k.col(title, k.gap(2), k.soft(sentence, 13, lines=3), *picture, foot), k.pad(16, 16, 4, 16))


def _part_label(period: Period, part: Span) -> str:
    if period.kind == "week":
        return k.t("frame.weekdays").split(" ")[part.first.weekday()]
    if period.kind == "year":
        return k.t("desk.trend.month", month=k.t("frame.months").split(" ")[part.first.month - 1])
    if period.kind == "quarter":
        return _short_day(part.first)
    return k.t("desk.trend.day", day=part.first.day) if part.first.day % 5 == 0 else ""


def _part_name(period: Period, part: Span) -> str:
    if period.kind == "year":
        return _part_label(period, part)
    if period.kind == "quarter":
        return k.t("desk.trend.week", first=_short_day(part.first), last=_short_day(part.last))
    return k.format_day(part.first.isoformat())


def _ways(page: ft.Page) -> ft.Control:
    """On phones: what the manager's bar has no room for."""
    tile = k.action_tile
    tiles = (
        tile(I.ADD_SHOPPING_CART_ROUNDED, k.t("frame.home.new_order"), lambda _: page.navigate("/order/new")),
        tile(I.EVENT_AVAILABLE_ROUNDED, k.t("frame.home.due"), lambda _: page.navigate("/follow-ups")),
        tile(I.GRID_VIEW_ROUNDED, k.t("frame.nav.catalogue.short"), lambda _: page.navigate("/catalogue")),
        tile(I.INVENTORY_2_OUTLINED, k.t("frame.nav.stock.short"), lambda _: page.navigate("/stock")),
    )
    if k.look().language == "zh":
        return k.row(*tiles, gap=8)
    # "Catalogue" has no room in a quarter of a phone's width.
    return k.col(k.row(*tiles[:2], gap=8), k.row(*tiles[2:], gap=8), gap=8)
