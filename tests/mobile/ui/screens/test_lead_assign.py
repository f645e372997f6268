"""Assigning leads on screen: one from its page, several from the list, by hand or by load; and who is told."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft
import pytest
from flet.components.component import Component

from mobile.store.queries import lead_load
from mobile.ui import kit as k
from mobile.ui import root
from mobile.ui.screens import lead_assign
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from shared.protocol import decode_transaction
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_lead_new import find
from tests.mobile.ui.screens.test_lead_page import show
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, ORG, REP, TEAM
from tests.support.waiting import until

ROUNDS, ROUND_S = 100, 0.02


def put(window: Window, entity: str, row_id: str, /, **values: Any) -> None:
    with window.app.open_store.transaction():
        window.app.open_store.put(entity, new_row(ENTITIES[entity], {"id": row_id, "org_id": ORG, **values}), 1)


def leads(window: Window, count: int, owner_id: str, **values: Any) -> list[str]:
    """So many more open leads of somebody."""
    ids = [derived_id("assigned", owner_id, number) for number in range(count)]
    for number, row_id in enumerate(ids):
        put(window, "lead", row_id, name=f"线索 {number}", owner_id=owner_id, team_id=TEAM, **values)
    return ids


def drawn(window: Window) -> list[Any]:
    """Everything on the page and in the sheet on top of it, which without a client is drawn when it is asked for."""
    sheets = [one for sheet in window.page._dialogs.controls for one in inside(sheet)]
    if any(isinstance(one, Component) and one._b is None for one in sheets):
        window.session.get_page_patch()
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [one for view in [*views, *window.page._dialogs.controls] for one in inside(view)]


def named(one: Any, kind: type, label: str) -> Any:
    """What is tapped, when the control is of the kind and has the words."""
    if not isinstance(one, kind):
        return None
    words = (
        one.label if isinstance(one, ft.Semantics) else one.tooltip if isinstance(one, ft.IconButton) else one.content
    )
    target = one.content if isinstance(one, ft.Semantics) else one
    return target if isinstance(words, str) and label in words and getattr(target, "on_click", None) else None


async def tap(window: Window, label: str, kind: type = ft.Semantics) -> None:
    """Taps what has the words, and waits until the page was drawn anew: handlers close over the values of a drawing."""
    window.session.start_updates_scheduler()
    for _ in range(ROUNDS):
        found = [target for one in drawn(window) if (target := named(one, kind, label))]
        if found:
            found[0].on_click(None)
            await redrawn(window, found[0])
            return
        await asyncio.sleep(ROUND_S)
    raise AssertionError(f"nothing is named {label}")


async def redrawn(window: Window, old: Any) -> None:
    """Waits until a control has been replaced, or for a moment where it stays."""
    for _ in range(ROUNDS // 10):
        await asyncio.sleep(ROUND_S)
        if not any(one is old for one in drawn(window)):
            return


def sent(window: Window) -> list[tuple[str, str]]:
    """(lead, new owner) of the transaction that was queued last."""
    last = decode_transaction(window.app.open_store.outbox()[-1].payload)
    assert {command.name for command in last.commands} == {"lead.assign"}
    return [(command.args["id"], command.args["owner_id"]) for command in last.commands]


def test_people_stand_with_their_open_leads(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 390, dark=False)
        store = window.app.open_store
        before = {one.id: one.open for one in lead_load.candidates(store, TEAM)}
        leads(window, 3, REP)
        put(window, "lead", derived_id("over"), name="过去", owner_id=REP, team_id=TEAM, state="invalid")
        found = lead_load.candidates(store, TEAM)
        assert [one.role for one in found] == ["rep", "rep", "manager"]
        assert {one.id: one.open for one in found} == {**before, REP: before[REP] + 3}
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize(("user_id", "width"), [(MANAGER, 390), (ADMIN, 1440)])
def test_chosen_leads_are_shared_out_by_load_offline(tmp_path: Path, user_id: str, width: int) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, user_id, "zh", width, dark=False)
        mine = leads(window, 4, REP)
        await show(window, "/leads/assign")
        for number in range(4):
            await tap(window, f"选 线索 {number}")
        await tap(window, "分配 4 条", ft.FilledButton)
        await tap(window, "按工作量分")
        moved = sent(window)
        assert {owner for _, owner in moved} == {COLLEAGUE} and {lead for lead, _ in moved} <= {*mine}
        load = {one.id: one.open for one in lead_load.candidates(window.app.open_store, TEAM)}
        assert abs(load[REP] - load[COLLEAGUE]) <= 1
        assert "请先选线索" in texts(window.page) and window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())


def test_all_leads_of_one_person_are_given_to_another(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 800, dark=True)
        ids = leads(window, 3, COLLEAGUE)
        name = window.app.open_store.get("user", COLLEAGUE)["name"]  # type: ignore[index]
        await show(window, "/leads/assign")
        window.session.start_updates_scheduler()
        chips = [one for one in drawn(window) if isinstance(one, ft.Container) and one.on_click]
        [chip] = [one for one in chips if [x.value for x in inside(one) if isinstance(x, ft.Text)] == [name, "3"]]
        chip.on_click(None)
        await redrawn(window, chip)
        await tap(window, "全选 3 条", ft.OutlinedButton)
        await tap(window, "分配 3 条", ft.FilledButton)
        await tap(window, f"分给rep {REP[:4]}")
        assert sorted(sent(window)) == sorted((one, REP) for one in ids)
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_in_the_middle_says_what_was_given_and_leaves_the_rest_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The second transaction names a lead that this device does not have any more."""
    monkeypatch.setattr(lead_assign, "COMMANDS", 2)
    said: list[str] = []
    monkeypatch.setattr(k, "snack", lambda _page, words, **_: said.append(words))

    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, language, 390, dark=False)
        store = window.app.open_store
        ids = leads(window, 5, COLLEAGUE)
        rows = [store.get("lead", one) for one in ids]
        put(window, "lead", ids[4], name="没了", owner_id=COLLEAGUE, team_id=TEAM, deleted_at=1)
        done: list[frozenset[str]] = []
        window.page.render_views(lambda: [ft.View(route="/", controls=[lead_assign.AssignSheet(rows, done.append)])])
        window.session.get_page_patch()
        before = store.outbox_size()
        await tap(window, {"zh": "分给rep ", "en": "Give to rep "}[language] + REP[:4])
        assert done == [frozenset(ids[:4])] and store.outbox_size() == before + 2
        assert {store.get("lead", one)["owner_id"] for one in ids[:4]} == {REP}  # type: ignore[index]
        assert said[0].startswith(
            {
                "zh": "已分出 4 条；其余 1 条没有分出，仍然选着：",
                "en": "4 leads given. Not given and still chosen: 1. ",
            }[language]
        )
        await window.app.detach_store()

    asyncio.run(run())


