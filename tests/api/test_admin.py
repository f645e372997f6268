"""What administrators do about people over HTTP: invite, reset, see; and what the invited must do."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database
from server.db.tables import table
from server.security import totp
from shared.ids import derived_id
from tests.api.test_auth import stored
from tests.support.company import ADMIN, MANAGER, REP, TEAM
from tests.support.served import PASSWORD, Browser, code

OWN = "camels walk at dusk"


@contextmanager
def desk(url: str, user_id: str = ADMIN) -> Iterator[Browser]:
    with Browser(url) as browser:
        browser.sign_in(user_id[:8])
        yield browser


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def first_code(browser: Browser, challenge: str) -> str:
    secret = browser.post("/v1/auth/enrol", json={"challenge": challenge}).json()["secret"]
    return totp.code_at(secret, totp.step_at(time.time_ns() // 1_000_000))


def log(database_url: str) -> set[tuple[str, str]]:
    async def read() -> set[tuple[str, str]]:
        database = Database.open(database_url)
        columns = (tables.tx_log.c.user_id, tables.tx_log.c.commands)
        rows = (await database.read(lambda tx: tx.execute(select(*columns)))).all()
        await database.close()
        return {tuple(row) for row in rows}

    return asyncio.run(read())


def test_an_invited_person_chooses_a_password_and_an_authenticator(server: str, database_url: str) -> None:
    values = {"name": "新人", "role": "rep", "home_team_id": TEAM, "discount_limit": "5"}
    with desk(server) as admin, Browser(server) as person:
        made = admin.post("/v1/admin/people", json={"login": "Neu", "values": values}).json()
        assert made["login"] == "neu" and made["password"].count("-") == 3
        (state,) = [one for one in admin.get("/v1/admin/people").json() if one["user_id"] == made["user_id"]]
        assert state["enrolled"] is False and abs(state["one_time_until"] - made["valid_until"]) < 60_000
        step = person.challenge("neu", made["password"]).json()
        assert (step["enrolled"], step["choose_password"]) == (False, True)
        digits = first_code(person, step["challenge"])
        confirm = {"challenge": step["challenge"], "code": digits}
        assert refused(person.post("/v1/auth/enrol/confirm", json=confirm)) == (409, "choose_password")
        weak = person.post("/v1/auth/enrol/confirm", json={**confirm, "own_password": "short"})
        assert refused(weak) == (422, "password_short") and weak.json()["field"] == "own_password"
        session = person.post("/v1/auth/enrol/confirm", json={**confirm, "own_password": OWN}).json()
        assert session["user"]["name"] == "新人" and session["user"]["discount_limit"] == "5"
        assert refused(person.challenge("neu", made["password"])) == (401, "bad_credentials")
        assert person.challenge("neu", OWN).json()["choose_password"] is False
        assert refused(admin.post("/v1/admin/people", json={"login": "neu", "values": values})) == (409, "login_taken")
    row = stored(database_url, "credential", made["user_id"])
    assert row.one_time_until is None and made["password"] not in str(row)
    assert (ADMIN, "user.invite") in log(database_url)


def test_a_reset_ends_sessions_and_asks_for_a_password_of_ones_own(server: str, database_url: str) -> None:
    with desk(server) as admin, desk(server, REP) as rep:
        made = admin.post("/v1/admin/people/reset", json={"user_id": REP}).json()
        assert refused(rep.get("/v1/me")) == (401, "session_revoked")
        assert refused(rep.challenge(REP[:8], PASSWORD)) == (401, "bad_credentials")
        step = rep.challenge(REP[:8], made["password"]).json()
        assert (step["enrolled"], step["choose_password"]) == (True, True)
        sent = {"challenge": step["challenge"], "code": code(1), "own_password": OWN}
        assert rep.post("/v1/auth/totp", json=sent).status_code == 200
        assert rep.challenge(REP[:8], OWN).json()["choose_password"] is False
        lost = admin.post("/v1/admin/people/reset", json={"user_id": REP, "authenticator": True}).json()
        again = rep.challenge(REP[:8], lost["password"]).json()
        assert (again["enrolled"], again["choose_password"]) == (False, True)
        sent = {"challenge": again["challenge"], "code": first_code(rep, again["challenge"]), "own_password": OWN}
        assert rep.post("/v1/auth/enrol/confirm", json=sent).status_code == 200
    assert {(ADMIN, "user.reset_password"), (ADMIN, "user.reset_authenticator")} <= log(database_url)


def test_a_one_time_password_is_over_after_its_time(server: str, database_url: str) -> None:
    with desk(server) as admin, Browser(server) as rep:
        made = admin.post("/v1/admin/people/reset", json={"user_id": REP}).json()
        set_over(database_url)
        assert refused(rep.challenge(REP[:8], made["password"])) == (401, "one_time_over")


def set_over(database_url: str) -> None:
    async def write() -> None:
        database, row = Database.open(database_url), table("credential")
        statement = row.update().where(row.c.id == REP).values(one_time_until=1)
        await database.run_tx(lambda tx: tx.execute(statement))
        await database.close()

    asyncio.run(write())


def test_people_and_keys_are_the_administrators_alone(server: str) -> None:
    nothing = derived_id("nobody")
    requests: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", "people", None),
        ("POST", "people", {"login": "x1", "values": {"name": "x"}}),
        ("POST", "people/reset", {"user_id": REP}),
        ("GET", "keys", None),
        ("POST", "keys", {"name": "x", "user_id": REP, "scopes": ["*:read"]}),
        ("POST", "keys/revoke", {"key_id": nothing}),
    )
    for user_id in (REP, MANAGER):
        with desk(server, user_id) as person:
            for method, path, body in requests:
                answer = person.request(method, f"/v1/admin/{path}", json=body)
                assert refused(answer) == (403, "role_not_allowed"), path
    with desk(server) as admin:
        assert refused(admin.post("/v1/admin/people/reset", json={"user_id": nothing})) == (404, "not_found")
        assert refused(admin.post("/v1/admin/people", json={"login": "?", "values": {}})) == (422, "login_form")
        wrong = {"login": "ok", "values": {"name": "x", "home_team_id": nothing}}
        assert refused(admin.post("/v1/admin/people", json=wrong)) == (404, "not_found")
        made = admin.post("/v1/admin/keys", json={"name": "ERP", "user_id": REP, "scopes": ["*:read"]}).json()
        (listed,) = admin.get("/v1/admin/keys").json()
        assert listed["id"] == made["id"] and "key" not in listed and listed["revoked_at"] is None
        with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {made['key']}"}) as erp:
            assert erp.get("/v1/records/team").status_code == 200
            assert admin.post("/v1/admin/keys/revoke", json={"key_id": made["id"]}).status_code == 204
            assert erp.get("/v1/records/team").status_code == 401
            assert erp.get("/v1/admin/people").status_code == 401
        assert any(one["last_sync_at"] is None for one in admin.get("/v1/devices").json())
