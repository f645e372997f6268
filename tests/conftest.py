"""Fixtures that several suites use: the built web app and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from mobile.web.build.site import build
from tests.support.browser import playwright

PROJECT = Path(__file__).resolve().parents[1]
LONGEST_FIRST = ("e2e", "platform", "web", "sim", "blackbox", "pyodide")
"""Folders whose tests take longest: with two workers, whoever begins with them is not the last to end."""
WITH_BROWSERS = LONGEST_FIRST[:3]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long folders first, and what stays together on one worker (``make test`` runs one for each core).

    A file stays together for its module's fixtures. All that opens browsers stays together too: a story has several,
    and a Chromium keeps one core busy.
    """
    for item in items:
        browsers = _folder(item) in WITH_BROWSERS
        item.add_marker(pytest.mark.xdist_group("browsers" if browsers else str(item.path)))
    items.sort(key=lambda item: LONGEST_FIRST.index(_folder(item)) if _folder(item) in LONGEST_FIRST else 99)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(PROJECT / "tests").parts[0]


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
