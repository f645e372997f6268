"""Search over 50,000 customers: the same measurement on CPython and inside the browser."""

import sqlite3
import tempfile
from pathlib import Path

from tests.bench.chromium import measured
from tests.bench.figures import report
from tests.bench.search_figures import QUERIES, measure

CUSTOMERS = 50_000


def on_cpython() -> dict[str, float]:
    """In this process, on a file as a phone keeps it."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "app.db")
        connection.execute("PRAGMA journal_mode=wal")
        try:
            return measure(connection, customers=CUSTOMERS)
        finally:
            connection.close()


def in_browser() -> dict[str, float]:
    """In Chromium."""
    return measured("search_figures", customers=CUSTOMERS)


def run() -> None:
    for place, take in (("CPython", on_cpython), ("browser", in_browser)):
        figures = take()
        common = {"customers": CUSTOMERS, "queries": len(QUERIES), "slowest_ms": round(figures["slowest_ms"], 1)}
        report(f"search query, {place}", figures["median_ms"], "ms", **common)
