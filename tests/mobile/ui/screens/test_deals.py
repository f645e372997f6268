"""The board and the page of deals do what a hand does: cards dropped on columns, keys, what a stage asks for."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.store.queries import deals
from mobile.ui import kit as k
from mobile.ui import root
from mobile.ui.screens.deal_forms import NewDeal
from shared.ids import derived_id
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import LOST_DEAL, inside, open_window, texts
from tests.support.company import ACCOUNT, MANAGER, REP
from tests.support.deals import CONTACTED, DEAL, QUOTED, TALKING

Then = Callable[[Window], None]


def on(folder: Path, route: str, then: Then, *, user_id: str = MANAGER, width: int = 1440) -> Window:
    """Opens the route, does something there, closes."""

    async def play() -> Window:
        window, _ = await open_window(folder, user_id, "zh", width, dark=False)
        window.page.route = route
        root.show(window.page)
        window.session.get_page_patch()
        await asyncio.sleep(0.2)  # what follows a drawing: the keys that the board listens to
        then(window)
        assert window.app.errors.entries == []
        await window.app.detach_store()
        return window

    return asyncio.run(play())


def controls(window: Window, kind: type) -> list[Any]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [part for view in views for part in inside(view) if isinstance(part, kind)]


def stage_of(window: Window) -> str:
    row = window.app.open_store.get("opportunity", DEAL)
    assert row is not None
    return str(row["stage_id"])


def drop(window: Window, stage: str) -> None:
    """The deal's card is let go over the column of a stage."""
    board = deals.board(window.app.open_store, deals.Filters(), 0)
    place = [column.stage["id"] for column in board].index(stage)
    target = controls(window, ft.DragTarget)[place]
    target.on_will_accept(SimpleNamespace(accept=True))
    target.on_accept(SimpleNamespace(src=SimpleNamespace(data=DEAL)))


def said(control: Any) -> str:
    """The texts inside of a control."""
    found = [getattr(part, name, None) for part in inside(control) for name in ("value", "content")]
    return "\n".join(words for words in found if isinstance(words, str))


def press(window: Window, *keys: str) -> None:
    for key in keys:
        window.page.on_keyboard_event(SimpleNamespace(key=key))
        window.session.get_page_patch()


def test_a_card_dropped_on_a_column_moves_the_deal_there_and_a_column_takes_it_back(tmp_path: Path) -> None:
    def play(window: Window) -> None:
        assert [part.data for part in controls(window, ft.Draggable)].count(DEAL) == 1
        drop(window, CONTACTED)
        assert stage_of(window) == CONTACTED
        drop(window, QUOTED)
        assert stage_of(window) == QUOTED

    on(tmp_path, "/pipeline", play)


def test_a_stage_that_asks_for_something_opens_its_form_and_does_not_move_the_deal_yet(tmp_path: Path) -> None:
    went: list[str] = []

    def play(window: Window) -> None:
        window.page.navigate = went.append  # type: ignore[method-assign,assignment]
        drop(window, TALKING)
        assert stage_of(window) == QUOTED

    on(tmp_path, "/pipeline", play)
    assert went == [f"/deals/{DEAL}?move={TALKING}&back=%2Fpipeline"]


def test_the_keys_select_and_move_a_stage(tmp_path: Path) -> None:
    def play(window: Window) -> None:
        press(window, "[")
        assert stage_of(window) == QUOTED, "nothing is selected yet"
        columns = deals.board(window.app.open_store, deals.Filters(), 0)
        cards = [row["id"] for column in columns for row in column.deals]
        press(window, *["J"] * (cards.index(DEAL) + 1), "[")
        assert stage_of(window) == CONTACTED
        press(window, "]")
        assert stage_of(window) == QUOTED

    on(tmp_path, "/pipeline", play)


def test_the_keys_do_nothing_behind_a_dialog(tmp_path: Path) -> None:
    def play(window: Window) -> None:
        order = [row["id"] for column in deals.board(window.app.open_store, deals.Filters(), 0) for row in column.deals]
        press(window, *["J"] * (order.index(DEAL) + 1))
        asked = k.dialog("?", ft.Text("?"), [])
        window.page.show_dialog(asked)
        press(window, "[")
        assert stage_of(window) == QUOTED
        window.page.pop_dialog()
        k.snack(window.page, "moved")
        press(window, "[")
        assert stage_of(window) == CONTACTED

    on(tmp_path, "/pipeline", play)


def test_enter_opens_only_from_the_board_and_the_keys_end_with_it(tmp_path: Path) -> None:
    went: list[str] = []

    async def play() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 1440, dark=False)
        page = window.page
        page.route = "/pipeline"
        root.show(page)
        window.session.get_page_patch()
        await asyncio.sleep(0.2)
        board = deals.board(window.app.open_store, deals.Filters(), 0)
        cards = [row["id"] for column in board for row in column.deals]
        for _ in range(cards.index(DEAL) + 1):
            page.on_keyboard_event(SimpleNamespace(key="J"))
        await asyncio.sleep(0.2)  # the board is drawn again with its selection
        page.navigate = went.append  # type: ignore[method-assign,assignment]
        heard = page.on_keyboard_event
        heard(SimpleNamespace(key="Enter"))
        assert went == [], "the page hears Enter for a focused button too"
        (ears,) = controls(window, ft.KeyboardListener)
        ears.on_key_down(SimpleNamespace(key="Enter"))
        assert went == [f"/deals/{DEAL}"]
        page.route = "/deals"
        heard(SimpleNamespace(key="["))
        assert stage_of(window) == QUOTED, "a key that comes while the board is still going"
        page.on_route_change(SimpleNamespace(route="/deals"))
        await asyncio.sleep(0.2)
        assert not controls(window, ft.DragTarget)
        assert "[" not in k.keyboard_of(page).bound()
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(play())


