"""``make sim``: plays seeds, prints what happened, and ends with 1 when a promise was broken."""

import argparse
import logging
import os
import sys
from collections import Counter
from pathlib import Path

import structlog

from tests.sim.campaign import Campaign, workshop
from tests.sim.plan import Plan
from tests.sim.workers import Minutes, play_all
from tests.support.databases import KINDS
from tests.support.postgres import running_postgres

ZERO = ("lost", "doubled", "stuck", "diverged", "stock", "chain", "view", "damage", "false_alarm", "unasked", "defect")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed-base", type=int, default=1)
    parser.add_argument("--devices", type=int, default=5)
    parser.add_argument("--ops", type=int, default=200, help="operations of each device")
    parser.add_argument("--db", choices=(*KINDS, "both"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=0, help="begin no further seed after so long (0: all)")
    parser.add_argument("--jobs", default="1", help="processes; auto: one for each core")
    parser.add_argument("--faults", default="", help="only these, by name, with commas")
    parser.add_argument("--profile", default="", help="of the work: mixed, orders, fields, family, stock")
    parser.add_argument("--verbose", action="store_true", help="print every seed's trace hash")
    parser.add_argument("--story", action="store_true", help="print everything that happened")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    kinds = KINDS if wanted.db == "both" else (wanted.db,)
    broken: Counter[str] = Counter()
    seeds = 0
    # What the server logs of full disks and damaged copies is part of the story, not news.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with workshop() as folder:
        for kind in kinds:
            campaign = Campaign(kind, lambda line: print(line, flush=True))
            if kind == "postgresql":
                with running_postgres() as url:
                    _play(campaign, folder, url, wanted)
            else:
                _play(campaign, folder, "", wanted)
            broken += campaign.broken
            seeds += campaign.seeds
    drained = 100 * (seeds - broken["stuck"]) / max(seeds, 1)
    print(f"seeds={seeds} " + " ".join(f"{kind}={broken[kind]}" for kind in ZERO if kind != "stuck"), end=" ")
    print(f"drained={drained:.0f}%")
    return 1 if broken else 0


def _play(campaign: Campaign, folder: Path, url: str, wanted: argparse.Namespace) -> None:
    minutes = Minutes(campaign.say)
    jobs = (os.cpu_count() or 1) if wanted.jobs == "auto" else int(wanted.jobs)
    plans = [_plan(seed, wanted) for seed in range(wanted.seed_base, wanted.seed_base + wanted.seeds)]
    for result in play_all(
        plans, campaign.kind, folder, url, jobs,
        goes_on=lambda: not wanted.seconds or minutes.seconds <= wanted.seconds,
    ):  # fmt: skip
        campaign.add(result)
        if wanted.story:
            print("\n".join(result.story))
        if wanted.verbose:
            print(f"seed {result.plan.seed}: {result.trace[:16]} {result.counts}", flush=True)
        minutes.tell(lambda: f"{campaign.seeds} of {wanted.seeds} seeds, {campaign.broken.total()} broken")
    campaign.say(f"{campaign.kind}: {campaign.seeds} seeds in {minutes.seconds:.0f} s: {campaign.figures()}")


def _plan(seed: int, wanted: argparse.Namespace) -> Plan:
    faults = tuple(name for name in wanted.faults.split(",") if name)
    return Plan(seed, wanted.devices, wanted.ops, faults, wanted.profile)


if __name__ == "__main__":
    sys.exit(main())
