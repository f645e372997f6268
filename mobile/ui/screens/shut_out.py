"""The locked door: this device or this user was shut out; the unsent work goes to the manager, then all goes."""

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session
from mobile.ui.screens.gate import front_page
from mobile.ui.screens.people import PeopleList
from mobile.ui.words import error_words

I = ft.Icons  # noqa: E741


@k.component
def ShutOutPage() -> ft.Control:
    """Why, how far the hand-in is, and what is open: trying now, a new sign-in, somebody else."""
    app, session = use_app(), use_session()
    info = session.info
    name = info.user.name if info else ""
    why = "user_inactive" if session.problem == "user_inactive" else "device_revoked"

    def again(_: object) -> None:
        app.shut_out.try_now()

    async def sign_in(_: object) -> None:
        await app.doors.sign_in_again()

    async def other(_: object) -> None:
        await app.doors.switch()

    state = session.handin if session.handin in ("waiting", "busy") else "sending"
    counts = {"frame.shut_out.unsent": session.unsent, "frame.shut_out.files": session.unsent_files}
    unsent = " ".join(k.t(key, count=count) for key, count in counts.items() if count) or None
    said = k.t(f"frame.shut_out.{state}")
    if session.handin == "held_up" and session.held_up is not None:
        state, said = "held_up", error_words(session.held_up)
    parts: list[ft.Control] = [
        k.section_title(k.t(f"frame.shut_out.{why}", name=name), 20),
        k.gap(6),
        k.soft(k.t("frame.shut_out.line")),
        k.gap(20),
        k.notice(
            said,
            "info" if state == "sending" else "warn",
            detail=unsent,
            icon=I.CLOUD_UPLOAD_OUTLINED if state == "sending" else I.CLOUD_OFF_ROUNDED,
            live=True,
        ),
        k.gap(16),
    ]
    if state != "sending":
        parts += [k.button(k.t("frame.shut_out.again"), again, icon=I.REFRESH_ROUNDED, height=56), k.gap(8)]
    parts.append(k.button(k.t("frame.shut_out.sign_in"), sign_in, kind="outlined", icon=I.LOGIN_ROUNDED, height=52))
    others = [person for person in app.people if info is None or person.key != info.key]
    parts += [k.gap(8), k.button(k.t("frame.people.other"), other, kind="text")]
    if others:
        parts += [k.gap(16), PeopleList(others)]
    return front_page(*parts)
