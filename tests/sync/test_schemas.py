"""Work that was written under another schema than the one that applies it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import shared
from server.db import tables
from server.db.engine import Database, Tx
from shared import protocol
from shared.protocol import Command, Transaction
from shared.upcast import STEPS, upcast
from tests.support.authority import Wire, make_authority
from tests.support.company import ACCOUNT, MANAGER, REP, Company
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone, exchange, sync
from tests.support.schemas import LATER, Update, city_in_full, update  # noqa: F401

pytestmark = pytest.mark.anyio


def patch_city(city: str = "杭州") -> tuple[str, dict[str, Any]]:
    return "account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": city}}


async def stored_payload(database: Database, tx_id: str) -> bytes:
    async def read(tx: Tx) -> bytes:
        log = tables.tx_log.c
        return bytes((await tx.execute(select(log.payload).where(log.tx_id == tx_id))).scalar_one())

    return await database.read(read)


async def test_work_of_an_older_schema_is_applied_as_it_would_be_written_today_on_both_sides(
    database: Database,
    tmp_path: Path,
    update: Update,  # noqa: F811
) -> None:
    authority = await make_authority(database)
    phone, manager = Phone(tmp_path / "phone.db", Company().actor(REP)), Wire(authority, MANAGER)
    await sync(authority, phone)
    tx_id = phone.engine.run([patch_city()])
    payload = phone.store.outbox()[0].payload
    update()
    phone.app_version = "0.2.0"
    phone.restart()
    assert phone.engine.pending()[0].commands[0]["args"]["values"] == {"city": "杭州市"}
    call = {"id": ACCOUNT, "base": {"phone": ""}, "values": {"phone": "057188880000"}}
    assert (await manager.push(("account.patch", call))).status == "accepted"
    phone.engine.limits.probe = True  # an exchange that pulls and does not push: the work is replayed
    await exchange(authority, phone)
    row = phone.store.get("account", ACCOUNT)
    assert row is not None and (row["city"], row["phone"]) == ("杭州市", "057188880000")
    assert phone.store.outbox()[0].payload == payload
    await sync(authority, phone)
    row = phone.store.get("account", ACCOUNT)
    assert row is not None and row["city"] == "杭州市" and phone.store.outbox() == []
    assert await stored_payload(database, tx_id) == payload
    await manager.pull()
    assert manager.rows["account", ACCOUNT]["city"] == "杭州市"


async def test_an_update_between_sending_and_answer_repeats_the_same_word(
    database: Database,
    update: Update,  # noqa: F811
) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    envelope = rep.envelope(rep.tx(patch_city()))
    lost = await rep.lose(rep.request(envelope))
    update()
    again = await rep.send(rep.request(envelope))
    assert (again.status, again.outcomes[0].status) == ("ok", lost.outcomes[0].status) == ("ok", "accepted")
    assert rep.rows["account", ACCOUNT]["city"] == "杭州"  # it was done before the update, once


async def test_work_of_a_newer_schema_waits_for_the_servers_update_with_all_after_it(
    database: Database,
    update: Update,  # noqa: F811
) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    known, newer, after = (
        rep.envelope(rep.tx(("account.create", {"id": rep.new_id(), "values": {"name": name}}), schema=schema))
        for name, schema in (("一", shared.SCHEMA_VERSION), ("二", LATER), ("三", shared.SCHEMA_VERSION))
    )
    first = await rep.send(rep.request(known, newer, after))
    assert first.status == "ok" and [outcome.status for outcome in first.outcomes] == ["accepted"]
    assert first.undecided is not None and first.undecided.code == "server_older"
    waiting = await rep.send(rep.request(newer, after))
    assert (waiting.status, waiting.outcomes) == ("ok", [])
    update()
    then = await rep.send(rep.request(newer, after))
    assert [outcome.status for outcome in then.outcomes] == ["accepted", "accepted"] and then.undecided is None


async def test_work_of_a_newer_schema_may_have_a_form_that_cannot_be_read_yet(database: Database) -> None:
    rep = Wire(await make_authority(database), REP)

    def request(schema: object) -> protocol.SyncRequest:
        tx = {"id": rep.new_id(), "schema": schema, "occurred_at": 1, "steps": {"of": "another form"}}
        return rep.request(protocol.SentTransaction(1, msgspec.Raw(msgspec.json.encode(tx))))

    newer = await rep.send(request(LATER))
    assert newer.outcomes == [] and newer.undecided is not None
    for nonsense in ("2", 2**60, -1, None):
        answer = await rep.lose(request(nonsense))
        assert answer.outcomes[0].problem is not None and answer.undecided is None
        rep.tried.clear()
        rep.install_id = rep.new_id()
        rep.nonce = ""


async def test_a_device_keeps_what_an_older_server_cannot_decide_and_says_so(
    database: Database,
    tmp_path: Path,
    update: Update,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = await make_authority(database)
    phone = Phone(tmp_path / "phone.db", Company().actor(REP))
    await sync(authority, phone)
    with monkeypatch.context() as newer_app:
        newer_app.setattr("sync.device.outbox.SCHEMA_VERSION", LATER)
        newer_app.setattr("shared.commands.registry.SCHEMA_VERSION", LATER)
        phone.engine.run([patch_city("宁波")])
        report = await exchange(authority, phone)
    assert (report.status, report.more, report.rejected) == ("ok", False, {})
    assert (phone.engine.status().unsent, phone.engine.status().undecided) == (1, "server_older")
    update()
    await sync(authority, phone)
    assert (phone.engine.status().unsent, phone.engine.status().undecided) == (0, "")


Junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5) | st.just("values"), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "values", "base", "x"]), Junk), st.integers(-1, LATER + 1))
def test_no_command_of_any_schema_breaks_a_step(args: dict[str, Any], schema: int) -> None:
    steps = [*STEPS.values(), city_in_full]
    for name in ("account.patch", "account.create", "order.submit", "", "x.y"):
        for step in steps:
            assert isinstance(step(Command(name, args)), Command)
        tx = Transaction("id", schema, 0, [Command(name, args)])
        assert len(upcast(tx).commands) == 1 and upcast(upcast(tx)) == upcast(tx)


def test_a_transaction_of_today_is_not_touched() -> None:
    tx = Transaction("id", shared.SCHEMA_VERSION, 0, [Command("account.patch", {})])
    assert upcast(tx) is tx and min(STEPS, default=1) >= 1 and max(STEPS, default=0) < shared.SCHEMA_VERSION
