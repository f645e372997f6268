"""What stands before the product: opening, open elsewhere, storage refused, or the sign-in."""

from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session
from mobile.ui.logo import logo
from mobile.ui.screens.people import PeopleList


def front_page(*parts: ft.Control, narrow: int = 440) -> ft.Control:
    """Logo and motto above the parts; centred in wide windows."""
    wide = k.look().layout != "phone"
    brand = k.row(
        logo(56),
        k.col(k.text(k.t("frame.app.name"), 24, 600), k.soft(k.t("frame.app.motto")), stretch=False),
        gap=16,
    )
    body = ft.Container(k.col(brand, k.gap(32), *parts), width=narrow if wide else None, padding=k.pad(32, 20, 24, 20))
    column = ft.Column(
        [body],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER if wide else k.STRETCH,
        alignment=ft.MainAxisAlignment.CENTER if wide else ft.MainAxisAlignment.START,
    )
    return ft.Column([column, _language_foot()], spacing=0, expand=True, horizontal_alignment=k.STRETCH)


def page_problem(words: str) -> ft.Control:
    """A refusal that belongs to no field. Always a child of its page, also without words: were it inserted and taken
    away, the fields below would be mounted anew, and what is being typed would be lost."""
    notice = [k.notice(words, "warn", icon=ft.Icons.CLOUD_OFF_ROUNDED, live=True), k.gap(16)] if words else []
    return k.col(*notice)


def _language_foot() -> ft.Control:
    app, page = use_app(), ft.context.page

    async def switch(_: object) -> None:
        from mobile.ui.root import choose_look

        await choose_look(page, app, language="en" if app.look.language == "zh" else "zh")

    return ft.Container(
        k.row(
            k.link(k.t("frame.language.other"), switch, ft.Icons.TRANSLATE_ROUNDED),
            alignment=ft.MainAxisAlignment.CENTER,
        ),
        padding=k.pad(4, 16, 12, 16),
    )


@k.component
def GatePage() -> ft.Control:
    """By the session's phase."""
    session = use_session()
    if session.phase == "signed_out":
        from mobile.ui.screens.sign_in import SignInPage

        return SignInPage()
    if session.phase in ("elsewhere", "handed_over"):
        return ElsewherePage()
    if session.phase == "blocked":
        return BlockedPage()
    if session.phase == "shut_out":
        from mobile.ui.screens.shut_out import ShutOutPage

        return ShutOutPage()
    return k.loading(k.t("frame.opening"))


@k.component
def ElsewherePage() -> ft.Control:
    """The user's database is open in another tab: take it over, or let somebody else work here."""
    app, session = use_app(), use_session()
    busy, set_busy = ft.use_state(False)
    name = session.info.user.name if session.info else ""
    handed = session.phase == "handed_over"

    async def take_over(_: object) -> None:
        set_busy(True)
        await app.doors.take_over()
        set_busy(False)

    async def other(_: object) -> None:
        await app.doors.switch()

    why = session.problem if session.problem in ("frozen", "waiting", "refused") else ""
    parts = [
        k.section_title(k.t("frame.elsewhere.handed" if handed else "frame.elsewhere.title", name=name), 20),
        k.gap(6),
        k.soft(k.t("frame.elsewhere.line")),
        k.gap(20),
    ]
    if why:
        parts += [k.notice(k.t(f"frame.elsewhere.{why}"), "warn", live=True), k.gap(16)]
    parts += [
        k.button(
            k.t("frame.elsewhere.busy" if busy else "frame.elsewhere.take"),
            take_over,
            icon=ft.Icons.TAB_ROUNDED,
            height=56,
            disabled=busy,
        ),
        k.gap(8),
        k.button(k.t("frame.people.other"), other, kind="outlined", height=52, disabled=busy),
    ]
    others = [person for person in app.people if session.info is None or person.key != session.info.key]
    if others:
        parts += [k.gap(24), PeopleList(others)]
    return front_page(*parts)


@k.component
def BlockedPage() -> ft.Control:
    """The database cannot be opened: say why, what is safe, what to do."""
    app, session = use_app(), use_session()
    reason = session.problem if session.problem in ("denied", "full", "damaged") else "failed"

    async def again(_: object) -> None:
        if session.info is not None:
            await app.doors.open(session.info)

    async def save_log(_: object) -> None:
        await app.platform.save_file("caravan-errors.json", app.errors.export(), "application/json")

    async def other(_: object) -> None:
        await app.doors.switch()

    return front_page(
        k.notice(
            k.t(f"frame.blocked.{reason}"),
            "bad",
            detail=k.t(f"frame.blocked.{reason}.todo"),
            icon=ft.Icons.STORAGE_ROUNDED,
        ),
        k.gap(12),
        k.caption(session.detail[:200], lines=3),
        k.gap(16),
        k.button(k.t("frame.blocked.again"), again, icon=ft.Icons.REFRESH_ROUNDED, height=56),
        k.gap(8),
        k.button(k.t("frame.people.other"), other, kind="outlined", height=52),
        k.gap(8),
        k.button(k.t("frame.settings.export_errors"), save_log, kind="text"),
    )


def eye(form: Any, steps: Any) -> ft.Control:
    """Beside a password: shows it, or hides it again. ``form.shown`` is how it stands, ``steps.toggle()`` turns it."""
    return k.icon_button(
        ft.Icons.VISIBILITY_OFF_OUTLINED if form.shown else ft.Icons.VISIBILITY_OUTLINED,
        k.t("frame.sign_in.hide" if form.shown else "frame.sign_in.show"),
        lambda _: steps.toggle(),
    )
