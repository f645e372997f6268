"""Runs the client's own tests (``*.test.mjs``: files, start) with the Node that comes inside the playwright wheel."""
from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import playwright
import pytest

from tests.platform.site import PYODIDE

HERE = Path(__file__).parent
NODE = Path(playwright.__file__).parent / "driver" / "node"
FILES = ("opfs.test.mjs", "sqlite_crash.test.mjs", "python.test.mjs")
PROMISES = [(name, promise) for name in FILES
            for promise in re.findall(r'^test\("(.+?)"', (HERE / name).read_text(encoding="utf-8"), re.M)]


@pytest.fixture(scope="module")
def results() -> dict[str, str]:
    """One run per file; output by file name."""
    environment = {**os.environ, "PYODIDE": str(PYODIDE)}
    return {
        name: subprocess.run(
            [str(NODE), "--test", "--test-reporter=tap", str(HERE / name)], env=environment, capture_output=True,
            text=True, timeout=300, check=False,
        ).stdout
        for name in FILES
    }


@pytest.mark.parametrize(("name", "promise"), PROMISES, ids=[promise.replace(" ", "_") for _, promise in PROMISES])
def test_file_layer(results: dict[str, str], name: str, promise: str) -> None:
    told = [line for line in results[name].splitlines() if re.fullmatch(rf"(not )?ok \d+ - {re.escape(promise)}", line)]
    assert told and not told[0].startswith("not"), results[name]
