"""Start-up against Flet's hello world, in one run, in turns, each time in a fresh profile of Chromium.

*Usable* is when the app's own control is in the accessibility tree. First visit: nothing is stored. Warm: a second
visit of the same profile, everything stored by the service worker.
"""

from __future__ import annotations

import contextlib
import re
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, Playwright

from mobile.web.build.site import build
from mobile.web.build.stage import PROJECT
from shared.locale import translate
from tests.bench.figures import report
from tests.bench.startup_site import COUNTER_PATH, build_hello
from tests.support.browser import APP_TIMEOUT_MS, free_port, launch, playwright, running

PLAIN, SNAPSHOT, BYTE_CODE = "hello world", "snapshot", "byte code"
CONTROLS = {
    PLAIN: "usable",
    SNAPSHOT: translate("zh", "frame.sign_in.next"),
    BYTE_CODE: translate("zh", "frame.sign_in.next"),
}
AIMS = {(SNAPSHOT, "first"): 0.55, (SNAPSHOT, "warm"): 0.45, (BYTE_CODE, "first"): 1.0, (BYTE_CODE, "warm"): 0.6}
# Switches the accessibility tree on at the first moment and notes when the control is in it.
WATCH = """(() => {
  const wanted = %s;
  const timer = setInterval(() => {
    document.querySelector("flt-semantics-placeholder")?.click();
    const nodes = document.querySelectorAll("flt-semantics-host [role=button]");
    for (const node of nodes) {
      if (!(node.textContent + node.getAttribute("aria-label")).includes(wanted)) continue;
      window.usableAt = performance.now();
      clearInterval(timer);
      return;
    }
  }, 20);
})()"""


@contextlib.contextmanager
def _served(site: Path, *, plain: bool) -> Iterator[str]:
    url = f"http://127.0.0.1:{(port := free_port())}/"
    server = [sys.executable, "-m", "uvicorn", "--factory", "tests.bench.startup_site:counting_site"]
    server += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    environ = {"CARAVAN_WEB": str(site), "BENCH_PLAIN": "1" if plain else ""}
    with running(server, url + COUNTER_PATH[1:], env=environ, cwd=PROJECT):
        yield url


def _count(url: str) -> int:
    with urllib.request.urlopen(url + COUNTER_PATH[1:]) as answer:
        return int(answer.read())


def _visits(started: Playwright, kind: str, url: str, refuse: str) -> dict[str, float]:
    """Seconds of a first and a warm visit, megabytes of the first one until usable and in all."""
    with tempfile.TemporaryDirectory() as folder:
        context = launch(started, Path(folder) / "profile")
        try:
            page = context.pages[0]
            page.add_init_script(WATCH % repr(CONTROLS[kind]))
            if kind == BYTE_CODE:
                page.add_init_script(f"localStorage.setItem('caravan.snapshot-refused', '{refuse}')")
            _count(url)
            first = _visit(page, url)
            early = _count(url)
            page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=APP_TIMEOUT_MS)
            if kind == PLAIN:
                _visit(page, url)  # its worker keeps what passes by: this visit fills it
            late = _count(url)
            warm = _visit(page, url)
            return {"first": first, "warm": warm, "early_mb": early / 1e6, "all_mb": (early + late) / 1e6}
        finally:
            context.close()


def _visit(page: Page, url: str) -> float:
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.usableAt !== undefined", timeout=APP_TIMEOUT_MS)
    return float(page.evaluate("window.usableAt")) / 1000


def measure(rounds: int, site: Path, hello: Path) -> dict[str, list[dict[str, float]]]:
    """All visits by kind, one of each kind in every round."""
    found = re.search(r'snapshot: "(\w+)"', (site / "flet-config.js").read_text(encoding="utf-8"))
    kinds = [PLAIN, BYTE_CODE, *([SNAPSHOT] if found else [])]
    visits: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    with _served(site, plain=False) as ours, _served(hello, plain=True) as theirs, playwright() as started:
        for number in range(rounds):
            for kind in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
                url = theirs if kind == PLAIN else ours
                visits[kind].append(_visits(started, kind, url, found[1] if found else ""))
    return visits


def run(rounds: int) -> None:
    """Build both sites, measure, and report ratios (median over the rounds), seconds and bytes."""
    cache = PROJECT / ".build" / "cache"
    site = build(PROJECT / ".build" / "web").folder
    visits = measure(rounds, site, build_hello(PROJECT / ".build" / "hello", cache))
    for kind in visits:
        for visit in ("first", "warm"):
            seconds = [each[visit] for each in visits[kind]]
            plain = [each[visit] for each in visits[PLAIN]]
            more = {"seconds": round(statistics.median(seconds), 2), "rounds": rounds}
            if kind == PLAIN:
                report(f"startup, {visit} visit, {kind}", more.pop("seconds"), "s", **more)
            else:
                ratio = statistics.median(ours / theirs for ours, theirs in zip(seconds, plain, strict=True))
                report(f"startup, {visit} visit, {kind}", ratio, "of hello world", aim=AIMS[kind, visit], **more)
        for what in ("early_mb", "all_mb"):
            when = "until usable" if what == "early_mb" else "in all"
            report(f"startup, first visit {when}, {kind}", statistics.median(e[what] for e in visits[kind]), "MB")
