"""The end of a list: from when on everything is on the device, how to get what is older, and what that needs."""

import asyncio
from pathlib import Path

import pytest

from mobile.ui import root
from shared.locale import translate
from sync.device.engine import DeviceEngine
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ACCOUNT, REP

THERE, HELD = '["2026-05","2026-03"]', '["2026-05"]'
SCREENS = ("/orders", f"/customers/{ACCOUNT}", "/orders/none")


async def shown(folder: Path, language: str, route: str, *, online: bool = True, **months: str) -> tuple[str, bool]:
    """What the screen says, and whether its button asks for the months."""
    window, _ = await open_window(folder, REP, language, 360, dark=False)
    app, store = window.app, window.app.open_store
    app.sync.online = online
    with store.transaction():
        for name, value in {"wanted": months.get("held", "[]"), **months}.items():
            store.set_meta(f"history_{name}", value)
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    said = texts(window.page)
    assert app.errors.entries == []
    asked = app.device.ask_history(3) != () if months else False
    await app.detach_store()
    return said, asked


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("route", SCREENS)
def test_a_list_says_from_when_on_it_is_whole_and_offers_the_rest(tmp_path: Path, language: str, route: str) -> None:
    said, asked = asyncio.run(shown(tmp_path / "part", language, route, there=THERE))
    assert "2026-06" in said and translate(language, "screen.history.load", month="2026-05") in said and asked
    said, _ = asyncio.run(shown(tmp_path / "more", language, route, there=THERE, held=HELD))
    assert "2026-04" in said and translate(language, "screen.history.load", month="2026-03") in said
    said, asked = asyncio.run(shown(tmp_path / "all", language, route, there=THERE, held=THERE))
    assert "2026-0" not in said and not asked
    said, _ = asyncio.run(shown(tmp_path / "none", language, route))
    assert "2026-0" not in said


def test_counts_say_from_when_they_count(tmp_path: Path) -> None:
    said, _ = asyncio.run(shown(tmp_path / "part", "zh", "/orders", there=THERE))
    assert "1 张，2026-06 起" in said
    said, _ = asyncio.run(shown(tmp_path / "all", "zh", "/orders", there=THERE, held=THERE))
    assert "1 张" in said and "起" not in said
    said, _ = asyncio.run(shown(tmp_path / "tab", "zh", f"/customers/{ACCOUNT}", there=THERE))
    assert f"{translate('zh', 'screen.customer.tab.orders')} 1+" in said


def test_offline_it_says_what_is_here_and_loads_later(tmp_path: Path) -> None:
    said, _ = asyncio.run(shown(tmp_path / "off", "zh", "/orders", online=False, there=THERE))
    assert "2026-06" in said and translate("zh", "screen.history.offline") in said
    said, _ = asyncio.run(shown(tmp_path / "wait", "zh", "/orders", online=False, there=THERE, wanted=THERE))
    assert translate("zh", "screen.history.wanted") in said
    said, _ = asyncio.run(shown(tmp_path / "on", "zh", "/orders", there=THERE, wanted=THERE))
    assert translate("zh", "screen.history.loading") in said
    assert translate("zh", "screen.history.load", month="2026-05") not in said


def test_asking_again_asks_for_what_is_still_missing(tmp_path: Path) -> None:
    async def ask() -> list[tuple[str, ...]]:
        window, _ = await open_window(tmp_path, REP, "zh", 360, dark=False)
        device: DeviceEngine = window.app.device
        with window.app.open_store.transaction():
            window.app.open_store.set_meta("history_there", '["2026-05","2026-04","2025-12"]')
        first = device.ask_history(2)
        with window.app.open_store.transaction():
            window.app.open_store.set_meta("history_held", '["2026-05","2026-04"]')
        second = device.ask_history(2)
        await window.app.detach_store()
        return [first, second]

    assert asyncio.run(ask()) == [("2026-05", "2026-04"), ("2025-12",)]


def test_the_desk_says_when_what_it_compares_with_is_not_all_here(tmp_path: Path) -> None:
    months = '["2001-03"]'  # whatever today is, no year reaches back to it
    said, _ = asyncio.run(shown(tmp_path / "old", "zh", "/dashboard?period=year", there=months))
    assert "2001-04" not in said
    months = '["2999-04","2999-03"]'  # and every period begins before these end
    for kind in ("month", "year"):
        said, _ = asyncio.run(shown(tmp_path / kind, "zh", f"/dashboard?period={kind}", there=months))
        offered = translate("zh", "screen.history.load.span", first="2999-03", last="2999-04")
        assert "2999-05" in said and offered in said
        before = translate("zh", f"desk.before.{kind}")
        assert translate("zh", "desk.compare.partial", before=before) in said, "nothing is compared with a part"
