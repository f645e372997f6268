"""Settings: *Check my data*, and what it found in words."""

import flet as ft

from mobile.state.data_check import DataCheck, Stage, check_data
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.sync_pill import moment
from sync.device.checks import CheckReport

I = ft.Icons  # noqa: E741


@k.component
def CheckMyData() -> ft.Control:
    """The last result, and the button that checks now."""
    app = use_app()
    report = use_live(lambda _: app.device.checks.report, ["_meta"])
    stage, set_stage = ft.use_state("")
    outcome, set_outcome = ft.use_state(None)

    async def check(_: object) -> None:
        def tell(now: Stage) -> None:
            set_stage(now)

        set_outcome(None)
        try:
            set_outcome(await check_data(app, tell))
        finally:
            set_stage("")

    parts: list[ft.Control] = [last_line(report, app.now_ms(), app.time_zone)]
    if outcome is not None:
        parts += [k.gap(10), *result(outcome)]
    parts += [
        k.gap(12),
        k.button(
            k.t(f"frame.check.{stage}" if stage else "frame.check.action"),
            check,
            icon=I.FACT_CHECK_OUTLINED,
            kind="outlined",
            disabled=bool(stage),
        ),
    ]
    title = k.section_title(k.t("frame.check.title"), 14)
    return k.col(k.gap(16), title, k.gap(8), k.card(k.col(*parts), k.pad(12, 16)))


def last_line(report: CheckReport, now_ms: int, time_zone: str) -> ft.Control:
    """When it was checked last, and how that ended."""
    if not report.result:
        return k.soft(k.t("frame.check.never"), 13, lines=2)
    time = moment(report.at, now_ms, time_zone)
    words = k.t(f"frame.check.last.{report.result}", time=time, count=report.rows, mended=report.mended)
    return k.status_line(words, "warn" if report.result == "differs" else "ok", size=13, lines=3)


def result(outcome: DataCheck) -> list[ft.Control]:
    """What was found just now, the worst first."""
    found, report = outcome.local, outcome.report
    parts: list[ft.Control] = []
    if found.damage:
        parts.append(k.notice(k.t("frame.check.damage"), "bad", detail=k.t("frame.check.damage_line"), live=True))
    if found.unsent:
        words = k.t("frame.check.unsent", count=len(found.unsent))
        parts.append(k.notice(words, "bad", detail=k.t("frame.check.unsent_line"), live=True))
    if report is not None and report.result == "differs":
        parts.append(k.notice(k.t("frame.check.differs"), "warn", detail=k.t("frame.check.differs_line"), live=True))
    elif report is not None:
        words = k.t(f"frame.check.{report.result}", count=report.rows, mended=report.mended)
        parts.append(k.notice(words, "ok", live=True))
    elif found.whole:
        parts.append(k.notice(k.t("frame.check.offline"), "info", detail=k.t("frame.check.offline_line"), live=True))
    if found.mended or found.search:
        parts.append(k.soft(k.t("frame.check.local_mended", count=found.mended + found.search), 13, lines=2))
    return [part for index, part in enumerate(parts) for part in ([k.gap(8), part] if index else [part])]
