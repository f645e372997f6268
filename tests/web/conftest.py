"""The built site of the probe app in ``tests/web/app``, and a server that serves a folder."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mobile.web.build.site import build
from tests.conftest import PROJECT
from tests.support.browser import free_port, running

Serve = Callable[..., contextlib.AbstractContextManager]


@pytest.fixture(scope="session")
def probe() -> Path:
    """The folder of a site whose app is only a few lines of text and a button."""
    return build(PROJECT / ".build" / "probe", app=PROJECT / "tests" / "web" / "app").folder


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """``with serve(folder, port=None) as (url, process)``: the static handler under uvicorn, as a process of its
    own."""

    @contextlib.contextmanager
    def start(folder: Path, port: int | None = None) -> Iterator[tuple]:
        port = port or free_port()
        url = f"http://127.0.0.1:{port}/"
        command = [sys.executable, "-m", "uvicorn", "--factory", "server.api.static:site_from_environment"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        log = tmp_path_factory.mktemp("server") / "log"
        with running(command, url, env={"CARAVAN_WEB": str(folder)}, cwd=PROJECT, log=log) as process:
            yield url, process

    return start
