"""Settings: older months that were loaded are listed with their size, and leave when the person says so."""

import asyncio
from pathlib import Path

import pytest

from mobile.store.queries import history as sizes
from mobile.ui import root
from mobile.ui.words import size_words
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from shared.locale import translate
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ACCOUNT, NOW, ORG, REP

THERE, WANTED, HELD = ["2026-05", "2026-04", "2026-03"], ["2026-05", "2026-04"], ["2026-05"]


async def opened(folder: Path, language: str, *, online: bool = True) -> Window:
    """The settings of somebody who has loaded a month, and asked for another."""
    window, _ = await open_window(folder, REP, language, 360, dark=False)
    store = window.app.open_store
    window.app.sync.online = online
    with store.transaction():
        for name, months in (("there", THERE), ("wanted", WANTED), ("held", HELD)):
            store.set_meta(f"history_{name}", str(months).replace("'", '"'))
        for number in range(40):
            values = {"id": derived_id("old", number), "org_id": ORG, "account_id": ACCOUNT, "owner_id": REP,
                      "body": "去年的拜访" * 20, "period": "2026-05", "created_at": NOW}  # fmt: skip
            store.put("activity", new_row(ENTITIES["activity"], values), 1)
    show(window)
    return window


def show(window: Window) -> None:
    window.page.route = "/settings"
    root.show(window.page)
    window.session.get_page_patch()


def press(window: Window, name: str) -> None:
    for view in window.page.views if isinstance(window.page.views, list) else [window.page.views]:
        for one in inside(view):
            if name in (getattr(one, "tooltip", None), getattr(one, "content", None)) and one.on_click:
                one.on_click(None)
                return
    raise AssertionError(f"there is no {name}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_loaded_months_are_listed_with_their_size_and_removed_one_by_one_or_all(tmp_path: Path, language: str) -> None:
    async def run() -> None:
        window = await opened(tmp_path, language)
        app, said = window.app, texts(window.page)
        month = sizes.months(app.open_store, ["2026-05"])[0]
        assert month.rows == 40 and 40 * 200 < month.size < 40 * 1_000
        words = translate(language, "screen.history.month.size", count=40, size=size_words(month.size))
        assert words in said and translate(language, "screen.history.loading") in said
        assert "2026-04" in said and "2026-03" not in said, "what was not asked for is not here"
        press(window, translate(language, "screen.history.month.remove", month="2026-05"))
        assert app.device.history.wanted == ("2026-04",) and app.device.history.going == ("2026-05",)
        show(window)
        assert translate(language, "screen.history.month.going") in texts(window.page)
        with app.open_store.transaction():
            app.open_store.set_meta("history_wanted", '["2026-05","2026-04"]')
        show(window)
        press(window, translate(language, "screen.history.months.remove"))
        assert app.device.history.wanted == () and app.errors.entries == []
        await app.detach_store()

    asyncio.run(run())


def test_offline_it_says_when_a_month_goes(tmp_path: Path) -> None:
    async def run() -> None:
        window = await opened(tmp_path, "zh", online=False)
        press(window, translate("zh", "screen.history.month.remove", month="2026-05"))
        show(window)
        assert translate("zh", "screen.history.month.goes_later") in texts(window.page)
        await window.app.detach_store()

    asyncio.run(run())


def test_nothing_is_said_where_nothing_was_loaded(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 360, dark=False)
        with window.app.open_store.transaction():
            window.app.open_store.set_meta("history_there", '["2026-05"]')
        show(window)
        assert translate("zh", "screen.history.months") not in texts(window.page)
        await window.app.detach_store()

    asyncio.run(run())
