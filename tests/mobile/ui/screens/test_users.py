"""Users & devices on screen: what is known here, what only the server knows, and for whom it is."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.state.admin import AdminClient, DeviceState, Invitation, MadeKey, PersonState
from mobile.ui import kit as k
from mobile.ui import root
from mobile.ui.forms.model import FormModel
from mobile.ui.screens.keys import NewKey
from mobile.ui.screens.own_password import OwnPasswordStep
from mobile.ui.screens.sign_in import Form
from mobile.ui.screens.user_page import InvitationCard, NewUser, device_tile
from mobile.ui.screens.users import STALE_MS, WIDTH_PX, Online, is_stale, user_tile, waiting_count, waiting_notice
from shared.errors import CaravanError
from shared.protocol import Command
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_setup import seen
from tests.support.company import ADMIN, MANAGER, REP, Company

ROUTES = ("/users", "/users/new", f"/users/{REP}", "/keys", "/users/none")


def said(control: ft.Control) -> str:
    names = ("value", "label", "title", "content", "semantics_label", "tooltip")
    found = [getattr(one, name, None) for one in inside(control) for name in names]
    return "\n".join(text for text in found if isinstance(text, str))


@pytest.mark.parametrize(("language", "width"), [("zh", 360), ("en", 800), ("en", 1440)])
def test_an_administrator_sees_people_and_is_told_what_needs_the_network(
    tmp_path: Path, language: str, width: int
) -> None:
    people, new, one, keys, nobody = asyncio.run(seen(tmp_path, ADMIN, language, width, *ROUTES))
    assert REP[:8] in people and "rep " in people
    assert ("用户名 *" if language == "zh" else "User name *") in new
    assert ("忘记密码" if language == "zh" else "Forgotten password") in one
    assert ("新建密钥" if language == "zh" else "New key") in keys
    assert REP[:8] not in nobody


@pytest.mark.parametrize("user_id", [REP, MANAGER])
def test_nobody_else_has_these_screens(tmp_path: Path, user_id: str) -> None:
    for page in asyncio.run(seen(tmp_path, user_id, "zh", 360, *ROUTES)):
        assert "没有可编辑" in page and REP[:8] not in page and "忘记密码" not in page


def test_what_is_not_as_it_should_be_stands_out(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 360, dark=False)
        now = window.app.now_ms()
        row = {"id": "u", "name": "新人", "login": "neu", "role": "rep", "active": 1, "team": "展会队"}
        states = {"u": PersonState("u", enrolled=False, one_time_until=now)}
        assert "等待首次登录" in said(user_tile(row, Online(states), None))
        locked = {"u": PersonState("u", enrolled=True, locked_until=now + 60_000, last_sync_at=now)}
        assert "暂时锁定" in said(user_tile(row, Online(locked), None))
        assert "已停用" in said(user_tile({**row, "active": 0}, None, None))
        old = DeviceState("d", "手机", "web", "u", "新人", last_sync_at=now - STALE_MS - 60_000)
        fresh = DeviceState("e", "手机", "web", "u", "新人", last_sync_at=now)
        assert (is_stale(old, now), is_stale(fresh, now)) == (True, False)
        told = said(waiting_notice(window.app, Online(states, [old, fresh])))
        assert "1 人还没首次登录" in told and "1 台设备" in told
        assert "都已登录" in said(waiting_notice(window.app, Online(locked, [fresh])))
        assert "连不上" in said(waiting_notice(window.app, Online(words=k.t("users.offline"))))
        assert "撤销手机" in said(device_tile(old, None)) and "多日未同步" in said(device_tile(old, None))
        ended = DeviceState("f", "手机", "api", "u", "新人", revoked_at=now)
        assert "撤销手机" not in said(device_tile(ended, None))
        await window.app.detach_store()

    asyncio.run(run())


def test_a_deactivated_person_is_not_waited_for(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 360, dark=False)
        states = Online({one: PersonState(one, enrolled=False) for one in (REP, MANAGER)}, [])
        assert "2 人还没首次登录" in said(waiting_notice(window.app, states))
        window.app.act(("user.patch", {"id": REP, "base": {"active": True}, "values": {"active": False}}))
        assert waiting_count(window.app.open_store, states) == 1
        assert "1 人还没首次登录" in said(waiting_notice(window.app, states))
        await window.app.detach_store()

    asyncio.run(run())


class Slow:
    """An administrator's client that answers, or fails, when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: asyncio.Event = asyncio.Event()
        self.error: Exception | None = None

    async def _answered(self, made: Any) -> Any:
        self.asked += 1
        await self.answer.wait()
        if self.error is not None:
            raise self.error
        return made

    async def make_key(self, *_: Any) -> Any:
        return await self._answered(MadeKey("id", "key"))

    async def invite(self, *_: Any) -> Any:
        return await self._answered(Invitation("u", "neu", "abcde-fghjk", 0))


