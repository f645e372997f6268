"""The capture screen at work over a real store: save and next, take back, and what it begins with."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft

from mobile.state.lead_capture import DRAFT, capture_of, keep
from mobile.ui import root
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import REP


def find(page: ft.Page, kind: type, label: str) -> Any:
    """The control of a kind with this label."""
    for view in page.views if isinstance(page.views, list) else [page.views]:
        for control in inside(view):
            if isinstance(control, kind) and getattr(control, "content", None) == label:
                return control
    raise AssertionError(f"no {kind.__name__} {label!r}")


async def story(folder: Path) -> None:
    window, _ = await open_window(folder, REP, "zh", 360, dark=False)
    page, app = window.page, window.app
    page.route = "/leads/new"
    root.show(page)
    window.session.get_page_patch()
    store, capture = app.open_store, capture_of(app.open_store)
    told: list[tuple[str, Any]] = []
    page.show_dialog = lambda bar: told.append((bar.content.content.value, bar.action))  # type: ignore[method-assign]
    assert "今天第 3 条" in texts(page)
    save_next = find(page, ft.FilledButton, "保存并记下一位")
    save_next.on_click(None)
    assert capture.errors["name"].code == "lead_empty", "nothing is saved without anybody"
    capture.texts.update(name="周岚", phone="139 1111 2222")
    capture.grade = "A"
    save_next.on_click(None)
    (row,) = store.select("lead", "name = '周岚'")
    event = store.get("event", row["event_id"])
    assert event is not None and event["name"] == "深圳户外展"
    assert row["source_id"] is not None
    assert capture.is_empty() and capture.count == 1
    words, action = told[-1]
    assert words == "已保存 周岚"
    action.on_click(None)
    assert store.select("lead", "name = '周岚' AND deleted_at IS NULL") == []
    find(page, ft.TextButton, "清空重填").on_click(None)
    assert told[-1][0] == "已撤销 周岚", "nothing to empty"
    capture.texts["name"] = "周"
    keep(store, capture, 1)
    find(page, ft.TextButton, "清空重填").on_click(None)
    words, action = told[-1]
    assert words == "表单已清空" and capture.is_empty() and store.draft(DRAFT) is None
    action.on_click(None)
    draft = store.draft(DRAFT)
    assert draft is not None and draft["texts"]["name"] == capture.texts["name"] == "周"
    save_next.on_click(None)
    assert store.draft(DRAFT) is None and store.select("lead", "name = '周'") != []
    assert app.errors.entries == []
    await app.detach_store()


def test_save_and_next_keeps_the_show_begins_empty_and_can_be_taken_back(tmp_path: Path) -> None:
    asyncio.run(story(tmp_path))
