"""The rules and the engine also run on the web app's own Python (3.14, WebAssembly): same tests, same results."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from flet_web import get_package_web_dir

from mobile.web.build.bytecode import node
from mobile.web.build.wheels import install

ROOT = Path(__file__).parents[2]
SUITES = ("tests/shared", "tests/contracts", "tests/sync/replica", "tests/mobile/store")


@pytest.fixture(scope="module")
def said() -> str:
    """What pytest says of all suites. One start for all: compiling and starting this Python takes longer than some."""
    executable = node()
    assert executable is not None, "the playwright wheel brings a Node"
    runner = subprocess.run(
        [
            executable,
            str(Path(__file__).with_name("run.mjs")),
            str(Path(get_package_web_dir()) / "pyodide" / "pyodide.mjs"),
            str(ROOT),
            str(install(ROOT / ".build" / "cache")),
            sysconfig.get_path("purelib"),
            *SUITES,
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert runner.returncode == 0, runner.stdout[-4_000:] + runner.stderr[-2_000:]
    return runner.stdout


@pytest.mark.parametrize("suite", SUITES)
def test_passes_in_the_browsers_python(suite: str, said: str) -> None:
    before, _, after = said.partition(f"{suite} ended with ")
    report = before.rpartition(" ended with ")[2]
    assert after.split()[:1] == ["0"], report[-6_000:]
    assert re.search(r"\d+ passed", report), report[-6_000:]
