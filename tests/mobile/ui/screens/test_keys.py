"""Keys of programs on screen: choosing what one may do, and reading it of those that there are."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.state.admin import AdminClient, KeyState, MadeKey
from mobile.ui import kit as k
from mobile.ui.screens import key_scopes
from mobile.ui.screens.keys import NewKey, key_tile
from shared.scopes import ACTIONS, open_entities, scope_names
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.large_text import cut
from tests.mobile.ui.names import complaints
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_lead_assign import ROUND_S, ROUNDS, redrawn
from tests.support.company import ADMIN, REP


class Asked:
    """Stands for the server: keeps what it was asked for."""

    def __init__(self) -> None:
        self.keys: list[tuple[Any, ...]] = []

    async def make_key(self, *asked: Any) -> MadeKey:
        self.keys.append(asked)
        return MadeKey("id", "caravan_key")


def tree(window: Window) -> list[Any]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [one for view in views for one in inside(view)]


async def tap_chip(window: Window, label: str) -> None:
    """A chip by its words, or by the name around it."""
    window.session.start_updates_scheduler()
    for _ in range(ROUNDS):
        for one in tree(window):
            named = isinstance(one, ft.Semantics) and one.label == label
            if named or (isinstance(one, ft.Container) and one.on_click and words_of(one) == label):
                box = next(x for x in inside(one) if isinstance(x, ft.Container) and x.on_click)
                box.on_click(None)
                await redrawn(window, box)
                return
        await asyncio.sleep(ROUND_S)
    raise AssertionError(f"no chip {label}")


def words_of(control: Any) -> str:
    return " ".join(one.value for one in inside(control) if isinstance(one, ft.Text))


@pytest.mark.parametrize(("taps", "scopes"), [
    ([], ["*:read"]),
    (["读写全部"], ["*:read", "*:write"]),
    (["只给一部分", "读客户", "写线索"], ["account:read", "lead:read", "lead:write"]),
    (["只给一部分", "写线索", "写线索", "写订单", "读订单", "读价格"], ["lead:read", "price:read"]),
    (["只给一部分", "写客户", "读取全部"], ["*:read"]),
])  # fmt: skip
def test_a_key_is_made_with_exactly_what_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taps: list[str], scopes: list[str]
) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        client, made = Asked(), list[Any]()
        monkeypatch.setattr(AdminClient, "of", lambda _app: client)
        window.page.render(lambda: NewKey(lambda *key: made.append(key)))
        window.session.get_page_patch()
        [field, *_] = [one for one in tree(window) if isinstance(one, ft.TextField)]
        field.on_change(SimpleNamespace(control=SimpleNamespace(value="ERP"), data="ERP"))
        for label in taps:
            await tap_chip(window, label)
        await tap_chip(window, "90 天")
        assert [wrong for view in window.page.views or [] for wrong in complaints(view)] == []
        assert cut(iter(tree(window))) == []
        [button] = [one for one in tree(window) if getattr(one, "content", None) == "创建并显示密钥"]
        await button.on_click(None)
        assert client.keys == [("ERP", ADMIN, scopes, 90)] and len(made) == 1
        assert set(scopes) <= set(scope_names())
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())


def test_a_key_without_any_right_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        client = Asked()
        monkeypatch.setattr(AdminClient, "of", lambda _app: client)
        window.page.render(lambda: NewKey(lambda *_: None))
        window.session.get_page_patch()
        await tap_chip(window, "只给一部分")
        [button] = [one for one in tree(window) if getattr(one, "content", None) == "创建并显示密钥"]
        await button.on_click(None)
        await redrawn(window, button)
        told = [one.error for one in tree(window) if isinstance(one, ft.TextField)]
        assert client.keys == [] and "请至少给一项权限" in told
        await window.app.detach_store()

    asyncio.run(run())


def test_every_kind_can_be_chosen_once(tmp_path: Path) -> None:
    assert sorted(key_scopes.ordered()) == sorted(open_entities())


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "客户 读写、线索 读"), ("en", "Customer read, write, Lead read")]
)
def test_what_a_key_may_do_is_said_in_words(tmp_path: Path, language: str, words: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, language, 390, dark=False)
        scopes = ["lead:read", "account:read", "account:write"]
        key = KeyState("id", "ERP", f"rep {REP[:4]}", scopes, window.app.now_ms())
        window.page.render(lambda: k.col(key_tile(key, None, lambda _: None), key_scopes.scopes_sheet("ERP", scopes)))
        window.session.get_page_patch()
        assert words in texts(window.page) and "account:read" not in texts(window.page)
        whole = key_scopes.summary([f"*:{action}" for action in ACTIONS])
        assert whole == ("全部数据 读写" if language == "zh" else "Everything read, write")
        many = key_scopes.summary([f"{name}:read" for name in open_entities()])
        assert str(len(open_entities()) - key_scopes.SUMMED_UP) in many
        await window.app.detach_store()

    asyncio.run(run())
