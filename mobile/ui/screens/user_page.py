"""One user: the form, devices, a new way in. And the form of a new one."""

from typing import Any

import flet as ft

from mobile.state.admin import AdminClient, DeviceState, Invitation
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FORM_WIDTH_PX, FormScreen, form_groups
from mobile.ui.forms.model import FormModel
from mobile.ui.hooks import use_live
from mobile.ui.screens.users import is_stale, only_admin, use_online
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words, problem_words
from shared.errors import CaravanError
from shared.protocol import Command
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
ASKED = ("name", "role", "home_team_id", "phone", "email", "discount_limit")
"""Of a new user: active is whoever is invited."""


@k.component
def NewUserScreen() -> ft.Control:
    """``/users/new``."""
    return only_admin() or NewUser()


@k.component
def NewUser() -> ft.Control:
    """Login and the user's fields; the server makes the user and tells a password of one use."""
    page, app = ft.context.page, use_app()
    model: FormModel = ft.use_ref(lambda: FormModel("user", app.actor, only=ASKED)).current
    login: dict[str, str] = ft.use_ref(lambda: {"text": "", "error": ""}).current
    made, set_made = ft.use_state(None)
    busy, set_busy = ft.use_state(False)
    # Read at once, which a state is not: the second of two taps comes before the screen is drawn anew.
    sending = ft.use_ref(False)
    words, set_words = ft.use_state("")
    _, draw = ft.use_state(0)

    def redraw() -> None:
        draw(lambda version: version + 1)

    def typed(event: Any) -> None:
        login["text"], login["error"] = event.control.value, ""

    def unsaved() -> bool:
        return made is None and (model.dirty or bool(login["text"].strip()))

    k.use_unsaved(unsaved)

    async def save(_: Any) -> None:
        if sending.current:
            return
        login["error"] = "" if login["text"].strip() else k.t("frame.sign_in.login_missing")
        if not model.check() or login["error"]:
            redraw()
            return
        sending.current = True
        set_busy(True)
        set_words("")
        values = model.commands(app.new_id)[0].args["values"]
        try:
            set_made(await AdminClient.of(app).invite(login["text"], values))
            app.sync_now()
        except TransportError:
            set_words(k.t("users.offline"))
        except CaravanError as error:
            if error.code in ("login_form", "login_taken"):
                login["error"] = problem_words(error.code, {"login": login["text"], **error.params})
            else:
                set_words(error_words(error))
        finally:
            sending.current = False
            set_busy(False)

    if made is not None:
        return k.scaffold(
            k.t("users.invited.title", name=model.values["name"]),
            InvitationCard(made),
            back="/users",
            max_width=FORM_WIDTH_PX,
        )
    field = k.text_field(
        k.t("frame.sign_in.login") + " *",
        login["text"],
        typed,
        error=login["error"] or None,
        helper=k.t("users.login_hint"),
        capitalization=ft.TextCapitalization.NONE,
        autocorrect=False,
    )
    bar = k.footbar(
        k.button(k.t("frame.cancel"), k.leaving(page, "/users"), kind="outlined", height=52),
        k.button(k.t("users.invite"), save, icon=I.PERSON_ADD_ALT_1_ROUNDED, height=52, disabled=busy, expand=True),
    )
    said = k.notice(words, "bad", live=True) if words else None
    side = k.look().gutter
    top = ft.Container(said, padding=k.pad(0, side, 12, side) if said else None)
    groups = form_groups(model, model.set, redraw)
    return k.scaffold(
        k.t("users.new"), k.card(field), *groups, subtitle=k.t("users.new.line"), back="/users", top=top, foot=bar,
        max_width=FORM_WIDTH_PX,
    )  # fmt: skip


@k.component
def InvitationCard(made: Invitation) -> ft.Control:
    """The password of one use, large, with what to do; it is on no other page and in no store."""
    page, app = ft.context.page, use_app()

    async def copy(_: object) -> None:
        await ft.Clipboard().set(made.password)
        k.snack(page, k.t("users.copied"))

    until = moment(made.valid_until, app.now_ms(), app.time_zone)
    shown = ft.Text(
        made.password, style=k.text("", 20, 600).style, selectable=True, semantics_label=" ".join(made.password)
    )
    return k.card(
        k.col(
            k.pairs([(k.t("frame.sign_in.login"), made.login)]),
            k.gap(16),
            k.caption(k.t("users.one_time")),
            k.row(ft.Container(shown, expand=True), k.icon_button(I.COPY_ROUNDED, k.t("users.copy"), copy)),
            k.gap(8),
            k.notice(k.t("users.one_time.line", until=until), "info"),
        )
    )


