"""Reminds while the app is open, and asks for notifications when the person taps for it."""

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.platform.ports import PlatformEvent
from mobile.state.reminders import remind, remind_timed, route_of, wait_s
from mobile.ui import kit as k
from mobile.ui.context import use_app

I = ft.Icons  # noqa: E741


@k.component
def ReminderHost() -> ft.Control:
    """Draws nothing. At the start the first screen lists what is due itself; later a line at the foot says it."""
    app, page = use_app(), ft.context.page

    async def look(*, starting: bool = False) -> None:
        for how, said in [await remind(app), *await remind_timed(app)]:
            if how == "shown" and not starting:
                k.snack(page, said, action=k.t("remind.show"), on_action=lambda _: page.navigate("/follow-ups"))

    async def follow() -> None:
        await look(starting=True)
        while True:
            await asyncio.sleep(wait_s(app))
            await look()

    def listen() -> Callable[[], None]:
        here = contextvars.copy_context()

        def heard(event: PlatformEvent) -> None:
            if event.kind == "visible":
                here.copy().run(page.run_task, look)
            elif event.kind == "notification":
                here.copy().run(page.navigate, route_of(app, event.detail["tag"]))

        return app.platform.subscribe(heard)

    k.use_effect(follow, [app.actor.user_id])
    k.use_effect(listen, [app.actor.user_id])
    return ft.Container(width=0, height=0)


@k.component
def Notifications() -> ft.Control:
    """For the settings: whether notifications come, and the button that asks."""
    app = use_app()
    state, set_state = ft.use_state("")

    async def read() -> None:
        set_state(await app.platform.notifications())

    async def ask(_: Any) -> None:
        set_state(await app.platform.notifications(ask=True))

    k.use_effect(read, [])
    if not state:
        return ft.Container(height=0)
    parts: dict[str, Callable[[], ft.Control]] = {
        "granted": lambda: k.status_line(k.t("remind.on"), "ok"),
        "denied": lambda: k.status_line(k.t("remind.denied"), "warn", I.NOTIFICATIONS_OFF_OUTLINED, lines=3),
        "unsupported": lambda: k.soft(k.t("remind.unsupported"), 13, lines=3),
        "default": lambda: k.button(k.t("remind.allow"), ask, icon=I.NOTIFICATIONS_OUTLINED, kind="tonal"),
    }
    content = parts.get(state, parts["unsupported"])()
    line = [k.gap(8), k.caption(k.t("remind.allow.line"), lines=3)] if state == "default" else []
    title = k.section_title(k.t("remind.title"), 14)
    return k.col(k.gap(16), title, k.gap(8), k.card(k.col(content, *line), k.pad(12, 16)))
