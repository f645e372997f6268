"""Older clients: what they are told, and that their work is taken."""

import pytest

from server.db.engine import Database
from shared import protocol
from sync.authority import dialects
from sync.authority.dialects import translated
from tests.support.authority import DATASET, Wire, make_authority
from tests.support.company import LAMP, REP, order_commands

pytestmark = pytest.mark.anyio


async def test_a_client_of_the_protocol_before_works_as_ever(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    order_id, commands = order_commands((LAMP, 1))
    response = await rep.send(rep.request(rep.envelope(rep.tx(*commands)), protocol=1))
    assert (response.status, response.more) == ("ok", False)
    assert rep.rows[("order", order_id)]["state"] == "confirmed" and rep.all("product")


@pytest.mark.parametrize("how", ["app", "protocol"])
async def test_a_client_too_old_to_pull_hands_in_its_work_and_gets_the_rows_of_its_outcomes(
    database: Database, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    old = {"app_version": "0.0.9"} if how == "app" else {"protocol": 1}
    if how == "protocol":
        monkeypatch.setattr(dialects, "OLDEST_PULLING", 2)
    order_id, commands = order_commands((LAMP, 1))
    response = await rep.lose(rep.request(rep.envelope(rep.tx(*commands)), **old))
    assert (response.status, response.minimum_app) == ("upgrade", dialects.MINIMUM_APP)
    assert (response.puts, response.cursor, response.more) == ([], "", False)
    outcome = response.outcomes[0]
    assert outcome.status == "accepted" and ("order", order_id) in {(put.entity, put.id) for put in outcome.puts}
    rep.nonce, rep.tried = response.nonce, []
    assert (await rep.push(*order_commands((LAMP, 1), name="another")[1])).status == "accepted"


@pytest.mark.parametrize("version", ["0.1.0", "0.10", "1.0.0rc1", "from-source", ""])
def test_a_recent_or_unnamed_app_may_pull(version: str) -> None:
    request = protocol.SyncRequest(2, 1, version, "", "")
    assert dialects.may_pull(request)


@pytest.mark.parametrize("version", ["0.0.9", "0.0.10", "0", "0.0.99-dev"])
def test_an_app_older_than_the_minimum_may_not_pull(version: str) -> None:
    assert not dialects.may_pull(protocol.SyncRequest(2, 1, version, "", ""))


def test_a_status_that_an_older_client_cannot_decode_becomes_a_reset() -> None:
    restored = protocol.SyncResponse(status="restored", dataset=DATASET, epoch=2, server_time=5)
    assert translated(restored, 2) is restored
    assert translated(restored, 1) == protocol.SyncResponse(status="reset", dataset=DATASET, epoch=2, server_time=5)
    good = protocol.SyncResponse(status="ok", dataset=DATASET)
    assert translated(good, 1) is good
