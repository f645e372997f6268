"""The loop talks when there is a reason, waits when nobody answers, and never loses or repeats work."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mobile.state.sync_loop import LoopState, SyncLoop, Tuning
from server.db.engine import Database
from shared.access import Actor
from shared.errors import AuthError, CaravanError
from shared.protocol import decode_request
from sync.ports import TransportError
from tests.support.authority import TestAuthority, caller, device_of, make_authority
from tests.support.company import ACCOUNT, ORG, REP, Company
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone, answer_to
from tests.support.rewind import backup, close_all, come_back
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
QUICK = Tuning(debounce_s=0.02, interval_s=30.0, backoff_first_s=0.02, backoff_max_s=0.08, poll_pause_s=0.01)


class Line:
    """The way to the real authority, with a switch for each fault."""

    def __init__(self, authority: TestAuthority, phone: Phone) -> None:
        self.authority = authority
        self.phone = phone
        self.fault: Exception | None = None
        self.lose_answers = False
        self.exchanges = 0
        self.running = 0
        self.most_at_once = 0
        self.news = asyncio.Event()

    async def exchange(self, body: bytes) -> bytes:
        self.exchanges += 1
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await asyncio.sleep(0.005)
            if self.fault is not None:
                raise self.fault
            answer = await answer_to(self.authority, self.phone, body)
            if self.lose_answers:
                raise TransportError("timeout")
            return answer
        finally:
            self.running -= 1

    async def changed(self, cursor: str) -> bool:
        if self.fault is not None:
            raise self.fault
        try:
            self.news.clear()  # before the question: news while it is answered must not be missed
            while not (await self.authority.changed(caller(REP), cursor))[0]:
                await self.news.wait()
                self.news.clear()
        except RuntimeError as error:  # asked of a database that a restore has just closed
            raise TransportError("gone") from error
        return True


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
async def line(database: Database, tmp_path: Path) -> Line:
    authority = await make_authority(database)
    actor = Company().actor(REP)
    phone = Phone(tmp_path / "app.db", Actor(REP, ORG, "rep", actor.team_id, device_of(REP), actor.discount_limit))
    made = Line(authority, phone)
    authority.listen(lambda commit: made.news.set())
    return made


@pytest.fixture
async def loop(line: Line) -> AsyncIterator[SyncLoop]:
    made = SyncLoop(line.phone.engine, line, tuning=QUICK)
    yield made
    await made.stop()


def create(line: Line, name: str) -> str:
    new = line.phone.engine.new_id()
    line.phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


def idle(loop: SyncLoop) -> bool:
    return loop.state.phase == "idle" and loop.state.unsent == 0 and loop.state.last_sync_ms is not None


async def test_it_talks_at_the_start_until_everything_is_there(loop: SyncLoop, line: Line) -> None:
    line.phone.engine.limits.rows = 5
    states: list[LoopState] = []
    loop.subscribe(states.append)
    loop.start()
    await until(lambda: idle(loop))
    assert line.exchanges > 1 and line.phone.store.count("product") == 2
    assert states[0].phase == "sending" and any(state.pulling for state in states) and not states[-1].pulling


async def test_a_local_change_leaves_shortly_and_several_leave_together(loop: SyncLoop, line: Line) -> None:
    loop.start()
    await until(lambda: idle(loop))
    before = line.exchanges
    for number in range(5):
        create(line, f"客户{number}")
        await asyncio.sleep(0)
    assert loop.state.unsent == 5
    await until(lambda: idle(loop))
    assert line.exchanges == before + 1


async def test_one_exchange_at_a_time(loop: SyncLoop, line: Line) -> None:
    loop.start()
    for number in range(10):
        create(line, f"客户{number}")
        loop.kick()
        await asyncio.sleep(0.003)
    await until(lambda: idle(loop))
    assert line.most_at_once == 1 and line.phone.store.outbox() == []


async def test_news_on_the_server_arrive_without_waiting_for_the_timer(loop: SyncLoop, line: Line) -> None:
    loop.start()
    await until(lambda: idle(loop))
    row = line.phone.store.get("account", ACCOUNT)
    assert row is not None
    await line.authority.write_rows(ORG, [("account", {**row, "name": "改了"})], name="system.test")
    await until(lambda: line.phone.store.get("account", ACCOUNT)["name"] == "改了")  # type: ignore[index]


async def test_offline_is_a_normal_state_and_work_waits(loop: SyncLoop, line: Line) -> None:
    line.fault = TransportError("offline")
    loop.start()
    await until(lambda: loop.state.phase == "offline")
    create(line, "在路上")
    assert not loop.state.online and loop.state.unsent == 1
    tried = line.exchanges
    await until(lambda: line.exchanges > tried + 1)
    line.fault = None
    await until(lambda: idle(loop))
    assert loop.state.online


async def test_waits_double_up_to_a_limit_with_jitter(line: Line) -> None:
    loop = SyncLoop(line.phone.engine, line, tuning=Tuning(), chance=lambda: 1.0)
    assert [loop._failed("offline", online=False) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    half = SyncLoop(line.phone.engine, line, tuning=Tuning(), chance=lambda: 0.0)
    assert half._failed("offline", online=False) == 0.5
    half.kick()
    assert half._failed("offline", online=False) == 0.5


async def test_a_kick_ends_the_wait_at_once(line: Line) -> None:
    loop = SyncLoop(line.phone.engine, line, tuning=Tuning(backoff_first_s=60.0))
    line.fault = TransportError("offline")
    loop.start()
    await until(lambda: loop.state.phase == "offline")
    line.fault = None
    state = await asyncio.wait_for(loop.sync_now(), 5)
    assert state.phase == "idle" and state.online
    await loop.stop()


async def test_lost_answers_end_with_each_change_accepted_once(loop: SyncLoop, line: Line) -> None:
    line.lose_answers = True
    loop.start()
    create(line, "一次")
    await until(lambda: line.exchanges >= 4)
    line.lose_answers = False
    await until(lambda: idle(loop))
    found = line.phone.store.select("account", "name = '一次'")
    assert len(found) == 1 and line.phone.store.sent()[0]["status"] in ("accepted", "duplicate")


async def test_an_ended_session_asks_once_for_another_and_goes_on(line: Line) -> None:
    asked: list[int] = []

    async def refresh() -> bool:
        asked.append(1)
        line.fault = None
        return True

    line.fault = AuthError("session_expired")
    loop = SyncLoop(line.phone.engine, line, tuning=QUICK, refresh=refresh)
    loop.start()
    await until(lambda: idle(loop))
    assert asked == [1]
    await loop.stop()


async def test_without_a_session_work_is_kept_until_the_sign_in(line: Line) -> None:
    asked: list[int] = []

    async def refresh() -> bool:
        asked.append(1)
        return False

    line.fault = AuthError("session_revoked")
    loop = SyncLoop(line.phone.engine, line, tuning=QUICK, refresh=refresh)
    loop.start()
    create(line, "还在")
    await until(lambda: loop.state.phase == "sign_in")
    assert loop.state.problem == "session_revoked" and asked == [1]
    tried = line.exchanges
    create(line, "也在")
    await asyncio.sleep(0.1)
    assert line.exchanges == tried and loop.state.unsent == 2
    line.fault = None
    loop.start()
    await until(lambda: idle(loop))
    await loop.stop()


async def test_a_refused_exchange_does_not_loop_for_ever_nor_lose_work(loop: SyncLoop, line: Line) -> None:
    create(line, "还在")
    line.fault = CaravanError("malformed", status=400)
    loop.start()
    await until(lambda: loop.state.phase == "stopped")
    assert loop.state.problem == "malformed" and loop.state.unsent == 1
    tried = line.exchanges
    await asyncio.sleep(0.1)
    assert line.exchanges == tried <= 3
    line.fault = None
    loop.kick()
    await until(lambda: idle(loop))


async def test_a_busy_server_is_asked_again_later(loop: SyncLoop, line: Line) -> None:
    create(line, "还在")
    line.fault = CaravanError("too_busy", status=429)
    loop.start()
    await until(lambda: line.exchanges >= 3)
    assert loop.state.online and loop.state.problem == "too_busy" and loop.state.unsent == 1
    line.fault = None
    await until(lambda: idle(loop))


async def test_a_replaced_server_stops_the_loop_and_keeps_the_outbox(loop: SyncLoop, line: Line) -> None:
    loop.start()
    await until(lambda: idle(loop))
    with line.phone.store.transaction():
        line.phone.store.set_meta("dataset", "another")
    create(line, "还在")
    await until(lambda: loop.state.phase == "stopped")
    assert loop.state.problem == "reset" and loop.state.unsent == 1
    tried = line.exchanges
    loop.kick()
    await asyncio.sleep(0.05)
    assert line.exchanges == tried


async def test_a_defect_is_logged_and_the_loop_outlives_it(
    loop: SyncLoop, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(line, "还在")
    with monkeypatch.context() as broken:
        broken.setattr(line.phone.store, "set_buckets", lambda *args: 1 / 0)
        loop.start()
        await until(lambda: line.exchanges >= 2)
        assert loop.state.problem == "sync_failed" and loop.state.unsent == 1
    await until(lambda: idle(loop))
    assert "ZeroDivisionError" in line.phone.store.errors()[0]["detail"]


async def test_rows_of_a_first_sync_are_indexed_afterwards(loop: SyncLoop, line: Line) -> None:
    company = Company()
    rows = [
        ("account", company.add("account", f"018f0000-0000-7000-8000-{n:012d}", name=f"客户{n}", owner_id=REP))
        for n in range(60)
    ]
    await line.authority.write_rows(ORG, rows, name="system.test")
    loop.start()
    await until(lambda: idle(loop) and line.phone.store.index.stale("account") == 0)
    assert len(line.phone.store.search("account", "kehu", limit=100)) == 60


async def test_stopping_counts_as_a_lost_answer(loop: SyncLoop, line: Line) -> None:
    create(line, "一次")
    loop.start()
    await until(lambda: line.running == 1)
    await loop.stop()
    assert loop.engine.status().unsent == 1
    first = decode_request(line.phone.engine.build_request())
    assert len(first.tried) >= 2
    loop.start()
    await until(lambda: idle(loop))


async def test_after_a_restore_of_the_server_it_goes_on_by_itself(loop: SyncLoop, line: Line) -> None:
    loop.start()
    await until(lambda: idle(loop))
    copy = await backup(line.authority)
    lost = create(line, "丢失的客户")
    await until(lambda: idle(loop) and not line.phone.store.outbox())
    line.authority = await come_back(line.authority, copy)
    loop.kick()
    await until(lambda: (found := line.phone.engine.status().recovery) is not None and found.done)
    await until(lambda: idle(loop))
    assert line.phone.engine.stopped == "" and line.phone.store.get("account", lost) is not None
    assert line.phone.store.sent()[-1]["status"] == "accepted"
    line.phone.engine.noted_recovery()
    assert line.phone.engine.status().recovery is None
    await close_all()