@k.component
def UserScreen() -> ft.Control:
    """``/users/:user_id``."""
    user_id = str(ft.use_route_params()["user_id"])
    return only_admin() or UserPage(user_id, key=user_id)


@k.component
def UserPage(user_id: str) -> ft.Control:
    """The form with devices and ways in below it."""
    page, app = ft.context.page, use_app()
    row = use_live(lambda s: s.get("user", user_id), ["user"], user_id)
    if row is None:
        return k.scaffold(
            k.t("frame.nav.users"),
            k.empty_state(k.t("frame.not_found.title"), k.t("frame.not_found.line")),
            back="/users",
        )

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate("/users")

    return FormScreen(
        lambda: FormModel("user", app.actor, row),
        row["name"],
        "/users",
        k.t("frame.save"),
        saved,
        subtitle=row["login"],
        foot=lambda: WaysIn(user_id, row["name"]),
    )


@k.component
def WaysIn(user_id: str, name: str) -> ft.Control:
    """Devices with last sync and revoking, and a new password of one use. All of it asks the server."""
    page, app = ft.context.page, use_app()
    version, set_version = ft.use_state(0)
    made, set_made = ft.use_state(None)
    online = use_online(version)

    async def call(work: Any) -> Any:
        try:
            return await work
        except TransportError:
            k.snack(page, k.t("users.offline"), status="bad")
        except CaravanError as error:
            k.snack(page, error_words(error), status="bad")
        return None

    def reset(authenticator: bool) -> Any:
        key = "users.reset_all" if authenticator else "users.reset"

        async def tapped(_: object) -> None:
            question = k.t(f"{key}.ask", name=name), k.t(f"{key}.line"), k.t(f"{key}.yes")
            if await k.ask(page, *question, danger=True):
                set_made(await call(AdminClient.of(app).reset(user_id, authenticator=authenticator)))

        return tapped

    def revoke(device: DeviceState) -> Any:
        async def tapped(_: object) -> None:
            question = k.t("users.revoke.ask", name=device.name or device.platform), k.t("users.revoke.line")
            if await k.ask(page, *question, k.t("users.revoke.yes"), danger=True):
                await call(AdminClient.of(app).revoke_device(device.id))
                set_version(lambda old: old + 1)

        return tapped

    if online is None:
        devices: ft.Control = k.loading()
    elif not online.known:
        devices = k.notice(online.words, "warn", icon=I.CLOUD_OFF_OUTLINED)
    else:
        own = [device for device in online.devices if device.user_id == user_id]
        rows = [device_tile(device, revoke(device)) for device in own]
        devices = k.list_card(*rows) if rows else k.soft(k.t("users.no_devices"))
    invitation = [InvitationCard(made)] if made is not None else []
    return k.col(
        k.section_title(k.t("users.devices"), 16),
        devices,
        k.section_title(k.t("users.way_in"), 16),
        *invitation,
        k.caption(k.t("users.way_in.line"), lines=3),
        ft.Row(
            [
                k.button(k.t("users.reset"), reset(False), icon=I.PASSWORD_ROUNDED, kind="outlined"),
                k.button(k.t("users.reset_all"), reset(True), icon=I.PHONELINK_ERASE_ROUNDED, kind="outlined"),
            ],
            spacing=8,
            run_spacing=8,
            wrap=True,
        ),
        gap=12,
    )


def device_tile(device: DeviceState, on_revoke: Any) -> ft.Control:
    """Name, platform, last sync; revoking beside it."""
    app = use_app()
    now, zone = app.now_ms(), app.time_zone
    at = device.last_sync_at or device.last_seen_at
    icons = {"web": I.LANGUAGE_ROUNDED, "api": I.KEY_ROUNDED}
    said = k.t("users.last_sync", at=moment(at, now, zone)) if at else k.t("users.never_synced")
    name = device.name or device.platform or k.t("auth.device_unnamed")
    badge = None
    if device.revoked_at is not None:
        badge = k.badge(k.t("users.revoked"), "mute")
    elif is_stale(device, now):
        badge = k.badge(k.t("users.silent"), "warn")
    revoke = k.icon_button(I.PHONELINK_OFF_OUTLINED, k.t("users.revoke", name=name), on_revoke)
    return k.tile(
        name,
        said,
        leading=k.icon_avatar(icons.get(device.platform, I.PHONE_IPHONE_ROUNDED)),
        trailing=badge,
        action=revoke if device.revoked_at is None else None,
    )
