"""Bytes of work that its author may no longer do: they go to the server all the same, for the manager who has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.commands.quarantine import ADOPTED, HANDED_OVER
from tests.mobile.state.test_attachments import Device
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, REP
from tests.support.databases import *  # noqa: F403
from tests.support.files import GOOD, jpeg
from tests.support.served import served_company

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    with served_company(database_url, tmp_path / "data", REP, MANAGER, COLLEAGUE) as url:
        yield url


class Met:
    """The rep photographed for a customer whom the manager gave to somebody else meanwhile."""

    def __init__(self, folder: Path, url: str) -> None:
        people = enumerate((("rep", REP), ("manager", MANAGER), ("next", COLLEAGUE)), 1)
        self.rep, self.manager, self.next = (
            Device(folder / name, url, user_id, seed) for seed, (name, user_id) in people
        )

    async def comes_about(self, content: bytes) -> None:
        for device in (self.rep, self.manager):
            await device.exchange()
        self.rep.files.attach([await self.rep.files.take("展位.jpg", content)], account_id=ACCOUNT)
        self.manager.phone.engine.run([("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})])
        await self.manager.exchange()
        await self.rep.exchange()
        assert self.rep.phone.store.count("attachment") == 0, "its row is gone with the customer"

    async def item(self) -> dict[str, Any]:
        await self.manager.exchange()
        (row,) = self.manager.phone.store.select("quarantine_item")
        return row

    async def is_adopted(self) -> None:
        item = await self.item()
        self.manager.phone.engine.run([("quarantine.adopt", {"item_id": item["id"]})])
        await self.manager.exchange()

    def notice(self) -> str:
        (row,) = self.rep.phone.store.select("conflict")
        return str(row["code"])


@pytest.mark.parametrize("adopted", ["before", "after"])
async def test_a_photo_of_handed_over_work_reaches_who_has_the_customer_now(
    server: str, tmp_path: Path, adopted: str
) -> None:
    met, content = Met(tmp_path, server), jpeg(400_000)
    await met.comes_about(content)
    assert met.notice() == HANDED_OVER["scope"]
    if adopted == "before":
        await met.is_adopted()
        assert met.manager.row()["stored_at"] is None
        await met.rep.exchange()
        assert met.notice() == ADOPTED
    met.rep.phone.restart()
    met.rep.open()
    assert [item.size for item in met.rep.files.shelf.waiting(REP)] == [len(content)]
    await met.rep.sends()
    assert met.rep.files.shelf.waiting(REP) == [] and met.rep.files.shelf.only_here() == []
    if adopted == "after":
        item = await met.item()
        assert list(item["arrived"].values()) == ["image/jpeg"]
        await met.is_adopted()
    for device in (met.manager, met.next):
        await device.exchange()
        assert await device.files.content(device.row()) == content
    assert met.manager.row()["created_by"] == MANAGER


async def test_content_of_dismissed_work_is_asked_for_once_and_stays_on_the_device(server: str, tmp_path: Path) -> None:
    met, content = Met(tmp_path, server), GOOD["audio/webm"] * 1_000
    await met.comes_about(content)
    item = await met.item()
    met.manager.phone.engine.run([("quarantine.dismiss", {"item_id": item["id"], "reason": "twice"})])
    await met.manager.exchange()
    await met.rep.sends()  # the device has not heard of it yet, and other files must not wait for it
    assert met.rep.files.uploads.status.problem == ""
    assert [held.wanted for held in met.rep.files.shelf.only_here()] == [True], "its author may still read the notice"
    await met.rep.exchange()
    assert met.rep.files.shelf.waiting(REP) == []
