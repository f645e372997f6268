"""Search over 50,000 customers: the same measurement on CPython and inside the browser."""

import json
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

from mobile.web.build.site import build
from mobile.web.build.stage import PROJECT, stage
from tests.bench.figures import report
from tests.bench.search_figures import QUERIES, measure
from tests.support.browser import APP_TIMEOUT_MS, free_port, launch, open_app, playwright, running

CUSTOMERS = 50_000
BROWSER_APP = """import json
import sqlite3

import flet as ft

from search_figures import measure


async def main(page: ft.Page) -> None:
    figures = measure(sqlite3.connect(":memory:"), customers=CUSTOMERS)
    page.add(ft.Text("FIGURES " + json.dumps(figures)))


ft.run(main)
"""


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
    """In Chromium, on the app's own Python and SQLite (in memory: the query is what is measured)."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        stage(app)
        shutil.copyfile(Path(__file__).with_name("search_figures.py"), app / "search_figures.py")
        (app / "main.py").write_text(BROWSER_APP.replace("CUSTOMERS", str(CUSTOMERS)), encoding="utf-8")
        site = build(Path(folder) / "site", app=app, cache=PROJECT / ".build" / "cache").folder
        url = f"http://127.0.0.1:{(port := free_port())}/"
        server = [sys.executable, "-m", "uvicorn", "--factory", "server.api.static:site_from_environment"]
        server += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        with running(server, url, env={"CARAVAN_WEB": str(site)}, cwd=PROJECT), playwright() as started:
            context = launch(started, Path(folder) / "profile")
            try:
                page = open_app(context.pages[0], url)
                shown = page.get_by_text("FIGURES ").first
                shown.wait_for(state="attached", timeout=APP_TIMEOUT_MS * 3)
                figures: dict[str, float] = json.loads(shown.inner_text().removeprefix("FIGURES "))
                return figures
            finally:
                context.close()


def run() -> None:
    for place, take in (("CPython", on_cpython), ("browser", in_browser)):
        figures = take()
        common = {"customers": CUSTOMERS, "queries": len(QUERIES), "slowest_ms": round(figures["slowest_ms"], 1)}
        report(f"search query, {place}", figures["median_ms"], "ms", **common)
