"""Fixtures that several suites use: the built web app and Chromium."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from mobile.web.build.site import build
from tests.support import memory
from tests.support.browser import playwright

PROJECT = Path(__file__).resolve().parents[1]
LONGEST_FIRST = ("e2e", "platform", "web", "sim", "blackbox", "pyodide")
"""Folders whose tests take longest: with two workers, whoever begins with them is not the last to end."""
WITH_BROWSERS = LONGEST_FIRST[:3]


# The tests start hundreds of processes: most of their time would go into compiling the whole server again for each.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
memory.use_for_temporary_files()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of long folders first."""
    items.sort(
        key=lambda item: LONGEST_FIRST.index(folder) if (folder := _folder(item.nodeid)) in LONGEST_FIRST else 99
    )


class Together(LoadScopeScheduling):
    """What stays on one worker when ``make test`` runs one for each core.

    A file does, for its module's fixtures. All that opens browsers does: a story has several, and a Chromium keeps a
    core busy. The simulator's seeds need nothing of each other.
    """

    def _split_scope(self, nodeid: str) -> str:
        if _folder(nodeid) in WITH_BROWSERS:
            return "browsers"
        return nodeid if "/test_sim.py::" in nodeid else nodeid.partition("::")[0]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, object, object]:
    """What was played with real processes (``record_property("played", …)``), the taps of daily tasks (``"task"``), and
    the sum of all kills (``"kills"``), of all workers: the last lines above the runner's own."""
    done = yield
    passed = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    recorded = [(name, value) for report in passed for name, value in report.user_properties]
    for line in sorted(str(value) for name, value in recorded if name == "played"):
        terminalreporter.write_line(line)
    if tasks := sorted({str(value) for name, value in recorded if name == "task"}):
        terminalreporter.write_line("daily tasks, taps from home until one types or is done (aim: at most 3)")
        for task in tasks:
            terminalreporter.write_line(f"  {task}")
    kills = sum(int(str(value)) for name, value in recorded if name == "kills")
    if kills:
        terminalreporter.write_line(f"kills of real processes: {kills}")
    return done


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


def _folder(nodeid: str) -> str:
    """``e2e`` of ``tests/e2e/test_conflict.py::test_…``."""
    return nodeid.split("/")[1] if nodeid.count("/") > 1 else ""


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built app, up to date with the sources."""
    return build(PROJECT / ".build" / "web").folder


@pytest.fixture
def chromium() -> Iterator[Playwright]:
    """A started playwright for ``tests.support.browser.launch``.

    Never longer than a test: while it is open its event loop runs in this thread, and ``asyncio.run`` refuses.
    """
    with playwright() as started:
        yield started
