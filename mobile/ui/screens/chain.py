"""``/log``: whether the server's log is whole, for managers and admins."""

import flet as ft

from mobile.ui import kit as k
from mobile.ui.chain_mark import describe, use_chain
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.navigation import DESK
from mobile.ui.screens.audit_trail import chain_line
from mobile.ui.sync_pill import moment


@k.component
def ChainScreen() -> ft.Control:
    """The screen behind the address."""
    page = ft.context.page
    if use_session().role not in DESK:
        blank = k.empty_state(k.t("frame.not_found.title"), k.t("frame.not_found.line"),
                              action=k.t("frame.error.home"), on_action=lambda _: page.navigate("/"))  # fmt: skip
        return k.scaffold(k.t("audit.chain.title"), blank, back="/")
    return _Chain()


@k.component
def _Chain() -> ft.Control:
    app, sync = use_app(), use_sync()
    state = use_chain()
    words, status, icon = describe(state)
    parts: list[ft.Control] = []
    if not sync.online:
        parts.append(k.notice(k.t("audit.offline"), "warn", icon=ft.Icons.CLOUD_OFF_ROUNDED))
    if state is None:
        parts.append(k.status_line(words, status, icon))
    else:
        when = moment(state.checked_at, app.now_ms(), app.time_zone)
        parts += [
            chain_line(state.intact, state.broken_at, state.entries),
            k.caption(k.t("audit.chain.checked", time=when)),
        ]
        if state.entries < state.head:
            parts.append(k.caption(k.t("audit.chain.waiting", head=state.head)))
    return k.scaffold(
        k.t("audit.chain.title"),
        k.card(k.col(k.soft(k.t("audit.chain.line"), lines=4), k.gap(4), *parts, gap=8)),
        back="/",
        max_width=720,
        help_name="dashboard",
    )
