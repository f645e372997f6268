"""What a run says at its end: what was played with real processes, and the kills of all workers together."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PLAYED = """
def test_kills(record_property):
    record_property("kills", {kills})
    record_property("played", "{name} kills={kills} lost=0")

def test_more(record_property):
    record_property("kills", 1_000)
    assert {passes}
"""


def test_kills_of_all_workers_are_added_up_below_everything_else_and_those_of_failed_tests_count_for_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_terminal_summary\n", "ascii")
    for name, kills, passes in (("one", 21, True), ("two", 22, False)):
        (tmp_path / f"test_{name}.py").write_text(PLAYED.format(name=name, kills=kills, passes=passes), "ascii")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile", "-ra"]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    one, two, kills, end = done.stdout.splitlines()[-4:]
    assert (one, two) == ("one kills=21 lost=0", "two kills=22 lost=0")
    assert kills == "kills of real processes: 1043" and "1 failed, 3 passed" in end
