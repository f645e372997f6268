"""Times of the demo, relative to today in the organisation's time zone, so that follow-ups are always due today."""

import random
from datetime import date, timedelta
from functools import cache

import msgspec

from shared.ids import uuid7
from shared.timezone import business_date, day_start_ms

MINUTE_MS = 60_000
PAST_DAYS = 790
"""The company's books begin so many days ago: two years and two months, which gives this year one to compare with."""
KNOWN_DAYS = 960
"""Its oldest customers were known before."""
GROWTH = 1.3
"""Every year there is so many times as much to do as in the one before."""


_date = cache(business_date)


class Calendar(msgspec.Struct, frozen=True):
    """Now, and what day that is there. ``random`` is the seed's own generator: the same seed gives the same data."""

    now_ms: int
    time_zone: str
    random: random.Random

    @property
    def today(self) -> date:
        return _date(self.now_ms, self.time_zone)

    def day(self, offset: int) -> str:
        """ISO date so many days from today."""
        return (self.today + timedelta(days=offset)).isoformat()

    def at_work(self, days_ago: int) -> int:
        """An instant in business hours so many days ago, in any case before now."""
        start = day_start_ms(self.today - timedelta(days=days_ago), self.time_zone)
        wanted = start + self.random.randrange(9 * 60, 18 * 60) * MINUTE_MS + self.random.randrange(60_000)
        return min(wanted, self.now_ms - self.random.randrange(1, 90) * MINUTE_MS)

    def share(self, days_ago: int) -> float:
        """What was to do on a day, of what is to do today."""
        return float(GROWTH ** (-days_ago / 365))

    def new_id(self, at_ms: int) -> str:
        """An id of the time."""
        return uuid7(at_ms, self.random.randbytes(10))
