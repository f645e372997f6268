"""The people who have work on this device."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state.session import SessionInfo
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.sync_pill import moment


def _lease_words(info: SessionInfo) -> str:
    app = use_app()
    if info.shut_out:
        return k.t("frame.people.shut_out")
    if info.signed_out:
        return k.t("frame.people.locked")
    if not app.doors.may_open(info):
        return k.t("frame.people.lease_over")
    return k.t("frame.people.open_until", until=moment(info.lease_until, app.now_ms(), info.org.time_zone))


@k.component
def PeopleList(people: list[SessionInfo], on_password: Callable[[SessionInfo], Any] | None = None) -> ft.Control:
    """Tap to go on working; who has to sign in first is sent to the password."""
    app = use_app()

    def choose(info: SessionInfo) -> Callable[[Any], Any]:
        async def tapped(_: object) -> None:
            if app.doors.may_open(info):
                await app.doors.close()
                await app.doors.open(info)
            elif on_password is not None:
                on_password(info)
            else:
                await app.doors.switch()

        return tapped

    tiles = [
        k.tile(
            person.user.name,
            f"{person.user.login} · {_lease_words(person)}",
            leading=k.avatar(person.user.name, 44, round_=True),
            trailing=ft.Icon(
                ft.Icons.LOCK_OUTLINE_ROUNDED if not app.doors.may_open(person) else ft.Icons.CHEVRON_RIGHT_ROUNDED,
                size=20,
                color=k.look().palette.text_soft,
            ),
            on_click=choose(person),
            name=f"{k.t('frame.people.choose', name=person.user.name)} · {_lease_words(person)}",
        )
        for person in people
    ]
    return k.col(k.caption(k.t("frame.people.title")), k.gap(8), k.list_card(*tiles))
