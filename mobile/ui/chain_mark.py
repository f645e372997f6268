"""*Log intact*: what the server last said about the chain of its log, for managers and admins, in the navigation."""

import asyncio
import weakref
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.state.audit_log import audit_of
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.palette import Status
from shared.audit_trail import ChainState
from shared.errors import CaravanError
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
EVERY_S, RETRY_S = 900, 60
_known: "weakref.WeakKeyDictionary[App, tuple[str, ChainState]]" = weakref.WeakKeyDictionary()
"""What was told last, and to whom: another person of the same device asks anew."""


def use_chain() -> ChainState | None:
    """The latest answer; asked for at once, every quarter of an hour, after a failure a minute later, and when the
    network is back. None: no answer yet (offline, or the server is older)."""
    app, sync = use_app(), use_sync()
    user_id = app.actor.user_id
    known = _known.get(app)
    state, set_state = ft.use_state(known[1] if known and known[0] == user_id else None)

    async def follow() -> None:
        while sync.online:
            try:
                found = await audit_of(app).chain()
            except (TransportError, CaravanError):
                # Nothing is said in place of an answer; the pill tells that the server is away.
                await asyncio.sleep(RETRY_S)
                continue
            _known[app] = (user_id, found)
            set_state(found)
            await asyncio.sleep(EVERY_S)

    k.use_effect(follow, [user_id, sync.online])
    return state


def describe(state: ChainState | None) -> tuple[str, Status, Any]:
    """Words, colour and icon of the mark."""
    if state is None:
        return k.t("audit.mark.unknown"), "mute", I.SHIELD_OUTLINED
    if not state.intact:
        return k.t("audit.mark.broken"), "bad", I.GPP_BAD_OUTLINED
    return k.t("audit.mark.intact"), "ok", I.VERIFIED_USER_OUTLINED


@k.component
def ChainMark(selected: bool, wide: bool) -> ft.Control:
    """An entry of the side panel, or an icon in the rail."""
    page, p = ft.context.page, k.look().palette
    words, status, icon = describe(use_chain())
    color = p.status[status].fg if status != "ok" else p.text_soft
    if not wide:
        return k.icon_button(icon, words, lambda _: page.navigate("/log"), color=color)
    inner = k.row(
        ft.Icon(icon, size=22, color=p.on_primary_container if selected else color),
        k.text(words, 15, 600 if selected else 500, p.status[status].fg if status == "bad" else p.text, lines=1,
               expand=True),
        gap=12,
    )  # fmt: skip
    return k.tappable(
        inner, lambda _: page.navigate("/log"), label=words, padding=k.pad(0, 12), height=44, border_radius=12,
        bgcolor=p.primary_container if selected else None,
    )  # fmt: skip
