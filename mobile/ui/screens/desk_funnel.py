"""Leads and deals on the desk: new leads, the win rate, the pipeline by stage, where leads come from."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries.funnel import Rate, StageSum
from mobile.store.queries.order_filter import NONE
from mobile.ui import kit as k
from mobile.ui.screens import desk_chart as chart
from mobile.ui.screens import desk_parts as parts
from shared.rules.periods import Period

I = ft.Icons  # noqa: E741
Open = Callable[[Any], Any]


def leads_card(
    period: Period, words: str, now: int, before: int, parts_so_far: Sequence[int], to_now: Open, to_before: Open
) -> ft.Control:
    """How many leads were written down, and how they came, against the same part of the period before."""
    earlier, narrow = k.t(f"desk.before.{period.kind}"), k.look().layout == "phone"
    line = parts.compared(earlier, Decimal(now), Decimal(before), str(before), to_before, narrow=narrow)
    value = k.text(f"{now:,}", 28, 600, lines=1)
    rising = chart.running([Decimal(count) for count in parts_so_far])
    # Half a phone has no room for a picture beside the number.
    spark = chart.sparkline(rising, k.look().palette.chart[0]) if len(rising) > 1 and not narrow else None
    return parts.number_card(
        I.PERSON_ADD_ALT_OUTLINED, k.t("desk.leads", period=words), value, str(now), to_now, spark=spark, below=line,
        narrow=k.t("desk.leads.short") if narrow else "",
    )  # fmt: skip


def rate_card(period: Period, words: str, now: Rate, before: Rate, to_now: Open, to_before: Open) -> ft.Control:
    """What part of the deals that ended was won."""
    earlier = k.t(f"desk.before.{period.kind}")
    shown = "—" if now.percent is None else f"{now.percent}%"
    said = k.t("desk.rate.line", won=now.won, ended=now.ended) if now.ended else k.t("desk.rate.none")
    if before.percent is None:
        line: ft.Control = k.caption(k.t("desk.rate.before.none", before=earlier), lines=2)
    else:
        words_before = k.t("desk.rate.before", before=earlier, rate=f"{before.percent}%")
        line = k.tappable(k.caption(words_before, lines=2), to_before, label=words_before, border_radius=8)
    label, narrow = k.t("desk.rate", period=words), k.look().layout == "phone"
    return parts.number_card(
        I.PERCENT_ROUNDED, label, k.text(shown, 28, 600, lines=1), f"{shown} · {said}", to_now,
        below=k.col(k.gap(4), k.caption(said, lines=2 if narrow else 1), line),
        narrow=k.t("desk.rate.short") if narrow else "",
    )  # fmt: skip


def pipeline_card(stages: list[StageSum], currency: str, open_stage: Callable[[StageSum], Open]) -> ft.Control:
    """The open deals by stage, largest amount the full bar."""
    count = sum(stage.count for stage in stages)
    amount = sum((stage.amount for stage in stages), Decimal(0))
    weighted = sum((stage.weighted for stage in stages), Decimal(0))
    if not count:
        return k.card(k.col(k.section_title(k.t("desk.pipeline")), k.gap(8), k.soft(k.t("desk.pipeline.none"), 13)))
    sentence = k.t(
        "desk.pipeline.line", count=count, amount=k.short_money(amount, currency),
        weighted=k.short_money(weighted, currency),
    )  # fmt: skip
    largest = max(stage.amount for stage in stages)
    rows = [_stage_row(stage, largest, currency, open_stage(stage)) for stage in stages]
    return k.card(
        k.col(k.section_title(k.t("desk.pipeline")), k.gap(2), k.soft(sentence, 13, lines=2), k.gap(8), *rows),
        k.pad(16, 16, 10, 16),
    )


def _stage_row(stage: StageSum, largest: Decimal, currency: str, on_open: Open) -> ft.Control:
    name = k.local({"name": stage.name, "name_en": stage.name_en}, "name")
    amount = k.short_money(stage.amount, currency)
    words = k.row(
        ft.Container(k.text(name, 14, 600, lines=1), expand=3),
        ft.Container(k.soft(k.t("desk.pipeline.count", count=stage.count), 13, lines=1), expand=2),
        k.text(amount, 14, 600, lines=1),
        gap=8,
    )
    share = float(stage.amount / largest) if largest else 0.0
    label = k.t("desk.pipeline.open", name=name, count=stage.count, amount=amount)
    wide = k.look().layout == "desktop"
    return k.tappable(
        k.col(words, k.gap(8 if wide else 6), k.progress_bar(share)), on_open, label=label,
        padding=k.pad(12 if wide else 8, 0), border_radius=8, least=chart.STAGE_PX if wide else 52,
    )  # fmt: skip


def lead_sources_card(rows: list[dict[str, Any]], open_source: Callable[[str], Open]) -> ft.Control:
    """New leads by source, and how many of them became customers."""
    title = k.section_title(k.t("desk.lead_sources"))
    if not rows:
        return k.card(k.col(title, k.gap(8), k.soft(k.t("desk.lead_sources.none"), 13)))
    total = sum(row["count"] for row in rows)
    sentence = k.t(
        "desk.lead_sources.line", name=_source_name(rows[0]),
        percent=parts.percent(Decimal(rows[0]["count"]), Decimal(total)),
    )  # fmt: skip
    listed = [_source_row(row, rows[0]["count"], open_source(row["key"])) for row in rows[: parts.SHOWN]]
    return k.card(k.col(title, k.gap(2), k.soft(sentence, 13, lines=2), k.gap(8), *listed), k.pad(16, 16, 10, 16))


def _source_name(row: dict[str, Any]) -> str:
    return k.t("desk.source.none") if row["key"] == NONE or not row["name"] else k.local(row, "name")


def _source_row(row: dict[str, Any], largest: int, on_open: Open) -> ft.Control:
    name, said = _source_name(row), k.t("desk.lead_sources.row", count=row["count"], converted=row["converted"])
    words = k.row(ft.Container(k.text(name, 13, 500, lines=1), expand=True), k.soft(said, 13, lines=1), gap=8)
    bar = k.progress_bar(row["count"] / largest, color=k.look().palette.chart[2], height=6)
    label = k.t("desk.lead_sources.open", name=name, count=row["count"], converted=row["converted"])
    return k.tappable(
        k.col(words, k.gap(4), bar), on_open, label=label, padding=k.pad(7, 0), border_radius=8, least=48
    )
