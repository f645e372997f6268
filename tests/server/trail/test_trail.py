"""``/v1/audit`` over HTTP: who may read a record's trail, what it says, and that a touched log is noticed."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text, update

from server.db import tables
from server.db.compaction import compact
from server.db.migrate import newest
from server.ops import commands as operator
from server.ops.upkeep import Upkeep
from server.trail import follow as following
from server.trail.tables import audit_check
from shared.audit_trail import Trail
from shared.errors import Unavailable
from tests.server.sync.conftest import Site
from tests.support.authority import Wire
from tests.support.company import ACCOUNT, ADMIN, COLLEAGUE, LAMP, MANAGER, ORG, REP, STRANGER, TENT, order_commands

pytestmark = pytest.mark.anyio
log = tables.tx_log.c


async def ask(site: Site, user_id: str | None, path: str = "", **params: Any) -> Any:
    headers = {"authorization": f"Bearer {site.tokens[user_id]}"} if user_id else {}
    return await site.client.get(f"/v1/audit{path}", params=params, headers=headers)


async def trail(site: Site, user_id: str, row_id: str = ACCOUNT, entity: str = "account", **params: Any) -> Any:
    answer = await ask(site, user_id, entity=entity, id=row_id, **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    msgspec.json.decode(answer.content, type=Trail)
    return answer.json()


async def change(site: Site, user_id: str, field: str, before: Any, after: Any) -> Any:
    patch = {"id": ACCOUNT, "base": {field: before}, "values": {field: after}}
    return await Wire(site.authority, user_id).push(("account.patch", patch))


async def test_a_trail_says_who_changed_what_from_what_and_on_which_device(site: Site) -> None:
    assert (await change(site, REP, "city", "", "杭州")).status == "accepted"
    assert (await change(site, MANAGER, "city", "杭州", "宁波")).status == "accepted"
    found = await trail(site, REP)
    newest, older, first = found["entries"]
    assert [newest["user_id"], older["user_id"]] == [MANAGER, REP]
    assert newest["user_name"] and newest["device_name"] == f"phone {MANAGER[:4]}"
    assert newest["steps"] == [
        {"command": "account.patch", "changes": [{"field": "city", "before": "杭州", "after": "宁波"}]}
    ]
    assert first["steps"] == [{"command": "system.create", "changes": []}]
    assert found["complete"] and not found["more"]
    chain = (await trail(site, MANAGER))["chain"]
    assert chain["intact"] and chain["entries"] == chain["head"]


async def test_a_refused_change_stands_in_the_trail_with_its_code(site: Site) -> None:
    refused = await change(site, REP, "name", "山野户外", "")
    assert refused.status == "rejected"
    newest = (await trail(site, REP))["entries"][0]
    assert (newest["status"], newest["code"]) == ("rejected", refused.problem.code)
    assert newest["steps"][0]["changes"] == [{"field": "name", "before": "山野户外", "after": ""}]


async def test_an_order_has_its_submission_and_what_others_did_to_it(site: Site) -> None:
    order_id, made = order_commands((LAMP, 1), (TENT, 1))
    rep = Wire(site.authority, REP)
    await rep.push(*made)
    await Wire(site.authority, MANAGER).push(("order.cancel", {"order_id": order_id}))
    newest, first = (await trail(site, REP, order_id, "order"))["entries"]
    assert [step["command"] for step in newest["steps"]] == ["order.cancel"]
    assert [step["command"] for step in first["steps"]] == ["order.create", "order.submit"]
    assert {one["field"] for one in first["steps"][0]["changes"]} >= {"account_id", "discount"}


@pytest.mark.parametrize(("user_id", "status"), [
    (REP, 200), (MANAGER, 200), (ADMIN, 200), (COLLEAGUE, 404), (STRANGER, 404), (None, 401),
])  # fmt: skip
async def test_only_who_may_see_the_record_reads_its_trail(site: Site, user_id: str | None, status: int) -> None:
    answer = await ask(site, user_id, entity="account", id=ACCOUNT)
    assert answer.status_code == status
    if status != 200:
        assert "山野" not in answer.text


async def test_what_does_not_exist_is_answered_like_what_is_hidden(site: Site) -> None:
    hidden = (await ask(site, STRANGER, entity="account", id=ACCOUNT)).json()
    nothing = (await ask(site, STRANGER, entity="account", id=LAMP)).json()
    assert (hidden["code"], hidden["status"]) == (nothing["code"], nothing["status"]) == ("not_found", 404)


@pytest.mark.parametrize("params", [
    {"entity": "credential", "id": REP}, {"entity": "counter", "id": REP}, {"entity": "nonsense", "id": REP},
    {"entity": "account", "id": "nonsense"}, {"entity": "account"}, {"id": ACCOUNT},
    {"entity": "account", "id": ACCOUNT, "before": "x"}, {"entity": "account", "id": ACCOUNT, "before": str(10**30)},
    {"entity": "account", "id": ACCOUNT, "before": "-1"}, {},
])  # fmt: skip
async def test_bad_questions_are_refused(site: Site, params: dict[str, str]) -> None:
    answer = await ask(site, ADMIN, **params)
    assert answer.status_code in (400, 422) and answer.json()["todo"]


async def test_restricted_values_are_only_in_the_trail_of_who_may_read_them(site: Site) -> None:
    assert (await change(site, MANAGER, "bank_account", "", "6222-0000")).status == "accepted"
    theirs = await ask(site, REP, entity="account", id=ACCOUNT)
    assert "6222" not in theirs.text and "bank_account" not in theirs.text
    mine = (await trail(site, MANAGER))["entries"][0]
    assert mine["steps"][0]["changes"] == [{"field": "bank_account", "before": "", "after": "6222-0000"}]


async def test_a_long_trail_comes_in_pages(site: Site) -> None:
    for number in range(60):
        await change(site, REP, "notes", "" if not number else f"{number - 1}", f"{number}")
    first = await trail(site, REP)
    rest = await trail(site, REP, before=first["entries"][-1]["n"])
    assert (len(first["entries"]), first["more"], rest["more"]) == (50, True, False)
    numbers = [one["n"] for one in (*first["entries"], *rest["entries"])]
    assert numbers == sorted(set(numbers), reverse=True) and len(numbers) == 61


async def test_the_chain_is_told_to_managers_and_admins_only(site: Site) -> None:
    for user_id, status in ((MANAGER, 200), (ADMIN, 200), (REP, 403), (None, 401)):
        assert (await ask(site, user_id, "/chain")).status_code == status
    assert [(await trail(site, user_id))["chain"] is None for user_id in (REP, MANAGER, ADMIN)] == [True, False, False]
    assert (await ask(site, None)).status_code == 401, "also without a record"


async def test_reading_a_trail_writes_only_what_is_new_and_the_upkeep_looks_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await trail(site, MANAGER))["complete"]
    database = site.authority.database
    with monkeypatch.context() as watched:
        watched.setattr(type(database), "run_tx", None)
        assert (await trail(site, MANAGER))["complete"], "nothing is new: no write"
    await database.run_tx(lambda tx: tx.execute(update(tables.tx_log).where(log.n == 1).values(user_id=STRANGER)))
    assert (await trail(site, MANAGER))["chain"]["intact"]
    await Upkeep(site.authority, site.app.state["blobs"])._look_again()
    assert (await trail(site, MANAGER))["chain"]["broken_at"] == 1


async def test_an_older_process_follows_no_log_and_compacts_nothing(site: Site) -> None:
    await change(site, REP, "city", "", "杭州")
    database, vault = site.authority.database, site.authority.store.vault
    await database.run_tx(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(Unavailable) as refused:
        await following.follow(database, vault, ORG, 1)
    assert refused.value.code == "server_older"
    later = site.authority.clock.now_ms() + 1_000
    await database.run_tx(lambda tx: tx.execute(tables.feed_time.insert(), {"org_id": ORG, "at": 1, "seq": 1}))
    assert await compact(database, later, 0) == []
    await database.run_tx(lambda tx: tx.execute(text(f"UPDATE alembic_version SET version_num = '{newest()}'")))
    assert [done.org_id for done in await compact(database, later, 0)] == [ORG]


async def test_an_edited_entry_is_noticed_also_long_after_it_was_verified(site: Site) -> None:
    await change(site, REP, "city", "", "杭州")
    assert (await ask(site, MANAGER, "/chain")).json()["intact"]

    async def edit(tx: Any) -> None:
        await tx.execute(update(tables.tx_log).where(log.n == 2).values(user_id=STRANGER))

    await site.authority.database.run_tx(edit)
    state = (await ask(site, MANAGER, "/chain")).json()
    assert (state["intact"], state["broken_at"]) == (False, 2)
    # It is told until somebody has looked, also when the entry is put back.

    async def put_back(tx: Any) -> None:
        await tx.execute(update(tables.tx_log).where(log.n == 2).values(user_id=REP))

    await site.authority.database.run_tx(put_back)
    assert (await ask(site, MANAGER, "/chain")).json()["broken_at"] == 2
    await site.authority.database.run_tx(following.forget_broken)
    assert (await ask(site, MANAGER, "/chain")).json()["intact"]


async def test_entries_that_were_cut_off_are_noticed(site: Site) -> None:
    await change(site, REP, "city", "", "杭州")
    assert (await ask(site, MANAGER, "/chain")).json()["intact"]

    async def cut(tx: Any) -> None:
        newest = (await tx.execute(select(tables.tx_log).order_by(log.n.desc()).limit(1))).first()
        await tx.execute(tables.tx_log.delete().where(log.n == newest.n))
        await tx.execute(update(tables.head).values(chain_count=newest.n - 1, chain_head=newest.prev_hash))

    await site.authority.database.run_tx(cut)
    assert not (await ask(site, MANAGER, "/chain")).json()["intact"]


async def test_following_is_incremental_and_two_followers_agree(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "CHUNK", 2)
    authority = site.authority
    database, vault = authority.database, authority.store.vault
    before = await following.catch_up(database, vault, ORG, 1)
    for number in range(7):
        await change(site, REP, "notes", "" if not number else f"{number - 1}", f"{number}")
    one = await following.follow(database, vault, ORG, 1, chunks=1)
    assert one.intact and one.entries == before.entries + 2 < one.head
    done = [await following.follow(database, vault, ORG, 2) for _ in range(2)]
    assert [state.entries for state in done] == [done[0].head] * 2

    async def kept(tx: Any) -> Any:
        return (await tx.execute(select(audit_check))).one()

    assert (await database.read(kept)).verified_to == done[0].head
    assert operator.forget_broken is following.forget_broken
