"""``make apk`` and ``make ipa``: everything up to the call of ``flet build``, and one sentence when a tool is missing.

Flet fetches a Flutter SDK of its own when it finds none, two gigabytes without a question: so it is asked for here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mobile.web.build.stage import PROJECT, native_version, stage

KINDS = ("apk", "ipa")
FOLDER = PROJECT / ".build" / "native"
VERSION_CODE_MAX = 2_100_000_000
"""What Google Play takes at most."""
MINUTE_S = 60


class NativeError(RuntimeError):
    """The native app cannot be built here; the message is a sentence that says what is missing and what to do."""


def _has_cli() -> bool:
    return find_spec("flet_cli") is not None


def missing(
    kind: str,
    find: Callable[[str], str | None] = shutil.which,
    system: str = sys.platform,
    has_cli: Callable[[], bool] = _has_cli,
) -> str:
    """What this machine lacks to build ``kind``, as a sentence; empty when nothing is known to be missing."""
    if kind == "ipa" and system != "darwin":
        return "An .ipa can be built on macOS with Xcode only: run make ipa there."
    if find("flutter") is None:
        return "The Flutter SDK is missing: install it (https://docs.flutter.dev/install) and put it on PATH."
    if kind == "ipa" and find("xcodebuild") is None:
        return "Xcode is missing: install it from the App Store, then run xcodebuild -runFirstLaunch."
    if not has_cli():
        return f"Flet's command line is missing: .venv/bin/python -m pip install flet-cli=={version('flet')}"
    return ""


def command(kind: str, folder: Path, number: int, extra: tuple[str, ...] = ()) -> list[str]:
    """The call of ``flet build`` for the app laid out in ``folder``; ``number`` is the build number of this build."""
    output = str(folder.with_name(kind))
    fixed = ["--yes", "--no-rich-output", "--build-version", native_version(), "--build-number", str(number)]
    return [sys.executable, "-m", "flet.cli", "build", kind, str(folder), "--output", output, *fixed, *extra]


def build_number(now_s: float) -> int:
    """Minutes since 1970: rises with every build, which both stores demand, and fits for thousands of years."""
    return min(int(now_s) // MINUTE_S, VERSION_CODE_MAX)


def build(kind: str, extra: tuple[str, ...] = (), root: Path | None = None) -> Path:
    """Lay the app out in ``root/app`` and hand it to ``flet build``; returns where the result is.

    What is laid out stays there when a tool is missing. Raises ``NativeError``.
    """
    root = root or FOLDER
    folder = root / "app"
    shutil.rmtree(folder, ignore_errors=True)
    stage(folder, assets=True)
    lacking = missing(kind)
    if lacking:
        raise NativeError(lacking)
    result = subprocess.run(command(kind, folder, build_number(time.time()), extra), check=False)
    if result.returncode:
        raise NativeError(f"flet build {kind} ended with exit code {result.returncode}; what it said is above.")
    return root / kind
