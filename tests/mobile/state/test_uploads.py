"""The queue of attachments beside the exchange: orders first, nothing lost by cuts and kills, refusals said."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mobile.state.uploads import Uploads
from mobile.store.blobs import BlobShelf
from shared.access import Actor
from shared.errors import AuthError, CaravanError, InvalidInput, LimitExceeded, Unavailable
from sync.device.blobs import UploadState
from sync.ports import TransportError
from tests.mobile.store.test_blobs import arrive, attach
from tests.support.company import ACCOUNT, ORG, REP, Company
from tests.support.devices import Phone
from tests.support.files import digest, jpeg
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Line:
    """The server's blobs, behind a line with a switch for each fault."""

    def __init__(self) -> None:
        self.content: dict[str, bytearray] = {}
        self.complete: set[str] = set()
        self.fault: Exception | None = None
        self.refuse: CaravanError | None = None
        self.cut_after: int | None = None
        self.puts: list[tuple[str, int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def blob_state(self, sha256: str) -> UploadState:
        if self.fault:
            raise self.fault
        return UploadState(len(self.content.get(sha256, b"")), sha256 in self.complete)

    async def blob_put(self, sha256: str, offset: int, data: bytes, *, last: bool) -> UploadState:
        await self.gate.wait()
        self.puts.append((sha256, offset))
        if self.refuse:
            raise self.refuse
        here = self.content.setdefault(sha256, bytearray())
        assert offset == len(here)
        here += data if self.cut_after is None else data[: self.cut_after]
        if self.cut_after is not None:
            raise TransportError("offline")
        if last:
            assert digest(bytes(here)) == sha256
            self.complete.add(sha256)
        return UploadState(len(here), last)

    async def blob_get(self, sha256: str, first: int, length: int) -> bytes:
        raise AssertionError("nothing is fetched here")


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    actor = Company().actor(REP)
    made = Phone(tmp_path / "app.db", Actor(REP, ORG, "rep", actor.team_id, None, actor.discount_limit))
    company = Company()
    with made.store.transaction():
        for entity in ("user", "account"):
            for row in company.all(entity):
                made.store.put(entity, row, 1)
    return made


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def uploads(phone: Phone, line: Line) -> AsyncIterator[Uploads]:
    made = make(phone, line)
    yield made
    await made.stop()


def make(phone: Phone, line: Line) -> Uploads:
    return Uploads(phone.engine, BlobShelf(phone.store), line, backoff_first_s=0.02)


def answered(phone: Phone) -> None:
    """The exchange has handed everything in."""
    with phone.store.transaction():
        for entry in phone.store.outbox():
            phone.store.log_sent(entry, phone.install_id, "accepted", None, 1)
            phone.store.outbox_remove(entry.tx_id)


def taken(phone: Phone, content: bytes) -> str:
    """An attachment whose row the server has."""
    row_id = attach(phone, content)
    answered(phone)
    arrive(phone, row_id)
    return row_id


async def test_bytes_go_when_the_server_has_their_row(phone: Phone, line: Line, uploads: Uploads) -> None:
    content = jpeg(600_000)
    row_id = attach(phone, content)
    uploads.start()
    await asyncio.sleep(0.1)
    assert line.puts == [] and (uploads.status.count, uploads.status.total) == (1, len(content))
    answered(phone)
    arrive(phone, row_id)
    await until(lambda: digest(content) in line.complete)
    assert bytes(line.content[digest(content)]) == content
    await until(lambda: uploads.status.count == 0)


async def test_an_order_goes_before_the_next_part(phone: Phone, line: Line, uploads: Uploads) -> None:
    content = jpeg(900_000)
    taken(phone, content)
    line.gate.clear()
    uploads.start()
    await asyncio.sleep(0.05)
    phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}})])
    line.gate.set()
    await until(lambda: len(line.puts) == 1)
    await asyncio.sleep(0.1)
    assert len(line.puts) == 1, "an unsent change waits: no part goes"
    answered(phone)
    await until(lambda: digest(content) in line.complete)


