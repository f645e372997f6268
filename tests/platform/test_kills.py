"""The browser's process is killed while it writes: what was confirmed is there afterwards, and the file is sound."""
from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.platform.conftest import CHROMIUM, FLAGS
from tests.platform.site import Site

KILLS = int(os.environ.get("CARAVAN_OPFS_KILLS", "12"))
SEED = int(os.environ.get("CARAVAN_SEED", "0")) or random.randrange(1, 1 << 30)
START_TIMEOUT_S = 90
WRITING_MAX_S = 1.5


class Browser:
    """A headless Chromium of our own, in a process group of its own."""

    def __init__(self, profile: Path, url: str) -> None:
        self.process = subprocess.Popen(
            [CHROMIUM, "--headless=new", *FLAGS, "--disable-breakpad", f"--user-data-dir={profile}", url],
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def family(self) -> list[int]:
        """The process and all its descendants."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                parents[int(entry.name)] = int(fields[1])
        found = [self.process.pid]
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found

    def kill(self) -> None:
        for pid in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=10)


class Witness:
    """What the writer told, across all its lives."""

    def __init__(self) -> None:
        self.begun: set[int] = set()
        self.confirmed: set[int] = set()
        self.checkpoints = 0
        self.found: dict | None = None
        self.writing = threading.Event()

    def hear(self, fact: dict) -> None:
        if fact["kind"] == "found":
            self.found = fact
        elif fact["kind"] == "begins":
            self.begun.add(fact["n"])
            if self.found is not None:  # the last words of a browser that was killed may come late
                self.writing.set()
        elif fact["kind"] == "confirmed":
            self.confirmed.add(fact["n"])
        else:
            self.checkpoints += 1


def one_life(site: Site, witness: Witness, profile: Path, writes_for_s: float) -> None:
    witness.found = None
    witness.writing.clear()
    browser = Browser(profile, f"{site.url}/?script=/kill.py")
    try:
        assert witness.writing.wait(START_TIMEOUT_S), f"the writer did not start; it said {witness.found}"
        time.sleep(writes_for_s)
    finally:
        browser.kill()


def judge(witness: Witness, confirmed: set[int], begun: set[int]) -> None:
    found = witness.found
    assert found["integrity"] == ["ok"]
    assert found["torn"] == [] and found["orphans"] == 0
    whole = set(found["whole"])
    assert confirmed <= whole, f"lost: {sorted(confirmed - whole)}"
    assert whole <= begun
    assert found["newest"] == (max(whole) if whole else None)


def test_every_confirmed_row_survives_a_killed_browser(
    site: Site, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(SEED)
    witness = Witness()
    site.on_report = witness.hear
    kills_between_begin_and_confirmation = 0
    try:
        for kill in range(KILLS + 1):
            confirmed, begun = set(witness.confirmed), set(witness.begun)
            one_life(site, witness, tmp_path / "profile", chance.uniform(0, WRITING_MAX_S))
            try:
                judge(witness, confirmed, begun)
            except AssertionError as error:
                raise AssertionError(f"CARAVAN_SEED={SEED}, after kill {kill}: {error}") from error
            kills_between_begin_and_confirmation += len(witness.begun - begun) > len(witness.confirmed - confirmed)
    finally:
        site.on_report = lambda fact: None
    assert len(witness.confirmed) >= KILLS
    record_property("kills", KILLS)
    record_property(
        "played",
        f"browser kills={KILLS} confirmed={len(witness.confirmed)} checkpoints={witness.checkpoints} "
        f"inside_a_transaction={kills_between_begin_and_confirmation} lost=0",
    )
