"""The house's walls: which folder may import what, and what may lie at the top."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
FLOORS = ("shared", "sync", "server", "mobile")
STANDARD = set(sys.stdlib_module_names) | {"__future__"}
# Modules that exist only inside the browser's Python.
BROWSER = {"js", "pyodide", "pyodide_js", "flet_js"}
TOP_LEVEL = re.compile(
    r"(mobile|server|sync|shared|tests|assets|pyproject\.toml|README[^/]*|Makefile|LICENSE|CHANGELOG\.md|SECURITY\.md|"
    r"CONTRIBUTING\.md|requirements[^/]*|[^/]*\.lock|pylock[^/]*\.toml|alembic\.ini|\.[^/]+)$"
)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) for every import of a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, ("." * node.level) + (node.module or "")


def breaches(path: str, source_imports: Iterator[tuple[int, str]]) -> list[str]:
    """Return what a file at ``path`` (relative to the project) imports against the rules."""
    return [f"{path}:{line} imports {name}" for line, name in source_imports if not may_import(path, name)]


def may_import(path: str, name: str) -> bool:
    """Say whether the file may import the module: the rules of the house in one place."""
    package, floor = name.split(".")[0], path.split("/")[0]
    if name.startswith("."):
        return not name.startswith("..")
    if floor in ("shared", "sync"):
        own = {"shared"} if floor == "shared" else {"shared", "sync"}
        return package in STANDARD | {"msgspec"} | own
    if floor == "server":
        return package not in {"mobile", "flet", "flet_web", "flet_charts", "sqlite_utils", "tests"} | BROWSER
    if package in {"server", "sqlalchemy", "litestar", "alembic", "asyncpg", "tests"}:
        return False
    in_store, in_web = path.startswith("mobile/store/"), path.startswith("mobile/web/")
    if package == "sqlite_utils":
        return in_store
    if package in {"flet", "flet_charts"}:
        return not (in_store or in_web)
    return package != "flet_web" or in_web


@pytest.mark.parametrize("floor", FLOORS)
def test_each_floor_imports_only_what_it_stands_on(floor: str) -> None:
    files = sorted((PROJECT / floor).rglob("*.py"))
    assert files, f"{floor}/ has no code"
    found = [line for path in files for line in breaches(path.relative_to(PROJECT).as_posix(), imports_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("shared/rules/tax.py", "sqlalchemy"),
        ("shared/rules/tax.py", "sync.ports"),
        ("sync/device/outbox.py", "httpx"),
        ("sync/device/outbox.py", "server.db"),
        ("server/app.py", "mobile.store"),
        ("server/app.py", "flet"),
        ("mobile/ui/shell.py", "sqlite_utils"),
        ("mobile/ui/shell.py", "server.settings"),
        ("mobile/store/rows.py", "flet"),
        ("mobile/platform/native.py", "litestar"),
        ("mobile/web/build/site.py", "flet"),
    ],
)
def test_the_wall_notices_a_forbidden_import(path: str, module: str) -> None:
    assert not may_import(path, module)


def test_only_the_agreed_names_lie_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    entries = {name.split("/")[0] for name in listed if name}
    assert {"shared", "server", "mobile", "tests"} <= entries
    assert not [entry for entry in sorted(entries) if not TOP_LEVEL.match(entry)]


def test_no_python_file_is_too_long_to_be_read_at_one_sitting() -> None:
    # Tables of data may be longer: they are looked things up in, not read.
    longest_lines = 600
    paths = [path for floor in (*FLOORS, "tests") for path in (PROJECT / floor).rglob("*.py")]
    long = {path.name: n for path in paths if (n := len(path.read_text(encoding="utf-8").splitlines())) > longest_lines}
    assert not long
