"""Cancel asks where something was typed that is not saved, and nowhere else."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui import root
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window
from tests.support.company import ACCOUNT, ADMIN, REP, TENT
from tests.support.deals import DEAL


def controls(window: Window, kind: type) -> list[Any]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [part for view in views for part in inside(view) if isinstance(part, kind)]


async def cancelled(folder: Path, user_id: str, route: str, field: str) -> tuple[bool, bool]:
    """Whether cancel asks before and after something was typed into the last field of the label."""
    window, _ = await open_window(folder, user_id, "zh", 390, dark=False)
    asked, went = [], []
    window.page.show_dialog = asked.append  # type: ignore[method-assign,assignment]
    window.page.navigate = went.append  # type: ignore[method-assign,assignment]
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()

    async def asks() -> bool:
        asked.clear()
        (cancel,) = [one for one in controls(window, ft.OutlinedButton) if one.content == "取消"]
        leaving = asyncio.ensure_future(cancel.on_click(None))
        await asyncio.sleep(0.01)
        assert leaving.done() != bool(asked)
        leaving.cancel()
        return bool(asked)

    before = await asks()
    where = [one for one in controls(window, ft.TextField) if field in str(one.label)]
    where[-1].on_change(SimpleNamespace(control=SimpleNamespace(value="12")))
    after = await asks()
    assert len(went) == 1 and window.app.errors.entries == []
    await window.app.detach_store()
    return before, after


@pytest.mark.parametrize(
    ("user_id", "route", "field"),
    [
        (ADMIN, f"/setup/product/{TENT}", "价"),
        (ADMIN, "/setup/stage/new", "名称"),
        (ADMIN, "/users/new", "用户名"),
        (REP, f"/deals/{DEAL}?lose=1", "说明"),
        (REP, f"/deals/{DEAL}?cancel=1", "原因"),
        (REP, f"/customers/{ACCOUNT}?new=contact", "姓名"),
    ],
)
def test_cancel_asks_for_what_was_typed_and_only_then(tmp_path: Path, user_id: str, route: str, field: str) -> None:
    assert asyncio.run(cancelled(tmp_path, user_id, route, field)) == (False, True)
