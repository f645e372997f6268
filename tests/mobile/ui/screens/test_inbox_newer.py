"""The inbox of an app that is older than its server: kinds that it does not know are told in general words."""

import asyncio
from pathlib import Path

import flet as ft
import pytest

from shared.protocol import Command
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_feedback import controls, drawn, put, shown
from tests.support.company import REP

WORDS = [("zh", "已处理", "新版内容", "更新应用"), ("en", "Settled", "New to this app", "Update the app")]


@pytest.mark.parametrize(("language", "settled", "kind", "todo"), WORDS)
def test_a_kind_that_this_app_does_not_know_is_shown_and_can_be_put_aside(
    tmp_path: Path, language: str, settled: str, kind: str, todo: str
) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, language, 390, dark=False)
        ids = [window.app.new_id() for _ in range(2)]
        for number, row_id in enumerate(ids):
            put(window, "conflict", id=row_id, owner_id=REP, kind="approval", code="approval_wanted",
                title="SO-2031" * number, tx_id=row_id, entity="approval", row_id=row_id)  # fmt: skip
        page = await shown(window, "/inbox")
        assert page.count(kind) == page.count(todo) == 2 and "SO-2031" in page
        for row_id in ids:
            window.app.act(Command("conflict.dismiss", {"conflict_id": row_id}))
        await drawn()
        assert kind not in texts(window.page)
        [chip] = [
            box
            for box in controls(window, ft.Container)
            if box.on_click and any(isinstance(one, ft.Text) and one.value == settled for one in inside(box))
        ]
        chip.on_click(None)
        await drawn()
        page = texts(window.page)
        assert page.count(kind) == page.count(todo) == 2 and "SO-2031" in page
        assert list(window.app.errors.entries) == []
        await window.app.detach_store()

    asyncio.run(run())
