"""Cards of a deal's page: the way through the stages, the odds, the history."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import deals
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.palette import Status
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.deal_parts import odds_words, percent_words
from mobile.ui.sync_pill import moment
from shared.codec import Row
from shared.numbers import format_decimal
from shared.protocol import Command
from shared.rules import deals as rules

I = ft.Icons  # noqa: E741
STEP_PX, DOT_PX, RING_PX = 84, 36, 92
IN_ONE_ROW = 6
"""More stages than these scroll sideways on a phone."""
JUDGEMENTS = (Decimal(20), Decimal(40), Decimal(60), Decimal(80), Decimal(95))
ACTIONS: dict[str, tuple[Any, Status]] = {
    "opened": (I.ADD_CIRCLE_OUTLINE_ROUNDED, "info"),
    "moved": (I.ARROW_FORWARD_ROUNDED, "info"),
    "won": (I.EMOJI_EVENTS_ROUNDED, "ok"),
    "lost": (I.TRENDING_DOWN_ROUNDED, "bad"),
    "cancelled": (I.CANCEL_OUTLINED, "mute"),
    "reopened": (I.RESTART_ALT_ROUNDED, "warn"),
}


def stages_card(deal: Row, stages: list[Row], steps: list[dict[str, Any]], on_move: Callable[[Row], Any]) -> ft.Control:
    """The stepper: each stage with the days spent in it. A tap on an open stage moves the deal there."""
    now = use_app().now_ms()
    spent = deals.days_in_stages(steps)
    here = rules.days_between(deal["stage_since"], now)
    places = [stage["id"] for stage in stages]
    at = places.index(deal["stage_id"]) if deal["stage_id"] in places else -1
    total = rules.days_between(deal["created_at"], deal["closed_at"] or now)
    cells = []
    for place, stage in enumerate(stages):
        current = place == at and deal["state"] == "open"
        passed = place < at or (place == at and not current)
        days = k.t("deals.day_of", days=here + 1) if current else "—"
        if not current and stage["id"] in spent:
            days = k.t("deals.days", days=spent[stage["id"]])
        may_move = deal["state"] == "open" and stage["kind"] == "open" and not current
        cells.append(
            _step(
                stage, place, passed, current, days, (place > 0, place < len(stages) - 1), on_move if may_move else None
            )
        )
    scrolls = len(cells) > IN_ONE_ROW and k.look().layout == "phone"
    if scrolls:
        row: ft.Control = ft.Row(
            [ft.Container(cell, width=STEP_PX) for cell in cells], spacing=0, scroll=ft.ScrollMode.HIDDEN,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )  # fmt: skip
    else:
        row = k.row(*[ft.Container(cell, expand=True) for cell in cells], gap=0, top=True)
    head: ft.Control = k.row(
        k.section_title(k.t("field.opportunity.stage_id")),
        k.caption(k.t("deals.days_in_all", days=total)),
        between=True,
    )
    phone = k.look().layout == "phone"
    head = ft.Container(head, padding=k.pad(0, 16 if phone else 0))
    return k.card(k.col(head, k.gap(12), row), k.pad(16, 0, 12, 0) if phone else 16)


def _step(
    stage: Row,
    place: int,
    passed: bool,
    current: bool,
    days: str,
    lines: tuple[bool, bool],
    on_move: Callable[[Row], Any] | None,
) -> ft.Control:
    p = k.look().palette
    lit = passed or current
    inner: ft.Control
    if passed:
        inner = ft.Icon(I.CHECK_ROUNDED, size=20, color=p.on_primary)
    elif current:
        inner = ft.Container(width=12, height=12, border_radius=6, bgcolor=p.on_primary)
    else:
        inner = k.text(str(place + 1), 14, 600, p.text_soft)
    dot = k.box(inner, None, p.primary if lit else p.high, DOT_PX / 2, width=DOT_PX, height=DOT_PX, alignment=k.CENTER)

    def line(shown: bool, reached: bool) -> ft.Control:
        color = p.primary if reached else p.high
        return ft.Container(height=3, bgcolor=color if shown else ft.Colors.TRANSPARENT, expand=True)

    track = ft.Row(
        [line(lines[0], lit), dot, line(lines[1], passed)],
        spacing=4,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    name = k.local(stage, "name")
    color = p.primary if current else p.text if lit else p.text_soft
    lines = 2 if " " in name else 1  # a single word is never parted
    words = k.text(name, 12, 600 if current else 500, color, lines=lines, text_align=ft.TextAlign.CENTER)
    content = k.col(track, k.gap(6), words, k.gap(2), k.caption(days, text_align=ft.TextAlign.CENTER), gap=0)
    said = k.t("deals.step.here" if current else "deals.step.passed" if passed else "deals.step.to_come", stage=name)
    if on_move is None:
        outer = ft.Semantics(exclude_semantics=True, content=ft.Container(content, padding=k.pad(4, 0)))
        return ft.Semantics(label=f"{said} {days}", container=True, content=outer)
    move = k.t("deals.move_to", stage=name)
    return k.tappable(content, lambda _: on_move(stage), label=move, padding=k.pad(4, 0), border_radius=12)


def odds_card(deal: Row, stage: Row | None) -> ft.Control:
    """How likely it is in a number, in words, and whose judgement that is; the rep's own with one tap."""
    page, app = ft.context.page, use_app()
    usual = stage["probability"] if stage else Decimal(0)
    percent, own = rules.odds(deal, stage), deal["probability"]

    def judge(value: Decimal | None) -> None:
        base = None if own is None else format_decimal(own)
        wanted = None if value is None else format_decimal(value)
        if wanted != base:
            patch = {"id": deal["id"], "base": {"probability": base}, "values": {"probability": wanted}}
            run_or_tell(page, app, [Command("opportunity.patch", patch)])

    name = k.local(stage, "name") if stage else ""
    why = k.t("deals.odds.stage", stage=name, percent=percent_words(usual))
    if own is not None:
        why = k.t("deals.odds.own", stage=name, percent=percent_words(usual))
    chips = [k.chip(k.t("deals.odds.as_stage"), own is None, lambda _: judge(None))]
    for value in sorted({*JUDGEMENTS, *([own] if own is not None else [])}):
        chips.append(k.chip(percent_words(value), own == value, lambda _, value=value: judge(value)))
    words = k.col(
        k.section_title(k.t("deals.odds")),
        k.gap(4),
        k.text(odds_words(percent), 15, 600),
        k.soft(why, 13),
        gap=0,
    )
    return k.card(
        k.col(
            k.row(_ring(percent), ft.Container(words, expand=True), gap=16),
            k.gap(16),
            k.labelled(k.t("deals.odds.mine"), ft.Row(chips, spacing=8, run_spacing=8, wrap=True)),
        )
    )


