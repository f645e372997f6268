"""Signing out: with unsent work there are three ways, and none of them loses it."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from mobile.ui.screens.sync_sheet import save_outbox

I = ft.Icons  # noqa: E741


def use_sign_out(app: App) -> Callable[[Any], Any]:
    """The handler of *sign out*: asks first. With unsent work: send now, export a file, or keep it locked here."""
    page = ft.context.page
    shown, set_shown = ft.use_state(False)
    busy, set_busy = ft.use_state(False)
    # Said inside the dialog: a snack bar would lie under its shade, where screen readers do not look.
    said, set_said = ft.use_state(("", "ok"))

    async def leave() -> None:
        set_shown(False)
        await app.doors.sign_out()

    async def locked(_: object) -> None:
        await leave()

    async def send(_: object) -> None:
        set_busy(True)
        sent = await app.send_all()
        set_busy(False)
        if sent:
            await leave()
        else:
            set_said((k.t("frame.sign_out.not_sent"), "warn"))

    async def export(_: object) -> None:
        set_said((k.t("frame.sheet.exported", name=await save_outbox(app)), "ok"))

    async def ask(_: object) -> None:
        if app.sync.unsent:
            set_said(("", "ok"))
            set_shown(True)
        elif await k.ask(page, k.t("frame.sign_out.ask"), k.t("frame.sign_out.line"), k.t("frame.settings.sign_out")):
            await app.doors.sign_out()

    choices = k.col(
        k.soft(k.t("frame.sign_out.unsent_line")),
        k.gap(16),
        k.col(*([k.notice(said[0], said[1], live=True), k.gap(8)] if said[0] else [])),
        k.button(
            k.t("frame.sheet.sending" if busy else "frame.sign_out.send"),
            send,
            icon=I.SEND_ROUNDED,
            height=52,
            disabled=busy,
        ),
        k.button(
            k.t("frame.sign_out.export"),
            export,
            icon=I.DOWNLOAD_ROUNDED,
            kind="outlined",
            height=52,
            disabled=busy,
        ),
        k.button(
            k.t("frame.sign_out.lock"),
            locked,
            icon=I.LOCK_OUTLINE_ROUNDED,
            kind="outlined",
            height=52,
            disabled=busy,
        ),
        gap=8,
    )
    title = k.t("frame.sign_out.unsent", count=app.sync.unsent)
    cancel = k.button(k.t("frame.cancel"), lambda _: set_shown(False), kind="text")
    ft.use_dialog(k.dialog(title, choices, [cancel], lambda _: set_shown(False)) if shown else None)
    return ask
