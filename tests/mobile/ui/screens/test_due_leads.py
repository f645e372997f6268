"""The next step of a lead in the list of what is due: shown as one, opened, done and put off like a follow-up."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile.state import reminders
from mobile.store.queries import due
from mobile.ui import kit as k
from mobile.ui.screens import due_later, due_list
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.mobile.ui.screens.test_feedback import controls, put, shown
from tests.support.company import REP

LEAD = {"zh": "线索", "en": "Lead"}


def lead(window: Window, **values: Any) -> dict[str, Any]:
    """An open lead of the rep's that is due today."""
    today = window.app.today().isoformat()
    made = {"owner_id": REP, "created_by": REP, "name": "周岚", "company": "云岭户外", "next_step": "寄样品",
            "next_step_on": today, **values}  # fmt: skip
    row_id = put(window, "lead", id=window.app.new_id(), **made)
    [row] = [one for one in due.due(window.app.open_store, until=today, limit=500) if one["id"] == row_id]
    return row


def stored(window: Window, row: dict[str, Any]) -> tuple[Any, Any]:
    found = window.app.open_store.get("lead", row["id"])
    assert found is not None
    return found["next_step_on"], found["next_step"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_named_as_a_lead_and_opens_its_page(tmp_path: Path, language: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, language, 390, dark=False)
        row, word, went = lead(window), LEAD[language], []
        page = await shown(window, "/follow-ups")
        assert "寄样品 · 云岭户外" in page
        window.page.navigate = went.append  # type: ignore[method-assign]
        [tile] = [one for one in controls(window, ft.Semantics) if (one.label or "").startswith(f"{word}，周岚，")]
        tile.content.on_click(None)
        assert went == [f"/leads/{row['id']}"]
        await window.app.detach_store()

    asyncio.run(run())


def test_it_is_done_or_put_off_offline_and_brought_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, Any]] = []

    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        page, app, row = window.page, window.app, lead(window)
        today = app.today().isoformat()
        monkeypatch.setattr(k, "snack", lambda _page, words, **more: said.append({"words": words, **more}))
        due_later.put_off(page, app, row, "2030-01-07")
        assert stored(window, row) == ("2030-01-07", "寄样品") and "周岚：推迟到 1月7日 周一" in said[-1]["words"]
        said[-1]["on_action"](None)
        assert stored(window, row) == (today, "寄样品")
        due_list.mark_done(page, app, row)
        assert stored(window, row) == (None, "") and said[-1]["words"] == "周岚：跟进已完成"
        assert row["id"] not in {one["id"] for one in due.due(app.open_store, until=today, limit=500)}
        said[-1]["on_action"](None)
        assert stored(window, row) == (today, "寄样品")
        assert app.open_store.outbox(), "all of it waits to be sent"
        await app.detach_store()

    asyncio.run(run())


def test_its_owner_is_reminded_of_it(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        app, today = window.app, window.app.today().isoformat()
        before = due.due_counts(app.open_store, today=today, owner_id=REP)
        lead(window)
        lead(window, next_step_on="2020-01-01", company="")
        counts = due.due_counts(app.open_store, today=today, owner_id=REP)
        assert counts == {"due": before["due"] + 2, "overdue": before["overdue"] + 1}
        assert f"{counts['due']} 项跟进" in reminders.words("zh", counts["due"], counts["overdue"])
        for gone in ({"state": "converted"}, {"state": "invalid"}, {"deleted_at": 5}, {"next_step_on": None}):
            values = {"owner_id": REP, "name": "x", "next_step_on": today, **gone}
            put(window, "lead", id=app.new_id(), **values)
        assert due.due_counts(app.open_store, today=today, owner_id=REP) == counts
        await app.detach_store()

    asyncio.run(run())
