"""Flet's own service for the system's store on a page whose window never answers, as on a desktop without a keyring."""

import asyncio
import time
from pathlib import Path

import pytest

from mobile import platform
from mobile.platform import system_secrets
from tests.mobile.ui.conftest import Window


def test_a_silent_window_is_asked_once_and_files_keep_the_secret(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_secrets, "ANSWER_S", 0.3)
    native = platform.current(tmp_path / "data", "http://127.0.0.1:1", system_store=True)
    assert native.secrets.kind == "system"
    window.session.get_page_patch()  # the page goes out, and the service with it

    async def story() -> float:
        started = time.monotonic()
        await native.secrets.set("refresh", "kept")
        assert await native.secrets.get("refresh") == "kept"
        return time.monotonic() - started

    assert 0.3 <= asyncio.run(story()) < 5
    assert (tmp_path / "data" / "secrets" / "refresh").read_text("utf-8") == "kept"
