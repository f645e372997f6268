"""Users & devices: who works here, who waits for a first sign-in, and the way to a new person."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state.admin import AdminClient, DeviceState, PersonState
from mobile.store.queries import users as queries
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.listing import scroll_list
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.errors import CaravanError
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
WIDTH_PX = 760
STALE_MS = 3 * 86_400_000
"""A device in use that has not synced for so long is worth a call."""


class Online:
    """What the server said, or why it did not."""

    def __init__(
        self, people: dict[str, PersonState] | None = None, devices: list[DeviceState] | None = None, words: str = ""
    ) -> None:
        self.people = people or {}
        self.devices = devices or []
        self.words = words
        self.known = people is not None


async def ask_server(app: Any) -> Online:
    """States and devices of everybody; in place of an error its words."""
    client = AdminClient.of(app)
    try:
        return Online(await client.people(), await client.devices())
    except CaravanError as error:
        return Online(words=error_words(error))
    except TransportError:
        return Online(words=k.t("users.offline"))


def use_online(version: int = 0) -> Online | None:
    """The server's word, asked at the first drawing and whenever ``version`` changes; None until it came."""
    app = use_app()
    online, set_online = ft.use_state(None)

    async def load() -> None:
        set_online(await ask_server(app))

    k.use_effect(load, [version])
    return online


def only_admin() -> ft.Control | None:
    """A page in the place of a screen that is not for the role."""
    if use_app().actor.role == "admin":
        return None
    nothing = k.empty_state(k.t("setup.none"), k.t("setup.none.line"), icon=I.LOCK_OUTLINE_ROUNDED)
    return k.scaffold(k.t("frame.nav.users"), nothing, back="/")


@k.component
def UsersScreen() -> ft.Control:
    """``/users``."""
    return only_admin() or UserList()


@k.component
def UserList() -> ft.Control:
    """Everybody, those who are not active last."""
    page, app = ft.context.page, use_app()
    online = use_online()
    rows = use_live(queries.people, queries.TOUCHED)
    label = k.t("users.new")

    def new(_: Any) -> None:
        page.navigate("/users/new")

    def go(row: dict[str, Any]) -> Callable[[Any], None]:
        return lambda _: page.navigate(f"/users/{row['id']}")

    look = k.look()
    phone = look.layout == "phone"
    tiles = [user_tile(row, online, go(row)) for row in rows]
    tiles.append(
        k.tile(
            k.t("keys.title"),
            k.t("keys.line"),
            leading=k.icon_avatar(I.KEY_ROUNDED, 44),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=look.palette.text_soft),
            on_click=lambda _: page.navigate("/keys"),
        )
    )
    parts = [waiting_notice(app, online)] if online is not None else []
    if not phone:
        parts.append(k.row(k.spacer(), k.button(label, new, icon=I.PERSON_ADD_ALT_1_ROUNDED, height=52)))
    head = ft.Container(k.col(*parts, gap=12), padding=k.pad(0, look.gutter, 12 if parts else 0, look.gutter))
    fab = k.floating_button(I.PERSON_ADD_ALT_1_ROUNDED, label, new) if phone else None
    return k.scaffold(
        k.t("frame.nav.users"), scroll_list(tiles), top=head, fab=fab, scrollable=False, max_width=WIDTH_PX
    )


def waiting_count(store: SqliteStore, online: Online) -> int:
    """How many have not signed in yet, without those who may not any more."""
    ended = {row["id"] for row in queries.people(store) if not row["active"]}
    return sum(1 for user_id, one in online.people.items() if not one.enrolled and user_id not in ended)


def waiting_notice(app: Any, online: Online) -> ft.Control:
    """What an administrator should look at, in words; or that the server cannot be asked."""
    if not online.known:
        return k.notice(online.words, "warn", icon=I.CLOUD_OFF_OUTLINED)
    now = app.now_ms()
    waiting = waiting_count(app.open_store, online)
    stale = sum(1 for one in online.devices if is_stale(one, now))
    said = [k.t("users.waiting", count=waiting)] if waiting else []
    said += [k.t("users.stale", count=stale)] if stale else []
    if not said:
        return k.notice(k.t("users.all_well"), "ok")
    return k.notice(said[0], "warn", detail=" ".join(said[1:]) or None)


def is_stale(device: DeviceState, now: int) -> bool:
    """Whether a device that was in use has been silent for days."""
    return device.revoked_at is None and device.last_sync_at is not None and now - device.last_sync_at > STALE_MS


def user_tile(row: dict[str, Any], online: Online | None, on_click: Any) -> ft.Control:
    """Name, role, team; on the right what is not as it should be."""
    app = use_app()
    state = online.people.get(row["id"]) if online else None
    badge = None
    if not row["active"]:
        badge = k.badge(k.t("users.inactive"), "mute")
    elif state is not None and not state.enrolled:
        badge = k.badge(k.t("users.invited"), "warn")
    elif state is not None and (state.locked_until or 0) > app.now_ms():
        badge = k.badge(k.t("users.locked"), "bad")
    said = [row["login"], k.t(f"choice.user.role.{row['role']}"), row["team"]]
    if state is not None and state.last_sync_at:
        said.append(k.t("users.last_sync", at=moment(state.last_sync_at, app.now_ms(), app.time_zone)))
    return k.tile(
        row["name"],
        " · ".join(part for part in said if part),
        leading=k.avatar(row["name"], 44, round_=True),
        trailing=badge,
        on_click=on_click,
        name=k.t("users.open", name=row["name"]),
    )
