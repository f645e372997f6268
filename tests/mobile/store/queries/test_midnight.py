"""Today, overdue and month change at the organisation's midnight, wherever the device stands.

This file also runs on the browser's Python, where the zones come from the packed ``tzdata``.
"""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.store.queries import due, home
from shared.timezone import business_date, day_start_ms, month_bounds_ms
from tests.support.company import ACCOUNT, ORG, TENT
from tests.support.shop import Shop

ZONE = "Asia/Shanghai"
LAST, FIRST = datetime.date(2026, 11, 30), datetime.date(2026, 12, 1)
MIDNIGHT_MS = day_start_ms(FIRST, ZONE)


def set_process_zone() -> None:
    """Makes the process follow ``TZ``; WebAssembly has no zone but its host's."""
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture(params=["America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati", ZONE])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A phone whose system stands in another time zone than the company."""
    monkeypatch.setenv("TZ", request.param)
    set_process_zone()
    yield Shop(tmp_path)
    monkeypatch.undo()
    set_process_zone()


def seen(shop: Shop) -> tuple[datetime.date, int, int, int]:
    """What home says: (today, due, overdue, orders of the month that wait for confirmation)."""
    organisation = shop.store.get("organisation", ORG)
    assert organisation is not None
    now, zone = shop.clock.now_ms(), organisation["time_zone"]
    today = business_date(now, zone)
    counts = due.due_counts(shop.store, today=today.isoformat())
    return today, counts["due"], counts["overdue"], home.month_sales(shop.store, month_bounds_ms(now, zone))["pending"]


def test_a_minute_decides_about_today_overdue_and_month(shop: Shop) -> None:
    shop.clock.value = MIDNIGHT_MS - 60_000
    shop.create("activity", account_id=ACCOUNT, channel="call", body="谈了价格", due_on=LAST.isoformat())
    shop.submit(shop.basket(ACCOUNT, (TENT, 1)))
    assert seen(shop) == (LAST, 1, 0, 1)

    shop.clock.value = MIDNIGHT_MS
    assert seen(shop) == (FIRST, 1, 1, 0)
    shop.submit(shop.basket(ACCOUNT, (TENT, 1)))
    assert seen(shop) == (FIRST, 1, 1, 1)