@pytest.mark.parametrize(("width", "board"), [(390, False), (800, True), (1440, True)])
def test_a_phone_shows_the_list_in_place_of_the_board(tmp_path: Path, width: int, board: bool) -> None:
    def play(window: Window) -> None:
        assert bool(controls(window, ft.DragTarget)) is board
        assert "秋冬帐篷" in texts(window.page)

    on(tmp_path, "/pipeline", play, width=width)


def test_the_page_says_where_the_deal_is_how_likely_and_how_late(tmp_path: Path) -> None:
    def play(window: Window) -> None:
        words = texts(window.page)
        for part in (
            "35%",
            "有机会",
            "阶段“方案报价”通常是 50%",
            "逾期",
            "移到“方案报价”",
            "推进到 商务谈判",
            "在“初步接触”停留 0 天",
        ):
            assert part in words, part

    on(tmp_path, f"/deals/{DEAL}", play, user_id=REP, width=390)


def test_the_rep_finds_the_deals_of_a_customer_and_the_desk_the_board(tmp_path: Path) -> None:
    def rep(window: Window) -> None:
        assert "商机" in texts(window.page) and "销售看板" not in texts(window.page)

    def manager(window: Window) -> None:
        assert "销售看板" in texts(window.page)

    on(tmp_path / "rep", f"/customers/{ACCOUNT}", rep, user_id=REP)
    on(tmp_path / "manager", f"/customers/{ACCOUNT}", manager)


def test_a_new_deal_is_opened_in_its_stage(tmp_path: Path) -> None:
    def play(window: Window) -> None:
        app = window.app
        form = NewDeal(app.actor, ACCOUNT, CONTACTED)
        form.set("title", "保温壶")
        form.set("amount", "1200")
        assert form.check()
        app.act(*form.commands(app.new_id))
        row = deals.deals(app.open_store, deals.Filters(text="保温壶"))[0]
        assert (row["stage_id"], row["amount"], row["probability"]) == (CONTACTED, 1200, None)

    on(tmp_path, "/deals", play, user_id=REP)


def test_of_an_ended_deal_the_note_can_be_changed_and_nothing_else(tmp_path: Path) -> None:
    went: list[str] = []

    def page(window: Window) -> None:
        window.page.navigate = went.append  # type: ignore[method-assign,assignment]
        (pen,) = [one for one in controls(window, ft.IconButton) if one.tooltip == "改备注"]
        pen.on_click(None)

    def form(window: Window) -> None:
        (note,) = controls(window, ft.TextField)
        note.on_change(SimpleNamespace(control=SimpleNamespace(value="输给了老供应商")))
        (save,) = [one for one in controls(window, ft.FilledButton) if one.content == "保存"]
        save.on_click(None)
        row = window.app.open_store.get("opportunity", LOST_DEAL)
        assert row is not None and row["note"] == "输给了老供应商"

    on(tmp_path / "page", f"/deals/{LOST_DEAL}", page)
    assert went == [f"/deals/{LOST_DEAL}?edit=1"]
    on(tmp_path / "form", went[0], form)


def test_what_a_column_has_no_room_for_is_behind_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deals, "COLUMN", 0)
    went: list[str] = []

    def tap(window: Window, words: str) -> None:
        for part in controls(window, ft.BaseControl):
            if callable(getattr(part, "on_click", None)) and words in said(part):
                part.on_click(None)

    async def shown(window: Window, route: str) -> str:
        window.page.route = route
        window.page.on_route_change(SimpleNamespace(route=route))
        await asyncio.sleep(0.2)
        return texts(window.page)

    async def play() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 1440, dark=False)
        store, page = window.app.open_store, window.page
        with store.transaction():
            row = store.get("opportunity", derived_id("won deal"))
            assert row is not None
            store.put("opportunity", {**row, "id": window.app.new_id(), "title": "前年赢的", "closed_at": 1}, 1)
            row = store.get("opportunity", DEAL)
            assert row is not None
            later = {"id": window.app.new_id(), "title": "不急的", "expected_close": "2999-01-01"}
            store.put("opportunity", {**row, **later}, 1)
        page.route = "/pipeline"
        root.show(page)
        window.session.get_page_patch()
        await asyncio.sleep(0.2)
        navigate, page.navigate = page.navigate, went.append  # type: ignore[method-assign,assignment]
        tap(window, "再看")
        tap(window, "已逾期")
        await asyncio.sleep(0.2)
        everything = len(went)
        tap(window, "再看")
        assert (everything, len(went)) == (2, 3)
        page.navigate = navigate  # type: ignore[method-assign]
        waiting, late, won = went[0], went[2], went[1]
        listed = await shown(window, waiting)
        assert "秋冬帐篷" in listed and "不急的" in listed
        listed = await shown(window, "/help") and await shown(window, late)
        assert "秋冬帐篷" in listed and "不急的" not in listed
        listed = await shown(window, "/help") and await shown(window, won)
        assert "赢来的" in listed and "前年赢的" not in listed
        tap(window, "本月赢单")
        await asyncio.sleep(0.2)
        assert "前年赢的" in texts(page)
        await window.app.detach_store()

    asyncio.run(play())
