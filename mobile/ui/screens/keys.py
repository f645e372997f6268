"""Keys of programs: who has one, making one that is shown once, ending one."""

from typing import Any

import flet as ft

from mobile.state.admin import AdminClient, KeyState, MadeKey
from mobile.store.queries import users as queries
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.key_scopes import WHOLE, ScopePicker, scopes_sheet, summary
from mobile.ui.screens.users import WIDTH_PX, only_admin
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.errors import CaravanError
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
DAYS = (30, 90, 365)
"""How long a key is valid, to choose from."""


@k.component
def KeysScreen() -> ft.Control:
    """``/keys``."""
    return only_admin() or Keys()


@k.component
def Keys() -> ft.Control:
    """The list, and the form of a new key on top of it."""
    page, app = ft.context.page, use_app()
    keys, set_keys = ft.use_state(None)
    words, set_words = ft.use_state("")
    asking, set_asking = ft.use_state(False)
    made, set_made = ft.use_state(None)
    version, set_version = ft.use_state(0)
    shown, set_shown = ft.use_state(None)

    async def load() -> None:
        try:
            set_keys(await AdminClient.of(app).keys())
            set_words("")
        except TransportError:
            set_words(k.t("users.offline"))
        except CaravanError as error:
            set_words(error_words(error))

    k.use_effect(load, [version])

    def done(name: str, key: MadeKey) -> None:
        set_made((name, key))
        set_asking(False)
        set_version(lambda old: old + 1)

    def revoke(key: KeyState) -> Any:
        async def tapped(_: object) -> None:
            if not await k.ask(
                page,
                k.t("keys.revoke.ask", name=key.name),
                k.t("keys.revoke.line"),
                k.t("users.revoke.yes"),
                danger=True,
            ):
                return
            try:
                await AdminClient.of(app).revoke_key(key.id)
            except (TransportError, CaravanError) as error:
                k.snack(
                    page, error_words(error) if isinstance(error, CaravanError) else k.t("users.offline"), status="bad"
                )
            set_version(lambda old: old + 1)

        return tapped

    sheet = k.sheet(scopes_sheet(shown.name, shown.scopes), lambda _: set_shown(None)) if shown is not None else None
    ft.use_dialog(sheet)
    parts: list[ft.Control] = [k.notice(words, "warn", icon=I.CLOUD_OFF_OUTLINED)] if words else []
    if made is not None:
        parts.append(MadeKeyCard(*made))
    if asking:
        parts.append(NewKey(done))
    else:
        parts.append(k.row(k.button(k.t("keys.new"), lambda _: set_asking(True), icon=I.ADD_ROUNDED, height=52)))
    if keys is None:
        parts += [] if words else [k.loading()]
    elif keys:
        parts.append(k.list_card(*[key_tile(key, revoke(key), lambda _, key=key: set_shown(key)) for key in keys]))
    else:
        parts.append(k.empty_state(k.t("keys.none"), k.t("keys.none.line"), icon=I.KEY_ROUNDED))
    return k.scaffold(k.t("keys.title"), *parts, back="/users", max_width=WIDTH_PX)


def key_tile(key: KeyState, on_revoke: Any, on_open: Any) -> ft.Control:
    """Name, what it may, whose, and until when; a tap opens all that it may."""
    app = use_app()
    now, zone = app.now_ms(), app.time_zone
    used = k.t("keys.used", at=moment(key.used_at, now, zone)) if key.used_at else k.t("keys.unused")
    said = [key.user_name, used, k.t("keys.until", at=moment(key.expires_at, now, zone))]
    ended = key.revoked_at is not None
    return k.tile(
        key.name,
        k.col(k.text(summary(key.scopes), 13, 500, lines=2), k.caption(" · ".join(said), lines=2), gap=2),
        height=92,
        on_click=on_open,
        name=k.t("keys.open", name=key.name, may=summary(key.scopes)),
        leading=k.icon_avatar(I.KEY_ROUNDED),
        trailing=k.badge(k.t("users.revoked"), "mute") if ended else None,
        action=None if ended else k.icon_button(I.DELETE_OUTLINE_ROUNDED, k.t("keys.revoke", name=key.name), on_revoke),
    )


@k.component
def NewKey(on_made: Any) -> ft.Control:
    """Name, user, how far it reaches, and for how long."""
    app = use_app()
    people = [row for row in use_live(queries.people, queries.TOUCHED) if row["active"]]
    name: dict[str, str] = ft.use_ref(lambda: {"text": ""}).current
    user_id, set_user = ft.use_state(app.actor.user_id)
    scopes, set_scopes = ft.use_state(WHOLE["read"])
    days, set_days = ft.use_state(DAYS[-1])
    words, set_words = ft.use_state("")
    # Read at once, which a state is not: the second of two taps comes before the screen is drawn anew.
    busy = ft.use_ref(False)
    k.use_unsaved(lambda: bool(name["text"].strip()))

    def typed(event: Any) -> None:
        name["text"] = event.control.value

    async def make(_: object) -> None:
        if busy.current:
            return
        if not scopes:
            set_words(k.t("keys.scope.none"))
            return
        busy.current = True
        set_words("")
        try:
            key = await AdminClient.of(app).make_key(name["text"], user_id, sorted(scopes), days)
        except TransportError:
            set_words(k.t("users.offline"))
        except CaravanError as error:
            set_words(error_words(error))
        else:
            on_made(name["text"].strip(), key)
        finally:
            busy.current = False

    until = [k.chip(k.t("keys.days", count=one), one == days, lambda _, one=one: set_days(one)) for one in DAYS]
    names = [(row["id"], row["name"]) for row in people]
    return k.card(
        k.col(
            k.text_field(k.t("keys.name"), name["text"], typed, error=words or None),
            k.row(k.choice_field(k.t("keys.user"), user_id, names, set_user)),
            ScopePicker(scopes, set_scopes),
            k.labelled(k.t("keys.valid"), ft.Row(until, spacing=8, run_spacing=8, wrap=True)),
            k.button(k.t("keys.make"), make, icon=I.KEY_ROUNDED, height=52),
            gap=16,
        )
    )


@k.component
def MadeKeyCard(name: str, made: MadeKey) -> ft.Control:
    """The key, this once."""
    page = ft.context.page

    async def copy(_: object) -> None:
        await ft.Clipboard().set(made.key)
        k.snack(page, k.t("keys.copied"))

    shown = ft.Text(made.key, style=k.text("", 13, 600).style, selectable=True)
    return k.card(
        k.col(
            k.section_title(k.t("keys.made", name=name), 16),
            k.row(ft.Container(shown, expand=True), k.icon_button(I.COPY_ROUNDED, k.t("keys.copy"), copy)),
            k.notice(k.t("keys.made.line"), "warn"),
            gap=8,
        )
    )
