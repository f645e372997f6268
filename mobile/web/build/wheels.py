"""Step 2: the locked packages, as wheels for the Python inside the browser."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from mobile.web.build.stage import PROJECT

REQUIREMENTS = PROJECT / "requirements-web.txt"
# Pyodide 314 = CPython 3.14 on Emscripten; the names are those of its wheels on PyPI.
PLATFORM = [
    "--python-version",
    "3.14",
    "--implementation",
    "cp",
    "--abi",
    "cp314",
    "--abi",
    "abi3",
    "--abi",
    "none",
    "--platform",
    "pyemscripten_2026_0_wasm32",
    "--platform",
    "any",
]
# Locked because other packages name them, but nothing imports them in the browser (5 MB of pip alone).
UNUSED = ("pip", "bin", "share", "flet/__pyinstaller", "flet/testing")


class WheelError(RuntimeError):
    """The packages could not be installed; the message is what pip said."""


def install(cache: Path) -> Path:
    """Return a folder with the installed packages, made once per content of ``requirements-web.txt`` under ``cache``.

    Raises ``WheelError`` when pip cannot fetch them or a hash is wrong.
    """
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + repr((PLATFORM, UNUSED)).encode()).hexdigest()[:16]
    done = cache / f"wheels-{key}"
    if done.is_dir():
        return done
    fresh = cache / f"wheels-{key}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    # Markers were resolved when the file was locked: --no-deps, since pip would judge them by this machine's Python.
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        *PLATFORM,
        "--target",
        str(fresh),
        "-r",
        str(REQUIREMENTS),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise WheelError(result.stderr.strip() or result.stdout.strip())
    _thin_out(fresh)
    fresh.rename(done)
    for old in cache.glob("wheels-*"):
        if old != done:
            shutil.rmtree(old)
    return done


def _thin_out(folder: Path) -> None:
    for name in UNUSED:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
    for info in folder.glob("*.dist-info"):
        shutil.rmtree(info)
    for cached in folder.rglob("__pycache__"):
        shutil.rmtree(cached)
    for typing_only in folder.rglob("*.pyi"):
        typing_only.unlink()
