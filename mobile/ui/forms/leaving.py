"""Leaving a form: what was typed and is not saved is asked about first."""

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from mobile.ui import kit as k


def leaving(page: ft.Page, back: str, dirty: Callable[[], bool]) -> Callable[[Any], Awaitable[None]]:
    """The handler of *cancel*: goes to ``back``, at once when nothing is ``dirty``."""

    async def leave(_: Any) -> None:
        unsaved = k.t("screen.form.leave"), k.t("screen.form.leave.line"), k.t("screen.form.leave.yes")
        if not dirty() or await k.ask(page, *unsaved, danger=True):
            page.navigate(back)

    return leave
