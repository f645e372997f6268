"""The pill in every header: where the data are at this moment. A tap opens the sync sheet."""

import datetime

import flet as ft

from mobile.state.sync_status import SyncStatus
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.palette import Status
from shared.timezone import local_datetime

I = ft.Icons  # noqa: E741


def clock_time(ms: int, time_zone: str) -> str:
    """``10:46`` on the organisation's clock."""
    return local_datetime(ms, time_zone).strftime("%H:%M")


def moment(ms: int, now_ms: int, time_zone: str) -> str:
    """``10:46`` today, *yesterday 18:02*, otherwise ``11-18 16:05``."""
    then, now = local_datetime(ms, time_zone), local_datetime(now_ms, time_zone)
    if then.date() == now.date():
        return then.strftime("%H:%M")
    if then.date() == now.date() - datetime.timedelta(days=1):
        return k.t("frame.yesterday", time=then.strftime("%H:%M"))
    return then.strftime("%m-%d %H:%M" if then.year == now.year else "%Y-%m-%d")


def describe(sync: SyncStatus, time_zone: str, now_ms: int) -> tuple[str, Status, object, int]:
    """Words, colour, icon and count of the pill."""
    state = sync.pill
    if state == "offline":
        return k.t("frame.pill.offline"), "warn", I.CLOUD_OFF_ROUNDED, sync.unsent
    if state == "sending":
        words = "frame.pill.sending" if sync.complete else "frame.pill.first"
        return k.t(words), "info", I.CLOUD_SYNC_OUTLINED, sync.unsent
    if state == "attention":
        words = "frame.pill.sign_in" if sync.phase == "sign_in" else "frame.pill.attention"
        return k.t(words), "bad", I.SYNC_PROBLEM_ROUNDED, 0 if sync.phase == "sign_in" else sync.needs_me or sync.unsent
    if sync.last_sync_ms is None:
        return k.t("frame.pill.first"), "info", I.CLOUD_SYNC_OUTLINED, 0
    return k.t("frame.pill.synced", time=moment(sync.last_sync_ms, now_ms, time_zone)), "ok", I.CLOUD_DONE_ROUNDED, 0


@k.component
def SyncPill(brief: bool = False) -> ft.Control:
    """The pill of the page's app; ``brief``: its words for screen readers only."""
    app, sync = use_app(), use_sync()
    words, status, icon, count = describe(sync, app.time_zone, app.now_ms())
    name = k.t("frame.pill.name", state=f"{words} {count or ''}".strip())
    return k.pill("" if brief else words, status, icon, lambda _: app.show_sync_sheet(True), count=count, name=name)
