"""What the author of handed-over work reads about its photos and recordings, and its manager."""

import asyncio
from pathlib import Path

import pytest

from mobile.store.blobs import BlobShelf
from mobile.ui.words import problem_words, size_words
from tests.mobile.ui.screens.test_every_screen import Window, open_window
from tests.mobile.ui.screens.test_feedback import drawn, put, shown
from tests.support.company import MANAGER, REP
from tests.support.files import digest, jpeg

LEFT = {
    "zh": "还有 2 个照片、录音或文件的内容在本机",
    "en": "Content still on this device, sent by itself when online: 2",
}
REFUSED = {"zh": "1 个文件的内容服务器不收", "en": "does not take and that stays on this device: 1"}
HERE = {"zh": "3 个里到了 1 个", "en": "1 of 3 here"}
PHOTOS = [jpeg(seed=n) for n in range(3)]
PAYLOAD = [
    {"name": "attachment.create", "args": {"id": digest(photo)[:36], "values": {
        "file_name": "展位.jpg", "media_type": "image/jpeg", "size": len(photo), "sha256": digest(photo)}}}
    for photo in PHOTOS
]  # fmt: skip


def attached(window: Window) -> BlobShelf:
    """The author's device with the three photos and the notice that a manager has the work."""
    shelf = BlobShelf(window.app.open_store)
    for photo in PHOTOS:
        shelf.keep(digest(photo), photo, window.app.now_ms(), own=True)
    put(window, "conflict", id=window.app.new_id(), owner_id=REP, kind="rejection", code="handed_over",
        tx_id="t", title="山野户外", payload=PAYLOAD)  # fmt: skip
    return shelf


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_author_reads_what_the_manager_does_not_have_yet(tmp_path: Path, language: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, language, 390, dark=False)
        shelf = attached(window)
        shelf.set_problem(digest(PHOTOS[0]), "file_type")
        page = await shown(window, "/inbox")
        assert digest(PHOTOS[0]) not in page and size_words(len(PHOTOS[0])) in page, "in words, not as it is stored"
        assert LEFT[language] in page and REFUSED[language] in page and problem_words("file_type", {}) in page
        for photo in PHOTOS:
            shelf.handed_in(digest(photo))
        await drawn()
        page = await shown(window, "/inbox")
        assert LEFT[language][:20] not in page and REFUSED[language] not in page
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manager_reads_how_much_has_come(tmp_path: Path, language: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, language, 390, dark=False)
        put(window, "quarantine_item", id=window.app.new_id(), tx_id="t", author_id=REP, reason="scope",
            title="山野户外", payload=PAYLOAD, arrived={digest(PHOTOS[1]): "image/jpeg"})  # fmt: skip
        page = await shown(window, "/inbox?show=handovers")
        assert HERE[language] in page
        await window.app.detach_store()

    asyncio.run(run())


def test_a_manager_with_nothing_but_handed_over_work_begins_there(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 390, dark=False)
        store = window.app.open_store
        with store.transaction():
            for row in store.select("conflict"):
                store.put("conflict", {**row, "state": "resolved"}, 2)
            store.connection.execute("UPDATE outbox SET doubtful = ''")
        put(window, "quarantine_item", id=window.app.new_id(), tx_id="t", author_id=REP, reason="scope",
            title="山野户外", payload=PAYLOAD)  # fmt: skip
        page = await shown(window, "/inbox")
        assert "没有要处理的" not in page and "接手并执行" in page
        await window.app.detach_store()

    asyncio.run(run())
