"""Simulated time and the queue of what is going to happen. No wall clock, no sleeping."""

import heapq
import itertools
from collections.abc import Callable
from typing import NamedTuple

from tests.support.company import NOW

Happening = Callable[[], None]


class Due(NamedTuple):
    at: int
    order: int
    kind: str
    happen: Happening


class Time:
    """UTC milliseconds as they truly are, which no party of the simulation knows for certain."""

    def __init__(self) -> None:
        self.now_ms = NOW
        self._queue: list[Due] = []
        self._order = itertools.count()

    def later(self, delay_ms: int, kind: str, happen: Happening) -> None:
        """Lets something happen after a while; what is due at one instant happens in the order of asking."""
        heapq.heappush(self._queue, Due(self.now_ms + delay_ms, next(self._order), kind, happen))

    def advance(self, ms: int) -> None:
        """Lets time pass, and happen what falls due."""
        end = self.now_ms + ms
        while self._queue and self._queue[0].at <= end:
            due = heapq.heappop(self._queue)
            self.now_ms = max(self.now_ms, due.at)
            due.happen()
        self.now_ms = max(self.now_ms, end)

    def jump(self, ms: int) -> None:
        """Much time passes at once; what was to happen in between happens right after."""
        self.now_ms += ms

    def clear(self) -> None:
        """Forgets what was under way."""
        self._queue.clear()

    def __len__(self) -> int:
        return len(self._queue)
