"""A rep's day by the organisation's calendar, in a browser and on a server whose own clocks show another date."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db.tables import table
from server.demo.people import TIME_ZONE
from shared.commands.lead_rules import OPEN
from shared.timezone import business_date
from tests.e2e.books import Books
from tests.e2e.company import DemoServer, now_ms
from tests.e2e.conftest import Invite
from tests.e2e.daily import does_the_daily_tasks, uses_keys
from tests.e2e.reminders import LISTENS, is_asked_once, is_reminded

ELSEWHERE = ("America/Los_Angeles", "Pacific/Pago_Pago", "Pacific/Kiritimati")
"""At every moment at least one of them has another date than China: 19 hours behind it and 6 ahead make 25."""


@pytest.fixture
def elsewhere() -> str:
    """A zone where it is yesterday or tomorrow while the company has today."""
    now = now_ms()
    return next(zone for zone in ELSEWHERE if business_date(now, zone) != business_date(now, TIME_ZONE))


@pytest.fixture
def server(tmp_path: Path, site: Path, elsewhere: str) -> Iterator[DemoServer]:
    """The demo company, made and served on a machine far away."""
    with DemoServer(tmp_path / "server", site, TZ=elsewhere) as running:
        yield running


def due(books: Books, login: str, today: datetime.date) -> tuple[int, int]:
    """(due, overdue) on the day, from the company's books."""
    activity, user, account, lead = table("activity"), table("user"), table("account"), table("lead")
    follow_ups = (
        select(activity.c.due_on)
        .join(user, user.c.id == activity.c.owner_id)
        .join(account, account.c.id == activity.c.account_id)
        .where(user.c.login == login, activity.c.done_at.is_(None), activity.c.deleted_at.is_(None))
    )
    steps = (
        select(lead.c.next_step_on)
        .join(user, user.c.id == lead.c.owner_id)
        .where(user.c.login == login, lead.c.deleted_at.is_(None), lead.c.state.in_(OPEN))
    )
    day = today.isoformat()
    days = [row[0] for part in (follow_ups, steps) for row in books.rows(part) if row[0] is not None]
    return sum(one <= day for one in days), sum(one < day for one in days)


def test_today_and_overdue_are_the_organisations_where_the_browser_has_another_date(
    server: DemoServer, invite: Invite, elsewhere: str
) -> None:
    today = business_date(now_ms(), TIME_ZONE)
    lin = invite(server, "lin", timezone_id=elsewhere, permissions=["notifications"], script=LISTENS)
    for place in (lin.page, *lin.page.workers):
        assert place.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == elsewhere
        assert place.evaluate("new Date().getDate()") == business_date(now_ms(), elsewhere).day
    lin.sees(f"{today.month}月{today.day}日")

    books = Books(server)
    open_today, overdue = due(books, "lin", today)
    assert 0 < overdue < open_today
    assert due(books, "lin", business_date(now_ms(), elsewhere)) != (open_today, overdue)
    is_reminded(lin, now_ms(), open_today, overdue)
    lin.sees(f"{open_today} 项，其中逾期 {overdue} 项")
    lin.sees(re.compile("，今天，"))
    lin.hears()
    lin.taps("返回")
    is_asked_once(lin)
    lin.taps("返回")
    does_the_daily_tasks(lin)
    uses_keys(lin)
