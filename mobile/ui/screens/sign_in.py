"""Sign-in: who, password, code; or password, enrolment, first code. Every refusal stands at its field."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import Any

import flet as ft

from mobile.state.auth import AuthProblem, Challenge, Enrolment
from mobile.state.session import SessionInfo
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session
from mobile.ui.screens.enrol import EnrolStep
from mobile.ui.screens.gate import eye, front_page, page_problem
from mobile.ui.screens.own_password import OwnPasswordStep
from mobile.ui.screens.people import PeopleList
from mobile.ui.words import problem_words
from sync.ports import TransportError

STEP_S = 30
CODE_ERRORS = ("code_wrong", "code_used", "code_expired")


@dataclass(frozen=True)
class Form:
    """What the page holds between two drawings."""

    person: SessionInfo | None = None
    """A known user was chosen; None with ``typing``: somebody new."""
    typing: bool = False
    login: str = ""
    password: str = ""
    shown: bool = False
    """Whether the password can be read."""
    own: str = ""
    """The password that the person chooses in place of one that opens once."""
    own_done: bool = False
    code: str = ""
    challenge: Challenge | None = None
    enrolment: Enrolment | None = None
    busy: bool = False
    field: str = ""
    """Which field ``words`` belongs to: login, password, code, or empty for the page."""
    words: str = ""
    locked_s: int = 0


@k.component
def SignInPage() -> ft.Control:
    """The page for everybody who is not signed in."""
    app, session = use_app(), use_session()
    form, set_form = ft.use_state(lambda: _first_form(app.wanted))
    steps = _Steps(app, set_form)
    if form.challenge is not None and form.challenge.choose_password and not form.own_done:
        return front_page(OwnPasswordStep(form, steps))
    if form.challenge is not None and form.enrolment is not None:
        return front_page(EnrolStep(form, steps))
    if form.challenge is not None:
        return front_page(CodeStep(form, steps))
    if app.people and not form.typing:
        return front_page(_cleared(session), _people(app, session, steps))
    return front_page(_cleared(session), _password(app, form, steps))


def _cleared(session: Any) -> ft.Control:
    """After a lock-out came to its end. Always a child of its page, as ``page_problem``."""
    if session.problem != "handed_in":
        return k.col()
    words = k.t("frame.shut_out.handed_in"), k.t("frame.shut_out.handed_in.line")
    parts = [k.notice(words[0], "info", detail=words[1], icon=ft.Icons.PHONELINK_OFF_OUTLINED, live=True), k.gap(16)]
    if session.unsent_files:
        said = k.t("frame.shut_out.kept", count=session.unsent_files)
        detail = k.t("frame.shut_out.kept.line")
        parts += [k.notice(said, "warn", detail=detail, icon=ft.Icons.ATTACH_FILE_ROUNDED, live=True), k.gap(16)]
    return k.col(*parts)


def _first_form(wanted: SessionInfo | None) -> Form:
    return Form(person=wanted, typing=True, login=wanted.user.login) if wanted else Form()


class _Steps:
    """The handlers. ``change`` takes the fields to replace: a handler never trusts an old drawing's values."""

    def __init__(self, app: Any, set_form: Any) -> None:
        self.app = app
        self._set = set_form

    def change(self, **fields: Any) -> None:
        self._set(lambda old: replace(old, **fields))

    def choose(self, person: SessionInfo | None) -> None:
        self.change(
            person=person, typing=True, login=person.user.login if person else "", password="", field="", words=""
        )

    def toggle(self) -> None:
        self._set(lambda old: replace(old, shown=not old.shown))

    def back(self) -> None:
        self._set(lambda old: Form(person=old.person, typing=old.typing, login=old.login))

    def list_people(self) -> None:
        self._set(lambda _: Form())

    async def send_password(self, form: Form) -> None:
        login, device_id = form.login.strip(), form.person.device_id if form.person else None
        if not login or not form.password:
            empty = "password" if login else "login"
            self.change(field=empty, words=k.t(f"frame.sign_in.{empty}_missing"))
            return
        self.change(busy=True, field="", words="")
        try:
            challenge = await self.app.auth.password(login, form.password, device_id, self.app.device_name())
            enrolment = None if challenge.enrolled else await self.app.auth.enrol(challenge.challenge)
        except (AuthProblem, TransportError) as problem:
            self._refused(problem, "password")
            return
        self.change(busy=False, challenge=challenge, enrolment=enrolment, login=login, password="", code="", words="")

    async def send_code(self, form: Form, code: str) -> None:
        assert form.challenge is not None
        self.change(busy=True, field="", words="", code=code)
        send = self.app.auth.confirm_enrolment if form.enrolment else self.app.auth.totp
        try:
            info, tokens = await send(form.challenge.challenge, code, form.login, form.own)
        except (AuthProblem, TransportError) as problem:
            if isinstance(problem, AuthProblem) and problem.code.startswith("password_"):
                self.change(own_done=False)
            self._refused(problem, "code")
            return
        await self.app.doors.signed_in(info, tokens)

    def _refused(self, problem: AuthProblem | TransportError, field: str) -> None:
        if isinstance(problem, TransportError):
            self.change(busy=False, field="", words=k.t(f"frame.sign_in.no_answer.{_reason(problem)}"))
            return
        words = problem_words(problem.code, problem.params, detail=problem.detail, todo=problem.todo)
        if problem.code == "challenge_expired":
            self._set(lambda old: Form(person=old.person, typing=True, login=old.login, words=words))
            return
        self.change(
            busy=False,
            field=field,
            words=words,
            code="",
            locked_s=int(problem.params.get("seconds") or 0) if problem.code == "account_locked" else 0,
        )


