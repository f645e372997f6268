"""Settings: person, appearance, this device, the error log, signing out."""

from typing import Any

import flet as ft

from mobile.state.app import APP_VERSION
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.navigation import destinations
from mobile.ui.reminder_host import Notifications
from mobile.ui.root import choose_look
from mobile.ui.screens.settings_check import CheckMyData
from mobile.ui.screens.settings_history import OlderMonths
from mobile.ui.screens.sign_out import use_sign_out
from mobile.ui.sync_pill import describe, moment
from mobile.ui.words import error_words
from shared.errors import CaravanError

I = ft.Icons  # noqa: E741


@k.component
def SettingsScreen() -> ft.Control:
    """The screen behind ``/settings``."""
    app = use_app()
    ask_sign_out = use_sign_out(app)
    around, set_around = ft.use_state(None)

    async def look_around() -> None:
        set_around(await app.platform.surroundings())

    k.use_effect(look_around, [])
    return k.scaffold(
        k.t("frame.nav.settings"),
        Person(ask_sign_out),
        ForAdministrators(),
        Appearance(),
        Sync(),
        CheckMyData(),
        OlderMonths(),
        Notifications(),
        Application(around),
        Help(),
        Devices(),
        ErrorLog(),
        k.gap(16),
        k.row(k.caption(k.t("frame.settings.version", version=APP_VERSION)), alignment=ft.MainAxisAlignment.CENTER),
        back="/" if k.look().layout == "phone" else None,
        max_width=720,
        gap=0,
    )


def _group(title: str, *parts: ft.Control, padding: Any = None) -> ft.Control:
    return k.col(
        k.gap(16),
        k.section_title(title, 14),
        k.gap(8),
        k.card(k.col(*parts), padding if padding is not None else k.pad(12, 16)),
    )


@k.component
def Person(ask_sign_out: Any) -> ft.Control:
    """Who is signed in, and the ways out."""
    app, session = use_app(), use_session()
    info = session.info
    if info is None:
        return ft.Container(height=0)
    lease = k.t("frame.people.open_until", until=moment(info.lease_until, app.now_ms(), app.time_zone))
    role = k.t(f"choice.user.role.{app.actor.role}")

    async def switch(_: object) -> None:
        await app.doors.switch()

    return k.card(
        k.col(
            k.row(
                k.avatar(info.user.name, 56, round_=True),
                ft.Container(
                    k.col(
                        k.text(info.user.name, 18, 600, lines=1),
                        k.soft(f"{info.user.login} · {role} · {info.org.name}", 13, lines=1),
                        k.caption(lease, lines=2),
                    ),
                    expand=True,
                ),
                gap=14,
            ),
            k.gap(14),
            k.row(
                k.button(
                    k.t("frame.settings.switch"), switch, icon=I.SWITCH_ACCOUNT_OUTLINED, kind="outlined", expand=True
                ),
                k.button(
                    k.t("frame.settings.sign_out"), ask_sign_out, icon=I.LOGOUT_ROUNDED, kind="outlined", expand=True
                ),
            ),
        )
    )


@k.component
def ForAdministrators() -> ft.Control:
    """What has no place in a phone's bar."""
    page, app = ft.context.page, use_app()
    places = [place for place in destinations(app.actor.role) if place.route in ("/team", "/users", "/setup")]
    if not places:
        return ft.Container(height=0)

    def go(route: str) -> Any:
        return lambda _: page.navigate(route)

    tiles = [
        k.tile(
            k.t(f"frame.nav.{place.key}"),
            leading=k.icon_avatar(place.icon),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
            on_click=go(place.route),
        )
        for place in places
    ]
    return k.col(k.gap(16), k.list_card(*tiles))


@k.component
def Appearance() -> ft.Control:
    """Language and theme, switched at once."""
    app, page = use_app(), ft.context.page

    def chosen(**choice: str) -> Any:
        async def choose(_: object) -> None:
            await choose_look(page, app, **choice)

        return choose

    languages = [
        k.chip(name, app.look.language == tag, chosen(language=tag))
        for tag, name in (("zh", "中文"), ("en", "English"))
    ]
    modes = [
        k.chip(k.t(f"frame.theme.{mode}"), app.look.mode == mode, chosen(mode=mode))
        for mode in ("system", "light", "dark")
    ]
    return _group(
        k.t("frame.settings.appearance"),
        k.caption(k.t("frame.settings.language")),
        k.gap(6),
        ft.Row(languages, spacing=8, wrap=True),
        k.gap(12),
        k.caption(k.t("frame.settings.theme")),
        k.gap(6),
        ft.Row(modes, spacing=8, wrap=True),
    )


@k.component
def Sync() -> ft.Control:
    """The way to the sync sheet."""
    app, sync = use_app(), use_sync()
    words, status, icon, _ = describe(sync, app.time_zone, app.now_ms())
    detail = k.t("frame.sheet.waiting", count=sync.unsent) if sync.unsent else k.t("frame.sheet.all_sent")
    return _group(
        k.t("frame.sheet.title"),
        k.tile(
            words,
            detail,
            leading=k.icon_avatar(icon, status=status),
            on_click=lambda _: app.show_sync_sheet(True),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
        ),
        padding=0,
    )


