"""A shut-out device hands in the bytes that it alone has before it is wiped, and says what it could not hand in."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.state.app import App
from sync.ports import TransportError
from tests.mobile.state.test_shut_out import (
    app_at,
    everything_in,
    name_of,
    quick,  # noqa: F401  (a fixture)
    revoke,
    run,
    sign_in,
)
from tests.support.company import ACCOUNT, ADMIN, REP
from tests.support.databases import *  # noqa: F403
from tests.support.files import GOOD, jpeg
from tests.support.served import seed_people, served, settings_for
from tests.support.waiting import until

PHOTO, NOTE = jpeg(60_000, seed=5), GOOD["audio/webm"] * 500


@pytest.fixture
def database_kind() -> str:
    """The device does not see which database the server has."""
    return "sqlite"


@pytest.fixture
def limits() -> dict[str, int]:
    """Settings of the server; tests give their own by ``pytest.mark.parametrize``."""
    return {}


@pytest.fixture
def server(database_url: str, tmp_path: Path, limits: dict[str, int]) -> Iterator[str]:
    seed_people(database_url, REP, ADMIN)
    with served(msgspec.structs.replace(settings_for(database_url, tmp_path / "server"), **limits)) as url:
        yield url


class Line:
    """The device's line to the blobs: nothing arrives until the device has asked for a ticket, nor while ``down``; of
    the first ``lost`` parts after that the answer is lost."""

    def __init__(self, app: App, *, down: bool = False, lost: int = 0) -> None:
        self.down, self.lost, self.asked = down, lost, False
        self._real = app.platform.transport.request
        app.platform.transport.request = self.request  # type: ignore[method-assign]

    async def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        self.asked = self.asked or path == "/v1/auth/handin"
        if not path.startswith("/v1/blobs"):
            return await self._real(method, path, *rest, **more)
        if self.down or not self.asked:
            raise TransportError("offline")
        answer = await self._real(method, path, *rest, **more)
        if method == "PUT" and self.lost:
            self.lost -= 1
            raise TransportError("aborted", "the answer was lost")
        return answer


async def shut_out_at_work(folder: Path, url: str, **line: Any) -> tuple[App, Line, list[str]]:
    """The rep's app, shut out with a photo whose row had arrived and a note whose row had not; the bytes of neither."""
    app = app_at(folder, url)
    await sign_in(app, REP)
    await until(lambda: app.sync.complete)
    wire = Line(app, **line)
    photo = await app.attachments.take("booth.jpg", PHOTO)
    note = await app.attachments.take("语音", NOTE, seconds=42)
    app.attachments.attach([photo], account_id=ACCOUNT)
    (row,) = app.open_store.select("attachment")
    await until(lambda: app.open_store.revision("attachment", row["id"]) > 0)
    revoke(url, name_of(REP))  # in this turn of the loop: the device hears of it when the note is attached
    app.attachments.attach([note], account_id=ACCOUNT)
    return app, wire, [photo.sha256, note.sha256]


def stored(folder: Path) -> dict[str, bytes]:
    """What the server has, by hash."""
    return {path.name: path.read_bytes() for path in (folder / "server" / "blobs").glob("??/??/*")}


def kept(folder: Path) -> set[str]:
    """Hashes whose bytes are on the device, read through a connection of its own."""
    connection = sqlite3.connect(next(folder.rglob("app.db")))
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        return {key for (key,) in connection.execute("SELECT sha256 FROM blob")} if "blob" in tables else set()
    finally:
        connection.close()


def test_photo_and_note_are_handed_in_before_the_wipe(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app, wire, (photo, note) = await shut_out_at_work(tmp_path / "device", server, lost=2)
        await until(lambda: app.session.phase == "signed_out")
        assert (app.session.problem, app.session.unsent_files, wire.lost) == ("handed_in", 0, 0)
        assert stored(tmp_path) == {photo: PHOTO, note: NOTE}
        left = everything_in(tmp_path / "device")
        assert PHOTO[5_000:5_200] not in left and NOTE[:300] not in left
        await app.shut_out.stop()

    run(story())


def test_without_the_bytes_nothing_is_wiped_and_the_next_start_goes_on(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        folder = tmp_path / "device"
        app, _, hashes = await shut_out_at_work(folder, server, down=True)
        await until(lambda: app.session.handin == "waiting")
        assert (app.session.unsent, app.session.unsent_files) == (0, 2)
        await app.shut_out.stop()
        assert kept(folder) == set(hashes) and stored(tmp_path) == {}

        again = app_at(folder, server)
        await again.doors.start()
        await until(lambda: again.session.phase == "signed_out")
        assert again.session.problem == "handed_in" and set(stored(tmp_path)) == set(hashes)
        assert kept(folder) == set()
        await again.shut_out.stop()

    run(story())


@pytest.mark.parametrize("limits", [{"blob_limit": 50_000}])
def test_what_the_server_does_not_take_stays_and_is_said(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app, _, (photo, note) = await shut_out_at_work(tmp_path / "device", server)
        await until(lambda: app.session.phase == "signed_out")
        assert (app.session.problem, app.session.unsent_files) == ("handed_in", 1)
        assert kept(tmp_path / "device") == {photo}
        assert stored(tmp_path) == {note: NOTE}
        assert "山野户外".encode() not in everything_in(tmp_path / "device")
        await app.shut_out.stop()

    run(story())


@pytest.mark.parametrize("limits", [{"blob_daily": 65_000}])
def test_a_server_without_room_is_waited_for_and_says_why(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        app, _, (photo, note) = await shut_out_at_work(tmp_path / "device", server)
        await until(lambda: app.session.handin == "held_up")
        assert (app.session.held_up.code, app.session.unsent_files) == ("upload_quota", 1)
        assert note in kept(tmp_path / "device") and set(stored(tmp_path)) == {photo}
        monkeypatch.setattr("server.blobs.store.DAY_MS", 0)  # the next day
        app.shut_out.try_now()
        await until(lambda: app.session.phase == "signed_out")
        assert app.session.unsent_files == 0 and set(stored(tmp_path)) == {photo, note}
        await app.shut_out.stop()

    run(story())
