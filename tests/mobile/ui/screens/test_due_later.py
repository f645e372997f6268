"""Putting follow-ups off from the list, with the way back, and the calendar file that it gives."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mobile.store.queries import due
from mobile.ui import kit as k
from mobile.ui.screens import due_later
from shared.rules.calendar_file import MIME
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import REP


async def prepared(folder: Path) -> tuple[Any, dict[str, Any]]:
    window, _ = await open_window(folder, REP, "zh", 390, dark=False)
    rows = due.due(window.app.open_store, until=window.app.today().isoformat())
    [row] = [one for one in rows if one["entity"] == "activity"]
    return window, row


def test_a_follow_up_is_put_off_offline_and_brought_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, Any]] = []

    async def run() -> None:
        window, row = await prepared(tmp_path)
        monkeypatch.setattr(k, "snack", lambda _page, words, **more: said.append({"words": words, **more}))
        due_later.put_off(window.page, window.app, row, "2030-01-07", "14:30")
        stored = window.app.open_store.get("activity", row["id"])
        assert stored is not None and (stored["due_on"], stored["due_time"]) == ("2030-01-07", "14:30")
        assert "1月7日 周一 14:30" in said[0]["words"]
        said[0]["on_action"](None)
        stored = window.app.open_store.get("activity", row["id"])
        assert stored is not None and (stored["due_on"], stored["due_time"]) == (row["due_on"], None)
        await window.app.detach_store()

    asyncio.run(run())


def test_the_calendar_file_is_handed_to_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[tuple[str, bytes, str]] = []

    async def run() -> None:
        window, row = await prepared(tmp_path)
        monkeypatch.setattr(k, "snack", lambda *_args, **_more: None)

        async def save_file(name: str, data: bytes, mime: str) -> None:
            files.append((name, data, mime))

        window.app.platform.save_file = save_file
        await due_later.save_calendar(window.page, window.app, [{**row, "due_on": "2026-11-27", "due_time": "14:30"}])
        await window.app.detach_store()

    asyncio.run(run())
    [(name, data, mime)] = files
    assert name.endswith(".ics") and mime == MIME
    assert b"DTSTART:20261127T063000Z" in data
    assert b"BEGIN:VALARM" in data and "跟进 山野户外：谈了".encode() in data.replace(b"\r\n ", b"")
