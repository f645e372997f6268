"""Python's part of the start in the browser: what goes into the memory snapshot, and what must be made anew after it.

Travels at the root of ``app.pack``. The build calls ``preload`` (``mobile/web/build/snapshot.mjs``), the worker calls
``refresh`` and ``check`` on the restored memory, and ``connect`` at every start.
"""

import importlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

AT_START = (
    "runpy",
    "pkgutil",
    "flet.app",
    "flet.messaging.pyodide_connection",
    "flet.messaging.session",
    *("datetime", "decimal", "json", "re", "sqlite3", "msgpack", "msgspec"),
)
"""What every start runs through, whatever the app is; the last line is for ``check``."""


FROM_JAVASCRIPT = frozenset({"js", "pyodide_js", "flet_js"})


class LateFiles:
    """A finder in front of all others while the files of ``app.pack`` are not there yet.

    Brings them at the first import of a module that the memory does not hold, then lets the others find it.
    """

    def __init__(self, here: Iterable[str], bring: Callable[[], None]) -> None:
        self._here = frozenset(here)
        self._bring = bring

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Never finds anything itself."""
        if name not in self._here and name not in FROM_JAVASCRIPT:
            self._bring()


def preload(modules: Iterable[str], flet_names: Iterable[str]) -> list[str]:
    """Import what the app may need; return the modules that only import elsewhere (their packages are not shipped)."""
    flet, elsewhere = importlib.import_module("flet"), []
    for name in flet_names:
        getattr(flet, name, None)
    for name in [*AT_START, *modules]:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name in sys.modules or missing.name.split(".")[0] == name.split(".")[0]:
                raise
            elsewhere.append(name)
    return elsewhere


def refresh(language: str, offset_minutes: int, summer_minutes: int, zone_names: Iterable[str]) -> None:
    """Make anew what the snapshot's maker left behind: random state, language, time zone.

    ``offset_minutes``: UTC minus local standard time; ``summer_minutes`` the same in summer, equal where there is none.
    ``zone_names``: what the zone is called, standard and summer.
    """
    random.seed()
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile._name_sequence = None
    os.environ["LANG"] = language.replace("-", "_") + ".UTF-8"
    time.timezone, time.altzone = offset_minutes * 60, summer_minutes * 60
    time.daylight = int(offset_minutes != summer_minutes)
    time.tzname = tuple(zone_names)


def expect_files(here: Iterable[str], bring: Callable[[], None]) -> None:
    """Call ``bring`` when a module is wanted that is neither in memory nor among those ``here``."""
    sys.meta_path.insert(0, LateFiles(here, bring))


def files_arrived() -> None:
    """From now on modules are found as always."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, LateFiles)]
    importlib.invalidate_caches()


def check() -> None:
    """Call C functions of many shapes, each through the function table.

    Raises when the restored memory does not fit it.
    """
    import datetime
    import decimal
    import json
    import re
    import sqlite3

    import msgpack
    import msgspec

    value: dict[str, Any] = {"名": ["商队", 1, 2.5, None, True], "n": {"a": "b"}}
    _same(msgspec.json.decode(msgspec.json.encode(value)), value)
    _same(msgpack.unpackb(msgpack.packb(value)), value)
    _same(json.loads(json.dumps(value)), value)
    _same(re.sub(r"\d+", lambda found: str(int(found[0]) + 1), "a9"), "a10")
    _same(sorted([3, 1, 2], key=lambda number: -number), [3, 2, 1])
    _same(str(decimal.Decimal("1.10") * 3), "3.30")
    _same(datetime.date(2026, 11, 27).isoformat(), "2026-11-27")
    connection = sqlite3.connect(":memory:")
    try:
        connection.create_function("twice", 1, lambda number: number * 2, deterministic=True)
        connection.create_collation("turned", lambda a, b: (a < b) - (a > b))
        rows = connection.execute("SELECT twice(column1) FROM (VALUES (1), (2)) ORDER BY column1 COLLATE turned")
        _same(sorted(rows.fetchall()), [(2,), (4,)])
    finally:
        connection.close()


def _same(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{found!r} is not {wanted!r}")


def connect() -> None:
    """Give the worker the way to print into Flet's console."""
    import flet_js
    import msgpack

    def send_python_output(text: str, is_error: bool) -> None:
        # One Flet frame: type byte 0, then [action 7, body]; see flet/messaging/protocol.py.
        flet_js.receive_callback(bytes([0]) + msgpack.packb([7, {"text": text, "is_stderr": bool(is_error)}]))

    flet_js.send_python_output = send_python_output


def run(module: str) -> None:
    """Run the app's module to its end, which is where it has handed itself to Flet."""
    import runpy

    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            raise
