"""A file from the hand of one user to the eyes of another: the app's own parts and the real server between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.platform.native import NativePlatform
from mobile.platform.ports import Picture
from mobile.state.attachments import Attachments
from mobile.state.blob_transport import BlobHttp
from shared.access import Actor
from shared.errors import CaravanError
from sync.ports import TransportError
from tests.support.authority import device_of
from tests.support.company import ACCOUNT, MANAGER, ORG, REP, STRANGER, Company
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone
from tests.support.files import BAD, GOOD, jpeg, png
from tests.support.served import Browser, served_company
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    with served_company(database_url, tmp_path / "data", REP, STRANGER, MANAGER) as url:
        yield url


class Device:
    """One user's app without its screens, over the native platform's HTTP."""

    def __init__(self, folder: Path, url: str, user_id: str, seed: int) -> None:
        with Browser(url) as browser:
            self.token = browser.sign_in(user_id[:8])["access_token"]
        actor = Company().actor(user_id)
        who = Actor(user_id, ORG, actor.role, actor.team_id, device_of(user_id), actor.discount_limit)
        folder.mkdir()
        self.platform = NativePlatform(folder, url)
        self.phone = Phone(folder / "app.db", who, seed=seed)
        self.open()

    def open(self) -> None:
        async def renew() -> None:
            raise AssertionError("the token is fresh")

        self.line = BlobHttp(self.platform, lambda: self.token, renew, lambda: "en")
        self.files = Attachments(
            self.platform, self.phone.engine, self.phone.store, self.line,
            on_status=lambda status: None, on_stored=lambda: None,
        )  # fmt: skip

    async def exchange(self) -> None:
        for _ in range(20):
            body = await self.line.exchange(self.phone.engine.build_request())
            if not self.phone.engine.apply_response(body).more:
                return

    async def sends(self) -> None:
        """The queue runs until nothing is left, and the row that says so comes back."""
        self.files.uploads.start()
        await until(lambda: not self.files.uploads.status.count)
        await self.files.uploads.stop()
        await self.exchange()

    def row(self) -> dict:
        (row,) = self.phone.store.select("attachment")
        return row


async def test_a_file_travels_from_one_device_to_another_and_to_nobody_else(server: str, tmp_path: Path) -> None:
    rep, manager, stranger = (
        Device(tmp_path / name, server, user_id, seed)
        for seed, (name, user_id) in enumerate((("rep", REP), ("manager", MANAGER), ("stranger", STRANGER)), 1)
    )
    await rep.exchange()
    content = png(30, 30, extra=900_000)
    rep.files.attach([await rep.files.take("展位.png", content)], account_id=ACCOUNT)
    assert await rep.files.content(rep.row()) == content, "it is seen before anything was sent"
    await rep.exchange()
    await manager.exchange()
    assert manager.row()["stored_at"] is None
    with pytest.raises(CaravanError) as early:
        await manager.files.content(manager.row())
    assert early.value.code == "blob_not_here"

    rep.phone.restart()
    rep.open()
    await rep.sends()
    assert rep.row()["stored_at"] is not None
    await manager.exchange()
    assert await manager.files.content(manager.row()) == content
    manager.token = "gone"
    assert await manager.files.content(manager.row()) == content, "from the cache, without the server"
    await stranger.exchange()
    assert stranger.phone.store.count("attachment") == 0
    with pytest.raises(CaravanError):
        await stranger.files.content(rep.row())


async def test_a_voice_note_is_typed_by_its_content_and_heard_by_the_manager(server: str, tmp_path: Path) -> None:
    rep, manager = (
        Device(tmp_path / name, server, user_id, seed)
        for seed, (name, user_id) in enumerate((("rep", REP), ("manager", MANAGER)), 1)
    )
    await rep.exchange()
    spoken = GOOD["audio/webm"] * 20_000
    rep.files.attach([await rep.files.take("语音 11-27 09.41.07", spoken, seconds=42)], account_id=ACCOUNT)
    row = rep.row()
    assert (row["file_name"], row["media_type"], row["seconds"]) == ("语音 11-27 09.41.07.webm", "audio/webm", 42)
    rep.phone.restart()
    rep.open()
    assert await rep.files.content(rep.row()) == spoken, "after a restart, without the server"
    await rep.exchange()
    await rep.sends()
    await manager.exchange()
    assert manager.row()["seconds"] == 42 and manager.row()["stored_at"] is not None
    assert await manager.files.content(manager.row()) == spoken


async def test_a_refusal_of_the_server_comes_with_its_words(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = Device(tmp_path / "rep", server, REP, 1)
    await rep.exchange()
    file = await rep.files.take("note.txt", GOOD["text/plain"])
    rep.files.attach([file], account_id=ACCOUNT)
    await rep.exchange()
    monkeypatch.setattr("server.blobs.files.shutil.disk_usage", lambda _: type("Disk", (), {"free": 0}))
    rep.files.uploads.start()
    await until(lambda: rep.files.uploads.status.problem)
    await rep.files.uploads.stop()
    assert rep.files.uploads.status.problem == "server_storage_full"
    monkeypatch.undo()
    await rep.sends()
    assert rep.row()["stored_at"] is not None


async def test_without_a_server_files_are_taken_and_shown_and_wait(server: str, tmp_path: Path) -> None:
    rep = Device(tmp_path / "rep", server, REP, 1)
    await rep.exchange()
    rep.platform = NativePlatform(tmp_path / "rep", "http://127.0.0.1:9")
    rep.open()
    rep.files.attach([await rep.files.take("a.jpg", jpeg())], account_id=ACCOUNT)
    assert await rep.files.content(rep.row()) == jpeg()
    with pytest.raises(TransportError):
        await rep.line.blob_state(rep.row()["sha256"])
    assert [item.ready for item in rep.files.shelf.waiting(REP)] == [False]


async def test_what_may_not_be_attached_is_refused_before_anything_is_stored(server: str, tmp_path: Path) -> None:
    rep = Device(tmp_path / "rep", server, REP, 1)
    await rep.exchange()
    for content, code in BAD.values():
        with pytest.raises(CaravanError) as caught:
            await rep.files.take("photo.jpg", content)
        assert caught.value.code == code
    file = await rep.files.take("a.jpg", jpeg())
    with pytest.raises(CaravanError):
        rep.files.attach([file], account_id=REP)
    assert not rep.files.shelf.has(file.sha256)


async def test_a_photo_is_stored_small_under_the_name_of_what_it_is_now(server: str, tmp_path: Path) -> None:
    rep = Device(tmp_path / "rep", server, REP, 1)
    await rep.exchange()

    async def shrink(data: bytes, mime: str) -> Picture:
        return Picture(jpeg(), 1_600, 1_067, b"\xff\xd8\xff thumb")

    rep.platform.shrink_picture = shrink  # type: ignore[method-assign]
    rep.files.attach([await rep.files.take("IMG_1.PNG", png(9, 6))], account_id=ACCOUNT)
    row = rep.row()
    assert (row["file_name"], row["media_type"], row["width"], row["height"]) == (
        "IMG_1.jpg",
        "image/jpeg",
        1_600,
        1_067,
    )
    assert rep.files.shelf.thumb(row["sha256"]) == b"\xff\xd8\xff thumb"
    assert await rep.files.content(row) == jpeg()
