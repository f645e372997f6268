"""Importing an exported file and sending archived work again: what the sheet shows and says."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flet import IconButton, Text

from mobile.ui import kit as k
from mobile.ui.screens import outbox_return
from tests.mobile.ui.conftest import Window, walk
from tests.support.shop import Shop

pytestmark = pytest.mark.parametrize("language", ["zh", "en"])


class Till:
    """A window over a shop's replica, and what it said at its foot."""

    def __init__(self, window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window, self.shop = window, Shop(folder)
        self.told: list[str] = []
        self.agrees = False
        window.app._store, window.app._device = self.shop.store, self.shop.engine
        monkeypatch.setattr(outbox_return.k, "snack", lambda _page, words, **_more: self.told.append(words))
        monkeypatch.setattr(outbox_return.k, "ask", self._asked)

    async def _asked(self, _page: object, _title: str, line: str, _yes: str) -> bool:
        self.told.append(line)
        return self.agrees

    def bring_in(self, body: bytes) -> str:
        asyncio.run(outbox_return.bring_in(self.window.page, self.window.app, body))
        return self.told[-1]


@pytest.fixture
def till(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Iterator[Till]:
    window.app.look.language = language
    made = Till(window, tmp_path, monkeypatch)
    yield made
    window.app._store = window.app._device = None
    made.shop.close()


def test_a_file_comes_back_and_says_so(till: Till) -> None:
    till.shop.create("account", name="甲")
    till.shop.create("account", name="乙")
    body = till.shop.engine.export_outbox()
    assert till.bring_in(body) == k.t("frame.import.nothing", count=2)
    till.shop.engine.start_fresh()
    assert till.bring_in(body) == k.t("frame.import.added", count=2)
    assert till.shop.store.count("account", "name IN ('甲', '乙')") == 2
    assert till.bring_in(b"{}").startswith(k.t("error.export_unreadable"))


def test_a_file_of_other_data_asks(till: Till) -> None:
    till.shop.create("account", name="甲")
    document = msgspec.json.decode(till.shop.engine.export_outbox()) | {"dataset": "before"}
    body = msgspec.json.encode(document)
    till.shop.engine.start_fresh()
    with till.shop.store.transaction():
        till.shop.store.set_meta("dataset", "now")
    assert till.bring_in(body) == k.t("frame.import.other_line", count=1)
    assert till.shop.store.outbox() == []
    till.agrees = True
    assert till.bring_in(body) == k.t("frame.import.added", count=1)


def test_archived_work_is_listed_with_the_way_back(till: Till) -> None:
    app = till.window.app
    assert outbox_return.archived_section(app, [], False, print) == []
    for number in range(6):
        till.shop.create("account", name=f"客户 {number}")
    till.shop.engine.start_fresh(even_unexported=True)
    listed = till.shop.engine.archived()
    drawn = [part for item in outbox_return.archived_section(app, listed, False, print) for part in walk(item)]
    said = [part.value for part in drawn if isinstance(part, Text)]
    assert k.t("frame.archive.title", count=6) in said and k.t("frame.more", count=2) in said
    assert any(k.t("frame.archive.start_fresh") in words for words in said)
    assert len([part for part in drawn if isinstance(part, IconButton)]) == outbox_return.SHOWN
    outbox_return.send_again(till.window.page, app, listed)
    assert till.told == [k.t("frame.archive.sent_again", count=6)] and len(till.shop.store.outbox()) == 6
    outbox_return.send_again(till.window.page, app, listed[:1])
    assert till.told[-1].startswith(k.t("error.not_archived"))
