"""One JSON line per figure: ``{"figure", "value", "unit", "versions"}``."""

import json
import platform
import sqlite3
from functools import cache
from importlib.metadata import version


@cache
def versions() -> dict[str, str]:
    """What was measured with."""
    packages = ("flet", "litestar", "msgspec", "SQLAlchemy", "asyncpg", "uvicorn")
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, **{p: version(p) for p in packages}}


def report(figure: str, value: float, unit: str, **more: object) -> None:
    """Prints one figure; ``more`` are circumstances that a reader needs to compare it."""
    line = {"figure": figure, "value": round(value, 3), "unit": unit, **more, "versions": versions()}
    print(json.dumps(line, ensure_ascii=False), flush=True)
