"""The company grows older: time passes on the server and on its devices, and what is settled is filed."""

from server.db.filing import file_history
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, TENT, order_commands
from tests.support.devices import Phone, sync

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


def note(phone: Phone, body: str, **values: object) -> str:
    """A follow-up with the company's account; its id."""
    new = phone.engine.new_id()
    phone.engine.run([("activity.create", {"id": new, "values": {"account_id": ACCOUNT, "body": body, **values}})])
    return new


def sell(phone: Phone, units: int = 1, name: str = "order", product: str = TENT) -> str:
    """An order, submitted; its id."""
    order_id, commands = order_commands((product, units), name=name)
    phone.engine.run(commands)
    return order_id


def has(phone: Phone, entity: str, row_id: str) -> bool:
    """Whether the row is on the device."""
    return phone.store.get(entity, row_id) is not None


def family(phone: Phone, order_id: str) -> list[int]:
    """How many rows of an order are on the device: (order, lines, reservations)."""
    below = [len(phone.store.children(name, "order_id", order_id)) for name in ("order_line", "reservation")]
    return [int(has(phone, "order", order_id)), *below]


async def check(authority: TestAuthority, phone: Phone) -> str:
    """Checks the device's rows against the server to the end; the result."""
    phone.engine.checks.demand()
    for _ in range(8):
        await sync(authority, phone)
        while phone.engine.upkeep():
            pass
        if not phone.engine.checks.running:
            return phone.engine.checks.report.result
    raise AssertionError("the check does not end")
