"""A manager's look at the team over HTTP: whose rows the server tells, and to whom."""

import httpx

from tests.api.test_admin import desk, refused
from tests.api.test_handin import pulled
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, OTHER_TEAM, REP, STRANGER
from tests.support.served import Browser


def told(browser: Browser) -> dict[str, dict]:
    answer = browser.get("/v1/team")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return {one["user_id"]: one for one in answer.json()}


def test_a_manager_is_told_of_the_own_team_and_an_administrator_of_everybody(server: str) -> None:
    with desk(server, MANAGER) as manager, desk(server) as admin:
        before = told(manager)
        assert before.keys() == {REP, COLLEAGUE, MANAGER}
        assert all(one.keys() == {"user_id", "devices", "last_sync_at"} for one in before.values())
        assert before[REP]["last_sync_at"] is None
        pulled(server, REP)
        team = told(manager)
        assert team[REP]["last_sync_at"] > 0 and team[REP]["devices"] == before[REP]["devices"] + 1
        assert team[COLLEAGUE] == before[COLLEAGUE]
        assert told(admin).keys() == {REP, COLLEAGUE, MANAGER, ADMIN, STRANGER}


def test_neither_a_rep_nor_a_program_nor_somebody_who_is_not_signed_in_is_told(server: str) -> None:
    with desk(server, REP) as rep, desk(server) as admin, httpx.Client(base_url=server) as nobody:
        assert refused(rep.get("/v1/team")) == (403, "role_not_allowed")
        assert refused(nobody.get("/v1/team")) == (401, "sign_in_needed")
        before = told(admin)[MANAGER]["devices"]
        asked = {"name": "ERP", "user_id": MANAGER, "scopes": ["*:read", "*:write"]}
        key = admin.post("/v1/admin/keys", json=asked).json()["key"]
        assert nobody.get("/v1/team", headers={"Authorization": f"Bearer {key}"}).status_code == 401
        assert told(admin)[MANAGER]["devices"] == before, "a program is no device"


def test_a_revoked_device_does_not_count_and_who_leaves_the_team_is_not_shown(server: str) -> None:
    with desk(server, STRANGER), desk(server, MANAGER) as manager, desk(server) as admin:
        assert STRANGER not in told(manager)
        own = [one["id"] for one in admin.get("/v1/devices").json() if one["user_id"] == STRANGER]
        assert told(admin)[STRANGER]["devices"] == len(own) > 0
        for left, device_id in reversed([*enumerate(own)]):
            assert admin.post("/v1/devices/revoke", json={"device_id": device_id}).status_code == 204
            assert told(admin)[STRANGER]["devices"] == left
        made = {"login": "neu", "values": {"name": "新人", "home_team_id": OTHER_TEAM}}
        new = admin.post("/v1/admin/people", json=made).json()["user_id"]
        assert new not in told(manager) and told(admin)[new]["last_sync_at"] is None
