"""A tapped notification leads to what it told of, wherever in the app somebody is."""

import asyncio
from pathlib import Path

import pytest

from mobile.platform.ports import PlatformEvent
from mobile.ui import root
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import ACCOUNT, REP
from tests.support.waiting import until


@pytest.mark.parametrize(("named", "route"), [(True, f"/customers/{ACCOUNT}"), (False, "/follow-ups")])
def test_a_tapped_reminder_opens_what_is_due(tmp_path: Path, named: bool, route: str) -> None:
    async def play() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        window.page.route = "/help"
        root.show(window.page)
        platform = window.app.platform._events
        before = len(platform._callbacks)
        window.session.get_page_patch()
        await until(lambda: len(platform._callbacks) > before, "nobody listens for a tap")
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign,assignment]
        (row,) = window.app.open_store.select("activity", "body = '谈了'")
        tag = f"follow-up {row['id']}" if named else "follow-ups"
        platform.emit(PlatformEvent("notification", {"tag": tag}))
        await until(lambda: went, "nothing is opened")
        assert went == [route]
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(play())
