"""A measurement inside the browser: in Chromium, on the app's own Python and SQLite."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from mobile.web.build.site import build
from mobile.web.build.stage import PROJECT, stage
from tests.support.browser import APP_TIMEOUT_MS, free_port, launch, open_app, playwright, running

APP = """import json
import sqlite3

import flet as ft

from MODULE import measure


async def main(page: ft.Page) -> None:
    figures = measure(sqlite3.connect(":memory:"), **json.loads('ARGUMENTS'))
    page.add(ft.Text("FIGURES " + json.dumps(figures)))


ft.run(main)
"""


def measured(module: str, **arguments: int) -> dict[str, float]:
    """What ``measure(connection, **arguments)`` of a module of this folder returns there. It imports the app's own
    modules and nothing else of the tests; its database is in memory: the work is measured, not the storage."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        stage(app)
        shutil.copyfile(Path(__file__).with_name(f"{module}.py"), app / f"{module}.py")
        main = APP.replace("MODULE", module).replace("ARGUMENTS", json.dumps(arguments))
        (app / "main.py").write_text(main, encoding="utf-8")
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
