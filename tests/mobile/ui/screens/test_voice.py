"""Voice notes on the customer's page over a real store: recorded, listed with their length, played, and never lost."""

from pathlib import Path
from sqlite3 import ProgrammingError
from typing import Any

import pytest

from mobile.platform.ports import PlatformError, PlatformEvent, Recording
from mobile.ui import root
from shared.errors import LimitExceeded
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ACCOUNT, REP
from tests.support.files import GOOD, digest
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
SPOKEN = Recording(GOOD["audio/webm"] * 500, "audio/webm", 42)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Voice:
    """What the person does with the microphone, and what the loudspeaker gets, in place of the browser's page."""

    def __init__(self, window: Window, spoken: Recording | None = SPOKEN) -> None:
        self.window, self.spoken = window, spoken
        self.heard: list[Any] = []
        platform: Any = window.app.platform
        platform.can_record = True
        platform.record_voice = self.record
        for name in ("play_sound", "pause_sound", "resume_sound", "stop_sound"):
            setattr(platform, name, self.notes(name))
        self.told: list[str] = []
        window.page.show_dialog = lambda bar: self.told.append(bar.content.content.value)  # type: ignore[method-assign]

    async def record(self, words: dict[str, str], limit_s: int, *, dark: bool) -> Recording | None:
        assert all(words.values()) and limit_s == 300 and not dark
        if self.spoken is None:
            raise PlatformError("recorder")
        return self.spoken

    def notes(self, name: str) -> Any:
        async def note(*args: Any) -> None:
            self.heard.append((name, *args))

        return note

    def draws(self) -> str:
        self.window.session.get_page_patch()
        return texts(self.window.page)

    def found(self, name: str) -> Any:
        """The button with this label or tooltip."""
        self.draws()
        page = self.window.page
        for view in page.views if isinstance(page.views, list) else [page.views]:
            for control in inside(view):
                if name in (getattr(control, "content", None), getattr(control, "tooltip", None)):
                    return control
        raise AssertionError(f"no {name!r}")

    def tells(self, state: str, at: int) -> None:
        key = self.window.app.sound.key
        self.window.app.sound.heard(PlatformEvent("sound", {"key": key, "state": state, "at": at, "total": 0}))

    def note(self) -> dict[str, Any]:
        (row,) = self.window.app.open_store.select("attachment", "seconds IS NOT NULL")
        return row


async def opened(folder: Path, spoken: Recording | None = SPOKEN) -> Voice:
    window, _ = await open_window(folder, REP, "zh", 360, dark=False)
    voice = Voice(window, spoken)
    window.page.route = f"/customers/{ACCOUNT}"
    root.show(window.page)
    voice.draws()
    return voice


async def test_a_note_is_recorded_listed_played_and_paused(tmp_path: Path) -> None:
    voice = await opened(tmp_path)
    await voice.found("录语音").on_click(None)
    row = voice.note()
    assert (row["account_id"], row["seconds"], row["media_type"]) == (ACCOUNT, 42, "audio/webm")
    assert row["file_name"].startswith("语音 ") and row["file_name"].endswith(".webm")
    assert "0:42" in voice.draws() and voice.told == ["已添加，其他内容发完后自动上传"]
    play, pause = f"播放 {row['file_name']}", f"暂停 {row['file_name']}"
    await voice.found(play).on_click(None)
    assert voice.heard == [("play_sound", digest(SPOKEN.data), SPOKEN.data, "audio/webm")]
    voice.tells("playing", 7)
    assert "0:07 / 0:42" in voice.draws()
    await voice.found(pause).on_click(None)
    voice.tells("paused", 8)
    assert "0:08 / 0:42" in voice.draws()
    await voice.found(play).on_click(None)
    voice.tells("ended", 42)
    assert "/ 0:42" not in voice.draws()
    voice.tells("failed", 0)
    voice.draws()
    await until(lambda: voice.told[-1].startswith("这个浏览器放不了"), "that it cannot be played is not said")
    assert [call[0] for call in voice.heard] == ["play_sound", "pause_sound", "resume_sound"]
    assert voice.window.app.errors.entries == []
    await voice.window.app.detach_store()


@pytest.mark.parametrize("trouble", [LimitExceeded("device_storage_full"), ProgrammingError("closed database")])
async def test_what_cannot_be_kept_is_handed_over_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    voice = await opened(tmp_path)
    app = voice.window.app
    monkeypatch.setattr(app.attachments, "_stage", lambda *args, **options: (_ for _ in ()).throw(trouble))
    await voice.found("录语音").on_click(None)
    (saved,) = (tmp_path / "exports").iterdir()
    assert saved.read_bytes() == SPOKEN.data and saved.name in voice.told[-1]
    assert saved.suffix == ".webm"
    assert app.open_store.select("attachment", "seconds IS NOT NULL") == []
    await app.detach_store()


async def test_a_recorder_that_does_not_open_is_said(tmp_path: Path) -> None:
    voice = await opened(tmp_path, None)
    await voice.found("录语音").on_click(None)
    assert voice.told == ["录音没有打开。请重新打开应用再试。"]
    await voice.window.app.detach_store()


async def test_native_apps_offer_no_recorder(tmp_path: Path) -> None:
    window, _ = await open_window(tmp_path, REP, "zh", 360, dark=False)
    for route in (f"/customers/{ACCOUNT}", f"/customers/{ACCOUNT}?new=activity", "/leads/new"):
        window.page.route = route
        root.show(window.page)
        window.session.get_page_patch()
        assert "录语音" not in texts(window.page) and "录音" not in texts(window.page)
    await window.app.detach_store()
