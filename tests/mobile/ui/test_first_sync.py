"""What stands on a screen while a first sync brings its rows: how far it is, never a ring that nobody ends."""

from typing import Any

import flet as ft
import pytest

from mobile.state.sync_status import Progress, SyncStatus
from mobile.ui import kit as k
from mobile.ui.first_sync import arrived, first_sync
from tests.mobile.ui.conftest import Window, walk

HALF = [Progress("org", 150, 200), Progress("user.1", 0, 100)]


def said(control: Any) -> str:
    return "\n".join(part.value for part in walk(control) if isinstance(part, ft.Text))


def rings(control: Any) -> int:
    return sum(isinstance(part, ft.ProgressRing) for part in walk(control))


def test_what_arrived_is_counted_over_everything() -> None:
    assert arrived([]) is None
    assert arrived([Progress("org", 0, 0)]) is None
    assert arrived(HALF) == 0.5
    assert arrived([Progress("org", 7, 5)]) == 1.0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_tells_how_far_it_is_as_soon_as_the_server_has_answered(window: Window, language: str) -> None:
    window.app.look.language = language
    waiting = first_sync(window.app, SyncStatus(), "...")
    coming = first_sync(window.app, SyncStatus(progress=HALF), "...")
    assert rings(waiting) == 1
    assert rings(coming) == 0 and "50%" in said(coming)


@pytest.mark.parametrize(("state", "words"), [
    (SyncStatus(phase="offline", progress=HALF), "frame.first.offline"),
    (SyncStatus(online=False), "frame.first.offline"),
    (SyncStatus(phase="sign_in"), "frame.pill.sign_in"),
    (SyncStatus(phase="stopped", progress=HALF), "frame.pill.attention"),
])  # fmt: skip
def test_where_it_cannot_go_on_it_says_so_and_what_to_do(window: Window, state: SyncStatus, words: str) -> None:
    for language in ("zh", "en"):
        window.app.look.language = language
        drawn = first_sync(window.app, state, "...")
        assert rings(drawn) == 0 and k.t(words) in said(drawn)
        assert [part.content for part in walk(drawn) if isinstance(part, ft.FilledButton)]
