"""Seeds on several processes: each has a folder and databases of its own, so that a seed is the same story anywhere."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

from tests.sim.campaign import play
from tests.sim.plan import Plan, Result
from tests.support.databases import Templates

_templates: Templates
_kind = ""


def play_all(
    plans: Iterable[Plan], kind: str, folder: Path, postgres_url: str, jobs: int, *, goes_on: Callable[[], bool]
) -> Iterator[Result]:
    """Results as they come; no further plan is begun once ``goes_on`` says no. One job: in this process, in order."""
    if jobs == 1:
        _begin(kind, folder, postgres_url)
        for plan in plans:
            if not goes_on():
                return
            yield _play(plan)
        return
    # Spawned: a fork would share the parent's open connections and its event loop.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _begin, (kind, folder, postgres_url)) as pool:
        left = iter(plans)
        running: set[Future[Result]] = set()
        while True:
            while len(running) < jobs * 2 and goes_on() and (plan := next(left, None)) is not None:
                running.add(pool.submit(_play, plan))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _begin(kind: str, folder: Path, postgres_url: str) -> None:
    global _templates, _kind
    seat = folder / f"process-{os.getpid()}"
    seat.mkdir()
    _templates, _kind = Templates(seat, postgres_url, f"sim_{os.getpid()}"), kind


def _play(plan: Plan) -> Result:
    url = _templates.fresh(_kind)
    try:
        return play(plan, _templates.folder, url)
    finally:
        _templates.drop(url)


class Minutes:
    """Tells how far a campaign is, once a minute."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._started = time.monotonic()
        self._told = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def tell(self, words: Callable[[], str]) -> None:
        if (minutes := int(self.seconds // 60)) > self._told:
            self._told = minutes
            self._say(f"{minutes} min: {words()}")
