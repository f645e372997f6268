"""The age of the backup on an administrator's home: warned of after a day, kept for without a network."""

import asyncio
from pathlib import Path

import flet as ft
import pytest
from flet.components.component import Component

from mobile.state import backup_age
from mobile.state.backup_age import BackupClient, Told
from mobile.ui.screens import backup_line
from mobile.ui.screens.backup_line import backup_notice
from shared.backup_state import OLD_MS, BackupState
from sync.ports import TransportError
from tests.mobile.ui.screens.test_every_screen import inside, open_window
from tests.mobile.ui.screens.test_lead_page import show
from tests.mobile.ui.screens.test_setup import seen
from tests.mobile.ui.screens.test_users import said
from tests.support.company import ADMIN, MANAGER

ZONE = "Asia/Shanghai"


def test_an_old_backup_and_none_are_warned_of_and_what_was_told_has_its_time(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        now = window.app.now_ms()

        def words(made_at: int | None, *, online: bool = True) -> str:
            return said(backup_notice(Told(BackupState(made_at, made_at), now), now, ZONE, online=online))

        assert "还没有验证过的备份" in words(None) and "caravan backup create" in words(None)
        assert "最近一次验证过的备份" in words(now) and "caravan backup create" not in words(now)
        assert "caravan backup create" in words(now - OLD_MS - 1)
        assert "问到的" in words(now, online=False) and "问到的" in words(None, online=False)
        assert "问到的" not in words(now)
        await window.app.detach_store()

    asyncio.run(run())


def test_the_last_answer_is_kept_for_the_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        app, answers = window.app, [BackupState(5, 6)]

        async def backup(_: BackupClient) -> BackupState:
            if not answers:
                raise TransportError("offline")
            return answers.pop()

        monkeypatch.setattr(BackupClient, "backup", backup)
        assert await backup_age.last_told(app) is None
        told = await backup_age.ask(app)
        assert told.state == BackupState(5, 6) and await backup_age.last_told(app) == told
        with pytest.raises(TransportError):
            await backup_age.ask(app)
        assert await backup_age.last_told(app) == told
        await app.platform.device_area.set(backup_age.KEY + ADMIN, "no answer")
        assert await backup_age.last_told(app) is None
        await app.detach_store()

    asyncio.run(run())


def test_it_takes_room_only_once_there_is_something_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(told: Told | None) -> list[int | float]:
        window, _ = await open_window(tmp_path / str(told is None), ADMIN, "zh", 390, dark=False)
        monkeypatch.setattr(backup_line, "use_backup", lambda: told)
        await show(window, "/")
        views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
        every = [one for view in views for one in inside(view)]
        [line] = [one for one in every if isinstance(one, Component) and one.fn.__name__ == "BackupLine"]
        around = [one for one in every if isinstance(one, ft.Container) and one.content is line]
        room = [one.padding.bottom for one in [*around, line._b] if one.padding]
        await window.app.detach_store()
        return room

    assert asyncio.run(run(None)) == []
    assert asyncio.run(run(Told(BackupState(5, 6), 7))) == [12]


def test_before_any_answer_nothing_is_said(tmp_path: Path) -> None:
    for user_id in (ADMIN, MANAGER):
        (home,) = asyncio.run(seen(tmp_path / user_id, user_id, "zh", 390, "/"))
        assert "备份" not in home
