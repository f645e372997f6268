"""Feedback over the wire: it reaches administrators of any team and nobody else, and its answer its author."""

import pytest

from server.db.engine import Database
from shared.commands.feedback import notice_id
from tests.support.authority import Wire, make_authority
from tests.support.company import ADMIN, MANAGER, REP, STRANGER

pytestmark = pytest.mark.anyio


async def test_feedback_reaches_administrators_and_its_author_and_nobody_else(database: Database) -> None:
    authority = await make_authority(database)
    # The author is of another team than the manager, the administrator of none.
    for author in (REP, STRANGER):
        rep, admin = Wire(authority, author), Wire(authority, ADMIN)
        said = rep.new_id()
        outcome = await rep.push(
            ("feedback.create", {"id": said, "values": {"kind": "wish", "text": "按城市筛选", "screen": "/customers"}})
        )
        assert outcome.status == "accepted", outcome.problem
        assert rep.buckets["feedback", said] == [f"user:{author}"]
        await admin.pull()
        assert admin.buckets["feedback", said] == ["admins"]
        for other in (MANAGER, REP, STRANGER):
            if other != author:
                wire = Wire(authority, other, seed=9)
                await wire.pull()
                assert ("feedback", said) not in wire.rows
        values = {"status": "planned", "answer": "下个月做。"}
        seen = {"id": said, "base": {"status": "new", "answer": ""}, "values": values}
        assert (await admin.push(("feedback.patch", seen))).status == "accepted"
        await rep.pull()
        assert rep.rows["feedback", said]["answer"] == "下个月做。"
        assert rep.rows["conflict", notice_id(said)]["state"] == "open"
        assert ("conflict", notice_id(said)) not in admin.rows


async def test_a_new_administrator_gets_it_and_a_former_one_loses_it(database: Database) -> None:
    authority = await make_authority(database)
    rep, admin, other = Wire(authority, REP), Wire(authority, ADMIN), Wire(authority, STRANGER)
    said = rep.new_id()
    await rep.push(("feedback.create", {"id": said, "values": {"kind": "question", "text": "怎么转交客户？"}}))
    await other.pull()
    assert ("feedback", said) not in other.rows
    for base, role in (("rep", "admin"), ("admin", "rep")):
        change = {"id": STRANGER, "base": {"role": base}, "values": {"role": role}}
        assert (await admin.push(("user.patch", change))).status == "accepted"
        await other.pull()
        assert (("feedback", said) in other.rows) == (role == "admin")