@k.component
def Help() -> ft.Control:
    """The way to the help pages, and to the administrators."""
    page = ft.context.page
    return k.col(
        k.gap(16),
        k.list_card(
            k.tile(
                k.t("help.title"),
                k.t("help.settings"),
                leading=k.icon_avatar(I.HELP_OUTLINE_ROUNDED),
                trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
                on_click=lambda _: page.navigate("/help"),
            ),
            k.tile(
                k.t("feedback.title"),
                k.t("feedback.settings"),
                leading=k.icon_avatar(I.FORUM_OUTLINED),
                trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
                on_click=lambda _: page.navigate("/feedback"),
            ),
        ),
    )


def update_notice(unsent: int, update: Any, send: Any) -> ft.Control:
    """A new version is ready. It is never put in over unsent work: what waits is sent first."""
    if unsent:
        words = k.t("frame.update.unsent", count=unsent)
        return k.notice(words, "info", action=k.t("frame.sheet.now"), on_action=send)
    return k.notice(k.t("frame.update.ready"), "info", action=k.t("frame.update.yes"), on_action=update)


@k.component
def Application(around: Any) -> ft.Control:
    """Install and update, where there is something to install or to update."""
    app, _page, sync = use_app(), ft.context.page, use_sync()
    if around is None or not (around.installable or around.update_ready):
        return ft.Container(height=0)

    async def install(_: object) -> None:
        await app.platform.install()

    async def update(_: object) -> None:
        await app.doors.close()
        await app.platform.apply_update()

    parts: list[ft.Control] = []
    if around.update_ready:
        parts.append(update_notice(sync.unsent, update, lambda _: app.sync_now()))
    if around.installable:
        parts.append(
            k.notice(
                k.t("frame.install.line"),
                "info",
                icon=I.INSTALL_MOBILE_ROUNDED,
                action=k.t("frame.install.yes"),
                on_action=install,
            )
        )
    return k.col(k.gap(8), *parts, gap=8)


@k.component
def Devices() -> ft.Control:
    """The user's devices; one that is lost can be shut out."""
    app, page, session = use_app(), ft.context.page, use_session()
    mine = session.info.user.id if session.info else ""
    here = session.info.device_id if session.info else ""
    rows = use_live(
        lambda s: s.select(
            "device",
            "owner_id = ? AND deleted_at IS NULL AND revoked_at IS NULL",
            (mine,),
            order_by="last_seen_at DESC, id",
        ),
        ["device"],
        mine,
    )
    if not rows:
        return ft.Container(height=0)

    def revoke(row: dict[str, Any]) -> Any:
        async def asked(_: object) -> None:
            if await k.ask(
                page,
                k.t("frame.devices.ask", name=row["name"]),
                k.t("frame.devices.line"),
                k.t("frame.devices.revoke"),
                danger=True,
            ):
                try:
                    app.act(("device.revoke", {"device_id": row["id"]}))
                except CaravanError as refused:
                    k.snack(page, error_words(refused), status="bad")

        return asked

    tiles = []
    for row in rows:
        this = row["id"] == here
        seen = moment(row["last_seen_at"], app.now_ms(), app.time_zone) if row["last_seen_at"] else ""
        action = (
            None
            if this
            else k.icon_button(I.PHONELINK_OFF_OUTLINED, k.t("frame.devices.name", name=row["name"]), revoke(row))
        )
        tiles.append(
            k.tile(
                row["name"] or row["platform"],
                k.t("frame.devices.this") if this else k.t("frame.devices.seen", time=seen),
                leading=k.icon_avatar(I.DEVICES_ROUNDED),
                action=action,
            )
        )
    return k.col(k.gap(16), k.section_title(k.t("frame.devices.title"), 14), k.gap(8), k.list_card(*tiles))


@k.component
def ErrorLog() -> ft.Control:
    """What went wrong unexpectedly, to share when somebody asks."""
    app, page = use_app(), ft.context.page
    kept = [*reversed(app.errors.entries)]

    async def export(_: object) -> None:
        path = await app.platform.save_file("caravan-errors.json", app.errors.export(), "application/json")
        k.snack(page, k.t("frame.sheet.exported", name=path or "caravan-errors.json"))

    if not kept:
        return _group(k.t("frame.settings.errors"), k.status_line(k.t("frame.settings.no_errors"), "ok", size=14))
    lines = [
        k.col(k.caption(moment(entry["at"], app.now_ms(), app.time_zone)), k.text(entry["error"][:160], 13, lines=2))
        for entry in kept[:3]
    ]
    return _group(
        k.t("frame.settings.errors"),
        k.soft(k.t("frame.settings.errors_line", count=len(kept)), 13),
        k.gap(8),
        *lines,
        k.gap(12),
        k.button(k.t("frame.settings.export_errors"), export, icon=I.DOWNLOAD_ROUNDED, kind="outlined"),
    )
