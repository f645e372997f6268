"""Settings: the older months that were loaded onto this device, how big they are, and how they leave it again."""

from collections.abc import Iterable
from typing import Any

import flet as ft

from mobile.store.queries import history as sizes
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.screens.older import use_history
from mobile.ui.words import size_words
from sync.device.history import History

I = ft.Icons  # noqa: E741


@k.component
def OlderMonths() -> ft.Control:
    """Nothing while no older month was asked for."""
    app, sync, found = use_app(), use_sync(), use_history()
    here = tuple(month for month in found.there if month in {*found.held, *found.wanted})
    months = use_live(lambda store: sizes.months(store, here) if here else [], sizes.TOUCHED, here)
    if not here:
        return ft.Container(height=0)

    def remove(asked: Iterable[str]) -> Any:
        def leave(_: object) -> None:
            app.device.leave_history(asked)
            app.sync_now()

        return leave

    tiles = [_tile(month, found, sync.online, remove((month.month,))) for month in months]
    parts: list[ft.Control] = [k.soft(k.t("screen.history.months.line"), 13, lines=4), k.gap(8), *tiles]
    wanted = tuple(month for month in here if month in found.wanted)
    if len(wanted) > 1:
        label = k.t("screen.history.months.remove")
        parts += [k.gap(12), k.button(label, remove(wanted), icon=I.DELETE_SWEEP_OUTLINED, kind="outlined")]
    title = k.section_title(k.t("screen.history.months"), 14)
    return k.col(k.gap(16), title, k.gap(8), k.card(k.col(*parts), k.pad(12, 16)))


def _tile(month: sizes.Month, found: History, online: bool, remove: Any) -> ft.Control:
    size = k.t("screen.history.month.size", count=month.rows, size=size_words(month.size))
    if month.month not in found.wanted:
        line = k.t("screen.history.month.going" if online else "screen.history.month.goes_later")
    elif month.month in found.held:
        line = size
    else:
        line = k.t("screen.history.loading" if online else "screen.history.wanted")
    label = k.t("screen.history.month.remove", month=month.month)
    action = k.icon_button(I.DELETE_OUTLINE_ROUNDED, label, remove) if month.month in found.wanted else None
    return k.tile(month.month, line, leading=k.icon_avatar(I.HISTORY_ROUNDED), action=action, padding=0)
