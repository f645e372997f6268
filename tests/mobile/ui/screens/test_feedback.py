"""Feedback on screen: written offline, told is only what was chosen; administrators answer, the author reads it."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.store.queries import feedback as queries
from mobile.ui import kit as k
from mobile.ui import root
from mobile.ui.screens.feedback import address_of, writing
from mobile.ui.screens.feedback_new import TEXT_SIGNS
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.commands.feedback import notice_id
from shared.protocol import Command
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ADMIN, MANAGER, NOW, ORG, REP


async def shown(window: Window, route: str) -> str:
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    await drawn()
    assert list(window.app.errors.entries) == [], route
    return texts(window.page)


async def drawn() -> None:
    """Lets the window draw what has changed."""
    await asyncio.sleep(0.2)


def controls(window: Window, kind: type) -> list[Any]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [control for view in views for control in inside(view) if isinstance(control, kind)]


async def tap(window: Window, label: str) -> None:
    """A button by its words."""
    [button] = [
        one for kind in (ft.FilledButton, ft.TextButton) for one in controls(window, kind) if one.content == label
    ]
    found = button.on_click(None)
    if asyncio.iscoroutine(found):
        await found


def typed(window: Window, label: str, words: str) -> None:
    [field] = [one for one in controls(window, ft.TextField) if one.label == label]
    field.on_change(SimpleNamespace(control=SimpleNamespace(value=words), data=words))


def stored(window: Window) -> list[dict[str, Any]]:
    return window.app.open_store.select("feedback")


def put(window: Window, entity: str, /, **values: Any) -> str:
    row = new_row(ENTITIES[entity], {"org_id": ORG, "created_at": NOW, "updated_at": NOW, **values})
    with window.app.open_store.transaction():
        window.app.open_store.put(entity, row, 1)
    return str(row["id"])


@pytest.mark.parametrize("chosen", [False, True])
def test_what_is_written_waits_in_the_outbox_and_tells_only_what_was_chosen(tmp_path: Path, chosen: bool) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        before = window.app.open_store.outbox_size()
        page = await shown(window, writing("/orders/1?x=2", kind="wish", error="KeyError: 'a'"))
        for told in ("/orders/1?x=2", "KeyError: 'a'", "只有你和管理员能看到"):
            assert told in page
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign]
        await tap(window, "提交")
        await drawn()
        [field] = controls(window, ft.TextField)
        assert went == [] and field.error, "it says what is missing"
        typed(window, "内容 *", "金额被挡住了\n横屏时")
        if chosen:
            for switch in controls(window, ft.Switch):
                switch.on_change(SimpleNamespace(control=SimpleNamespace(value=True)))
                await drawn()
        await tap(window, "提交")
        [row] = stored(window)
        assert went == ["/feedback"] and window.app.open_store.outbox_size() == before + 1
        assert (row["kind"], row["status"], row["owner_id"]) == ("wish", "new", REP)
        if chosen:
            assert (row["screen"], row["app_version"]) == ("/orders/1?x=2", "0.1.0 native")
            assert row["text"] == "金额被挡住了\n横屏时\n\nKeyError: 'a'"
        else:
            assert (row["screen"], row["app_version"], row["text"]) == ("", "", "金额被挡住了\n横屏时")
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize("room", [2, 10])
def test_what_the_app_adds_never_costs_a_word_of_the_person(tmp_path: Path, room: int) -> None:
    words, error = "说" * (TEXT_SIGNS - room), "KeyError: " + "a" * 200

    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        await shown(window, writing(error=error))
        window.page.navigate = lambda _: None  # type: ignore[method-assign]
        typed(window, "内容 *", words)
        for switch in controls(window, ft.Switch):
            switch.on_change(SimpleNamespace(control=SimpleNamespace(value=True)))
            await drawn()
        await tap(window, "提交")
        [row] = stored(window)
        rest = row["text"].removeprefix(words)
        assert row["text"].startswith(words) and len(row["text"]) <= TEXT_SIGNS
        assert rest == {2: "", 10: "\n\nKeyErro…"}[room]
        await window.app.detach_store()

    asyncio.run(run())


def test_an_address_is_one_of_this_app_or_none() -> None:
    assert address_of("/orders/1") == "/orders/1" and len(address_of("/" + "a" * 500)) == 200
    assert address_of("//elsewhere.example/") == address_of("https://elsewhere.example/") == address_of("") == ""


def test_a_part_that_broke_leads_to_the_form_with_its_address_and_error(window: Window) -> None:
    window.page.route = "/orders/1"
    went: list[str] = []
    window.page.navigate = went.append  # type: ignore[method-assign]
    [report] = [one for one in inside(k.broken_card(KeyError("total"))) if isinstance(one, ft.TextButton)]
    report.on_click(None)
    assert went == ["/feedback/new?kind=problem&from=%2Forders%2F1&error=KeyError%3A+%27total%27"]


def test_its_author_sees_what_became_of_it_and_takes_it_back(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "en", 1440, dark=True)
        said = Command("feedback.create", {"id": window.app.new_id(), "values": {"kind": "question", "text": "How?"}})
        window.app.act(said)
        assert "No feedback yet" not in await shown(window, "/feedback")
        page = await shown(window, f"/feedback/{said.args['id']}")
        assert "Not answered yet" in page and "Save the answer" not in page
        answered = {
            "id": window.app.new_id(),
            "owner_id": MANAGER,
            "kind": "wish",
            "text": "Please",
            "status": "planned",
        }
        other = put(window, "feedback", **answered, answer="Next month.", answered_by=ADMIN, answered_at=NOW)
        assert "Next month." in await shown(window, f"/feedback/{other}")
        put(window, "conflict", id=notice_id(other), owner_id=MANAGER, kind="feedback", code="feedback_answered",
            title="Please", tx_id=other, entity="feedback", row_id=other)  # fmt: skip
        page = await shown(window, "/inbox")
        assert "Feedback answered" in page and "Next month." in page and "Planned" in page
        window.app.act(Command("feedback.delete", {"id": said.args["id"]}))
        assert "How?" not in await shown(window, "/feedback")
        assert "This feedback is not here" in await shown(window, f"/feedback/{said.args['id']}")
        await window.app.detach_store()

    asyncio.run(run())


def test_administrators_see_all_by_where_it_stands_and_answer(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        assert "还没有反馈" in await shown(window, "/feedback")
        common = {"owner_id": REP, "kind": "problem"}
        open_one = put(window, "feedback", id=window.app.new_id(), text="金额被挡住了", **common, screen="/orders")
        put(window, "feedback", id=window.app.new_id(), text="按城市筛选", **common, status="done", answer="好了")
        assert queries.counts(window.app.open_store) == {"": 2, "open": 1, "answered": 0, "closed": 1}
        assert [row["text"] for row in queries.listed(window.app.open_store, standing="closed")] == ["按城市筛选"]
        assert queries.listed(window.app.open_store, kind="wish") == []
        assert "1 条反馈等待答复" in await shown(window, "/")
        assert "按城市筛选" not in await shown(window, "/feedback?show=open")
        assert "打开 /orders" in await shown(window, f"/feedback/{open_one}")
        window.page.navigate = lambda _: None  # type: ignore[method-assign]
        typed(window, "答复", "已经改好")
        await tap(window, "保存答复")
        row = window.app.open_store.get("feedback", open_one)
        assert row is not None and (row["status"], row["answer"], row["answered_by"]) == ("answered", "已经改好", ADMIN)
        assert queries.open_count(window.app.open_store) == 0
        await window.app.detach_store()

    asyncio.run(run())
