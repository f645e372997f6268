"""In the place of what a first sync still brings: how far it is, or why it does not go on. Never a ring without end."""

from collections.abc import Sequence
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.state.sync_status import Progress, SyncStatus
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.kit.layout import Click
from mobile.ui.sync_pill import describe

BAR_PX = 320


def arrived(progress: Sequence[Progress]) -> float | None:
    """What part of all rows is here, 0 to 1; None before the server's first answer."""
    whole = sum(item.head for item in progress)
    return sum(min(item.at, item.head) for item in progress) / whole if whole > 0 else None


@k.component
def FirstSync(words: str) -> ft.Control:
    """``first_sync`` of the page's app."""
    return first_sync(use_app(), use_sync(), words)


@k.component
def WhenHere(empty: ft.Control) -> ft.Control:
    """``empty``, what a screen says when it has nothing; while a first sync goes on that may be untrue, and here stands
    how far it is."""
    sync = use_sync()
    return empty if sync.complete else first_sync(use_app(), sync, k.t("frame.home.first_sync"))


def first_sync(app: App, sync: SyncStatus, words: str) -> ft.Control:
    """A card with ``words`` on what comes and its progress; offline, or when a person is needed, what to do."""
    if sync.pill == "offline":
        said = k.t("frame.first.offline"), k.t("frame.first.offline.line")
        return _instead(said, ft.Icons.CLOUD_OFF_ROUNDED, k.t("frame.sheet.now"), lambda _: app.sync_now())
    if sync.pill == "attention":
        title, _, icon, _ = describe(sync, app.time_zone, app.now_ms())
        said = title, k.t("frame.first.stopped.line")
        return _instead(said, icon, k.t("frame.first.look"), lambda _: app.show_sync_sheet(True))
    share = arrived(sync.progress)
    if share is None:
        return k.card(k.loading(words))
    percent = k.t("frame.first.share", percent=f"{int(share * 100)}%")
    body = k.col(
        k.text(words, 15, 500, text_align=ft.TextAlign.CENTER),
        k.gap(16),
        k.progress_bar(share, name=words),
        k.gap(8),
        k.caption(percent, text_align=ft.TextAlign.CENTER),
    )
    return k.card(ft.Container(ft.Container(body, width=BAR_PX), alignment=k.CENTER, padding=k.pad(40, 0)))


def _instead(said: tuple[str, str], icon: Any, action: str, on_action: Click) -> ft.Control:
    return k.card(k.empty_state(*said, icon=icon, action=action, on_action=on_action))
