"""What a role lacks is absent, also at an address that its navigation does not offer."""

import asyncio
from pathlib import Path

import pytest

from mobile.ui import root
from mobile.ui.navigation import destinations
from mobile.ui.shell import RAIL_FOOT_PX, RAIL_HEAD_PX, RAIL_ROW_PX, fitting
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ACCOUNT, COLLEAGUE, LAMP, MANAGER, REP, STRANGER


@pytest.mark.parametrize("role", ["rep", "manager", "admin"])
def test_a_low_rail_leaves_out_what_the_settings_have_too(role: str) -> None:
    """At 1000 px the eleven entries of the desk's roles were one too many, and the last was cut in half."""
    places = destinations(role)
    assert fitting(places, 1100) == places
    shown = fitting(places, 1000)
    assert RAIL_HEAD_PX + len(shown) * RAIL_ROW_PX + RAIL_FOOT_PX <= 1000
    left_out = {place.route for place in places} - {place.route for place in fitting(places, 500)}
    assert left_out <= {"/team", "/users", "/setup"}, "what only the rail has stays, and scrolls"


async def page_of(folder: Path, user_id: str, route: str) -> str:
    window, _ = await open_window(folder, user_id, "zh", 360, dark=False)
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    seen = texts(window.page)
    await window.app.detach_store()
    return seen


@pytest.mark.parametrize(("user_id", "offered"), [(REP, False), (MANAGER, True)])
def test_handing_a_customer_over_is_offered_to_the_desk_only(tmp_path: Path, user_id: str, offered: bool) -> None:
    page = asyncio.run(page_of(tmp_path / "page", user_id, f"/customers/{ACCOUNT}"))
    assert "共享 山野户外" in page and "\n删除\n" in page
    assert ("转交 山野户外" in page) is offered
    chosen = asyncio.run(page_of(tmp_path / "choice", user_id, f"/customers/{ACCOUNT}?people=assign"))
    assert ("转交给 rep" in chosen) is offered
    assert ("只有负责人、本团队主管和管理员" in chosen) is not offered


def test_what_is_only_shared_shows_its_owner_and_offers_neither_delete_nor_share(tmp_path: Path) -> None:
    async def seen() -> str:
        window, _ = await open_window(tmp_path, REP, "zh", 360, dark=False)
        store = window.app.open_store
        row = store.get("account", ACCOUNT)
        assert row is not None
        with store.transaction():
            store.put("account", {**row, "owner_id": COLLEAGUE, "shared_with": [REP, STRANGER]}, 2)
        window.page.route = f"/customers/{ACCOUNT}"
        root.show(window.page)
        window.session.get_page_patch()
        words = texts(window.page)
        await window.app.detach_store()
        return words

    words = asyncio.run(seen())
    assert "共享给我" in words and "共享给 rep" in words
    for absent in ("\n删除\n", "共享 山野户外", "转交 山野户外"):
        assert absent not in words


@pytest.mark.parametrize(("user_id", "offered"), [(REP, False), (MANAGER, True)])
def test_handed_over_work_is_on_the_desk_only(tmp_path: Path, user_id: str, offered: bool) -> None:
    seen = asyncio.run(page_of(tmp_path, user_id, "/inbox?show=handovers"))
    assert "主管已收到" in seen or offered
    for words in ("待接手", "接手并执行", "不执行…", "的设备已停用", "理由：重复"):
        assert (words in seen) is offered


@pytest.mark.parametrize(("user_id", "offered"), [(REP, False), (MANAGER, True)])
def test_receipts_and_counts_are_offered_to_the_desk_only(tmp_path: Path, user_id: str, offered: bool) -> None:
    seen = asyncio.run(page_of(tmp_path, user_id, f"/stock?product={LAMP}"))
    assert "Lamp" in seen
    assert ("到货数量" in seen) is offered


@pytest.mark.parametrize(("user_id", "offered"), [(REP, False), (MANAGER, True)])
def test_show_stock_is_set_aside_and_taken_back_by_the_desk_only(tmp_path: Path, user_id: str, offered: bool) -> None:
    stock = asyncio.run(page_of(tmp_path / "stock", user_id, f"/stock?product={LAMP}"))
    assert ("分给同事" in stock) is offered
    leases = asyncio.run(page_of(tmp_path / "leases", user_id, "/leases"))
    assert ("收回" in leases.replace("已收回", "")) is offered
    for words in ("领到这台设备", "退回剩下的", "锁在这台设备上", "正在领取", "在另一台设备上：phone", "已结束的"):
        assert words in leases