def _ring(percent: Decimal) -> ft.Control:
    """The odds as a part of a ring around their number."""
    p, name = k.look().palette, k.t("deals.odds")
    ring = ft.ProgressRing(
        value=float(percent) / 100, width=RING_PX - 10, height=RING_PX - 10, stroke_width=10,
        stroke_cap=ft.StrokeCap.ROUND, color=p.primary, bgcolor=p.high,
    )  # fmt: skip
    number = k.text(percent_words(percent), 20, 600, lines=1)
    parts = [ft.Container(one, left=0, top=0, right=0, bottom=0, alignment=k.CENTER) for one in (ring, number)]
    drawn = ft.Semantics(exclude_semantics=True, content=ft.Stack(parts, width=RING_PX, height=RING_PX))
    return ft.Semantics(label=name, value=percent_words(percent), content=drawn, container=True)


def history_card(steps: list[dict[str, Any]]) -> ft.Control:
    """Every step, the newest first: into which stage, by whom, after how long, why."""
    app = use_app()
    entries: list[ft.Control] = []
    newest_first = list(reversed(steps))
    for entry in newest_first:
        icon, status = ACTIONS[entry["action"]]
        to = k.local(entry, "to_name")
        title = k.t(f"deals.step.{entry['action']}", stage=to)
        said = [moment(entry["at"], app.now_ms(), app.time_zone), entry["author"] or ""]
        if entry["from_stage_id"] and entry["action"] != "reopened":
            said.append(k.t("deals.stayed", stage=k.local(entry, "from_name"), days=entry["days"]))
        body: list[ft.Control] = [k.text(entry["reason"], 14)] if entry["reason"] else []
        if entry["seen_name"]:
            words = k.t("deals.at_once", seen=k.local(entry, "seen_name"), stage=k.local(entry, "from_name"))
            body.append(k.status_line(words, "mix", lines=3))
        cloud = k.unsent_mark() if entry["unsent"] else None
        entries.append(
            k.timeline_entry(
                icon,
                title,
                " · ".join(filter(None, said)),
                k.col(*body, gap=4) if body else None,
                status=status,
                last=entry is newest_first[-1],
                trailing=cloud,
            )
        )
    return k.card(k.col(k.section_title(k.t("deals.history")), k.gap(12), *entries))


def ended_notice(deal: dict[str, Any], steps: list[dict[str, Any]]) -> ft.Control:
    """How and when it ended, and why."""
    app = use_app()
    status: Status = {"won": "ok", "lost": "bad"}.get(deal["state"], "mute")  # type: ignore[assignment]
    when = moment(deal["closed_at"], app.now_ms(), app.time_zone) if deal["closed_at"] else ""
    reason = k.local(deal, "lost_reason")
    if deal["state"] == "cancelled":
        reason = next((one["reason"] for one in reversed(steps) if one["action"] == "cancelled"), "")
    detail = " · ".join(filter(None, [when, reason, deal["lost_note"]]))
    icon = k.CHOICES[f"opportunity.state.{deal['state']}"][1]
    return k.notice(k.t(f"choice.opportunity.state.{deal['state']}"), status, detail=detail, icon=icon)


def close_box(deal: Row, today: datetime.date) -> ft.Control:
    """The day on which it is expected to close, and how far that is."""
    p = k.look().palette
    if not deal["expected_close"]:
        return k.col(k.caption(k.t("field.opportunity.expected_close")), k.text(k.t("deals.close.none"), 16, 500))
    day = datetime.date.fromisoformat(deal["expected_close"])
    days = (day - today).days
    shown = day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d")
    parts: list[ft.Control] = [k.caption(k.t("field.opportunity.expected_close")), k.text(shown, 20, 600)]
    if deal["state"] == "open":
        late = days < 0
        words = k.t("deals.close.late", days=-days) if late else k.t("deals.close.left", days=days)
        mark = [ft.Icon(I.ERROR_ROUNDED, size=14, color=p.status["bad"].fg)] if late else []
        color = p.status["bad"].fg if late else p.text_soft
        parts.append(k.row(*mark, k.text(words, 12, 600 if late else 400, color, lines=1), gap=4, tight=True))
    return k.col(*parts, stretch=False)
