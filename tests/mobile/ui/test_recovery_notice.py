"""After a restore of the server the app says calmly what goes on, and that it is over."""

import pytest
from flet import Text, TextButton

from mobile.ui import kit as k
from mobile.ui.recovery_notice import awaited_notice, recovery_notice, recovery_words
from sync.device.reports import PendingTransaction, Recovery
from tests.mobile.ui.conftest import Window, walk


def said(parts: list) -> str:
    return "\n".join(part.value for root in parts for part in walk(root) if isinstance(part, Text))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("recovery", "key"),
    [
        (Recovery(1, 5, 3), "frame.recovery.orders"),
        (Recovery(1, 5, 1), "frame.recovery.orders.one"),
        (Recovery(1, 5, 0), "frame.recovery.changes"),
        (Recovery(1, 1, 0), "frame.recovery.changes.one"),
        (Recovery(1, 0, 0), "frame.recovery.none"),
        (Recovery(1, 5, 3, done=True), "frame.recovery.done"),
        (Recovery(1, 0, 0, done=True), "frame.recovery.done_none"),
    ],
)
def test_it_says_how_much_is_sent_again_and_when_it_is_over(
    window: Window, language: str, recovery: Recovery, key: str
) -> None:
    window.app.look.language = language
    count = recovery.orders or recovery.changes
    drawn = recovery_notice(window.app, recovery)
    assert recovery_words(recovery) == k.t(key, count=count)
    assert k.t("frame.recovery.title") in said(drawn) and k.t(key, count=count) in said(drawn)
    buttons = [part for root in drawn for part in walk(root) if isinstance(part, TextButton)]
    assert bool(buttons) == recovery.done


def test_without_a_restore_it_says_nothing(window: Window) -> None:
    assert recovery_notice(window.app, None) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_says_how_much_waits_for_another_device(window: Window, language: str) -> None:
    window.app.look.language = language
    entries = [
        PendingTransaction(tx_id=str(number), commands=[], occurred_at=1, sent=False, awaited=number > 0)
        for number in range(3)
    ]
    assert awaited_notice(entries[:1]) == []
    for count in (1, 2):
        words = said(awaited_notice(entries[: count + 1]))
        assert k.t("frame.recovery.awaited", count=count) in words and k.t("frame.recovery.awaited.line") in words
