"""Any interleaving of work and exchanges, with every kind of lost message, ends equal everywhere once it heals.

``CARAVAN_EXAMPLES`` sets the number of stories for each database (default 15). A failing story is printed as the list
of its steps; hypothesis shrinks it and keeps it in ``.hypothesis`` for the next run.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.db.engine import Database
from tests.support.databases import *  # noqa: F403
from tests.support.databases import Templates
from tests.support.show import NIGHT, ShowWorld
from tests.support.work import COMMANDS
from tests.support.world import NETWORK, Step

EXAMPLES = int(os.environ.get("CARAVAN_EXAMPLES", "15"))
MORE = [
    *("patch", "order", "firm_order", "grant", "on_lease", "assign", "pull_only", "pull_only"),
    *("exchange", "exchange", "exchange", "lose_answer"),
]
ACTIONS = [*COMMANDS, *NETWORK, NIGHT, *MORE]
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(ACTIONS), st.integers(0, 7), st.integers(0, 7)),
    min_size=1,
    max_size=40,
)

LAST_UNIT: list[Step] = [
    (0, "order", 0, 1), (1, "order", 0, 1), (0, "lose_answer", 0, 0), (0, "exchange", 0, 0), (1, "exchange", 0, 0),
    (1, "receive", 0, 1), (1, "exchange", 0, 0), (0, "cancel", 0, 0),
]  # fmt: skip
TWO_OWNERS: list[Step] = [
    (0, "child", 0, 1), (0, "exchange", 0, 0), (1, "exchange", 0, 0), (1, "assign", 0, 2), (0, "patch", 0, 1),
    (0, "order", 0, 0), (1, "lose_answer", 0, 0), (0, "exchange", 0, 0), (1, "exchange", 3, 0), (2, "exchange", 0, 0),
    (2, "patch", 0, 0), (1, "assign", 0, 0), (1, "exchange", 0, 0),
]  # fmt: skip
ONE_FIELD: list[Step] = [
    (0, "patch", 1, 1), (1, "patch", 2, 1), (1, "exchange", 0, 0), (0, "lose_answer", 0, 0), (0, "exchange", 0, 0),
    (0, "resolve", 0, 0), (1, "patch", 1, 1), (1, "exchange", 0, 0), (0, "exchange", 0, 0), (0, "resolve", 0, 1),
]  # fmt: skip
DELETE_AND_CHILD: list[Step] = [
    (1, "delete", 0, 0), (0, "child", 0, 1), (0, "patch", 0, 0), (1, "exchange", 0, 0), (0, "lose_request", 0, 0),
    (0, "exchange", 0, 0), (1, "restore", 0, 0), (1, "exchange", 0, 0), (0, "child", 0, 1),
]  # fmt: skip

WAITING: list[Step] = [
    (0, "patch", 0, 1), (0, "order", 0, 1), (0, "child", 0, 1), (0, "order", 1, 6), (1, "patch", 3, 0),
    (1, "receive", 2, 0), (1, "exchange", 0, 0), (0, "pull_only", 0, 0), (1, "delete", 0, 2), (1, "count", 1, 0),
    (1, "child", 0, 1), (1, "exchange", 0, 0), (0, "delete", 0, 1), (0, "pull_only", 0, 0), (0, "lose_answer", 0, 0),
]  # fmt: skip

HANDED_OVER: list[Step] = [
    (1, "assign", 0, 2), (1, "exchange", 0, 0), (0, "patch", 0, 1), (0, "child", 0, 1), (0, "order", 0, 1),
    (0, "lose_answer", 0, 0), (0, "exchange", 0, 0), (1, "exchange", 0, 0), (1, "settle_handover", 0, 0),
    (1, "settle_handover", 0, 0), (2, "exchange", 0, 0), (2, "patch", 0, 1), (1, "pull_only", 0, 0),
    (1, "settle_handover", 0, 7), (1, "lose_answer", 0, 0), (1, "exchange", 0, 0),
]  # fmt: skip

TO_THE_SHOW: list[Step] = [
    (1, "grant", 4, 6), (1, "exchange", 0, 0), (0, "exchange", 0, 0), (0, "on_lease", 0, 1), (0, "lose_answer", 0, 0),
    (0, "exchange", 0, 0), (0, "firm_order", 1, 0),
]  # fmt: skip
"""The rep has a lease of three tents on the phone and has promised two, offline."""
FIRM: list[Step] = [
    *TO_THE_SHOW, (1, "order", 5, 0), (1, "exchange", 0, 0), (0, "firm_order", 2, 0), (0, "pull_only", 0, 0),
    (0, "cancel", 0, 0), (0, "firm_order", 1, 3), (0, "lose_answer", 0, 0), (0, "on_lease", 0, 0),
    (0, "exchange", 0, 0),
]  # fmt: skip
RECLAIMED: list[Step] = [
    *TO_THE_SHOW, (1, "exchange", 0, 0), (1, "reclaim", 0, 0), (1, "order", 5, 0), (1, "order", 4, 0),
    (1, "exchange", 0, 0), (0, "pull_only", 0, 0), (0, "lose_answer", 0, 0), (0, "exchange", 0, 0),
    (1, "receive", 2, 0), (1, "exchange", 0, 0), (0, "cancel", 0, 0),
]  # fmt: skip
EXPIRED: list[Step] = [
    (1, "grant", 0, 6), *TO_THE_SHOW[1:], (1, "count", 1, 0), (1, "exchange", 0, 0), (0, "night", 0, 0),
    (0, "firm_order", 0, 0), (1, "extend", 3, 1), (1, "exchange", 0, 0), (0, "night", 0, 0), (0, "exchange", 0, 0),
    (0, "night", 0, 0), (0, "firm_order", 0, 0), (0, "cancel", 0, 0),
]  # fmt: skip


async def _live(url: str, folder: Path, steps: list[Step]) -> ShowWorld:
    """Returns the world, closed, for what it remembers."""
    database = Database.open(url)
    try:
        world = await ShowWorld.make(folder, database)
        try:
            for step in steps:
                await world.tell(step)
            await world.heal()
            await world.check()
        finally:
            world.close()
        await world.authority.close()
    finally:
        await database.close()
    return world


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_interleaving_ends_in_equal_rows_and_equal_hashes(kind: str, templates: Templates) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        print_blob=True,
    )
    @example(LAST_UNIT)
    @example(TWO_OWNERS)
    @example(ONE_FIELD)
    @example(DELETE_AND_CHILD)
    @example(WAITING)
    @example(HANDED_OVER)
    @example(FIRM)
    @example(RECLAIMED)
    @example(EXPIRED)
    @given(STEPS)
    def story(steps: list[Step]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_live(templates.fresh(kind), Path(folder), steps))

    story()


@pytest.mark.parametrize("steps", [FIRM, RECLAIMED, EXPIRED], ids=["firm", "reclaimed", "expired"])
def test_the_stories_of_the_show_really_promise_units(steps: list[Step], templates: Templates, tmp_path: Path) -> None:
    world = asyncio.run(_live(templates.fresh("sqlite"), tmp_path, steps))
    assert sum(world.promises.values()) >= 2
    assert world.broken == (steps is not FIRM)
