"""Storing a large attachment on the device: the longest local transaction, and all of it."""

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mobile.store.blobs import BlobShelf
from tests.bench.figures import report
from tests.support.devices import START_MS, open_store
from tests.support.files import digest


def store(size: int) -> None:
    """Reports both for ``size`` random bytes, on the platform's own connection (WAL, synchronous FULL)."""
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as name:
        opened = open_store(Path(name) / "app.db")
        shelf, content, held = BlobShelf(opened), random.Random(1).randbytes(size), []
        transaction = opened.transaction

        @contextlib.contextmanager
        def timed() -> Iterator[None]:
            started = time.perf_counter()
            with transaction():
                yield
            held.append(time.perf_counter() - started)

        opened.transaction = timed  # type: ignore[method-assign,assignment]
        started = time.perf_counter()
        shelf.keep(digest(content), content, START_MS, own=True)
        took = time.perf_counter() - started
        assert shelf.read(digest(content), size - 1, 1) == content[-1:]
        more = {"bytes": size, "transactions": len(held), "whole_ms": round(took * 1_000)}
        report("attachment stored, longest local transaction", max(held) * 1_000, "ms", **more)
        opened.connection.close()
