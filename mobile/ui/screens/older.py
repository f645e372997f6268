"""The end of a list: what is not on this device, from when on everything is, and how to get the rest."""

import datetime
from typing import Any

import flet as ft

from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from sync.device import history
from sync.device.history import History

I = ft.Icons  # noqa: E741
MONTHS_AT_ONCE = 3
"""Months with history that one press loads."""


def use_history() -> History:
    """What of history is on this device; the component is drawn again when that changes."""
    return use_live(history.read, ("_history",))


def since_words(found: History, words: str) -> str:
    """The words of a count or a total, with the month from which on it counts when that is not all."""
    return k.t("screen.history.since", words=words, month=found.since) if found.since else words


def at_least(found: History, count: int) -> str:
    """A count where there is no room for words, none for 0: a plus says that there may be more on the server."""
    return f"{count}{'+' if found.since else ''}" if count else ""


def reaches_back(found: History, first: datetime.date) -> bool:
    """Whether a total from the day on would leave out what is not on this device."""
    return bool(found.since) and first.isoformat()[:7] < found.since


@k.component
def OlderRow(searching: bool = False, first: str = "") -> ft.Control:
    """Nothing when everything is here. ``searching``: the list above is what a search found. ``first``: one press loads
    all months from this one on, such as a comparison needs."""
    app, sync, found = use_app(), use_sync(), use_history()
    if not found.since:
        return ft.Container(height=0)
    asked = [month for month in found.missing if month >= first] if first else found.missing[:MONTHS_AT_ONCE]

    def load(_: Any) -> None:
        app.device.ask_history(len(asked))
        app.sync_now()

    line = k.t("screen.history.searched" if searching else "screen.history.here", month=found.since)
    parts: list[ft.Control] = [k.soft(line, 13, lines=3)]
    if found.loading and sync.online:
        parts.append(k.soft(k.t("screen.history.loading"), 13))
    elif not sync.online:
        waits = "screen.history.wanted" if found.loading else "screen.history.offline"
        parts.append(k.status_line(k.t(waits), "warn", I.CLOUD_OFF_ROUNDED, lines=2))
    if not found.loading:
        label = k.t("screen.history.load", month=found.missing[0])
        if first and len(asked) > 1:
            label = k.t("screen.history.load.span", first=asked[-1], last=asked[0])
        parts.append(k.button(label, load, icon=I.HISTORY_ROUNDED, kind="outlined", disabled=not sync.online))
    return ft.Container(k.col(*parts, gap=8), padding=k.pad(12, 16))


def can_be_older(store: SqliteStore) -> bool:
    """Whether a row that is not here may be on the server as history."""
    return bool(history.read(store).missing)
