"""What the tests of checks share: a company with some history, a whole check, and what was said of it."""

from tests.support.devices import Phone, sync
from tests.support.world import World

ALARMS = ("data_differs", "data_differs_again", "data_mended")


def alarms(phone: Phone) -> list[str]:
    return [f"{error['code']}: {error['detail']}" for error in phone.store.errors() if error["code"] in ALARMS]


async def check(world: World, phone: Phone) -> str:
    """A whole check, as the loop runs it: exchange, slices, repair, verification. How it ended."""
    phone.engine.checks.demand()
    for _ in range(200):
        await sync(world.authority, phone)
        while phone.engine.upkeep():
            pass
        if not phone.engine.checks.running:
            return phone.engine.checks.report.result
    raise AssertionError("the check does not end")


async def some_history(world: World) -> None:
    """Orders, contacts, a conflict, a deletion, a handed-over account."""
    steps = [(0, "order", 1, 6), (0, "child", 0, 1), (0, "child", 0, 0), (1, "receive", 3, 0), (0, "create", 1, 0),
             (2, "create", 2, 0), (0, "draft", 1, 1), (0, "patch", 0, 5), (0, "patch", 0, 3)]  # fmt: skip
    for step in steps:
        await world.tell(step)
    await world.heal()
    for step in [(0, "patch", 0, 1), (1, "patch", 1, 1), (1, "exchange", 0, 0), (0, "exchange", 0, 0),
                 (1, "assign", 1, 2), (0, "delete", 0, 1)]:  # fmt: skip
        await world.tell(step)
    await world.heal()
