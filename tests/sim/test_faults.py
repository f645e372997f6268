"""Each family of faults really happens in a story made of it, and its promise is kept."""

import random
from pathlib import Path

import pytest

from tests.sim.campaign import play, workshop
from tests.sim.plan import Plan
from tests.sim.power import SECTOR, Disk, torn
from tests.support.databases import Templates

STORIES = {
    "power cut": (Plan(1, 3, 40, ("power_cut",)), ("power_cuts",)),
    "damage": (Plan(2, 3, 40, ("damage",)), ("damages", "damages_mended", "checks")),
    "long absence": (Plan(1, 4, 120, ("long_absence",)), ("compactions", "snapshots")),
    "shut out": (Plan(1, 4, 80, ("shut_out", "desk")), ("handed_in", "wiped")),
    "file": (Plan(1, 3, 40, ("export",)), ("exports", "imported")),
    "mass": (Plan(2, 4, 60, ("mass",)), ("masses", "questions")),
    "given back": (Plan(2, 3, 60, ("filing", "ask_for_older", "give_back"), "family"), ("given_back",)),
}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("databases"), "")


@pytest.mark.parametrize("name", STORIES)
def test_a_fault_happens_and_breaks_no_promise(name: str, templates: Templates) -> None:
    plan, counted = STORIES[name]
    with workshop() as folder:
        result = play(plan, folder, templates.fresh("sqlite"))
    assert not result.broken, result.detail
    assert all(result.counts.get(count) for count in counted), result.counts


def test_a_power_cut_leaves_sectors_of_before_and_of_after(tmp_path: Path) -> None:
    path, log = tmp_path / "x", tmp_path / "x-wal"
    path.write_bytes(b"f" * SECTOR)
    log.write_bytes(b"a" * SECTOR * 4)
    before = Disk(path)
    log.write_bytes(b"b" * SECTOR * 8)
    after = Disk(path)
    seen = {torn(before, after, random.Random(seed)) for seed in range(60)}
    assert {file for file, _ in seen} == {b"f" * SECTOR}, "the log is in flux, not the file"
    logs = [found for _, found in seen]
    assert any(len(found) < SECTOR * 8 for found in logs) and b"b" * SECTOR * 8 in logs
    assert any(b"a" in found and b"b" in found for found in logs) and any(b"\0" in found for found in logs)
    assert all(found.startswith(b"b" * 32) for found in logs), "the header is synced first"
    path.write_bytes(b"F" * SECTOR * 2)
    moved = {torn(after, Disk(path), random.Random(seed)) for seed in range(60)}
    assert {found for _, found in moved} == {after.log}, "the file is in flux, not the log"
    assert any(b"f" in file and b"F" in file for file, _ in moved)
