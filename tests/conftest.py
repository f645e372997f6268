"""Fixtures that several suites use: the built web app and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from mobile.web.build.site import build
from tests.support.browser import playwright

PROJECT = Path(__file__).resolve().parents[1]


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
