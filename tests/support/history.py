"""The company grows older: time passes on the server and on its devices, and what is settled is filed."""

from server.db.filing import file_history
from tests.support.authority import TestAuthority
from tests.support.devices import Phone

DAY_MS = 86_400_000
MONTHS = 12
THEN = "2026-11"
"""The month in which the small company begins."""


def pass_days(authority: TestAuthority, days: int, *phones: Phone) -> None:
    """Time passes."""
    for clock in (authority.clock, *(phone.clock for phone in phones)):
        clock.value += days * DAY_MS  # type: ignore[attr-defined]


async def file_now(authority: TestAuthority, months: int = MONTHS) -> int:
    """What the serving process does once a day; the number of rows that moved."""
    return sum(done.filed + done.taken_back for done in await file_history(authority, months))


async def a_year_passes(authority: TestAuthority, *phones: Phone) -> int:
    """Everything settled is history."""
    pass_days(authority, 400, *phones)
    return await file_now(authority)
