"""What every browser test needs: Chromium, a free port, the opened app with its accessibility tree, a server."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from server.ops.bootstrap import find_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
]
# A cold start on two busy cores takes up to half a minute.
APP_TIMEOUT_MS = 120_000


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@functools.cache
def the_port() -> int:
    """The same each time, so that what a browser has stored of one server is there at the next. Outside of the range
    that systems take for outgoing connections: still free when a server starts again."""
    while True:
        chosen = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", chosen)):
                return chosen


@contextlib.contextmanager
def playwright() -> Iterator[Playwright]:
    """Yield a started playwright; stop it at the end."""
    with sync_playwright() as started:
        yield started


def launch(started: Playwright, profile_dir: Path, **options: object) -> BrowserContext:
    """Open a browser whose storage (OPFS, service worker, cookies) lives in ``profile_dir`` and outlasts the process.

    ``flags``: more of Chromium's own. Other ``options`` go to playwright:
    ``locale="zh-CN"``, ``timezone_id=``, ``color_scheme=``, ``viewport={"width": 390, ...}``.
    """
    flags = [*FLAGS, *options.pop("flags", ())]  # type: ignore[misc]
    options.setdefault("locale", "zh-CN")
    options.setdefault("viewport", {"width": 390, "height": 844})
    return started.chromium.launch_persistent_context(
        str(profile_dir), executable_path=find_chromium(), headless=True, args=flags, **options
    )


def open_app(page: Page, url: str, *, timeout_ms: int = APP_TIMEOUT_MS) -> Page:
    """Go to ``url``, wait until Python has drawn its first screen, and switch the accessibility tree on."""
    page.goto(url, wait_until="domcontentloaded", timeout=timeout_ms)
    return wait_for_app(page, timeout_ms=timeout_ms)


def wait_for_app(page: Page, *, timeout_ms: int = APP_TIMEOUT_MS) -> Page:
    """The same for a page that is loading already (after ``page.reload()``)."""
    page.wait_for_selector("#caravan-skeleton", state="detached", timeout=timeout_ms)
    switch = page.locator("flt-semantics-placeholder")
    switch.wait_for(state="attached", timeout=timeout_ms)
    # The element is one pixel large and outside the view: a real click would not reach it.
    switch.dispatch_event("click")
    page.wait_for_selector("flt-semantics-host flt-semantics", state="attached", timeout=timeout_ms)
    return page


def wait_for_worker(page: Page, *, timeout_ms: int = APP_TIMEOUT_MS) -> None:
    """Wait until the service worker has stored everything and controls the page: from now on the app opens offline."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=timeout_ms)


@contextlib.contextmanager
def running(
    command: list[str],
    url: str,
    *,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
    timeout_s: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server process until the block ends; yield when ``url`` answers (with any status).

    Raises ``RuntimeError`` with the process's output when it ends or stays silent.
    """
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            command, env={**os.environ, **(env or {})}, cwd=cwd, stdout=out, stderr=subprocess.STDOUT
        )
        stack.callback(stop, process)
        _wait_until_it_answers(process, url, log, timeout_s)
        yield process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that ``running`` started; twice is harmless."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path | None, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    said = log.read_text(errors="replace")[-2000:] if log else ""
    raise RuntimeError(f"no answer from {url}: {said}")
