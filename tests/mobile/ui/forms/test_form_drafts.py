"""What was typed into a form and is not saved outlives a reload, and goes when it is saved, given up or begun anew."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import flet as ft
import msgspec
import pytest

from mobile.store.blobs import ORPHANS_MS, TYPED, BlobShelf
from mobile.ui import kit as k
from tests.mobile.ui.forms.test_leaving import SETTLING_S, Case, browser, cancel, opened
from tests.mobile.ui.screens.test_every_screen import inside
from tests.mobile.ui.screens.test_feedback import put
from tests.support.company import ACCOUNT, ADMIN, REP, TENT

KEPT, ANEW = "上次填的内容还在这里", "清空重填"
FORMS = [
    (ADMIN, f"/setup/product/{TENT}", "品名"),
    (ADMIN, "/setup/stage/new", "名称"),
    (REP, "/customers/new", "客户名称"),
    (REP, f"/customers/{ACCOUNT}?new=activity", "内容"),
    (REP, f"/customers/{ACCOUNT}?new=contact", "姓名"),
    (REP, f"/deals/new?account={ACCOUNT}", "商机名称"),
]


async def closed(case: Case) -> None:
    """Views that are dropped without a client may leave a task to the collector; nothing else went wrong."""
    told = [entry for entry in case.window.app.errors.entries if "Task was destroyed" not in entry["error"]]
    assert told == []
    await case.window.app.detach_store()


async def settled(case: Case) -> None:
    case.window.session.get_page_patch()
    await asyncio.sleep(SETTLING_S)


def drafts(case: Case) -> int:
    return len(case.window.app.open_store.drafts(TYPED))


def field(case: Case, label: str) -> ft.TextField:
    return [one for one in case.controls(ft.TextField) if label in str(one.label)][-1]


def words(case: Case) -> str:
    return "\n".join(str(one.value) for one in case.controls(ft.Text))


async def reloads(case: Case, route: str) -> None:
    """The page goes without a question, and the same address is opened again over the same store."""
    k.settle(case.page)
    case.changes_to("/orders")
    await settled(case)
    case.changes_to(route)
    await settled(case)


async def taps(case: Case, label: str) -> None:
    """The first thing that can be tapped and has the words."""
    button = next(
        one for one in case.controls(ft.Control)
        if getattr(one, "on_click", None)
        and (getattr(one, "content", None) == label or label in [getattr(part, "value", 0) for part in inside(one)])
    )  # fmt: skip
    result = button.on_click(None)
    if asyncio.iscoroutine(result):
        await result
    await settled(case)


@pytest.mark.parametrize(("user_id", "route", "label"), FORMS)
def test_what_was_typed_is_there_again_after_a_reload(tmp_path: Path, user_id: str, route: str, label: str) -> None:
    async def story() -> None:
        case = await opened(tmp_path, user_id, route)
        assert KEPT not in words(case)
        before = field(case, label).value
        case.types(label)
        await settled(case)
        await reloads(case, route)
        assert field(case, label).value == "12" and KEPT in words(case)
        assert drafts(case) == 1
        await taps(case, ANEW)
        assert field(case, label).value == before and KEPT not in words(case)
        assert drafts(case) == 0
        await closed(case)

    asyncio.run(story())


def test_what_is_given_up_or_typed_back_is_not_kept(tmp_path: Path) -> None:
    async def story() -> None:
        case = await opened(tmp_path, REP, "/customers/new")
        case.types("客户名称")
        assert drafts(case) == 1
        field(case, "客户名称").on_change(SimpleNamespace(control=SimpleNamespace(value="")))
        assert drafts(case) == 0
        case.types("客户名称")
        await browser(case)
        await case.answers(0)
        assert drafts(case) == 1, "who stays keeps it"
        await cancel(case)
        await case.answers(1)
        assert drafts(case) == 0
        await closed(case)

    asyncio.run(story())


def test_what_is_saved_is_no_draft_any_more(tmp_path: Path) -> None:
    async def story() -> None:
        case = await opened(tmp_path, REP, "/customers/new")
        case.types("客户名称")
        await taps(case, "保存客户")
        assert drafts(case) == 0
        assert [row["name"] for row in case.window.app.open_store.select("account", "name = '12'")] == ["12"]
        await closed(case)

    asyncio.run(story())


def test_a_field_that_somebody_changed_meanwhile_is_sent_with_what_its_author_had_seen(tmp_path: Path) -> None:
    """So that the server notices: both values are in the inbox, and nothing is overwritten unseen."""

    async def story() -> None:
        route = f"/customers/{ACCOUNT}/edit"
        case = await opened(tmp_path, REP, route)
        app = case.window.app
        row = app.open_store.get("account", ACCOUNT)
        case.types("客户名称")
        put(case.window, "account", **{**row, "name": "山野户外（南山）"})
        await reloads(case, route)
        assert field(case, "客户名称").value == "12"
        await taps(case, "保存")
        entry = app.open_store.outbox()[-1]
        args = msgspec.json.decode(entry.payload)["commands"][0]["args"]
        assert (args["base"], args["values"]) == ({"name": row["name"]}, {"name": "12"})
        await closed(case)

    asyncio.run(story())


def test_a_month_later_it_is_swept(tmp_path: Path) -> None:
    async def story() -> None:
        case = await opened(tmp_path, REP, "/customers/new")
        case.types("客户名称")
        shelf, now = BlobShelf(case.window.app.open_store), case.window.app.now_ms()
        shelf.sweep(now + ORPHANS_MS - 60_000)
        assert drafts(case) == 1
        shelf.sweep(now + ORPHANS_MS + 60_000)
        assert drafts(case) == 0
        await closed(case)

    asyncio.run(story())


