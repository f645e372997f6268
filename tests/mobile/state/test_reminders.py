"""Reminders: once a day, not at night, of one's own follow-ups; by the system where it is allowed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mobile.state.reminders import FROM_HOUR, remind
from shared.timezone import day_start_ms
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import MANAGER, REP

HOUR_MS = 3_600_000


class Case:
    """An open app whose clock and notifications are in the test's hands."""

    def __init__(self, app: Any, *, allowed: bool) -> None:
        self.app = app
        self.shown: list[tuple[str, str, str]] = []
        self.allowed = allowed
        app.platform.notify = self.notify
        self.start = day_start_ms(app.today(), app.time_zone)
        self.at(FROM_HOUR)

    def at(self, hour: float, days: int = 0) -> None:
        self.app.now_ms = lambda: self.start + int(hour * HOUR_MS) + days * 24 * HOUR_MS

    async def notify(self, title: str, body: str, tag: str) -> bool:
        if self.allowed:
            self.shown.append((title, body, tag))
        return self.allowed


async def opened(folder: Path, user_id: str = REP, *, allowed: bool = False) -> Case:
    window, _ = await open_window(folder, user_id, "zh", 390, dark=False)
    return Case(window.app, allowed=allowed)


@pytest.mark.parametrize("allowed", [True, False])
def test_what_is_due_is_told_once_a_day(tmp_path: Path, allowed: bool) -> None:
    async def run() -> None:
        case = await opened(tmp_path, allowed=allowed)
        said = "今天有 1 项跟进，其中 1 项逾期"
        assert await remind(case.app) == ("notified" if allowed else "shown", said)
        assert case.shown == ([("跟进提醒", said, "follow-ups")] if allowed else [])
        case.at(20)
        assert await remind(case.app) == ("", "")
        case.at(FROM_HOUR, days=1)
        assert (await remind(case.app))[1] == said
        await case.app.detach_store()

    asyncio.run(run())


def test_two_looks_at_the_same_time_tell_it_once(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path)
        area = case.app.platform.device_area
        read = area.get

        async def slow(key: str) -> Any:
            found = await read(key)
            await asyncio.sleep(0.01)
            return found

        area.get = slow
        told = await asyncio.gather(remind(case.app), remind(case.app))
        assert sorted(how for how, _ in told) == ["", "shown"]
        await case.app.detach_store()

    asyncio.run(run())


def test_nobody_is_reminded_at_night_or_without_anything_due(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path)
        case.at(FROM_HOUR - 0.01)
        assert await remind(case.app) == ("", "")
        case.at(FROM_HOUR)
        [row] = case.app.open_store.select("activity", "due_on IS NOT NULL AND deleted_at IS NULL")
        case.app.act(("activity.patch", {"id": row["id"], "base": {"done_at": None}, "values": {"done_at": 1}}))
        assert await remind(case.app) == ("", "")
        await case.app.detach_store()

    asyncio.run(run())


def test_a_manager_is_not_reminded_of_the_teams_follow_ups(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path, MANAGER)
        [row] = case.app.open_store.select("activity", "due_on IS NOT NULL AND deleted_at IS NULL")
        with case.app.open_store.transaction():
            case.app.open_store.put("activity", {**row, "owner_id": REP}, 2)
        assert await remind(case.app) == ("", "")
        await case.app.detach_store()

    asyncio.run(run())
