"""Fixtures of the platform tests: the test site, a real Chromium, a tab with Python in it."""
from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from mobile.web.build import wheels
from mobile.web.build.stage import PROJECT
from tests.platform.site import Site, packages

CHROMIUM = os.environ.get("CARAVAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
START_TIMEOUT_MS = 60_000

Launch = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    served = Site(packages(wheels.install(PROJECT / ".build" / "cache")))
    yield served
    served.close()


# Not for the session: Playwright's synchronous API keeps an event loop running in this thread as long as it is open,
# and tests elsewhere that call asyncio.run() would fail.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def lent(make: Launch) -> Iterator[Launch]:
    """What ``make`` makes, with our patience, closed at the end."""
    contexts: list[BrowserContext] = []

    def start(**options: object) -> BrowserContext:
        context = make(**options)
        context.set_default_timeout(START_TIMEOUT_MS)
        contexts.append(context)
        return context

    yield start
    for context in contexts:
        context.close()


def launcher(playwright: Playwright, folder: Path) -> Iterator[Launch]:
    def start(profile: str = "profile", flags: list[str] | None = None, **options: object) -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            str(folder / profile), executable_path=CHROMIUM, headless=True, args=[*FLAGS, *(flags or [])], **options)

    yield from lent(start)


@pytest.fixture
def launch(playwright: Playwright, tmp_path: Path) -> Iterator[Launch]:
    """``launch(profile="a", flags=[...])`` starts a Chromium whose profile is a real folder."""
    yield from launcher(playwright, tmp_path)


@pytest.fixture(scope="module")
def launch_for_module(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """The same for browsers that the tests of one file share: Python takes seconds to start in a tab."""
    yield from launcher(playwright, tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def browsers(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """``browsers("--flag", ...)``: a Chromium that the tests of one file share."""
    started: dict[tuple[str, ...], Browser] = {}

    def one(*flags: str) -> Browser:
        if flags not in started:
            started[flags] = playwright.chromium.launch(
                executable_path=CHROMIUM, headless=True, args=[*FLAGS, *flags])
        return started[flags]

    yield one
    for browser in started.values():
        browser.close()


@pytest.fixture
def fresh(browsers: Callable[..., Browser]) -> Iterator[Launch]:
    """``fresh(flags=[...])``: a window without a past in a Chromium that runs, where no profile is needed: starting one
    takes it two seconds of processor time."""
    yield from lent(lambda flags=None, **options: browsers(*(flags or [])).new_context(**options))


class Tab:
    """A page with Python in its worker, the platform made, as ``platform``."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self.page.goto(url)
        self.start()

    def start(self) -> None:
        self.page.evaluate("pythonReady")
        self.python("from mobile.platform.browser import BrowserPlatform; platform = BrowserPlatform(); stores = {}")

    def python(self, code: str) -> object:
        """Run ``code`` in the worker; the value of its last expression must be JSON-able text or None."""
        return self.page.evaluate("(code) => python(code)", code)

    def value(self, expression: str) -> object:
        return json.loads(self.python(f"json.dumps({expression})"))

    def open(self, user: str) -> str:
        """``ok`` or the error's class and reason. In the worker ``user`` and ``stores[user]`` name it afterwards."""
        return self.attempt(user, f"platform.open_store({user!r})")

    def take_over(self, user: str, timeout_s: float) -> str:
        return self.attempt(user, f"platform.take_over({user!r}, {timeout_s})")

    def attempt(self, user: str, call: str) -> str:
        return str(self.python(
            f"user = {user!r}\ntry:\n    stores[user] = await {call}\n    outcome = 'ok'\n"
            "except Exception as error:\n    outcome = f'{type(error).__name__} {getattr(error, \"reason\", error)}'\n"
            "outcome"))


@pytest.fixture(scope="session")
def tab(site: Site) -> Callable[[BrowserContext], Tab]:
    return lambda context: Tab(context, site.url)