def test_what_is_said_counts_the_leads_that_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(k, "snack", lambda _page, words, **_: said.append(words))

    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 390, dark=False)
        leads(window, 2, REP)
        put(window, "lead", derived_id("theirs"), name="同事的", owner_id=COLLEAGUE, team_id=TEAM)
        await show(window, "/leads/assign")
        for name in ("线索 0", "线索 1", "同事的"):
            await tap(window, f"选 {name}")
        await tap(window, "分配 3 条", ft.FilledButton)
        await tap(window, f"分给rep {REP[:4]}")
        assert len(sent(window)) == 1 and said == [f"1 条线索已分给rep {REP[:4]}"]
        await window.app.detach_store()

    asyncio.run(run())


def test_a_list_that_a_filter_emptied_keeps_its_chip_and_has_a_way_back(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 800, dark=False)
        leads(window, 2, COLLEAGUE)
        name = window.app.open_store.get("user", COLLEAGUE)["name"]  # type: ignore[index]
        await show(window, "/leads/assign")
        window.session.start_updates_scheduler()

        def chips(*words: str) -> list[Any]:
            taps = [one for one in drawn(window) if isinstance(one, ft.Container) and one.on_click]
            return [one for one in taps if [x.value for x in inside(one) if isinstance(x, ft.Text)] == [*words]]

        [chip] = chips(name, "2")
        chip.on_click(None)
        await redrawn(window, chip)
        leads(window, 2, COLLEAGUE, state="invalid")
        await until(lambda: chips(name, "0"), "the chip that narrows is gone")
        assert "没有可以分配的线索" not in texts(window.page)
        leads(window, 2, REP)
        await tap(window, "清除条件", ft.FilledButton)
        await until(lambda: "线索 0" in texts(window.page) and not chips(name, "0"), "the list is still narrowed")
        await window.app.detach_store()

    asyncio.run(run())


def test_a_lead_is_given_away_on_its_page_and_by_nobody_who_may_not(tmp_path: Path) -> None:
    async def run(user_id: str) -> None:
        window, _ = await open_window(tmp_path / user_id, user_id, "zh", 390, dark=False)
        [lead] = leads(window, 1, REP)
        await show(window, f"/leads/{lead}")
        if user_id == REP:
            assert "分配" not in texts(window.page)
            await show(window, "/leads")
            assert "分配线索" not in texts(window.page)
            await show(window, "/leads/assign")
            assert "没有可编辑" in texts(window.page)
        else:
            await tap(window, "分配 线索 0", ft.IconButton)
            await tap(window, f"分给rep {COLLEAGUE[:4]}")
            assert sent(window) == [(lead, COLLEAGUE)]
        assert window.app.errors.entries == []
        await window.app.detach_store()

    for user_id in (REP, MANAGER):
        asyncio.run(run(user_id))


@pytest.mark.parametrize(("code", "row", "words", "way"), [
    ("lead_given", True, "王芳 把线索“人 0”分给你", "/leads/"),
    ("leads_given", False, "王芳 分给你 3 条线索", "/leads"),
])  # fmt: skip
def test_the_note_in_the_inbox_leads_to_the_leads(tmp_path: Path, code: str, row: bool, words: str, way: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        [lead] = leads(window, 1, REP)
        put(
            window, "conflict", derived_id("note"), owner_id=REP, kind="assigned", tx_id=derived_id("tx"),
            entity="lead", row_id=lead if row else None, title="人 0" if row else "", code=code,
            params={"name": "人 0", "by": "王芳", "count": 1 if row else 3},
        )  # fmt: skip
        went = await show(window, "/inbox")
        assert words in texts(window.page) and "新分给你" in texts(window.page)
        find(window.page, ft.FilledButton, "打开线索" if row else "打开列表").on_click(None)
        assert went == [way + lead if row else way]
        root.show(window.page)
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())
