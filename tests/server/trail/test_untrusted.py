"""The log keeps what came as it came: nothing in it ends the trail, or puts entries into another record's trail."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from server.db import tables
from server.trail import follow as following
from server.trail.tables import audit_touch
from shared import SCHEMA_VERSION, protocol
from sync.authority.chain import entry_hash
from tests.server.sync.conftest import Site
from tests.server.trail.test_trail import ask, change, trail
from tests.support.authority import Wire
from tests.support.company import ACCOUNT, MANAGER, ORG, REP, STRANGER

pytestmark = pytest.mark.anyio
log = tables.tx_log.c


async def sent_as_it_is(site: Site, user_id: str, **body: Any) -> protocol.Outcome:
    """A transaction whose payload has whatever shape."""
    wire = Wire(site.authority, user_id)
    whole = {"id": wire.new_id(), "schema": SCHEMA_VERSION, "occurred_at": 1, "commands": [], **body}
    wire.seq += 1
    payload = msgspec.Raw(msgspec.json.encode(whole))
    return (await wire.send(wire.request(protocol.SentTransaction(wire.seq, payload)))).outcomes[0]


@pytest.mark.parametrize("body", [
    {"commands": 5}, {"commands": [3]}, {"commands": [{"name": "account.patch", "args": []}]}, {"rows": [1]},
    {"commands": [{"name": 1, "args": {}}]}, {"commands": [{"name": "x\u0000.y", "args": {"id": ACCOUNT}}]},
    {"commands": [{"name": "account.patch", "args": {"id": [ACCOUNT], "account_id": {}, "values": 3}}]},
    {"commands": [{"name": "account.patch", "args": {"id": ACCOUNT, "base": [], "values": {"city": 10**30}}}]},
])  # fmt: skip
async def test_a_transaction_of_any_shape_does_not_end_the_trail(site: Site, body: dict[str, Any]) -> None:
    assert (await sent_as_it_is(site, STRANGER, **body)).status == "rejected"
    assert (await change(site, REP, "city", "", "杭州")).status == "accepted"
    found = await trail(site, MANAGER)
    assert found["complete"] and found["entries"][0]["user_id"] == REP
    state = (await ask(site, MANAGER, "/chain")).json()
    assert state["intact"] and state["entries"] == state["head"]


async def test_rows_that_a_client_names_put_nothing_into_their_trail(site: Site) -> None:
    await sent_as_it_is(site, STRANGER, rows=[["account", ACCOUNT]])
    assert [one["user_id"] for one in (await trail(site, MANAGER))["entries"]] != [STRANGER]
    assert all(one["user_id"] != STRANGER for one in (await trail(site, MANAGER))["entries"])

    async def entities(tx: Any) -> set[str]:
        return set((await tx.execute(select(audit_touch.c.entity).distinct())).scalars())

    assert {"account", "user"} <= await site.authority.database.read(entities), "the server's own entries are believed"


async def rewritten(site: Site, start: int, *, to_the_end: bool) -> None:
    """Entry ``start`` says something else, under a hash that fits; ``to_the_end``: all after it follow on that."""

    async def edit(tx: Any) -> None:
        previous = b""
        for record in (await tx.execute(select(tables.tx_log).where(log.n >= start).order_by(log.n))).all():
            entry = following.entry_of_record(record)
            entry.user_id = STRANGER if record.n == start else entry.user_id
            entry.prev_hash = previous or entry.prev_hash
            previous = entry_hash(ORG, entry)
            values = {"user_id": entry.user_id, "prev_hash": entry.prev_hash, "hash": previous}
            await tx.execute(update(tables.tx_log).where(log.n == record.n).values(**values))
            if not to_the_end:
                return

    await site.authority.database.run_tx(edit)


@pytest.mark.parametrize(("start", "to_the_end"), [(3, True), (6, True), (4, False), (6, False)])
async def test_a_past_that_was_written_anew_is_noticed_where_it_joins_what_was_verified(
    site: Site, start: int, to_the_end: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        await change(site, REP, "notes", "" if not number else f"{number - 1}", f"{number}")
    database, vault = site.authority.database, site.authority.store.vault
    assert (await following.follow(database, vault, ORG, 1)).intact
    monkeypatch.setattr(following, "CHUNK", 2)
    await rewritten(site, start, to_the_end=to_the_end)
    states = [await following.follow(database, vault, ORG, 2 + turn) for turn in range(4)]
    assert not states[-1].intact
