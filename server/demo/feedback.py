"""Feedback of the demo: what people said about the app, and how far each has come."""

import random
from typing import Any

from server.demo import people
from server.demo.calendar import Calendar
from server.demo.people import Person
from server.demo.reference import Rows
from shared.commands.feedback import ANSWERED, notice_id
from shared.rules.feedback import subject

SEED = 20261128
"""Of its own generator: more feedback changes nobody else's data."""
SAID: tuple[tuple[Person, int, dict[str, Any], int | None, dict[str, Any]], ...] = (
    (
        people.LIN, 13,
        {"kind": "problem", "screen": "/orders", "app_version": "0.1.0 browser",
         "text": "手机横过来时，订单列表最右边的金额被挡住了一半。"},
        9, {"status": "done", "answer": "已经改好：横屏时金额会换到第二行。更新应用就能看到，谢谢你告诉我们。"},
    ),
    (
        people.WANG, 6,
        {"kind": "wish", "text": "希望客户列表能按城市筛选。\n我跑华东，出差前想先看一遍苏州和杭州的客户。"},
        4, {"status": "planned", "answer": "这个想法好，已经列入下个月的计划。在那之前，搜索城市名也能找到。"},
    ),
    (
        people.GAO, 3,
        {"kind": "question", "screen": "/leases", "text": "展会结束后没卖完的配额，要我一条一条收回吗？"},
        2, {"status": "answered", "answer": "不用。到期那天会自动退回仓库；想提前退，请同事在首页点“退回”。"},
    ),
    (
        people.LIN, 0,
        {"kind": "wish", "app_version": "0.1.0 browser",
         "text": "展位上灯光很暗，扫名片时如果能开一下闪光灯就好了。"},
        None, {},
    ),
)  # fmt: skip
"""Author, days ago, what was said; days ago of the answer, and what it was."""


def rows(calendar: Calendar) -> Rows:
    """The oldest first. Whoever was answered has read it: nobody's inbox begins with it."""
    own = Calendar(calendar.now_ms, calendar.time_zone, random.Random(SEED))
    for person, days_ago, said, answered_ago, answer in SAID:
        at = own.at_work(days_ago)
        row = {
            "id": own.new_id(at),
            "owner_id": person.id,
            "team_id": people.TEAM_ID,
            "created_at": at,
            "created_by": person.id,
            **said,
        }
        if answered_ago is None:
            yield "feedback", row
            continue
        told = own.at_work(answered_ago)
        by = {"updated_at": told, "updated_by": people.ADMIN.id}
        yield "feedback", {**row, **answer, "answered_at": told, "answered_by": people.ADMIN.id, **by}
        yield "conflict", _notice(row, told)


def _notice(row: dict[str, Any], told: int) -> dict[str, Any]:
    """The author's inbox row, read."""
    return {
        "id": notice_id(row["id"]),
        "owner_id": row["owner_id"],
        "team_id": row["team_id"],
        "created_at": told,
        "created_by": people.ADMIN.id,
        "kind": "feedback",
        "state": "dismissed",
        "resolved_at": told,
        "code": ANSWERED,
        "title": subject(row),
        "tx_id": row["id"],
        "entity": "feedback",
        "row_id": row["id"],
        "theirs_at": told,
        "theirs_by": people.ADMIN.id,
    }
