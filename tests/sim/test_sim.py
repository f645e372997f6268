"""The simulator as tests: each seed is one, so that they spread over the workers, and the promise that a seed is a
story that can be told again.

``CARAVAN_SIM_SEEDS`` (default 24 on SQLite; a tenth of it on PostgreSQL), ``CARAVAN_SIM_BASE`` (1),
``CARAVAN_SIM_DEVICES`` (5), ``CARAVAN_SIM_OPS`` (200). ``make sim`` plays more.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.campaign import Campaign, play, workshop
from tests.sim.plan import Plan
from tests.support.databases import *  # noqa: F403
from tests.support.databases import Templates

PROJECT = Path(__file__).parents[2]
SEEDS = int(os.environ.get("CARAVAN_SIM_SEEDS", "24"))
BASE = int(os.environ.get("CARAVAN_SIM_BASE", "1"))
DEVICES = int(os.environ.get("CARAVAN_SIM_DEVICES", "5"))
OPS = int(os.environ.get("CARAVAN_SIM_OPS", "200"))


@pytest.fixture(scope="session")
def machines() -> Iterator[Path]:
    """Where the files of the simulated devices lie."""
    with workshop() as folder:
        yield folder


def keeps_its_promises(kind: str, seed: int, templates: Templates, machines: Path) -> None:
    said: list[str] = []
    campaign = Campaign(kind, said.append)
    url = templates.fresh(kind)
    campaign.add(play(Plan(seed, DEVICES, OPS), machines, url))
    templates.drop(url)
    assert not campaign.broken, "\n".join(said)
    assert campaign.counts["transactions"] > DEVICES and campaign.counts["answers"] > DEVICES


@pytest.mark.parametrize("seed", range(BASE, BASE + SEEDS))
def test_no_fault_breaks_a_promise_on_sqlite(seed: int, templates: Templates, machines: Path) -> None:
    keeps_its_promises("sqlite", seed, templates, machines)


@pytest.mark.parametrize("seed", range(BASE + SEEDS, BASE + SEEDS + max(1, SEEDS // 10)))
def test_no_fault_breaks_a_promise_on_postgresql(seed: int, templates: Templates, machines: Path) -> None:
    keeps_its_promises("postgresql", seed, templates, machines)


def test_a_seed_is_the_same_story_in_every_process() -> None:
    """Not even the order of sets and dicts, which the hash seed changes, may matter."""
    command = [sys.executable, "-m", "tests.sim", "--seeds", "2", "--seed-base", "11", "--ops", "40", "--verbose"]
    stories = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
        stories.append([line for line in done.stdout.split("\n") if line.startswith("seed ")])
    assert len(stories[0]) == 2 and stories[0] == stories[1]