@pytest.mark.parametrize(
    ("part", "label"), [(lambda: NewKey(lambda *_: None), "创建并显示密钥"), (NewUser, "创建并显示密码")]
)
def test_a_second_tap_asks_the_server_for_nothing_and_a_failure_gives_the_button_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: Any, label: str
) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 360, dark=False)
        client = Slow()
        monkeypatch.setattr(AdminClient, "of", lambda _app: client)
        monkeypatch.setattr(FormModel, "check", lambda _self: True)
        window.page.render(part)
        window.session.get_page_patch()
        tree = [one for view in window.page.views for one in inside(view)]
        [field, *_] = [one for one in tree if isinstance(one, ft.TextField)]
        field.on_change(SimpleNamespace(control=SimpleNamespace(value="neu"), data="neu"))
        [button] = [one for one in tree if getattr(one, "content", None) == label]
        taps = [asyncio.create_task(button.on_click(None)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert client.asked == 1
        client.error = RuntimeError("something unexpected")
        client.answer.set()
        await asyncio.gather(*taps, return_exceptions=True)
        client.error = None
        await button.on_click(None)
        assert client.asked == 2
        await window.app.detach_store()

    asyncio.run(run())


def test_a_password_of_one_use_is_shown_whole_and_replaced_by_ones_own(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "en", 360, dark=False)
        made = Invitation("u", "neu", "abcde-fghjk-mnpqr-stuvw", window.app.now_ms())
        window.page.render(lambda: k.col(InvitationCard(made), OwnPasswordStep(Form(own="x"), None)))
        window.session.get_page_patch()
        told = texts(window.page)
        assert "abcde-fghjk-mnpqr-stuvw" in told and "Copy the password" in told
        assert "Choose your password" in told and "New password" in told
        await window.app.detach_store()

    asyncio.run(run())


def test_nobody_takes_their_own_way_in() -> None:
    company = Company()
    for values, base in (({"active": False}, {"active": True}), ({"role": "rep"}, {"role": "admin"})):
        patch = Command("user.patch", {"id": ADMIN, "base": base, "values": values})
        with pytest.raises(CaravanError) as refused:
            company.run((patch.name, patch.args), by=ADMIN)
        assert refused.value.code == "own_way_in"
    company.run(("user.patch", {"id": REP, "base": {"active": True}, "values": {"active": False}}), by=ADMIN)
    assert company.rows["user", REP]["active"] is False


@pytest.mark.parametrize(("user_id", "told"), [(ADMIN, True), (MANAGER, False)])
def test_an_administrators_home_says_what_waits(tmp_path: Path, user_id: str, told: bool) -> None:
    (home,) = asyncio.run(seen(tmp_path, user_id, "zh", 360, "/"))
    assert ("2 项移交的工作等待接手" in home) is told


@pytest.mark.parametrize(("width", "limited"), [(390, False), (1440, True)])
def test_what_stands_above_the_list_is_no_wider_than_the_list(tmp_path: Path, width: int, limited: bool) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", width, dark=False)
        window.page.route = "/users"
        root.show(window.page)
        window.session.get_page_patch()
        views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
        boxes = [one for view in views for one in inside(view) if isinstance(one, ft.Container)]
        narrow = [box for box in boxes if box.width == WIDTH_PX]
        assert len(narrow) == (2 if limited else 0)
        if limited:
            assert "新建用户" in said(narrow[0])
        await window.app.detach_store()

    asyncio.run(run())
