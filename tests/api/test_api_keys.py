"""Keys of programs: what they open, whose name they act in, and how they end. Effects over HTTP and as stored."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import select

from server.db import tables
from server.db.authority import Authority
from server.db.engine import Database
from server.ops.ports import SystemClock, SystemEntropy
from server.security.api_keys import BURST, PREFIX, ApiKeys, NewKey
from server.security.audit import verify
from server.security.tokens import digest
from shared.catalog import ENTITIES
from shared.commands.registry import NAMED
from shared.errors import CaravanError
from shared.ids import derived_id
from shared.scopes import scope_names, subjects
from tests.support.authority import SECRETS
from tests.support.company import ACCOUNT, ADMIN, MANAGER, ORG, REP, STRANGER
from tests.support.devices import HandClock
from tests.support.http import NO_TLS
from tests.support.served import Browser

T = TypeVar("T")
ALL = ["*:read", "*:write"]


class Programs:
    """The served company, and the keys that were made on its database."""

    def __init__(self, url: str, database_url: str) -> None:
        self.url = url
        self.database_url = database_url
        self._count = 0

    def with_keys(self, work: Callable[[ApiKeys], Awaitable[T]]) -> T:
        async def run() -> T:
            database = Database.open(self.database_url)
            try:
                return await work(ApiKeys(Authority(database, SECRETS, SystemClock(), SystemEntropy())))
            finally:
                await database.close()

        return asyncio.run(run())

    def key(self, *scopes: str, owner: str = REP, by: str = ADMIN, days: int = 30) -> str:
        new = NewKey(name="ERP 接口", user_id=owner, scopes=list(scopes), days=days)
        return self.with_keys(lambda keys: keys.make(ORG, new, by=by)).key

    def client(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=NO_TLS)

    def run(self, client: httpx.Client, name: str, args: dict[str, Any]) -> httpx.Response:
        self._count += 1
        body = {"id": derived_id("key tx", self._count), "occurred_at": 1_795_320_000_000}
        return client.post("/v1/commands", json={**body, "commands": [{"name": name, "args": args}]})

    def stored(self, statement: Any) -> list[Any]:
        async def read() -> list[Any]:
            database = Database.open(self.database_url)
            rows = (await database.read(lambda tx: tx.execute(statement))).all()
            await database.close()
            return list(rows)

        return asyncio.run(read())


@pytest.fixture
def programs(server: str, database_url: str) -> Iterator[Programs]:
    yield Programs(server, database_url)


def patch(city: str, seen: str = "") -> dict[str, Any]:
    return {"id": ACCOUNT, "base": {"city": seen}, "values": {"city": city}}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_key_reads_and_writes_within_its_scopes_in_its_owners_name(programs: Programs, tmp_path: Path) -> None:
    key = programs.key("account:read", "account:write", "order:read")
    with programs.client(key) as erp:
        assert [row["id"] for row in erp.get("/v1/records/account").json()["items"]] == [ACCOUNT]
        assert code(erp.get("/v1/records/contact")) == (403, "scope_missing")
        done = programs.run(erp, "account.patch", patch("杭州")).json()
        assert (done["status"], done["written"][0]["record"]["updated_by"]) == ("accepted", REP)
        contact = {"id": derived_id("c"), "values": {"account_id": ACCOUNT, "name": "周岚"}}
        assert code(programs.run(erp, "contact.create", contact)) == (403, "scope_missing")
        for name, args in (("stock.receive", {}), ("conflict.resolve", {}), ("quarantine.adopt", {}), ("nothing", {})):
            assert code(programs.run(erp, name, args)) == (403, "scope_missing")
    key_id = key.split(".")[1]
    log = programs.stored(select(tables.tx_log.c.user_id, tables.tx_log.c.device_id, tables.tx_log.c.commands))
    assert (REP, key_id, "account.patch") in [tuple(row) for row in log]
    assert {(ADMIN, "api_key.make")} <= {(row.user_id, row.commands) for row in log}
    assert all(row.commands != "contact.create" for row in log)

    async def proved() -> Any:
        database = Database.open(programs.database_url)
        report = await verify(database, tmp_path / "data" / "audit-heads.log", SECRETS)
        await database.close()
        return report

    assert not [finding for finding in asyncio.run(proved()).findings if finding.kind != "file_behind"]


def test_every_command_has_a_scope() -> None:
    scopes = scope_names()
    generic = [f"{entity.name}.{action}" for entity in ENTITIES.values() for action in entity.options.generic]
    needed = {f"{entity}:write" for command in (*NAMED, *generic) for entity in subjects(command)}
    assert needed <= set(scopes)


def test_a_key_of_leads_makes_no_customers_of_them(programs: Programs) -> None:
    lead_id = derived_id("lead of a key")
    convert = {"id": lead_id, "account_id": ACCOUNT}
    whole = ("lead:write", "account:write", "contact:write", "activity:write", "opportunity:write")
    with programs.client(programs.key("lead:write")) as booth, programs.client(programs.key(*whole)) as erp:
        made = {"id": lead_id, "values": {"name": "周岚", "company": "山海"}}
        assert programs.run(booth, "lead.create", made).status_code == 200
        refusal = programs.run(booth, "lead.convert", convert)
        assert code(refusal) == (403, "scope_missing") and refusal.json()["params"]["scope"] == "account:write"
        contact = tables.table("contact")
        assert programs.stored(select(contact.c.id).where(contact.c.account_id == ACCOUNT)) == []
        assert programs.run(erp, "lead.convert", convert).json()["status"] == "accepted"
        assert len(programs.stored(select(contact.c.id).where(contact.c.account_id == ACCOUNT))) == 1


def test_a_key_never_does_more_than_its_owner_may(programs: Programs) -> None:
    with (
        programs.client(programs.key(*ALL, owner=REP)) as erp,
        programs.client(programs.key(*ALL, owner=STRANGER)) as b,
    ):
        assert erp.get("/v1/records/stock_move").json()["items"] == []
        assert code(programs.run(erp, "team.create", {"id": derived_id("t"), "values": {"name": "x"}})) == (
            422,
            "role_not_allowed",
        )
        assert b.get("/v1/records/account").json()["items"] == []
        assert code(b.get(f"/v1/records/account/{ACCOUNT}")) == (404, "not_found")
        assert "bank_account" not in erp.get(f"/v1/records/account/{ACCOUNT}").json()


def test_a_key_opens_the_records_and_nothing_else(programs: Programs) -> None:
    with programs.client(programs.key(*ALL, owner=ADMIN)) as erp:
        for method, path in (("GET", "/v1/me"), ("GET", "/v1/devices"), ("GET", "/v1/changes"), ("POST", "/v1/sync")):
            assert erp.request(method, path, json={} if method == "POST" else None).status_code == 401


def test_only_a_digest_is_stored_and_a_wrong_key_tells_nothing(programs: Programs) -> None:
    key = programs.key("*:read")
    stored = programs.stored(select(tables.table("api_key")))
    assert [row.secret_hash for row in stored] == [digest(key)] and key not in str(stored)
    last = "A" if key[-1] != "A" else "B"
    wrong = (key[:-1] + last, f"{PREFIX}{ORG}.{derived_id('no key')}.x", PREFIX, f"{PREFIX}a.b.c", key + "x" * 200)
    answers = set()
    for token in wrong:
        with programs.client(token) as client:
            answers.add(code(client.get("/v1/records/account")))
    assert answers == {(401, "api_key_unknown")}


def test_a_key_ends_with_its_revocation_its_device_its_owner_and_its_time(programs: Programs) -> None:
    keys = [programs.key("*:read") for _ in range(3)]
    clients = [programs.client(key) for key in keys]
    assert all(client.get("/v1/records/team").status_code == 200 for client in clients)
    programs.with_keys(lambda held: held.revoke(ORG, keys[0].split(".")[1], by=ADMIN))
    assert code(clients[0].get("/v1/records/team")) == (401, "api_key_revoked")
    with Browser(programs.url) as desk:
        desk.sign_in(REP[:8])
        mine = {device["id"]: device for device in desk.get("/v1/devices").json()}
        assert mine[keys[1].split(".")[1]]["platform"] == "api"
        assert desk.post("/v1/devices/revoke", json={"device_id": keys[1].split(".")[1]}).status_code == 204
    assert code(clients[1].get("/v1/records/team")) == (401, "api_key_revoked")
    with programs.client(programs.key(*ALL, owner=ADMIN)) as erp:
        row = {"id": REP, "base": {"active": True}, "values": {"active": False}}
        assert programs.run(erp, "user.patch", row).status_code == 200
    assert code(clients[2].get("/v1/records/team")) == (401, "user_inactive")
    for client in clients:
        client.close()


def test_a_key_past_its_time_is_refused(programs: Programs) -> None:
    key = programs.key("*:read")

    async def late(keys: ApiKeys) -> str:
        keys._authority.clock = HandClock(keys._authority.clock.now_ms() + 31 * 86_400_000)
        try:
            await keys.principal(key)
        except CaravanError as error:
            return error.code
        return "passes"

    assert programs.with_keys(late) == "api_key_expired"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "required"),
        ({"name": "x" * 81}, "too_long"),
        ({"scopes": []}, "scope_unknown"),
        ({"scopes": ["credential:read"]}, "scope_unknown"),
        ({"scopes": ["account:delete"]}, "scope_unknown"),
        ({"days": 0}, "out_of_range"),
        ({"user_id": derived_id("nobody")}, "not_found"),
        ({"user_id": "x"}, "not_found"),
        ({"by": MANAGER}, "role_not_allowed"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(programs: Programs, changes: dict[str, Any], code: str) -> None:
    given = {"name": "ERP", "user_id": REP, "scopes": ["*:read"], "by": ADMIN, **changes}
    by = given.pop("by")
    new = NewKey(**given)
    with pytest.raises(CaravanError) as refused:
        programs.with_keys(lambda keys: keys.make(ORG, new, by=by))
    assert refused.value.code == code
    assert programs.stored(select(tables.table("api_key"))) == []


def test_a_key_that_asks_too_often_is_told_to_wait(programs: Programs) -> None:
    key = programs.key("*:read")

    async def often(keys: ApiKeys) -> tuple[str, int]:
        keys._authority.clock = HandClock(keys._authority.clock.now_ms())
        try:
            for _ in range(2 * BURST):
                await keys.principal(key)
        except CaravanError as error:
            return error.code, error.params["seconds"]
        return "passes", 0

    assert programs.with_keys(often) == ("key_too_often", 1)