def _reason(problem: TransportError) -> str:
    return "server" if problem.reason == "server" else "offline"


def _people(app: Any, session: Any, steps: _Steps) -> ft.Control:
    parts: list[ft.Control] = []
    if session.problem == "lease_over":
        parts += [
            k.notice(
                k.t("frame.lease.over"), "warn", detail=k.t("frame.lease.over.line"), icon=ft.Icons.LOCK_CLOCK_OUTLINED
            ),
            k.gap(16),
        ]
    parts += [
        PeopleList(app.people, steps.choose),
        k.gap(16),
        k.button(
            k.t("frame.people.other"),
            lambda _: steps.choose(None),
            icon=ft.Icons.PERSON_ADD_ALT_1_ROUNDED,
            kind="outlined",
            height=52,
        ),
    ]
    return k.col(*parts)


def person_card(name: str, login: str, org: str, on_other: Any) -> ft.Control:
    """Who is signing in, and the way to somebody else. Of somebody new only the login is known; it stands once."""
    below = [" · ".join(part for part in (login, org) if part)] if name else []
    return k.card(
        k.row(
            k.avatar(name or login, 44, round_=True),
            ft.Container(
                k.col(k.text(name or login, 16, 600, lines=1), *[k.caption(line) for line in below]),
                expand=True,
            ),
            k.link(k.t("frame.sign_in.other"), on_other),
            gap=12,
        ),
        k.pad(10, 12),
    )


def _password(app: Any, form: Form, steps: _Steps) -> ft.Control:
    person = form.person

    async def submit(_: object) -> None:
        await steps.send_password(form)

    parts: list[ft.Control] = [page_problem("" if form.field else form.words)]
    if person is not None:
        parts += [
            person_card(person.user.name, person.user.login, person.org.name, lambda _: steps.list_people()),
            k.gap(28),
        ]
    parts += [k.section_title(k.t("frame.sign_in.title"), 20), k.gap(4), k.soft(k.t("frame.sign_in.line")), k.gap(20)]
    fields: list[ft.Control] = []
    if person is None:
        fields += [
            k.text_field(
                k.t("frame.sign_in.login"),
                form.login,
                lambda e: steps.change(login=e.control.value, field="", words=""),
                error=form.words if form.field == "login" else None,
                icon=ft.Icons.PERSON_OUTLINE_ROUNDED,
                autofill_hints=[ft.AutofillHint.USERNAME],
                capitalization=ft.TextCapitalization.NONE,
                autocorrect=False,
            ),
            k.gap(16),
        ]
    fields.append(
        k.text_field(
            k.t("frame.sign_in.password"),
            form.password,
            lambda e: steps.change(password=e.control.value, field="", words=""),
            error=form.words if form.field == "password" else None,
            icon=ft.Icons.LOCK_OUTLINE_ROUNDED,
            password=not form.shown,
            suffix_icon=eye(form, steps),
            on_submit=submit,
            autofill_hints=[ft.AutofillHint.PASSWORD],
        )
    )
    parts += [*fields, k.gap(20)]
    parts.append(
        k.button(
            k.t("frame.sign_in.checking" if form.busy else "frame.sign_in.next"), submit, height=56, disabled=form.busy
        )
    )
    if person is None and app.people:
        parts += [k.gap(8), k.button(k.t("frame.back"), lambda _: steps.list_people(), kind="text")]
    if not app.people:
        parts += [k.gap(24), k.caption(k.t("frame.sign_in.first"), lines=3)]
    return k.col(*parts)


@k.component
def CodeStep(form: Form, steps: _Steps) -> ft.Control:
    """Six digits of the authenticator; the sixth sends."""
    app = use_app()
    left, set_left = ft.use_state(_seconds_left(app.now_ms()))

    async def tick() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(1)
                set_left(_seconds_left(app.now_ms()))

    k.use_effect(tick, [])
    person = form.person

    async def typed(code: str) -> None:
        # The field is never disabled: enabled again, it would stay read-only for screen readers.
        steps.change(code=code, field="" if code else form.field, words="" if code else form.words)
        if len(code) == 6 and not form.busy:
            await steps.send_code(form, code)

    async def submit(_: object) -> None:
        if len(form.code) == 6:
            await steps.send_code(form, form.code)
        else:
            steps.change(field="code", words=k.t("frame.sign_in.code_missing"))

    p = k.look().palette
    name, org = (person.user.name, person.org.name) if person else ("", "")
    parts: list[ft.Control] = [person_card(name, form.login, org, lambda _: steps.back()), k.gap(28)]
    parts.append(page_problem("" if form.field else form.words))
    page = ft.context.page
    parts += [
        k.section_title(k.t("frame.sign_in.code"), 20),
        k.gap(4),
        k.soft(k.t("frame.sign_in.code_line")),
        k.gap(20),
        k.code_boxes(
            form.code,
            lambda code: page.run_task(typed, code),
            label=k.t("frame.sign_in.code_label"),
            error=form.words if form.field == "code" else None,
        ),
        k.gap(16),
        k.row(
            ft.ProgressRing(value=left / STEP_S, width=20, height=20, stroke_width=3, color=p.primary, bgcolor=p.high),
            k.soft(k.t("frame.sign_in.code_left", seconds=left), expand=True),
            gap=10,
        ),
        k.gap(20),
        k.button(
            k.t("frame.sign_in.checking" if form.busy else "frame.sign_in.submit"),
            submit,
            height=56,
            disabled=form.busy,
        ),
        k.gap(8),
        k.button(k.t("frame.back"), lambda _: steps.back(), kind="text", disabled=form.busy),
    ]
    return k.col(*parts)


def _seconds_left(now_ms: int) -> int:
    return STEP_S - now_ms // 1000 % STEP_S