async def test_work_that_only_a_person_can_send_holds_no_photo_up(phone: Phone, line: Line, uploads: Uploads) -> None:
    taken(phone, jpeg())
    phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}})])
    with phone.store.transaction():
        entry = phone.store.outbox()[0]
        entry.held = "malformed"
        phone.store.outbox_update(entry)
    uploads.start()
    await until(lambda: line.complete)


async def test_a_cut_is_tried_again_with_growing_waits_and_goes_on(phone: Phone, line: Line, uploads: Uploads) -> None:
    content = jpeg(600_000)
    taken(phone, content)
    line.cut_after = 50_000
    uploads.start()
    await until(lambda: len(line.puts) >= 2)
    line.cut_after = None
    await until(lambda: line.complete)
    offsets = [offset for _, offset in line.puts]
    assert offsets == sorted(offsets) and offsets[1] == 50_000
    assert bytes(line.content[digest(content)]) == content


async def test_a_killed_app_goes_on_from_the_servers_offset(phone: Phone, line: Line) -> None:
    content = jpeg(600_000)
    taken(phone, content)
    first = make(phone, line)
    line.cut_after = 100_000
    first.start()
    await until(lambda: line.puts)
    await first.stop()
    arrived, line.cut_after = len(line.content[digest(content)]), None
    phone.restart()
    second = make(phone, line)
    second.start()
    await until(lambda: line.complete)
    await second.stop()
    assert bytes(line.content[digest(content)]) == content
    assert [offset for _, offset in line.puts if offset == 0] == [0], arrived


async def test_no_server_no_try_until_the_exchange_hears_one(phone: Phone, line: Line, uploads: Uploads) -> None:
    taken(phone, jpeg())
    uploads.exchanged(online=False, idle=True)
    uploads.start()
    await asyncio.sleep(0.1)
    assert line.puts == []
    uploads.exchanged(online=True, idle=True)
    await until(lambda: line.complete)


async def test_a_refused_file_is_said_and_holds_up_no_other(phone: Phone, line: Line, uploads: Uploads) -> None:
    bad, good = jpeg(seed=1), jpeg(seed=2)
    taken(phone, bad)
    taken(phone, good)
    line.refuse = InvalidInput("file_type")
    uploads.start()
    await until(lambda: len(line.puts) == 2)
    shelf = BlobShelf(phone.store)
    assert [item.problem for item in shelf.waiting(REP)] == ["file_type", "file_type"]
    line.refuse = None
    await asyncio.sleep(0.05)
    assert len(line.puts) == 2, "a refusal is final until a person says otherwise"
    uploads.try_again(digest(good))
    await until(lambda: digest(good) in line.complete)
    assert digest(bad) not in line.complete


async def test_damage_on_the_way_is_sent_again_a_few_times(phone: Phone, line: Line, uploads: Uploads) -> None:
    taken(phone, jpeg())
    line.refuse = InvalidInput("file_mismatch")
    uploads.start()
    await until(lambda: BlobShelf(phone.store).waiting(REP)[0].problem)
    assert len(line.puts) == 3


@pytest.mark.parametrize(
    "refusal",
    [
        LimitExceeded("upload_quota"),
        Unavailable("server_storage_full", status=507),
        Unavailable("scan_failed"),
        AuthError("session_expired"),
    ],
)
async def test_not_now_keeps_the_file_waiting_and_says_why(
    phone: Phone, line: Line, uploads: Uploads, refusal: CaravanError
) -> None:
    taken(phone, jpeg())
    line.refuse = refusal
    uploads.start()
    await until(lambda: uploads.status.problem == refusal.code)
    assert BlobShelf(phone.store).waiting(REP)[0].problem == ""
    line.refuse = None
    uploads.kick()
    await until(lambda: line.complete)
