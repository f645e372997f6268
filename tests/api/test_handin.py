"""A shut-out device hands in what it has not sent, over HTTP; nothing else is open to it."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.security.audit import verify
from shared import SCHEMA_VERSION, protocol
from shared.ids import derived_id
from tests.support.authority import SECRETS
from tests.support.company import ACCOUNT, ADMIN, MANAGER, NOW, REP
from tests.support.served import Browser

LOGIN = REP[:8]


class Tablet(Browser):
    """The rep's device with work that was never sent."""

    def __init__(self, url: str, steps: int = 0) -> None:
        super().__init__(url)
        self.steps = steps

    def __enter__(self) -> "Tablet":
        super().__enter__()
        self.session = self.sign_in(LOGIN, self.steps, device_name="tablet")
        del self.headers["Authorization"]
        return self

    def refresh(self) -> httpx.Response:
        return self.post("/v1/auth/refresh", json={"login": LOGIN})

    def ticket(self) -> httpx.Response:
        return self.post("/v1/auth/handin", json={"login": LOGIN})

    def hand_in(self, ticket: str, *txs: bytes) -> httpx.Response:
        body = protocol.encode(protocol.HandinRequest([msgspec.Raw(tx) for tx in txs]))
        headers = {"Authorization": f"Bearer {ticket}", "Content-Type": "application/json"}
        return self.post("/v1/handin", content=body, headers=headers)


def unsent(name: str, *commands: tuple[str, dict[str, Any]], after: list[str] | None = None) -> bytes:
    listed = [protocol.Command(*command) for command in commands] or [
        protocol.Command("account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": name}})
    ]
    return protocol.encode(protocol.Transaction(derived_id("tx", name), SCHEMA_VERSION, NOW, listed, after or []))


def shut_out(url: str, device_id: str, steps: int = 0) -> None:
    """The administrator revokes the device."""
    with Browser(url) as desk:
        desk.sign_in(ADMIN[:8], steps)
        desk.post("/v1/devices/revoke", json={"device_id": device_id}).raise_for_status()


def push(browser: Browser, *commands: tuple[str, dict[str, Any]]) -> None:
    """One accepted transaction of a signed-in browser."""
    key = derived_id("push", str(commands))
    listed = [protocol.Command(*command) for command in commands]
    tx = protocol.Transaction(derived_id("tx", key), SCHEMA_VERSION, NOW, listed)
    request = protocol.SyncRequest(
        protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=key,
        exchange_id=key, tried=[key], txs=[protocol.SentTransaction(1, msgspec.Raw(protocol.encode(tx)))],
    )  # fmt: skip
    response = protocol.decode_response(browser.post("/v1/sync", content=protocol.encode(request)).content)
    assert response.outcomes[0].status == "accepted", response.outcomes[0].problem


def pulled(url: str, user_id: str, steps: int = 0) -> dict[str, list[dict[str, Any]]]:
    """All rows that a fresh device of the user receives, by entity."""
    rows: dict[str, list[dict[str, Any]]] = {}
    with Browser(url) as browser:
        browser.sign_in(user_id[:8], steps)
        key, cursor, nonce, more = derived_id("pull", user_id, url), "", "", True
        while more:
            request = protocol.SyncRequest(
                protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=key,
                exchange_id=derived_id(key, cursor), nonce=nonce, tried=[derived_id(key, cursor)], cursor=cursor,
            )  # fmt: skip
            response = protocol.decode_response(browser.post("/v1/sync", content=protocol.encode(request)).content)
            for put in response.puts:
                rows.setdefault(put.entity, []).append(msgspec.json.decode(put.row))
            cursor, nonce, more = response.cursor, response.nonce, response.more
    return rows


def logged(database_url: str) -> list[tuple[Any, ...]]:
    """(transaction, user, status, code) of the log, through a fresh connection; the chain is verified on the way."""

    async def read() -> list[tuple[Any, ...]]:
        database = Database.open(database_url)

        async def entries(tx: Tx) -> list[tuple[Any, ...]]:
            log = tables.tx_log.c
            asked = select(log.tx_id, log.user_id, log.status, log.code).order_by(log.n)
            return [tuple(record) for record in (await tx.execute(asked)).all()]

        found = await database.read(entries)
        assert (await verify(database, Path("there is none"), SECRETS)).findings == []
        await database.close()
        return found

    return asyncio.run(read())


def test_a_revoked_device_hands_its_work_in_and_the_manager_has_it(server: str, database_url: str) -> None:
    with Tablet(server) as tablet:
        shut_out(server, tablet.session["device_id"])
        assert tablet.refresh().json()["code"] == "device_revoked"
        ticket = tablet.ticket().json()
        first = unsent("杭州")
        second = unsent("follow", ("contact.create", {"id": derived_id("c"), "values": {"account_id": ACCOUNT,
                        "name": "周岚"}}), after=[derived_id("tx", "杭州")])  # fmt: skip
        answer = tablet.hand_in(ticket["ticket"], first, second)
        assert answer.json() == {"taken": [derived_id("tx", "杭州"), derived_id("tx", "follow")]}
        lost = tablet.hand_in(ticket["ticket"], first, second)
        assert lost.json() == answer.json()
    seen = pulled(server, MANAGER)
    items = {item["tx_id"]: item for item in seen["quarantine_item"]}
    item = items[derived_id("tx", "杭州")]
    assert len(items) == 2
    assert (item["reason"], item["code"], item["author_id"]) == ("device", "device_revoked", REP)
    assert (item["device_id"], item["device_name"]) == (tablet.session["device_id"], "tablet")
    assert item["payload"][0]["args"]["values"] == {"city": "杭州"}
    assert items[derived_id("tx", "follow")]["builds_on"] == [item["id"]]
    entries = [entry for entry in logged(database_url) if entry[0] in items]
    assert sorted(entries) == sorted((tx_id, REP, "rejected", "handed_over_device") for tx_id in items)
    assert seen["account"][0]["city"] == ""


