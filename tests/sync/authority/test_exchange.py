"""*One exchange* and *Sequence, retry*: what the server promises to every device."""

import msgspec
import pytest

from server.db.engine import Database
from shared import protocol
from shared.errors import InvalidInput, LimitExceeded
from shared.ids import derived_id, stock_level_id
from tests.support.authority import DATASET, Caller, Wire, caller, device_of, make_authority
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    LAMP,
    MANAGER,
    ORG,
    REP,
    STRANGER,
    TEAM,
    TENT,
    WAREHOUSE,
    order_commands,
)

pytestmark = pytest.mark.anyio
LAMP_LEVEL = ("stock_level", stock_level_id(WAREHOUSE, LAMP))


def new_account(wire: Wire, name: str, **values: object) -> tuple[str, dict]:
    return "account.create", {"id": wire.new_id(), "values": {"name": name, **values}}


async def test_one_round_trip_pushes_and_pulls(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    create = new_account(rep, "晨星")
    response = await rep.send(rep.request(rep.envelope(rep.tx(create))))
    assert response.status == "ok"
    assert [outcome.status for outcome in response.outcomes] == ["accepted"]
    assert rep.rows[("account", create[1]["id"])]["name"] == "晨星"
    assert rep.all("product")
    assert response.dataset == DATASET
    assert not response.more


async def test_an_outcome_brings_the_rows_that_its_transaction_wrote(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.pull()
    order_id, commands = order_commands((LAMP, 1))
    outcome = await rep.push(*commands)
    brought = {(put.entity, put.id): msgspec.json.decode(put.row) for put in outcome.puts}
    assert brought[("order", order_id)]["state"] == "confirmed"
    assert brought[("order", order_id)]["number"].startswith("SO-")
    assert brought[LAMP_LEVEL]["reserved"] == "1"
    assert not any(entity == "counter" for entity, _ in brought)


async def test_an_outcome_brings_rows_even_when_the_cursor_is_far_behind(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    create = new_account(rep, "晨星")
    response = await rep.send(rep.request(rep.envelope(rep.tx(create)), page_rows=1))
    assert response.more
    assert rep.rows[("account", create[1]["id"])]["name"] == "晨星"


async def test_puts_name_all_buckets_of_the_device(database: Database) -> None:
    authority = await make_authority(database)
    manager = Wire(authority, MANAGER)
    create = new_account(manager, "自营")
    await manager.push(create)
    await manager.pull()
    assert manager.buckets[("account", create[1]["id"])] == [f"user:{MANAGER}", f"team:{TEAM}"]
    assert manager.buckets[("account", ACCOUNT)] == [f"team:{TEAM}"]


async def test_a_rep_never_receives_another_reps_rows(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague, manager, stranger = (Wire(authority, user) for user in (REP, COLLEAGUE, MANAGER, STRANGER))
    create = new_account(rep, "独家客户")
    await rep.push(create)
    for wire in (colleague, manager, stranger):
        await wire.pull()
    assert ("account", create[1]["id"]) in manager.rows
    for other in (colleague, stranger):
        assert not other.all("account")
        assert all(row["owner_id"] in (None, other.user_id) for row in other.rows.values() if "owner_id" in row)


async def test_a_changed_owner_is_a_changed_membership(database: Database) -> None:
    authority = await make_authority(database)
    rep, colleague, manager = Wire(authority, REP), Wire(authority, COLLEAGUE), Wire(authority, MANAGER)
    for wire in (rep, colleague, manager):
        await wire.pull()
    assert ("account", ACCOUNT) in rep.rows
    outcome = await manager.push(("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}))
    assert outcome.status == "accepted", outcome.problem
    for wire in (rep, colleague, manager):
        await wire.pull()
    assert ("account", ACCOUNT) not in rep.rows
    assert colleague.rows[("account", ACCOUNT)]["owner_id"] == COLLEAGUE
    assert manager.rows[("account", ACCOUNT)]["owner_id"] == COLLEAGUE


async def test_a_move_between_two_buckets_of_one_device_is_one_put(database: Database) -> None:
    authority = await make_authority(database)
    manager = Wire(authority, MANAGER)
    await manager.pull()
    move = manager.tx(("account.assign", {"id": ACCOUNT, "owner_id": MANAGER}))
    response = await manager.send(manager.request(manager.envelope(move)))
    assert response.outcomes[0].status == "accepted"
    entries = [put for put in response.puts if put.id == ACCOUNT]
    assert len(entries) == 1
    assert entries[0].buckets == [f"user:{MANAGER}", f"team:{TEAM}"]
    assert not response.removes


async def test_pages_lose_no_row_while_others_commit(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    first = [new_account(rep, f"客户 {number}") for number in range(30)]
    await rep.send(rep.request(*(rep.envelope(rep.tx(create)) for create in first)))
    ids = {create[1]["id"] for create in first}
    response = await manager.send(manager.request(page_rows=5))
    rounds = 0
    while response.more:
        # Between two pages a row that was served is changed, one that was not is changed, and a new one appears.
        rounds += 1
        assert rounds < 60
        if rounds < 10:
            create = new_account(rep, f"新客户 {rounds}")
            ids.add(create[1]["id"])
            patch = ("account.patch", {"id": first[-rounds][1]["id"], "base": {"city": ""}, "values": {"city": "杭州"}})
            await rep.send(rep.request(rep.envelope(rep.tx(create)), rep.envelope(rep.tx(patch))))
        response = await manager.send(manager.request(page_rows=5))
    assert ids <= {row_id for entity, row_id in manager.rows if entity == "account"}
    assert sum(row["city"] == "杭州" for row in manager.all("account")) == 9


async def test_a_lost_answer_is_repeated_and_never_executed_again(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.pull()
    order_id, commands = order_commands((LAMP, 1))
    sent = rep.envelope(rep.tx(*commands))
    lost = await rep.lose(rep.request(sent))
    again = await rep.send(rep.request(sent))
    assert [o.status for o in again.outcomes] == ["accepted"] == [o.status for o in lost.outcomes]
    assert rep.rows[("order", order_id)]["number"] == "SO-2026-000001"
    assert rep.rows[LAMP_LEVEL]["reserved"] == "1"


async def test_a_repeated_refusal_is_the_same_refusal(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    sent = rep.envelope(rep.tx(new_account(rep, "", colour="red")))
    lost = await rep.lose(rep.request(sent))
    again = await rep.send(rep.request(sent))
    assert again.outcomes[0].problem == lost.outcomes[0].problem
    assert again.outcomes[0].conflicts == lost.outcomes[0].conflicts
    assert len(rep.all("conflict")) == 1


async def test_a_stale_nonce_without_the_lost_exchange_is_a_fork(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.push(new_account(rep, "一"))
    stale = rep.nonce
    await rep.push(new_account(rep, "二"))
    response = await rep.lose(rep.request(nonce=stale, tried=[]))
    assert response.status == "fork"
    assert not response.outcomes


async def test_an_old_number_with_another_payload_is_a_fork_and_nothing_of_it_is_executed(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    await rep.push(new_account(rep, "一"))
    response = await rep.lose(rep.request(rep.envelope(rep.tx(new_account(rep, "别的")), seq=1)))
    assert response.status == "fork"
    await rep.pull()
    assert {row["name"] for row in rep.all("account")} == {"一", "山野户外"}


async def test_a_gap_in_the_sequence_is_not_executed(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    response = await rep.lose(rep.request(rep.envelope(rep.tx(new_account(rep, "一")), seq=2)))
    assert response.status == "fork"


async def test_after_a_fork_the_new_install_gets_the_old_words_for_old_transactions(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    old = rep.tx(new_account(rep, "一"))
    await rep.send(rep.request(rep.envelope(old)))
    rep.install_id, rep.nonce, rep.seq = rep.new_id(), "", 0
    response = await rep.send(rep.request(rep.envelope(old), rep.envelope(rep.tx(new_account(rep, "二")))))
    assert [outcome.status for outcome in response.outcomes] == ["duplicate", "accepted"]
    assert len(rep.all("account")) == 3


async def test_another_payload_under_a_known_id_is_refused_and_kept_for_its_author(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    tx = rep.tx(new_account(rep, "一"))
    await rep.send(rep.request(rep.envelope(tx)))
    other = rep.tx(new_account(rep, "顶替"), tx_id=tx.id)
    response = await rep.send(rep.request(rep.envelope(other)))
    outcome = response.outcomes[0]
    assert (outcome.tx_id, outcome.status, outcome.problem.code) == (tx.id, "rejected", "payload_changed")
    assert rep.rows[("conflict", outcome.conflicts[0])]["payload"][0]["args"]["values"]["name"] == "顶替"
    assert {row["name"] for row in rep.all("account")} == {"一", "山野户外"}


async def test_another_users_transaction_id_tells_nothing(database: Database) -> None:
    authority = await make_authority(database)
    rep, stranger = Wire(authority, REP), Wire(authority, STRANGER)
    tx = rep.tx(new_account(rep, "一"))
    await rep.send(rep.request(rep.envelope(tx)))
    outcome = (await stranger.send(stranger.request(stranger.envelope(tx)))).outcomes[0]
    assert outcome.status == "rejected"
    assert outcome.problem.code == "payload_changed"
    assert all(put.entity == "conflict" for put in outcome.puts)


async def test_outcomes_show_only_what_the_reader_may_see_now(database: Database) -> None:
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    sent = rep.envelope(rep.tx(("account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "深圳"}})))
    await rep.lose(rep.request(sent))
    await manager.push(("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}))
    outcome = (await rep.send(rep.request(sent))).outcomes[0]
    assert outcome.status == "accepted"
    assert not outcome.puts
    assert [(remove.entity, remove.id) for remove in outcome.removes] == [("account", ACCOUNT)]


async def test_other_peoples_ids_stay_unknown_in_outcomes(database: Database) -> None:
    authority = await make_authority(database)
    rep, stranger = Wire(authority, REP), Wire(authority, STRANGER)
    account = new_account(stranger, "外队客户")
    await stranger.push(account)
    first, commands = order_commands((LAMP, 1), name="rep")
    await rep.push(*commands)
    waiting, commands = order_commands((LAMP, 1), name="stranger", account=account[1]["id"])
    await stranger.push(*commands)
    outcome = await rep.push(("order.cancel", {"order_id": first}))
    assert outcome.status == "accepted", outcome.problem
    told = {put.id for put in outcome.puts} | {remove.id for remove in outcome.removes}
    await stranger.pull()
    hers = {row_id for (entity, row_id), row in stranger.rows.items() if entity in ("order", "order_line", "conflict")}
    assert stranger.rows[("order", waiting)]["state"] == "confirmed"
    assert not told & hers


async def test_another_dataset_stops_the_exchange(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    sent = rep.envelope(rep.tx(new_account(rep, "一")))
    response = await rep.lose(rep.request(sent, dataset=derived_id("elsewhere")))
    assert (response.status, response.dataset, response.outcomes) == ("reset", DATASET, [])
    await rep.pull()
    assert len(rep.all("account")) == 1


async def test_a_cursor_ahead_of_the_head_is_from_before_a_restore(database: Database) -> None:
    from sync.authority.cursor import Cursor, encode_cursor

    authority = await make_authority(database)
    rep = Wire(authority, REP)
    ahead = encode_cursor(Cursor(DATASET, buckets={"org": 10**6}))
    response = await rep.lose(rep.request(rep.envelope(rep.tx(new_account(rep, "一"))), cursor=ahead))
    assert (response.status, response.outcomes) == ("restored", [])


async def test_an_unknown_protocol_is_told_to_upgrade_and_nothing_is_taken(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    sent = rep.envelope(rep.tx(new_account(rep, "一")))
    response = await rep.lose(rep.request(sent, protocol=99))
    assert response.status == "upgrade"
    assert response.minimum_app
    await rep.pull()
    assert len(rep.all("account")) == 1


async def test_a_revoked_device_is_told_so_and_gets_nothing(database: Database) -> None:
    authority = await make_authority(database)
    rep, admin = Wire(authority, REP), Wire(authority, ADMIN)
    await rep.pull()
    await admin.push(("device.revoke", {"device_id": device_of(REP)}))
    response = await rep.lose(rep.request(rep.envelope(rep.tx(new_account(rep, "一")))))
    assert (response.status, response.outcomes, response.puts) == ("revoked", [], [])


async def test_an_inactive_user_is_told_so(database: Database) -> None:
    authority = await make_authority(database)
    rep, admin = Wire(authority, REP), Wire(authority, ADMIN)
    await rep.pull()
    outcome = await admin.push(("user.patch", {"id": REP, "base": {"active": True}, "values": {"active": False}}))
    assert outcome.status == "accepted", outcome.problem
    assert (await rep.lose(rep.request())).status == "revoked"


async def test_a_new_role_ends_and_starts_buckets(database: Database) -> None:
    authority = await make_authority(database)
    manager, rep, admin = Wire(authority, MANAGER), Wire(authority, REP), Wire(authority, ADMIN)
    theirs = new_account(rep, "下属客户")
    await rep.push(theirs)
    await manager.pull()
    assert ("account", theirs[1]["id"]) in manager.rows
    await admin.push(("user.patch", {"id": MANAGER, "base": {"role": "manager"}, "values": {"role": "rep"}}))
    response = await manager.send(manager.request())
    assert f"team:{TEAM}" in response.drops
    await manager.pull()
    assert ("account", theirs[1]["id"]) not in manager.rows
    await admin.push(("user.patch", {"id": MANAGER, "base": {"role": "rep"}, "values": {"role": "manager"}}))
    await manager.pull()
    assert ("account", theirs[1]["id"]) in manager.rows


async def test_a_transaction_that_cannot_be_read_is_refused_and_the_others_are_kept(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    broken = {"id": rep.new_id(), "schema": "one", "occurred_at": 0, "commands": []}
    rep.seq += 1
    envelope = protocol.SentTransaction(rep.seq, msgspec.Raw(msgspec.json.encode(broken)))
    good = rep.envelope(rep.tx(new_account(rep, "好的")))
    response = await rep.send(rep.request(envelope, good))
    assert [outcome.status for outcome in response.outcomes] == ["rejected", "accepted"]
    assert response.outcomes[0].problem.code == "malformed_transaction"


async def test_what_has_no_id_at_all_is_no_request(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    with pytest.raises(InvalidInput, match="malformed"):
        await rep.lose(rep.request(protocol.SentTransaction(1, msgspec.Raw(b'{"commands": []}'))))


async def test_too_many_transactions_are_refused_before_anything_happens(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    envelopes = [rep.envelope(rep.tx(new_account(rep, "x"))) for _ in range(protocol.MAX_TXS + 1)]
    with pytest.raises(LimitExceeded) as refused:
        await rep.lose(rep.request(*envelopes))
    assert (refused.value.status, refused.value.code) == (413, "too_many_transactions")


@pytest.mark.parametrize("cursor", ["x", "äöü", "e30x", "A" * 200_000])
async def test_a_cursor_that_is_none_is_malformed(database: Database, cursor: str) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    with pytest.raises(InvalidInput) as refused:
        await rep.lose(rep.request(cursor=cursor))
    assert (refused.value.code, refused.value.field, refused.value.status) == ("malformed", "cursor", 400)


async def test_a_foreign_organisation_is_not_there(database: Database) -> None:
    from shared.errors import NotFound

    authority = await make_authority(database)
    rep = Wire(authority, REP)
    with pytest.raises(NotFound, match="unknown_organisation"):
        await authority.exchange(Caller(REP, derived_id("other org")), rep.request())


async def test_progress_says_how_far_each_bucket_is(database: Database) -> None:
    authority = await make_authority(database)
    rep = Wire(authority, REP)
    first = await rep.send(rep.request(page_rows=4))
    assert first.more
    assert [item.bucket for item in first.progress] == ["org", "stock", f"user:{REP}"]
    assert first.progress[0].at < first.progress[0].head
    await rep.pull()
    last = await rep.send(rep.request())
    assert all(item.at == item.head for item in last.progress)
    assert caller(REP).org_id == ORG
    assert TENT in {row["id"] for row in rep.all("product")}
