"""The sync sheet in every state it can be in: it draws, and it says the true thing."""

from pathlib import Path

import pytest
from flet import Text

from mobile.platform.ports import StorageStatus
from mobile.state.sync_status import Progress, SyncStatus
from mobile.ui import kit as k
from mobile.ui.screens import sync_sheet
from mobile.ui.sync_pill import describe
from tests.mobile.ui.conftest import Window, walk
from tests.support.shop import Shop

NOW = 1_795_320_000_000
HALF_FULL = {"usage_bytes": 40_000_000, "quota_bytes": 80_000_000}


def said(control: object) -> str:
    return "\n".join(part.value for part in walk(control) if isinstance(part, Text))


@pytest.mark.parametrize(
    ("persisted", "unsent", "words"),
    [
        (True, True, "frame.sheet.persisted_native"),
        (True, False, "frame.sheet.persisted_native"),
        (False, False, "frame.sheet.not_persisted"),
        (False, True, "frame.sheet.evictable"),
    ],
)
def test_it_warns_only_while_unsent_work_could_be_evicted(
    window: Window, persisted: bool, unsent: bool, words: str
) -> None:
    drawn = sync_sheet._storage(window.app, StorageStatus(persisted, **HALF_FULL), unsent, print)
    assert k.t(words) in said(drawn)
    assert "40 MB / 80 MB" in said(drawn)


def test_a_browser_that_tells_no_sizes_is_no_reason_to_fail(window: Window) -> None:
    drawn = sync_sheet._storage(window.app, StorageStatus(False, None, None), True, print)
    assert k.t("frame.sheet.evictable") in said(drawn)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_line_reassures(window: Window, language: str) -> None:
    window.app.look.language = language
    assert k.t("frame.sheet.all_sent") in said(sync_sheet._reassurance(window.app, 0))
    assert k.t("frame.sheet.safe.phone", count=7) in said(sync_sheet._reassurance(window.app, 7))
    assert k.t("frame.sheet.safe.phone.one", count=1) in said(sync_sheet._reassurance(window.app, 1))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_after_a_fresh_start_it_does_not_say_that_all_was_sent(window: Window, tmp_path: Path, language: str) -> None:
    window.app.look.language = language
    shop = Shop(tmp_path)
    assert sync_sheet._left_behind(shop.store) == 0
    for name in ("one", "two"):
        shop.create("account", name=name)
    shop.engine.start_fresh(even_unexported=True)
    words = said(sync_sheet._reassurance(window.app, 0, sync_sheet._left_behind(shop.store)))
    assert k.t("frame.sheet.aside", count=2) in words and k.t("frame.sheet.all_sent") not in words
    assert k.t("frame.sheet.safe.phone.one", count=1) in said(sync_sheet._reassurance(window.app, 1, 2))
    shop.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("offline", "frame.sheet.safe_line"),
        ("sign_in", "frame.sheet.safe_sign_in"),
        ("stopped", "frame.stopped.safe"),
    ],
)
def test_it_promises_to_send_by_itself_only_when_it_will(window: Window, language: str, phase: str, words: str) -> None:
    window.app.look.language = language
    window.app.sync.phase = phase
    assert k.t(words) in said(sync_sheet._reassurance(window.app, 1))


def test_progress_names_the_buckets_that_are_behind(window: Window) -> None:
    sync = SyncStatus(progress=[Progress("org", 10, 10), Progress("user:1", 5, 20), Progress("team:1", 0, 4)])
    words = said(sync_sheet._progress(sync))
    assert k.t("frame.bucket.user") in words and "25%" in words
    assert k.t("frame.bucket.org") not in words


@pytest.mark.parametrize(
    ("sync", "words", "status", "count"),
    [
        (SyncStatus(complete=True, last_sync_ms=NOW), "12:00 已同步", "ok", 0),
        (SyncStatus(complete=True, last_sync_ms=NOW, unsent=3), "正在发送", "info", 3),
        (SyncStatus(complete=True, last_sync_ms=NOW, unsent=7, online=False), "离线", "warn", 7),
        (SyncStatus(complete=True, last_sync_ms=NOW, needs_me=2), "需要处理", "bad", 2),
        (SyncStatus(), "正在首次同步", "info", 0),
        (SyncStatus(phase="sign_in", unsent=2), "请重新登录", "bad", 0),
    ],
)
def test_the_pill_has_its_states(window: Window, sync: SyncStatus, words: str, status: str, count: int) -> None:
    drawn = describe(sync, "Asia/Shanghai", NOW)
    assert (drawn[0], drawn[1], drawn[3]) == (words, status, count)