def test_the_ticket_opens_nothing_else(server: str) -> None:
    with Tablet(server) as tablet:
        shut_out(server, tablet.session["device_id"])
        ticket = tablet.ticket().json()["ticket"]
        headers = {"Authorization": f"Bearer {ticket}"}
        for method, path in (("GET", "/v1/me"), ("POST", "/v1/sync"), ("GET", "/v1/changes"), ("GET", "/v1/devices")):
            assert tablet.request(method, path, headers=headers).status_code == 401
        assert set(tablet.hand_in(ticket, unsent("x")).json()) == {"taken"}
        access = {"Authorization": f"Bearer {tablet.session['access_token']}"}
        assert tablet.post("/v1/handin", json={"txs": []}, headers=access).status_code == 401
        assert tablet.hand_in("x", unsent("x")).status_code == 401


def test_nobody_else_gets_a_ticket(server: str) -> None:
    with Tablet(server) as tablet, Browser(server) as stranger:
        assert tablet.ticket().json()["code"] == "session_expired"
        assert stranger.post("/v1/auth/handin", json={"login": LOGIN}).json()["code"] == "session_expired"
        tablet.post("/v1/auth/sign-out", json={"login": LOGIN})
        assert tablet.ticket().status_code == 401


def test_a_token_that_was_used_twice_gets_no_ticket(server: str) -> None:
    with Browser(server, **{"X-Caravan-Client": "native"}) as phone:
        session = phone.sign_in(LOGIN)
        stolen = session["refresh_token"]
        for _ in range(2):
            body = {"login": LOGIN, "refresh_token": session["refresh_token"]}
            session = {**session, **phone.post("/v1/auth/refresh", json=body).json()}
            me = phone.get("/v1/me", headers={"Authorization": f"Bearer {session['access_token']}"})
            assert me.status_code == 200
        replay = phone.post("/v1/auth/refresh", json={"login": LOGIN, "refresh_token": stolen})
        assert replay.json()["code"] == "session_revoked"
        shut_out(server, session["device_id"])
        for token in (stolen, session["refresh_token"]):
            asked = phone.post("/v1/auth/handin", json={"login": LOGIN, "refresh_token": token})
            assert asked.status_code == 401


def test_a_deactivated_users_device_hands_in_and_reactivation_ends_that(server: str) -> None:
    with Tablet(server) as tablet:
        set_active(server, False)
        assert tablet.refresh().json()["code"] == "user_inactive"
        ticket = tablet.ticket().json()["ticket"]
        assert tablet.hand_in(ticket, unsent("杭州")).status_code == 200
        set_active(server, True)
        assert tablet.hand_in(ticket, unsent("北京")).status_code == 401
        assert tablet.ticket().json()["code"] == "session_expired"
    items = pulled(server, MANAGER)["quarantine_item"]
    assert [(item["code"], item["team_id"]) for item in items] == [("user_inactive", items[0]["answering_team_id"])]
    told = [row for row in pulled(server, REP, 1)["conflict"] if row["code"] == "handed_over_device"]
    assert len(told) == 1


def set_active(url: str, active: bool) -> None:
    values = {"base": {"active": not active}, "values": {"active": active}}
    with Browser(url) as desk:
        desk.sign_in(ADMIN[:8], steps=0 if not active else 1)
        push(desk, ("user.patch", {"id": REP, **values}))


@pytest.mark.parametrize("body", [b"{", b'{"txs": [{"commands": []}]}', b'{"txs": 1}'])
def test_what_cannot_be_read_is_refused_and_nothing_taken(server: str, body: bytes) -> None:
    with Tablet(server) as tablet:
        shut_out(server, tablet.session["device_id"])
        headers = {"Authorization": f"Bearer {tablet.ticket().json()['ticket']}", "Content-Type": "application/json"}
        assert tablet.post("/v1/handin", content=body, headers=headers).status_code == 400


def test_a_damaged_transaction_is_kept_as_it_came(server: str, database_url: str) -> None:
    with Tablet(server) as tablet:
        shut_out(server, tablet.session["device_id"])
        damaged = protocol.encode({"id": derived_id("tx", "damaged"), "schema": "one"})
        taken = tablet.hand_in(tablet.ticket().json()["ticket"], damaged).json()["taken"]
        assert taken == [derived_id("tx", "damaged")]
    assert (derived_id("tx", "damaged"), REP, "rejected", "handed_over_device") in logged(database_url)
