"""What is heard belongs to its button: nothing begins when nobody is there any more, and leaving ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mobile.ui import root
from shared.errors import CaravanError, NotFound
from sync.ports import TransportError
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.mobile.ui.screens.test_voice import SPOKEN, Voice
from tests.support.company import ACCOUNT, REP
from tests.support.files import GOOD, digest
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
SPOKEN_KEY = digest(SPOKEN.data)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Listener(Voice):
    """A customer's page with a recording of the slow server: its bytes come when ``arrives`` is set."""

    def draws(self) -> str:
        """The window draws by itself: a page asked for whole would put every component there anew."""
        return texts(self.window.page)

    def prepare(self) -> None:
        self.arrives = asyncio.Event()
        self.trouble: Exception | None = None
        self.asked: list[str] = []
        attachments = self.window.app.attachments
        content = attachments.content

        async def slow(row: dict[str, Any]) -> bytes:
            self.asked.append(row["id"])
            await self.arrives.wait()
            if self.trouble is not None:
                raise self.trouble
            return await content(row)

        attachments.content = slow  # type: ignore[method-assign]

    async def taps(self, row: dict[str, Any], word: str = "播放") -> asyncio.Task[None]:
        """The button of the recording, once it is there."""
        name = f"{word} {row['file_name']}"
        await until(lambda: name in self.draws(), f"no {name}")
        task = asyncio.ensure_future(self.found(name).on_click(None))
        await asyncio.sleep(0)
        return task

    async def goes(self, route: str) -> None:
        page = self.window.page
        page.route = route
        page.on_route_change(SimpleNamespace(route=route))

    @property
    def played(self) -> list[str]:
        """The keys of what began."""
        return [call[1] for call in self.heard if call[0] == "play_sound"]

    @property
    def calls(self) -> list[str]:
        return [call[0] for call in self.heard]

    async def ends(self) -> None:
        assert self.window.app.errors.entries == []
        await self.window.app.detach_store()


async def opened(folder: Path) -> tuple[Listener, dict[str, Any]]:
    window, _ = await open_window(folder, REP, "zh", 390, dark=False)
    voice = Listener(window)
    window.page.route = f"/customers/{ACCOUNT}"
    root.show(window.page)
    window.session.get_page_patch()
    await until(lambda: window.page.on_route_change is not None, "the router does not listen")
    await voice.found("录语音").on_click(None)
    voice.prepare()
    return voice, voice.note()


async def leaves(voice: Listener) -> None:
    await voice.goes("/help")


async def is_taken_over(voice: Listener) -> None:
    voice.window.app.session.phase = "elsewhere"


@pytest.mark.parametrize("gone", [leaves, is_taken_over])
async def test_what_comes_after_its_screen_has_gone_is_not_heard(
    tmp_path: Path, gone: Callable[[Listener], Awaitable[None]]
) -> None:
    voice, row = await opened(tmp_path)
    tap = await voice.taps(row)
    await until(lambda: voice.asked, "nothing is fetched")
    await gone(voice)
    await until(lambda: voice.window.app.sound.key == "", "the sound is still wanted")
    voice.arrives.set()
    await tap
    assert voice.played == [] and voice.window.app.sound.state == ""
    await voice.ends()


async def test_leaving_the_screen_ends_what_is_heard(tmp_path: Path) -> None:
    voice, row = await opened(tmp_path)
    voice.arrives.set()
    await (await voice.taps(row))
    assert voice.played == [SPOKEN_KEY]
    voice.tells("playing", 3)
    await voice.goes("/help")
    await until(lambda: voice.calls == ["play_sound", "stop_sound"], "it goes on")
    assert voice.window.app.sound.key == ""
    await voice.ends()


async def test_a_second_tap_while_it_loads_changes_nothing(tmp_path: Path) -> None:
    voice, row = await opened(tmp_path)
    first, second = await voice.taps(row), await voice.taps(row)
    await second
    voice.arrives.set()
    await first
    assert voice.calls == ["play_sound"] and len(voice.asked) == 1
    await voice.ends()


async def test_who_records_hears_nothing_that_was_still_loading(tmp_path: Path) -> None:
    voice, row = await opened(tmp_path)
    tap = await voice.taps(row)
    await until(lambda: voice.asked, "nothing is fetched")
    await voice.found("录语音").on_click(None)
    voice.arrives.set()
    await tap
    assert voice.played == []
    await voice.ends()


async def test_of_two_recordings_the_last_one_tapped_is_heard(tmp_path: Path) -> None:
    voice, row = await opened(tmp_path)
    attachments = voice.window.app.attachments
    other = await attachments.take("另一段.webm", GOOD["audio/webm"] * 400, seconds=9)
    attachments.attach([other], account_id=ACCOUNT)
    (second,) = voice.window.app.open_store.select("attachment", "seconds = 9")
    taps = [await voice.taps(row), await voice.taps(second)]
    await until(lambda: len(voice.asked) == 2, "nothing is fetched")
    voice.arrives.set()
    await asyncio.gather(*taps)
    assert voice.played == [other.sha256]
    await voice.ends()


@pytest.mark.parametrize("trouble", [TransportError("gone"), NotFound("blob_not_here"), ValueError("a bug")])
async def test_what_did_not_come_can_be_asked_for_again(tmp_path: Path, trouble: Exception) -> None:
    voice, row = await opened(tmp_path)
    voice.trouble = trouble
    voice.arrives.set()
    known = isinstance(trouble, (TransportError, CaravanError))
    (result,) = await asyncio.gather(await voice.taps(row), return_exceptions=True)
    assert (result is None) == known and len(voice.told) == 1 + known
    voice.trouble = None
    await (await voice.taps(row))
    assert voice.calls[-1] == "play_sound"
    await voice.ends()
