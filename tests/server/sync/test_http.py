"""``/v1/sync`` and ``/v1/changes`` over HTTP: the exchange, bad input in plain words, and waiting for news."""

import asyncio
import gzip
import json
import time

import msgspec
import pytest

from server.db import migrate
from server.security.audit import verify
from shared import protocol
from tests.server.sync.conftest import Site
from tests.support.authority import Wire, device_of
from tests.support.company import ADMIN, LAMP, MANAGER, REP, STRANGER, order_commands

pytestmark = pytest.mark.anyio


def account(wire: Wire, name: str) -> tuple[str, dict]:
    return "account.create", {"id": wire.new_id(), "values": {"name": name}}


async def exchange(site: Site, wire: Wire, *commands: tuple[str, dict]) -> protocol.SyncResponse:
    txs = [wire.envelope(wire.tx(*commands))] if commands else []
    answer = await site.post(wire.user_id, protocol.encode(wire.request(*txs)))
    assert answer.status_code == 200, answer.text
    response = protocol.decode_response(answer.content)
    assert response.status == "ok"
    wire.take(response)
    return response


async def test_an_exchange_pushes_and_pulls(site: Site) -> None:
    rep = Wire(site.authority, REP)
    order_id, commands = order_commands((LAMP, 1))
    response = await exchange(site, rep, *commands)
    assert response.outcomes[0].status == "accepted"
    assert rep.rows[("order", order_id)]["state"] == "confirmed"


async def test_bodies_travel_compressed_both_ways(site: Site) -> None:
    rep = Wire(site.authority, REP)
    body = gzip.compress(protocol.encode(rep.request()))
    answer = await site.post(REP, body, content_encoding="gzip", accept_encoding="gzip")
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert protocol.decode_response(answer.content).status == "ok"
    plain = await site.post(REP, protocol.encode(rep.request()), accept_encoding="identity")
    assert "content-encoding" not in plain.headers


async def test_a_body_that_unpacks_to_more_than_the_limit_is_refused(site: Site) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = await site.post(REP, bomb, content_encoding="gzip", accept_language="en")
    assert answer.status_code == 413
    assert answer.json()["code"] == "request_too_large"


async def test_an_oversized_body_is_refused(site: Site) -> None:
    answer = await site.post(REP, b" " * (protocol.MAX_REQUEST_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["params"]["limit"] == protocol.MAX_REQUEST_BYTES


def request_with(site: Site, **changes: object) -> bytes:
    body = json.loads(protocol.encode(Wire(site.authority, REP).request()))
    return json.dumps({**body, **changes}).encode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[]", 422, "wrong_type"),
        (b"{}", 422, "wrong_type"),
        (b'{"protocol": "one"}', 422, "wrong_type"),
    ],
)
async def test_bad_bodies_are_refused_in_the_callers_language(site: Site, body: bytes, status: int, code: str) -> None:
    for language, sign in (("zh-CN", "。"), ("en-GB", ".")):
        answer = await site.post(REP, body, accept_language=language)
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert problem["title"] and problem["todo"].endswith(sign)


async def test_a_wrong_type_names_its_place(site: Site) -> None:
    answer = await site.post(REP, request_with(site, tried=[1]))
    assert (answer.status_code, answer.json()["field"]) == (422, "$.tried[0]")
    answer = await site.post(REP, request_with(site, cursor="nonsense"))
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


