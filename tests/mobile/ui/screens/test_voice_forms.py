"""Voice notes on forms that are not saved yet: whatever happens to the screen meanwhile, what was said is not lost."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mobile.platform.ports import Recording
from mobile.ui import root
from mobile.ui.kit.leaving import _door
from tests.mobile.ui.conftest import Window, until
from tests.mobile.ui.forms.test_leaving import Case
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.mobile.ui.screens.test_voice import SPOKEN, Voice
from tests.support.company import ACCOUNT, REP

pytestmark = pytest.mark.anyio
FORM = f"/customers/{ACCOUNT}?new=activity"
DETAIL = f"/customers/{ACCOUNT}"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Slow(Voice):
    """Who speaks until ``speaks`` is set, while the screen behind may change."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.opens, self.speaks = asyncio.Event(), asyncio.Event()

    def draws(self) -> str:
        """The window draws by itself: a page asked for whole would put every component there anew."""
        return texts(self.window.page)

    async def record(self, words: dict[str, str], limit_s: int, *, dark: bool) -> Recording | None:
        self.opens.set()
        await self.speaks.wait()
        return await super().record(words, limit_s, dark=dark)


class Talk:
    """A screen with somebody who records on it."""

    def __init__(self, window: Window, route: str) -> None:
        self.window, self.app = window, window.app
        self.voice = Slow(window)
        self.case = Case(window, route)

    async def begins(self, label: str) -> asyncio.Task[None]:
        """The tap on the button; the recorder is open."""
        task = asyncio.ensure_future(self.voice.found(label).on_click(None))
        await self.voice.opens.wait()
        return task

    def files(self) -> list[dict[str, Any]]:
        return self.app.open_store.select("attachment", "seconds IS NOT NULL")

    def forms(self) -> int:
        """How many stand at the page's door: what is under way is one of them."""
        return len(_door(self.window.page).forms)

    def shows(self, words: str) -> bool:
        return words in self.voice.draws()

    async def ends(self) -> None:
        assert self.app.errors.entries == []
        await self.app.detach_store()


async def opened(folder: Path, route: str) -> Talk:
    window, _ = await open_window(folder, REP, "zh", 390, dark=False)
    talk = Talk(window, route)
    root.show(window.page)
    window.session.get_page_patch()
    forms = 1 if route == FORM else 0
    await until(lambda: window.page.on_route_change and talk.forms() == forms, "the screen is not ready")
    return talk


async def test_who_goes_back_while_recording_is_asked_when_the_note_is_in_the_form(tmp_path: Path) -> None:
    talk = await opened(tmp_path, FORM)
    recording = await talk.begins("录语音")
    talk.case.changes_to("/orders")
    await until(lambda: talk.case.page.route == FORM, "the address is not put back")
    assert talk.case.asked == [], "nobody can answer under the recorder"
    talk.voice.speaks.set()
    await recording
    await until(lambda: talk.case.asked and talk.shows(".webm"), "nobody was asked")
    assert talk.case.went == []
    await talk.case.answers(0)
    talk.voice.found("保存跟进").on_click(None)
    talk.case.types("内容")
    talk.voice.found("保存跟进").on_click(None)
    (row,) = talk.files()
    assert (row["account_id"], row["seconds"], bool(row["activity_id"])) == (ACCOUNT, SPOKEN.seconds, True)
    await talk.ends()


async def test_who_goes_back_from_a_customer_goes_when_the_note_is_there(tmp_path: Path) -> None:
    talk = await opened(tmp_path, DETAIL)
    recording = await talk.begins("录语音")
    talk.case.changes_to("/orders")
    await until(lambda: talk.case.page.route == DETAIL, "the address is not put back")
    talk.voice.speaks.set()
    await recording
    await until(lambda: talk.case.page.route == "/orders", "nobody goes on")
    assert talk.case.went == ["/orders"] and len(talk.files()) == 1
    await talk.ends()


@pytest.mark.parametrize("comes_back", [False, True])
async def test_a_note_whose_form_was_taken_away_is_handed_over(tmp_path: Path, comes_back: bool) -> None:
    talk = await opened(tmp_path, FORM)
    recording = await talk.begins("录语音")
    talk.app.session.phase = "elsewhere"  # as a take-over by another tab does
    await until(lambda: not talk.shows("保存跟进") and talk.forms() == 1, "the form is still there")
    if comes_back:
        talk.app.session.phase = "open"
        await until(lambda: talk.shows("保存跟进") and talk.forms() == 2, "the form does not come back")
    talk.voice.speaks.set()
    await recording
    (saved,) = (tmp_path / "exports").iterdir()
    assert saved.read_bytes() == SPOKEN.data and saved.name.count(".webm") == 1
    assert talk.files() == [] and not talk.shows(".webm")
    await talk.ends()


async def test_a_note_of_another_opening_of_the_database_goes_into_no_other(tmp_path: Path) -> None:
    talk = await opened(tmp_path, DETAIL)
    recording = await talk.begins("录语音")
    info = talk.app.session.info
    assert info is not None
    await talk.app.detach_store()
    await talk.app.doors.open(info)
    talk.voice.speaks.set()
    await recording
    assert len(list((tmp_path / "exports").iterdir())) == 1 and talk.files() == []
    await talk.ends()
