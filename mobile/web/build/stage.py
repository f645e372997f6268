"""Step 1: the app as it travels, the same for the web build and for ``flet build``."""

from __future__ import annotations

import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = ("mobile", "sync", "shared")
# What the device never runs: the build itself, the browser's own files, and what Python left behind.
LEFT_OUT = {"mobile/web"}
MAIN = '''"""Entry point on the device: Flet runs the file main.py at the root of the package."""
from mobile.main import run

run()
'''


def stage(target: Path, app: Path | None = None, *, assets: bool = False) -> None:
    """Fill ``target`` (created, must be empty) with ``main.py`` at its root and the packages that it imports.

    ``app`` names a folder to take instead of the project's own packages; it has its own ``main.py`` (tests use this).
    ``assets`` adds what a native app reads from its own files and the browser has from the site: the help pages.
    """
    target.mkdir(parents=True, exist_ok=True)
    if app is not None:
        shutil.copytree(app, target, dirs_exist_ok=True, ignore=_is_left_out(app))
        return
    for name in SOURCES:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, target / name, ignore=_is_left_out(PROJECT))
    if assets:
        shutil.copytree(PROJECT / "assets" / "help", target / "assets" / "help")
    (target / "main.py").write_text(MAIN, encoding="utf-8")


def _is_left_out(root: Path):
    def ignore(folder: str, names: list[str]) -> set[str]:
        place = Path(folder).relative_to(root)
        return {
            name
            for name in names
            if name == "__pycache__" or name.endswith((".pyc", ".md")) or (place / name).as_posix() in LEFT_OUT
        }

    return ignore