async def test_other_media_types_and_broken_compression_are_refused(site: Site) -> None:
    answer = await site.post(REP, b"a=b", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_media_type")
    answer = await site.post(REP, b"not gzip", content_encoding="gzip")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_compression")
    answer = await site.post(REP, gzip.compress(b"{}")[:-6], content_encoding="gzip")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_compression")


async def test_without_a_session_nothing_is_read(site: Site) -> None:
    answer = await site.post(None, b"{")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


async def test_unknown_addresses_and_methods_are_problems_too(site: Site) -> None:
    answer = await site.client.get("/v1/nothing", headers={"accept-language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")
    answer = await site.client.get("/v1/sync")
    assert (answer.status_code, answer.json()["code"]) == (405, "not_supported")


async def test_a_future_version_is_told_to_upgrade(site: Site) -> None:
    answer = await site.post(REP, request_with(site, protocol=99, unheard_of={"x": 1}))
    assert answer.json()["status"] == "upgrade"


async def test_a_batch_with_one_bad_transaction_keeps_the_others(site: Site) -> None:
    rep = Wire(site.authority, REP)
    envelopes = [
        rep.envelope(rep.tx(account(rep, "一"))),
        rep.envelope(rep.tx(("account.explode", {}))),
        rep.envelope(rep.tx(account(rep, "三"))),
    ]
    answer = await site.post(REP, protocol.encode(rep.request(*envelopes)))
    outcomes = protocol.decode_response(answer.content).outcomes
    assert [outcome.status for outcome in outcomes] == ["accepted", "rejected", "accepted"]
    assert [outcome.problem.code for outcome in outcomes if outcome.problem] == ["unknown_command"]


async def test_news_wake_those_whom_they_concern(site: Site) -> None:
    rep, manager, stranger = (Wire(site.authority, user) for user in (REP, MANAGER, STRANGER))
    for wire in (rep, manager, stranger):
        await exchange(site, wire)
    started = time.monotonic()
    waiting = asyncio.create_task(site.changes(MANAGER, manager.cursor, 20))
    quiet = asyncio.create_task(site.changes(STRANGER, stranger.cursor, 2))
    await asyncio.sleep(0.3)
    await exchange(site, rep, account(rep, "新客户"))
    assert await waiting is True
    assert time.monotonic() - started < 15
    assert await quiet is False
    assert site.app.state["news"].waiting == 0


async def test_news_from_before_the_wait_are_not_missed(site: Site) -> None:
    rep, manager = Wire(site.authority, REP), Wire(site.authority, MANAGER)
    await exchange(site, manager)
    await exchange(site, rep, account(rep, "早到"))
    assert await site.changes(MANAGER, manager.cursor, 0) is True
    assert await site.changes(MANAGER, "", 0) is True


async def test_stock_alone_wakes_nobody(site: Site) -> None:
    rep, stranger = Wire(site.authority, REP), Wire(site.authority, STRANGER)
    await exchange(site, stranger)
    _, commands = order_commands((LAMP, 1))
    await exchange(site, rep, *commands)
    assert await site.changes(STRANGER, stranger.cursor, 0) is False
    assert len((await exchange(site, stranger)).puts) == 1


async def test_news_of_another_process_are_heard(site: Site, database_url: str) -> None:
    from server.db.engine import Database
    from tests.support.authority import SECRETS, TestAuthority
    from tests.support.devices import HandClock, SeededEntropy

    rep, manager = Wire(site.authority, REP), Wire(site.authority, MANAGER)
    await exchange(site, rep)
    await exchange(site, manager)
    waiting = asyncio.create_task(site.changes(MANAGER, manager.cursor, 20))
    await asyncio.sleep(3)
    database = Database.open(database_url)
    other = TestAuthority(database, SECRETS, HandClock(site.authority.clock.now_ms()), SeededEntropy(9))
    elsewhere = Wire(other, REP, seed=77)
    await elsewhere.push(account(elsewhere, "别处"))
    started = time.monotonic()
    assert await waiting is True
    assert time.monotonic() - started < 12
    await database.close()


async def test_those_who_wait_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.api import news

    monkeypatch.setattr(news, "MAX_WAITING_OF_ONE", 0)
    answer = await site.client.get("/v1/changes", headers={"authorization": f"Bearer {site.tokens[REP]}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_waiting")
    assert answer.headers["retry-after"]


async def test_a_revoked_device_hears_nothing_more(site: Site) -> None:
    await exchange(site, Wire(site.authority, ADMIN), ("device.revoke", {"device_id": device_of(REP)}))
    rep = Wire(site.authority, REP)
    answer = await site.post(REP, protocol.encode(rep.request()))
    revoked = answer.json()
    assert revoked.get("status") == "revoked" or revoked.get("code") in ("device_revoked", "session_revoked")


async def test_health_says_how_it_is_and_time_what_it_is(site: Site) -> None:
    answer = await site.client.get("/health")
    assert answer.status_code == 200
    health = answer.json()
    assert (health["status"], health["database"], health["chain"], health["migration"]) == (
        "ok",
        "ok",
        "ok",
        migrate.newest(),
    )
    assert health["head_seq"] > 0 and health["chain_entries"] == 1
    assert abs((await site.client.get("/v1/time")).json()["server_time"] - time.time() * 1000) < 60_000


async def test_a_process_older_than_its_database_is_not_ready_and_tells_devices_to_come_again(site: Site) -> None:
    rep = Wire(site.authority, REP)
    await exchange(site, rep)
    sent = protocol.encode(rep.request(rep.envelope(rep.tx(account(rep, "新客户")))))
    await migrated(site, "9999")
    answer = await site.post(REP, sent, accept_language="en")
    assert (answer.status_code, answer.json()["code"]) == (503, "server_older") and answer.headers["retry-after"]
    assert "your work is kept" in answer.json()["todo"]
    health = await site.client.get("/health")
    assert (health.status_code, health.json()["status"], health.json()["database"]) == (503, "impaired", "newer")
    await migrated(site, migrate.newest())
    answered = protocol.decode_response((await site.post(REP, sent)).content)
    assert [outcome.status for outcome in answered.outcomes] == ["accepted"]
    assert (await site.client.get("/health")).json()["status"] == "ok"


async def migrated(site: Site, version: str) -> None:
    """Another process has brought the database to this version."""
    statement = f"UPDATE alembic_version SET version_num = '{version}'"
    await site.authority.database.run_sync(lambda connection: connection.exec_driver_sql(statement))


async def test_api_answers_are_never_stored_and_never_guessed(site: Site) -> None:
    rep = Wire(site.authority, REP)
    for answer in (await site.post(REP, protocol.encode(rep.request())), await site.client.get("/health")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers.get_list("cache-control")) == 1


async def test_the_api_describes_itself_in_documents_only(site: Site) -> None:
    answer = await site.client.get("/schema/openapi.json")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    document = answer.json()
    body = document["paths"]["/v1/sync"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/SyncRequest"}
    assert "txs" in document["components"]["schemas"]["SyncRequest"]["properties"]
    for page in ("/schema/swagger", "/schema/redoc", "/schema/elements", "/schema/rapidoc", "/schema/openapi.yaml"):
        assert (await site.client.get(page)).status_code == 404


async def test_pictures_are_served_for_ever(site: Site) -> None:
    answer = await site.client.get("/pictures/tent.0123456789ab.webp")
    assert (answer.status_code, answer.content) == (200, b"RIFF")
    assert "immutable" in answer.headers["cache-control"]
    assert (await site.client.get("/pictures/none.webp")).status_code == 404


async def test_the_chain_of_what_came_over_http_verifies(site: Site) -> None:
    rep = Wire(site.authority, REP)
    await exchange(site, rep, account(rep, "一"))
    await exchange(site, rep, ("account.explode", {}))
    await site.app.state["heads"].flush()
    report = await verify(site.authority.database, site.data / "audit-heads.log")
    assert report.ok, report.findings
    assert report.heads_checked >= 1


async def test_an_unexpected_error_has_a_number_and_says_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("/etc/secret")

    monkeypatch.setattr(site.authority, "exchange", broken)
    answer = await site.post(REP, protocol.encode(Wire(site.authority, REP).request()), accept_language="en")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "internal_error")
    assert problem["params"]["error_id"] in problem["title"]
    assert "secret" not in answer.text
    assert msgspec.json.decode(answer.content)["status"] == 500


async def test_every_api_request_is_logged_without_its_secrets(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    rep = Wire(site.authority, REP)
    with caplog.at_level("INFO"):
        await site.post(REP, protocol.encode(rep.request()))
        await site.client.get("/v1/nothing?token=hidden")
    logged = [record.getMessage() for record in caplog.records if "request" in record.getMessage()]
    assert any("/v1/sync" in line and "200" in line for line in logged)
    assert any("/v1/nothing" in line and "404" in line for line in logged)
    assert not any("hidden" in line or site.tokens[REP] in line for line in logged)
