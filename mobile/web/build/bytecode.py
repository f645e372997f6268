"""Step 3: byte code, made by the very Python that will run it.

Flet's client carries CPython 3.14 as WebAssembly; the same files start in Node, so no second Python has to be
installed. Node is the machine's own or the one inside the playwright wheel. Without any Node the sources travel as
they are: slower to start (about twice), otherwise the same.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

COMPILER = Path(__file__).with_name("compile.mjs")
NODE_MAJOR_MIN = 20
TIMEOUT_S = 300


@dataclass(frozen=True)
class Compiled:
    """Folders with ``.pyc`` in place of ``.py``, and the standard library as a zip of ``.pyc``."""

    app: Path
    packages: Path
    stdlib: Path


def node() -> str | None:
    """Return the path of the newest Node here that is new enough, or None."""
    candidates = [shutil.which("node")]
    playwright = find_spec("playwright")
    if playwright is not None and playwright.origin is not None:
        candidates.append(str(Path(playwright.origin).parent / "driver" / "node"))
    majors = {candidate: _major(candidate) for candidate in candidates if candidate}
    newest = max(majors, key=majors.__getitem__, default=None)
    return newest if newest is not None and majors[newest] >= NODE_MAJOR_MIN else None


def _major(executable: str) -> int:
    try:
        answer = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
        return int(answer.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def compile_all(app: Path, packages: Path, pyodide: Path, cache: Path) -> Compiled | None:
    """Compile the app (into ``<app>-compiled``), the packages and the standard library (both kept under ``cache``).

    Returns None when there is no Node. Raises ``RuntimeError`` when a file of the app has a syntax error for 3.14.
    """
    executable = node()
    if executable is None:
        return None
    key = hashlib.sha256(
        packages.name.encode() + (pyodide / "pyodide-lock.json").read_bytes() + COMPILER.read_bytes()
    ).hexdigest()[:16]
    kept = cache / f"compiled-{key}"
    if not (kept / "stdlib.zip").is_file():
        fresh = cache / f"compiled-{key}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        _run(executable, pyodide, "tree", packages, fresh / "packages")
        _run(executable, pyodide, "zip", pyodide / "python_stdlib.zip", fresh / "stdlib.zip")
        for old in cache.glob("compiled-*"):
            if old != fresh:
                shutil.rmtree(old)
        fresh.rename(kept)
    target = app.with_name(app.name + "-compiled")
    _run(executable, pyodide, "tree", app, target)
    return Compiled(target, kept / "packages", kept / "stdlib.zip")


def _run(executable: str, pyodide: Path, kind: str, source: Path, target: Path) -> None:
    command = [executable, str(COMPILER), str(pyodide / "pyodide.mjs"), kind, str(source), str(target)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if result.returncode:
        raise RuntimeError(
            f"compiling {source.name} for the browser failed: {(result.stderr or result.stdout).strip()[-2000:]}"
        )
