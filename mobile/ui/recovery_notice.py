"""Calm words while the server, back from a backup, is given again what it lacks."""

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from sync.device.reports import PendingTransaction, Recovery

I = ft.Icons  # noqa: E741


def recovery_words(recovery: Recovery) -> str:
    """What is going on, or that it is over."""
    if recovery.done:
        return k.t("frame.recovery.done" if recovery.changes else "frame.recovery.done_none")
    if not recovery.changes:
        return k.t("frame.recovery.none")
    kind, count = ("orders", recovery.orders) if recovery.orders else ("changes", recovery.changes)
    return k.t(f"frame.recovery.{kind}{'.one' if count == 1 else ''}", count=count)


def recovery_notice(app: App, recovery: Recovery | None) -> list[ft.Control]:
    """The notice with a gap below it; nothing when there was no restore. It stays until it was noted."""
    if recovery is None:
        return []
    done = recovery.done
    notice = k.notice(
        k.t("frame.recovery.title"),
        "ok" if done else "info",
        detail=recovery_words(recovery),
        icon=I.CLOUD_DONE_ROUNDED if done else I.CLOUD_SYNC_OUTLINED,
        action=k.t("frame.recovery.noted") if done else None,
        on_action=(lambda _: app.device.noted_recovery()) if done else None,
        live=True,
    )
    return [notice, k.gap(12)]


def awaited_notice(pending: list[PendingTransaction]) -> list[ft.Control]:
    """What waits for another device, with the gap below it; nothing when nothing does."""
    count = sum(entry.awaited for entry in pending)
    if not count:
        return []
    words = k.t("frame.recovery.awaited", count=count)
    line = k.t("frame.recovery.awaited.line")
    return [k.notice(words, "info", detail=line, icon=I.HOURGLASS_TOP_ROUNDED, live=True), k.gap(12)]
