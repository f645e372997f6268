"""Voice notes on forms that are not saved yet: whatever happens to the screen meanwhile, what was said is not lost."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile.platform.ports import Recording
from mobile.state.lead_capture import capture_of
from mobile.ui import root
from mobile.ui.kit.leaving import _door
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.forms.test_leaving import Case
from tests.mobile.ui.screens.test_every_screen import _open as reopen
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.mobile.ui.screens.test_voice import SPOKEN, Voice
from tests.support.company import ACCOUNT, REP
from tests.support.files import digest
from tests.support.waiting import until

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
        self.app.session.phase = "elsewhere"
        await until(lambda: not self.case.controls(ft.TextField), "the form is still there")
        assert self.app.errors.entries == []
        await self.app.detach_store()


async def opened(folder: Path, route: str, *, again: bool = False) -> Talk:
    """``again``: after a reload, with whatever the device has by then."""
    if again:
        window = await reopen(folder, REP, "zh", 390, dark=False)
        window.app.attachments.shelf.sweep(window.app.now_ms())  # as the uploads do at the start
    else:
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


async def recorded(folder: Path, route: str, label: str) -> None:
    """A note is in the form, then the page is reloaded."""
    talk = await opened(folder, route)
    talk.voice.speaks.set()
    await (await talk.begins(label))
    await until(lambda: talk.shows(".webm"), "the note is not in the form")
    await talk.ends()


def pieces(talk: Talk) -> int:
    """Of the note, on the device."""
    sql = "SELECT count(*) AS n FROM blob_piece WHERE sha256 = ?"
    return int(talk.app.open_store.query(sql, (digest(SPOKEN.data),))[0]["n"])


async def test_a_note_in_a_follow_up_is_there_again_after_a_reload(tmp_path: Path) -> None:
    await recorded(tmp_path, FORM, "录语音")
    talk = await opened(tmp_path, FORM, again=True)
    assert talk.shows(".webm") and talk.shows("0:42") and talk.shows("上次没有保存")
    talk.case.types("内容")
    talk.voice.found("保存跟进").on_click(None)
    (row,) = talk.files()
    assert (row["seconds"], row["sha256"], bool(row["activity_id"])) == (42, digest(SPOKEN.data), True)
    assert await talk.app.attachments.content(row) == SPOKEN.data
    await talk.ends()
    talk = await opened(tmp_path, FORM, again=True)
    assert not talk.shows(".webm") and not talk.shows("上次没有保存")
    assert pieces(talk) == 1 and talk.app.open_store.drafts("files") == []
    await talk.ends()


async def test_who_leaves_a_follow_up_all_the_same_gives_its_note_up(tmp_path: Path) -> None:
    await recorded(tmp_path, FORM, "录语音")
    talk = await opened(tmp_path, FORM, again=True)
    talk.case.changes_to("/orders")
    await until(lambda: talk.case.asked, "nobody was asked")
    assert pieces(talk) == 1
    await talk.case.answers(1)
    await until(lambda: talk.case.page.route == "/orders", "nobody goes")
    assert pieces(talk) == 0 and talk.app.open_store.drafts("files") == []
    await talk.ends()


async def test_a_note_on_a_lead_is_there_again_after_a_reload_also_when_it_was_emptied_and_put_back(
    tmp_path: Path,
) -> None:
    await recorded(tmp_path, "/leads/new", "录音")
    talk = await opened(tmp_path, "/leads/new", again=True)
    assert talk.shows(".webm")
    talk.voice.found("清空重填").on_click(None)
    await until(lambda: not talk.shows(".webm"), "the form is not empty")
    assert talk.app.open_store.drafts("files") == []
    talk.case.asked.pop().action.on_click(None)
    await talk.ends()
    talk = await opened(tmp_path, "/leads/new", again=True)
    assert talk.shows(".webm")
    capture_of(talk.app.open_store).texts["name"] = "周岚"
    talk.voice.found("保存并记下一位").on_click(None)
    (row,) = talk.files()
    assert row["lead_id"] and row["sha256"] == digest(SPOKEN.data)
    assert pieces(talk) == 1 and talk.app.open_store.drafts("files") == []
    await talk.ends()


async def test_a_note_that_is_taken_out_of_the_form_is_gone_for_good(tmp_path: Path) -> None:
    await recorded(tmp_path, FORM, "录语音")
    talk = await opened(tmp_path, FORM, again=True)
    (file,) = talk.app.attachments.held(f"activity:{ACCOUNT}")
    assert (file.data, file.seconds, file.name) == (SPOKEN.data, SPOKEN.seconds, file.name)
    talk.voice.found(f"删除 {file.name}").on_click(None)
    assert pieces(talk) == 0 and talk.app.open_store.drafts("files") == []
    await talk.ends()
