"""The first start: each trouble of a fresh machine is told in one sentence that says what to do."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.ops import bootstrap
from server.ops.bootstrap import SetupError, check_python, explain_pip, find_chromium

SCRIPT = Path(bootstrap.__file__)


def nothing(_: str) -> None:
    return None


def test_an_old_python_names_the_version_that_is_needed() -> None:
    with pytest.raises(SetupError, match=r"needs Python 3\.11 or later, this is 3\.9"):
        check_python((3, 9, 2), which=nothing)


def test_an_old_python_hands_over_to_a_newer_one_on_the_same_machine() -> None:
    found = check_python((3, 10), which=lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    assert found == "/usr/bin/python3.12"
    assert check_python((3, 11), which=nothing) is None


def test_an_old_python_can_read_the_file() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))
    imported = {node.module for node in ast.walk(ast.parse(SCRIPT.read_text())) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "pathlib"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError('", "package index cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "differs from the locked one"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for nonsense==1", "pip says: ERROR: No matching distribution"),
    ],
)
def test_each_trouble_of_pip_is_one_sentence(said: str, sentence: str) -> None:
    explained = explain_pip(f"Collecting alembic\n{said}\n")
    assert sentence in explained
    assert "\n" not in explained


def test_an_unreachable_index_is_told_by_a_real_pip(tmp_path: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("alembic==0.0.1 --hash=sha256:" + "0" * 64 + "\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--isolated",
        "install",
        "--retries",
        "0",
        "--timeout",
        "2",
        "--target",
        str(tmp_path),
    ]
    command += ["--index-url", "http://127.0.0.1:9/simple", "--require-hashes", "-r", str(wanted)]
    with pytest.raises(SetupError, match="package index cannot be reached"):
        bootstrap._pip(command)


def test_a_python_without_venv_says_which_package_brings_it(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError('left out by the distribution')")
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); sys.path.insert(1, sys.argv[2])\n"
        "from server.ops import bootstrap as b\n"
        "b.VENV = pathlib.Path(sys.argv[1]) / 'venv'\n"
        "try: b._make_venv()\n"
        "except b.SetupError as error: print(error)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), str(bootstrap.PROJECT)]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in said


def test_chromium_is_taken_from_the_variable_then_from_the_path() -> None:
    programs = {"google-chrome": "/opt/chrome", "my-chrome": "/opt/mine"}
    assert find_chromium({"CHROMIUM": "my-chrome"}, which=programs.get) == "/opt/mine"
    assert find_chromium({}, which=programs.get) == "/opt/chrome"
    with pytest.raises(SetupError, match="CHROMIUM names nowhere"):
        find_chromium({"CHROMIUM": "nowhere"}, which=programs.get)


def test_a_browser_that_playwright_downloaded_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "CHROMIUM_PLACES", ())
    with pytest.raises(SetupError, match="install one"):
        find_chromium({}, which=nothing, home=tmp_path)
    program = tmp_path / ".cache" / "ms-playwright" / "chromium-1234" / "chrome-linux" / "chrome"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert find_chromium({}, which=nothing, home=tmp_path) == str(program)


def test_the_stamp_changes_with_the_locked_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bootstrap.LOCKED:
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    before = bootstrap.stamp_text()
    assert bootstrap.stamp_text() == before
    (tmp_path / bootstrap.LOCKED[0]).write_text("two")
    assert bootstrap.stamp_text() != before


def test_an_unknown_step_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["nonsense"]) == 2
    assert "env|chromium" in capsys.readouterr().err
