"""Live queries: a function over the store that runs again when a commit touched what it reads."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from mobile.store.store import SqliteStore

T = TypeVar("T")


class LiveQuery(Generic[T]):
    """``fn()`` over ``store``, kept fresh. Several commits in one turn of the event loop make one run.

    ``value`` is always true to the store, also before the loop has come round. ``on_result`` hears every new result.
    Without a running event loop (tests, start-up) the query runs at the commit.
    """

    def __init__(
        self, store: SqliteStore, entities: Iterable[str], fn: Callable[[], T],
        on_result: Callable[[T], None] | None = None,
    ) -> None:  # fmt: skip
        self._entities = frozenset(entities)
        self._fn = fn
        self._on_result = on_result
        self._dirty = False
        self._scheduled = False
        self._value = fn()
        self.runs = 1
        self._stop: Callable[[], None] | None = store.on_change(self._changed)

    @property
    def value(self) -> T:
        """The current result."""
        if self._dirty:
            self._run()
        return self._value

    def close(self) -> None:
        """Ends it; idempotent."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _changed(self, touched: set[str]) -> None:
        if self._stop is None or not touched & self._entities:
            return
        self._dirty = True
        if self._scheduled:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._publish()
            return
        self._scheduled = True
        loop.call_soon(self._publish)

    def _run(self) -> None:
        self._dirty = False
        self._value = self._fn()
        self.runs += 1

    def _publish(self) -> None:
        self._scheduled = False
        if self._stop is None:
            return
        if self._dirty:
            self._run()
        if self._on_result is not None:
            self._on_result(self._value)
