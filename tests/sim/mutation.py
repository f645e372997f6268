"""``make mutants``: plays each mutant until somebody notices; ends with 1 when one goes unnoticed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sim import mutants_faults, mutants_parts
from tests.sim.campaign import play, workshop
from tests.sim.mutants import MUTANTS, Mutant, Patch
from tests.sim.plan import Plan
from tests.support.databases import Templates

PLUGGED_IN = (mutants_faults, mutants_parts)
SEEDS_MAX = 12
PROJECT = Path(__file__).parents[2]


def notice(mutant: Mutant, templates: Templates) -> str:
    """Who noticed, in words; empty when nobody did."""
    return _test(mutant) if mutant.test else _simulation(mutant, templates)


def _simulation(mutant: Mutant, templates: Templates) -> str:
    for seed in range(1, SEEDS_MAX + 1):
        plan = Plan(seed, devices=4, ops=40, faults=mutant.faults, profile=mutant.profile)
        url = templates.fresh("sqlite")
        with Patch.context() as patch:
            mutant.apply(patch)
            result = play(plan, templates.folder, url)
        templates.drop(url)
        if result.broken:
            return f"seed {seed}: {result.broken}"
    return ""


def _test(mutant: Mutant) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-p", "tests.sim.mutation"]
    environment = {**os.environ, "CARAVAN_MUTANT": mutant.name}
    done = subprocess.run(
        [*command, *mutant.test.split()], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    failed = [line.split("::")[1].split(" ")[0] for line in done.stdout.split("\n") if line.startswith("FAILED")]
    return f"`{failed[0].split('[')[0]}`" if done.returncode == 1 and failed else ""


def pytest_configure() -> None:
    """As a plugin of pytest (``-p tests.sim.mutation``): breaks what ``CARAVAN_MUTANT`` names, for that process."""
    MUTANTS[os.environ["CARAVAN_MUTANT"]].apply(Patch())


def main(names: list[str]) -> int:
    unnoticed = []
    with workshop() as folder:
        templates = Templates(folder, "")
        for name in names or sorted(MUTANTS):
            mutant = MUTANTS[name]
            found = notice(mutant, templates)
            print(f"| {mutant.broken} | {found or 'NOT NOTICED'} |", flush=True)
            if not found:
                unnoticed.append(name)
    print(f"mutants={len(names or MUTANTS)} unnoticed={len(unnoticed)} {' '.join(unnoticed)}".strip())
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
