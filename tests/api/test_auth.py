"""What the sign-in promises over HTTP. Effects are read through a connection of their own."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from server.db.engine import Database
from server.db.tables import table
from server.security import totp
from server.security.tokens import cookie_name
from tests.support.company import ADMIN, COLLEAGUE, REP
from tests.support.served import PASSWORD, Browser, code

LOGIN = REP[:8]


def stored(database_url: str, entity: str, row_id: str) -> Any:
    """A row as it is in the database, read through a fresh connection."""

    async def read() -> Any:
        database = Database.open(database_url)
        found = table(entity)
        row = (await database.read(lambda tx: tx.execute(select(found).where(found.c.id == row_id)))).one()
        await database.close()
        return row

    return asyncio.run(read())


def test_password_then_code_gives_a_session_and_a_cookie_that_scripts_cannot_read(server: str) -> None:
    with Browser(server) as browser:
        first = browser.challenge(LOGIN, device_name="Lin's phone")
        assert first.json()["enrolled"] is True
        answer = browser.second_step(first.json()["challenge"], code())
        session = answer.json()
        assert set(session) >= {"access_token", "expires_at", "user", "org", "device_id", "dataset", "lease_until"}
        assert session["user"]["id"] == REP
        assert session.get("refresh_token") is None
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{cookie_name(LOGIN)}=")
        for part in ("httponly", "path=/v1/auth", "samesite=strict"):
            assert part in cookie.lower()
        assert answer.headers["cache-control"] == "no-store"
        me = browser.get("/v1/me", headers={"Authorization": f"Bearer {session['access_token']}"})
        assert (me.json()["user_id"], me.json()["role"]) == (REP, "rep")


def test_a_native_client_gets_its_refresh_token_in_the_body(server: str) -> None:
    with Browser(server, **{"X-Caravan-Client": "native"}) as phone:
        session = phone.sign_in(LOGIN)
        assert not phone.cookies
        body = {"login": LOGIN, "refresh_token": session["refresh_token"]}
        following = phone.post("/v1/auth/refresh", json=body).json()
        assert following["refresh_token"] != session["refresh_token"]


def test_of_fifty_parallel_tries_with_one_code_exactly_one_passes(server: str, database_url: str) -> None:
    with Browser(server) as browser:
        challenge = browser.challenge(LOGIN).json()["challenge"]
    digits = code()

    def attempt(_: int) -> httpx.Response:
        with Browser(server) as browser:
            return browser.second_step(challenge, digits)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(attempt, range(50)))
    passed = [answer for answer in answers if answer.status_code == 200]
    refusals = {answer.json()["code"] for answer in answers if answer.status_code != 200}
    assert len(passed) == 1
    assert refusals == {"code_used"}
    assert stored(database_url, "credential", REP).failures == 0


def test_a_lock_survives_the_requests_that_caused_it(server: str, database_url: str) -> None:
    with Browser(server) as browser:
        codes = [browser.challenge(LOGIN, "wrong password").json()["code"] for _ in range(5)]
        assert codes == ["bad_credentials"] * 5
        row = stored(database_url, "credential", REP)
        assert row.failures == 5
        assert row.locked_until > time.time() * 1000
        locked = browser.challenge(LOGIN, PASSWORD)
        assert (locked.status_code, locked.json()["code"]) == (401, "account_locked")
        assert 0 < locked.json()["params"]["seconds"] <= 30
        assert browser.challenge("nobody", "wrong password").json()["code"] == "bad_credentials"


def test_a_used_code_says_in_the_callers_language_when_the_next_comes(server: str) -> None:
    with Browser(server) as browser:
        digits = code()  # the same even when the next half minute begins meanwhile
        assert browser.second_step(browser.challenge(LOGIN).json()["challenge"], digits).status_code == 200
        for language, word in (("en", "seconds"), ("zh-CN", "秒")):
            challenge = browser.challenge(LOGIN).json()["challenge"]
            refusal = browser.post(
                "/v1/auth/totp", json={"challenge": challenge, "code": digits}, headers={"Accept-Language": language}
            )
            problem = refusal.json()
            assert refusal.headers["content-type"] == "application/problem+json"
            assert (problem["code"], problem["field"]) == ("code_used", "code")
            assert 0 <= problem["params"]["next_in_s"] <= 60
            assert word in problem["todo"]


def test_a_newcomer_enrols_over_http(server: str) -> None:
    with Browser(server) as browser:
        first = browser.challenge(COLLEAGUE[:8]).json()
        assert first["enrolled"] is False
        secret = browser.post("/v1/auth/enrol", json={"challenge": first["challenge"]}).json()["secret"]
        digits = totp.code_at(secret, totp.step_at(time.time_ns() // 1_000_000))
        answer = browser.post("/v1/auth/enrol/confirm", json={"challenge": first["challenge"], "code": digits})
        assert answer.json()["user"]["id"] == COLLEAGUE


def test_refreshing_rotates_the_cookie_and_an_old_one_ends_the_session(server: str) -> None:
    with Browser(server) as browser:
        browser.sign_in(LOGIN)
        name = cookie_name(LOGIN)
        stolen = browser.cookies[name]
        for _ in range(2):
            following = browser.post("/v1/auth/refresh", json={"login": LOGIN})
            assert following.status_code == 200
            assert browser.cookies[name] != stolen
        browser.headers["Authorization"] = f"Bearer {following.json()['access_token']}"
        assert browser.get("/v1/me").status_code == 200
        with Browser(server) as thief:
            thief.cookies.set(name, stolen)
            replay = thief.post("/v1/auth/refresh", json={"login": LOGIN})
        assert (replay.status_code, replay.json()["code"]) == (401, "session_revoked")
        assert browser.get("/v1/me").json()["code"] == "session_revoked"


def test_two_users_of_one_browser_keep_their_sessions_apart(server: str) -> None:
    with Browser(server) as browser:
        browser.sign_in(LOGIN)
        browser.sign_in(ADMIN[:8])
        assert browser.post("/v1/auth/refresh", json={"login": LOGIN}).json()["user"]["id"] == REP
        assert browser.post("/v1/auth/refresh", json={"login": ADMIN[:8]}).json()["user"]["id"] == ADMIN


def test_signing_out_ends_the_session_and_nothing_else(server: str) -> None:
    with Browser(server) as browser:
        browser.sign_in(LOGIN)
        kept = browser.cookies[cookie_name(LOGIN)]
        assert browser.post("/v1/auth/sign-out", json={"login": LOGIN}).status_code == 204
        assert browser.get("/v1/me").json()["code"] == "session_expired"
        browser.cookies.set(cookie_name(LOGIN), kept)
        assert browser.post("/v1/auth/refresh", json={"login": LOGIN}).json()["code"] == "session_expired"
        assert browser.post("/v1/auth/sign-out", json={"login": LOGIN}).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
def test_another_sites_page_cannot_use_the_cookie(server: str, headers: dict[str, str]) -> None:
    with Browser(server) as browser:
        browser.sign_in(LOGIN)
        for path in ("refresh", "sign-out"):
            answer = browser.post(f"/v1/auth/{path}", json={"login": LOGIN}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")
        assert browser.post("/v1/auth/refresh", json={"login": LOGIN}).status_code == 200


def test_a_form_cannot_use_the_cookie(server: str) -> None:
    with Browser(server) as browser:
        browser.sign_in(LOGIN)
        del browser.headers["X-Caravan-Client"]
        for path in ("refresh", "sign-out"):
            answer = browser.post(f"/v1/auth/{path}", json={"login": LOGIN})
            assert (answer.status_code, answer.json()["code"]) == (403, "client_header_missing")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "wrong_type"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[]", 422, "wrong_type"),
        (b'{"login": "x"}', 422, "wrong_type"),
        (b'{"login": 5, "password": "x"}', 422, "wrong_type"),
        (b'{"login": "x", "password": "y", "admin": true}', 422, "wrong_type"),
        (b'{"login": "x", "password": "' + b"y" * 100_000 + b'"}', 413, "request_too_large"),
        (b'{"login": "x", "password": "' + b"y" * 600 + b'"}', 413, "password_too_long"),
    ],
)
def test_bad_bodies_are_answered_as_problems(server: str, body: bytes, status: int, code: str) -> None:
    with Browser(server) as browser:
        answer = browser.post("/v1/auth/password", content=body, headers={"Content-Type": "application/json"})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["title"]
        assert problem["todo"]


def test_devices_are_listed_and_a_revoked_one_is_refused_at_once(server: str) -> None:
    with Browser(server) as lost, Browser(server) as phone, Browser(server) as admin:
        first = lost.sign_in(LOGIN, -1, device_name="Lost phone")
        second = phone.sign_in(LOGIN, device_name="New phone")
        admin.sign_in(ADMIN[:8])
        mine = {device["id"]: device for device in phone.get("/v1/devices").json()}
        assert mine[first["device_id"]]["name"] == "Lost phone"
        assert [device["id"] for device in mine.values() if device["current"]] == [second["device_id"]]
        assert {device["user_id"] for device in mine.values()} == {REP}
        assert ADMIN in {device["user_id"] for device in admin.get("/v1/devices").json()}

        assert phone.post("/v1/devices/revoke", json={"device_id": first["device_id"]}).status_code == 204
        assert lost.get("/v1/me").json()["code"] == "device_revoked"
        assert lost.post("/v1/auth/refresh", json={"login": LOGIN}).json()["code"] == "device_revoked"
        assert phone.get("/v1/me").status_code == 200

        foreign = next(d["id"] for d in admin.get("/v1/devices").json() if d["user_id"] == ADMIN)
        assert phone.post("/v1/devices/revoke", json={"device_id": foreign}).status_code == 404
        assert admin.get("/v1/me").status_code == 200
        assert admin.post("/v1/devices/revoke", json={"device_id": second["device_id"]}).status_code == 204
        assert phone.get("/v1/me").json()["code"] == "device_revoked"


@pytest.mark.parametrize("path", ["/v1/me", "/v1/devices", "/v1/changes"])
def test_without_a_token_nothing_is_answered(server: str, path: str) -> None:
    with Browser(server) as browser:
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
