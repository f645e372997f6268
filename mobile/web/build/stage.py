"""Step 1: the app as it travels, the same for the web build and for ``flet build``."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = ("mobile", "sync", "shared")
# What the device never runs: the build itself, the browser's own files, and what Python left behind.
LEFT_OUT = {"mobile/web"}
MAIN = '''"""Entry point on the device: Flet runs the file main.py at the root of the package."""
from mobile.main import run

run()
'''

PYPROJECT = """[project]
name = "{name}"
version = "{version}"
requires-python = "{python}"
dependencies = [
{packages}
]

{settings}"""
"""What ``flet build`` reads: packages, among them those whose Flutter half goes into the app, and settings."""
SETTINGS = re.compile(r"^\[tool\.flet\b.*?(?=^\[(?!tool\.flet\b)|\Z)", re.DOTALL | re.MULTILINE)
NATIVE_ASSETS = ("icon.png", "icon_ios.png", "splash.png")


def stage(target: Path, app: Path | None = None, *, assets: bool = False) -> None:
    """Fill ``target`` (created, must be empty) with ``main.py`` at its root and the packages that it imports.

    ``app`` names a folder to take instead of the project's own packages; it has its own ``main.py`` (tests use this).
    ``assets`` adds what only a native app needs: the help pages, which the browser has from the site, icon and splash,
    and the ``pyproject.toml`` for ``flet build``.
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
        for name in NATIVE_ASSETS:
            shutil.copyfile(PROJECT / "assets" / "icons" / "native" / name, target / "assets" / name)
        (target / "pyproject.toml").write_text(native_project(), encoding="utf-8")
    (target / "main.py").write_text(MAIN, encoding="utf-8")


def native_project() -> str:
    """The native app's ``pyproject.toml``: the packages of the group ``native``, locked, and the project's
    own tables ``tool.flet``."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    declared = tomllib.loads(text)
    locked = dict(
        re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (PROJECT / "requirements.txt").read_text("utf-8"), re.M)
    )
    names = [re.split(r"[<>=!~ ;]", wanted)[0].lower() for wanted in declared["dependency-groups"]["native"]]
    project = declared["project"]
    return PYPROJECT.format(
        name=project["name"],
        version=project["version"],
        python=project["requires-python"],
        packages="\n".join(f'    "{name}=={locked[name]}",' for name in names),
        settings="".join(SETTINGS.findall(text)),
    )


def native_version() -> str:
    """The version that stores and settings show: the project's."""
    return str(tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _is_left_out(root: Path):
    def ignore(folder: str, names: list[str]) -> set[str]:
        place = Path(folder).relative_to(root)
        return {
            name
            for name in names
            if name == "__pycache__" or name.endswith((".pyc", ".md")) or (place / name).as_posix() in LEFT_OUT
        }

    return ignore
