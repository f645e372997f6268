"""Reminders: once a day, not at night, of one's own follow-ups; by the system where it is allowed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mobile.state import reminders
from mobile.state.reminders import EVERY_S, FROM_HOUR, TIMED_KEY, remind, remind_timed, wait_s
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
    store = window.app.open_store
    with store.transaction():  # leads have tests of their own
        for lead in store.select("lead"):
            store.put("lead", {**lead, "next_step_on": None}, 2)
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


def test_nothing_is_told_while_the_first_rows_come_in(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path)
        timed(case, "07:00")
        case.app.sync.complete = False
        assert await remind(case.app) == ("", "") and await remind_timed(case.app) == []
        case.app.sync.complete = True
        assert (await remind(case.app))[0] == "shown" and len(await remind_timed(case.app)) == 1
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


def timed(case: Case, clock: str | None, days: int = 0) -> str:
    """The follow-up of the test's rep, due on a day from today at a time."""
    [row] = case.app.open_store.select("activity", "due_on IS NOT NULL AND deleted_at IS NULL")
    base = {name: row[name] for name in ("due_on", "due_time")}
    day = (case.app.today() + timedelta(days=days)).isoformat()
    case.app.act(("activity.patch", {"id": row["id"], "base": base, "values": {"due_on": day, "due_time": clock}}))
    return str(row["id"])


@pytest.mark.parametrize("allowed", [True, False])
def test_a_follow_up_with_a_time_is_told_when_its_time_comes_and_once(tmp_path: Path, allowed: bool) -> None:
    async def run() -> None:
        case = await opened(tmp_path, allowed=allowed)
        row_id = timed(case, "14:30")
        case.at(14.5 - 1 / 3600)
        assert await remind_timed(case.app) == [] and wait_s(case.app) == 1
        case.at(14.5)
        said = "14:30 跟进山野户外"
        assert await remind_timed(case.app) == [("notified" if allowed else "shown", said)]
        assert case.shown == ([(said, "谈了", f"follow-up {row_id}")] if allowed else [])
        case.at(15)
        assert await remind_timed(case.app) == [] and wait_s(case.app) == EVERY_S
        # Put off, it is told again at the new time; another tab, which has looked at nothing, does not repeat it.
        timed(case, "15:30")
        case.at(15.5)
        assert [words for _, words in await remind_timed(case.app)] == ["15:30 跟进山野户外"]
        reminders._looked.clear()
        assert await remind_timed(case.app) == []
        # So it is on another day at the same time, in the app that stayed open.
        timed(case, "15:30", days=1)
        case.at(24 + 15.5)
        assert [words for _, words in await remind_timed(case.app)] == ["15:30 跟进山野户外"]
        await case.app.detach_store()

    asyncio.run(run())


def test_neither_another_day_nor_no_time_nor_what_is_done_rings(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path)
        case.at(23)
        for clock, days in (("14:30", 1), ("14:30", -1), (None, 0)):
            timed(case, clock, days)
            assert await remind_timed(case.app) == [] and wait_s(case.app) == EVERY_S
        row_id = timed(case, "14:30")
        case.app.act(("activity.patch", {"id": row_id, "base": {"done_at": None}, "values": {"done_at": 1}}))
        assert await remind_timed(case.app) == []
        await case.app.detach_store()

    asyncio.run(run())


def test_what_was_told_yesterday_is_forgotten_with_its_day(tmp_path: Path) -> None:
    async def run() -> None:
        case = await opened(tmp_path)
        area, old = case.app.platform.device_area, f"{TIMED_KEY}{REP}.gone"
        await area.set(old, "2020-01-01 14:30")
        row_id = timed(case, "07:00")
        case.at(7)
        assert len(await remind_timed(case.app)) == 1
        assert await area.keys(f"{TIMED_KEY}{REP}.") == [f"{TIMED_KEY}{REP}.{row_id}"]
        await case.app.detach_store()

    asyncio.run(run())
