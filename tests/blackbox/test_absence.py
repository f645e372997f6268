"""A real device that comes back: to rows taken away in masses, and to a feed that was compacted meanwhile."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from server.db.engine import Database
from server.settings import REPOSITORY
from shared.protocol import decode_response
from tests.blackbox.ground import Ground, Record, ground
from tests.support.authority import SECRETS
from tests.support.company import COLLEAGUE, ORG, REP
from tests.support.devices import Phone
from tests.support.oracle import held, server_rows, visible

MASS = 70
PART = 35
AWAY_MS = 200 * 86_400_000


@pytest.fixture
def database_kind() -> str:
    """Time is put back in the file itself, which PostgreSQL has none of."""
    return "sqlite"


def exchange(at: Ground, who: str, phone: Phone) -> list[str]:
    """Exchanges over HTTP until there is no more; the buckets that began anew."""
    headers = {"authorization": f"Bearer {at.tokens[who]}", "content-type": "application/json"}
    restarts: list[str] = []
    for _ in range(50):
        body = phone.engine.build_request()
        answer = httpx.post(f"{at.urls[0]}/v1/sync", content=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        restarts += decode_response(answer.content).restarts
        if not phone.engine.apply_response(answer.content).more:
            return restarts
    raise AssertionError("still more after 50 exchanges")


def create(phone: Phone, name: str) -> str:
    new = phone.engine.new_id()
    phone.engine.run([("account.create", {"id": new, "values": {"name": name}})])
    return new


def give(phone: Phone, ids: list[str], owner_id: str) -> None:
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        phone.engine.run([("account.assign", {"id": row_id, "owner_id": owner_id}) for row_id in part])


def compact(at: Ground) -> str:
    """``caravan compact`` beside the running server, half a year after the feed's present state was noted."""
    with sqlite3.connect(at.database_url.removeprefix("sqlite:///"), timeout=30) as database:
        then = int(time.time() * 1_000) - AWAY_MS
        database.execute("INSERT INTO feed_time (org_id, at, seq) SELECT org_id, ?, seq FROM head", (then,))
    environ = {
        **os.environ,
        "CARAVAN_DATABASE_URL": at.database_url,
        "CARAVAN_DATA": str(at.folder / "data"),
        "CARAVAN_LANGUAGE": "en",
    }
    command = [sys.executable, "-m", "server.cli", "compact"]
    done = subprocess.run(command, env=environ, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout


def shows_what_it_may_see(at: Ground, phone: Phone) -> bool:
    async def rows() -> bool:
        database = Database.open(at.database_url)
        try:
            return held(phone) == visible(phone.actor, await server_rows(database, ORG, SECRETS))
        finally:
            await database.close()

    return asyncio.run(rows())


def test_masses_go_with_the_persons_word_and_a_long_absence_keeps_the_outbox(
    database_url: str, tmp_path: Path, record_property: Record
) -> None:
    with ground(tmp_path, database_url) as at:
        manager, rep = at.phone("manager", 1), at.phone("rep", 2)
        exchange(at, "manager", manager)
        many = [create(manager, f"客户 {number}") for number in range(MASS)]
        give(manager, many, REP)
        exchange(at, "manager", manager)
        exchange(at, "rep", rep)
        assert rep.store.count("account") == MASS + 1

        mine = create(rep, "未发送")
        give(manager, many[:-1], COLLEAGUE)
        exchange(at, "manager", manager)
        exchange(at, "rep", rep)
        question = rep.engine.status().question
        assert question is not None and question.going["account"] == MASS - 1
        rep.restart()  # it waits over a restart; sending and local work went on meanwhile
        assert rep.engine.status().question == question and rep.store.count("account") == MASS + 2
        assert rep.store.outbox() == []
        rep.engine.accept_removals()
        assert {row["id"] for row in rep.store.select("account")} >= {mine, many[-1]}
        assert rep.store.count("account") == 3 and shows_what_it_may_see(at, rep)

        unsent = create(rep, "离开前")
        give(manager, [many[-1]], COLLEAGUE)
        exchange(at, "manager", manager)
        said = compact(at)
        rep.restart()
        assert many[-1] in {row["id"] for row in rep.store.select("account")}
        restarts = exchange(at, "rep", rep)
        assert f"user:{REP}" in restarts, (restarts, said)
        names = {row["id"] for row in rep.store.select("account")}
        assert unsent in names and many[-1] not in names and rep.store.outbox() == []
        assert shows_what_it_may_see(at, rep)
        record_property("played", f"masses asked=1 of {MASS - 1} rows, long absence snapshots={len(restarts)} lost=0")
        manager.close()
        rep.close()
