"""How old the last verified backup is, on an administrator's home."""

import asyncio

import flet as ft

from mobile.state import backup_age
from mobile.state.backup_age import Told
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.sync_pill import moment
from shared.backup_state import is_old
from shared.errors import CaravanError
from sync.ports import TransportError

EVERY_S, RETRY_S = 1_800, 60


def use_backup() -> Told | None:
    """The last answer: the kept one at once, a new one when the network is there, and every half hour."""
    app, sync = use_app(), use_sync()
    told, set_told = ft.use_state(None)

    async def follow() -> None:
        set_told(await backup_age.last_told(app))
        while sync.online:
            try:
                set_told(await backup_age.ask(app))
            except (TransportError, CaravanError):
                # The kept answer stays, with its time.
                await asyncio.sleep(RETRY_S)
                continue
            await asyncio.sleep(EVERY_S)

    k.use_effect(follow, [app.actor.user_id, sync.online])
    return told


@k.component
def BackupLine() -> ft.Control:
    """A warning when there is no backup or an old one, otherwise one quiet line; nothing before the first answer."""
    app, sync, told = use_app(), use_sync(), use_backup()
    if told is None:
        return ft.Container(height=0)
    line = backup_notice(told, app.now_ms(), app.time_zone, online=sync.online)
    return ft.Container(line, padding=k.pad(0, 0, 12, 0))


def backup_notice(told: Told, now_ms: int, time_zone: str, *, online: bool) -> ft.Control:
    """The words; without the network with the time of the answer."""
    made = told.state.made_at
    asked = "" if online else k.t("backup.asked", at=moment(told.at, now_ms, time_zone))
    words = k.t("backup.none") if made is None else k.t("backup.last", at=moment(made, now_ms, time_zone))
    if not is_old(told.state, now_ms):
        return k.status_line(" · ".join(filter(None, [words, asked])), "ok", ft.Icons.BACKUP_OUTLINED, lines=2)
    detail = " ".join(filter(None, [k.t("backup.do"), asked]))
    return k.notice(words, "warn", detail=detail, icon=ft.Icons.BACKUP_OUTLINED)
