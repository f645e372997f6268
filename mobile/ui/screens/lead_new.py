"""Capturing a lead at the booth: three fields, what they want, how warm they are; saved on the phone in seconds."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.platform.ports import PlatformError
from mobile.state.app import App
from mobile.state.attachments import TakenFile
from mobile.state.lead_capture import DRAFT, NEXT_STEPS, Capture, capture_of, keep
from mobile.store.queries import leads
from mobile.store.queries.leads import Same
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.palette import FONT
from mobile.ui.screens.actions import run, run_or_tell
from mobile.ui.screens.attachment_parts import ChosenFiles, OnFiles, pick_photos, use_picker
from mobile.ui.screens.lead_known import Known, route_of
from mobile.ui.screens.lead_parts import grade_picker, question_chips
from mobile.ui.screens.voice_parts import RecordButton
from mobile.ui.words import error_words, problem_words
from shared.codec import Row
from shared.errors import CaravanError
from shared.labels import field_label
from shared.protocol import Command
from shared.rules import cards
from shared.rules.leads import phone_key, title
from shared.timezone import DAY_MS, day_start_ms

I = ft.Icons  # noqa: E741
WIDTH_PX = 720
FIELDS: dict[str, tuple[Any, ft.KeyboardType]] = {
    "name": (I.PERSON_OUTLINE_ROUNDED, ft.KeyboardType.NAME),
    "phone": (I.SMARTPHONE_ROUNDED, ft.KeyboardType.PHONE),
    "company": (I.STOREFRONT_OUTLINED, ft.KeyboardType.TEXT),
    "position": (I.BADGE_OUTLINED, ft.KeyboardType.TEXT),
    "email": (I.MAIL_OUTLINE_ROUNDED, ft.KeyboardType.EMAIL),
    "wechat": (I.CHAT_OUTLINED, ft.KeyboardType.TEXT),
    "note": (None, ft.KeyboardType.MULTILINE),
}
SCAN_WORDS = ("title", "hint", "photo", "type", "looking", "nothing", "denied", "no_camera")
FIRST, MORE = ("name", "phone", "company"), ("position", "email", "wechat", "note")


def place(app: App, capture: Capture) -> None:
    """Sets the show that runs today and where its leads come from, unless somebody has chosen."""
    if capture.chosen:
        return
    event = leads.running(app.open_store, app.today().isoformat())
    sources = leads.sources(app.open_store) if event else []
    capture.event_id = event["id"] if event else None
    capture.source_id = sources[0]["id"] if sources else None


def note(app: App, capture: Capture) -> None:
    """Keeps what was typed or tapped: a phone may close the app behind its camera."""
    keep(app.open_store, capture, app.now_ms())


def note_files(app: App, capture: Capture) -> None:
    """Keeps the photos and recordings, for the same reason."""
    app.attachments.hold(DRAFT, capture.files)


@k.component
def NewLeadScreen() -> ft.Control:
    """``/leads/new``."""
    page, app = ft.context.page, use_app()
    capture = capture_of(app.open_store, lambda: app.attachments.held(DRAFT))
    place(app, capture)
    _, draw = ft.use_state(0)
    day = day_start_ms(app.today(), app.time_zone)
    bounds, me = (day, day + DAY_MS), app.actor.user_id
    count = use_live(lambda s: leads.captured(s, bounds, me), leads.TOUCHED, bounds, me)
    event = use_live(lambda s: s.get("event", capture.event_id or ""), ["event"], capture.event_id)

    def redraw() -> None:
        draw(lambda version: version + 1)

    def save(joins: Same | None, *, stay: bool) -> None:
        if not capture.check():
            redraw()
            return
        saved = store_lead(app, capture, joins)
        if isinstance(saved, CaravanError):
            k.snack(page, error_words(saved), status="bad")
            return
        confirm(page, app, saved, joins)
        capture.next()
        if stay:
            redraw()
        else:
            page.navigate(_shown(saved, joins))

    def join(one: Same) -> None:
        save(one, stay=True)

    def clear(_: Any) -> None:
        if capture.is_empty():
            return
        before = capture.throw()
        note(app, capture)
        note_files(app, capture)
        for file in before:
            app.attachments.forget(file)
        redraw()
        k.snack(page, k.t("leads.cleared"), action=k.t("frame.undo"), on_action=put_back)

    def put_back(_: Any) -> None:
        capture.put_back()
        note(app, capture)
        note_files(app, capture)
        redraw()

    def photo(files: list[TakenFile]) -> None:
        capture.files.extend(files)
        redraw()
        note_files(app, capture)

    def drop(number: int) -> None:
        file = capture.files.pop(number)
        note_files(app, capture)
        app.attachments.forget(file)
        redraw()

    said = " · ".join([k.local(event, "name") if event else k.t("leads.no_event"), k.t("leads.today", count=count + 1)])
    parts: list[ft.Control] = [
        k.row(
            *([ScanButton(capture, redraw)] if app.platform.can_scan else []),
            PhotoButton(photo),
            *([RecordButton(k.t("voice.short"), photo, "tonal", 56)] if app.platform.can_record else []),
            gap=8,
        ),
        k.gap(16),
        WhoFields(capture, FIRST, join, key=f"who {capture.count}"),
        *([ChosenFiles(list(capture.files), drop)] if capture.files else []),
        k.gap(8),
        Qualifying(capture, event, key=f"what {capture.count}"),
        More(capture, join, redraw, key=f"more {capture.count}"),
        k.row(k.button(k.t("leads.clear"), clear, icon=I.BACKSPACE_OUTLINED, kind="text")),
    ]
    foot = k.footbar(
        k.button(k.t("leads.save"), lambda _: save(None, stay=False), kind="outlined", height=52, width=104),
        k.button(
            k.t("leads.save_next"),
            lambda _: save(None, stay=True),
            icon=I.ARROW_FORWARD_ROUNDED,
            height=52,
            expand=True,
        ),
    )
    # Leaving asks nothing: what was typed is still here afterwards.
    return k.scaffold(k.t("leads.capture"), k.col(*parts), subtitle=said, back="/leads", foot=foot, max_width=WIDTH_PX)


@k.component
def ScanButton(capture: Capture, redraw: Callable[[], None]) -> ft.Control:
    """Reads a card or a badge into the form; what cannot be read is typed."""
    page, app = ft.context.page, use_app()

    async def scan(_: Any) -> None:
        words = {key: k.t(f"leads.scan.{key}") for key in SCAN_WORDS}
        try:
            code = await app.platform.scan_code(words)
        except PlatformError as error:
            app.errors.add(error, "scanner")
            k.snack(page, k.t("leads.scan.failed"), status="bad")
            return
        found = cards.read(code.text or cards.decode(code.data)) if code else {}
        if found:
            capture.fill(found)
            note(app, capture)
            redraw()
            k.snack(page, k.t("leads.scan.done"))
        elif code:
            k.snack(page, k.t("leads.scan.empty"), status="warn")

    return k.button(k.t("leads.scan"), scan, icon=I.QR_CODE_SCANNER_ROUNDED, kind="tonal", height=56, expand=True)


@k.component
def PhotoButton(on_files: OnFiles) -> ft.Control:
    """The camera of a phone, or pictures that are there."""
    photos = pick_photos(use_picker(on_files))
    return k.button(
        k.t("leads.photo"), icon=I.PHOTO_CAMERA_ROUNDED, kind="tonal", height=56, action=photos, expand=True
    )


def store_lead(app: App, capture: Capture, joins: Same | None) -> list[Command] | CaravanError:
    """Saves the lead with its photos in one transaction: the commands, or why nothing was saved."""
    commands = capture.commands(app.new_id, joins)
    # A merge moves the files of the lead that it ends, so they come before it.
    commands[1:1] = app.attachments.commands(capture.files, lead_id=commands[0].args["id"])

    def beside() -> None:
        app.attachments.publish(capture.files, DRAFT)
        app.open_store.delete_draft(DRAFT)

    return run(app, commands, beside=beside) or commands


def _shown(commands: list[Command], joins: Same | None) -> str:
    """Where *save* leads: to the lead, or to whom it was added."""
    if joins is None:
        return f"/leads/{commands[0].args['id']}"
    return route_of(joins)


def confirm(page: ft.Page, app: App, commands: list[Command], joins: Same | None) -> None:
    """Says quietly what was saved; one tap takes it back, unless it went into something that was there."""
    lead_id, name = commands[0].args["id"], title(commands[0].args["values"])
    if joins is not None:
        k.snack(page, k.t("leads.joined", name=name, other=joins.name))
        return

    def undo(_: Any) -> None:
        if run_or_tell(page, app, [Command("lead.delete", {"id": lead_id})]):
            k.snack(page, k.t("leads.taken_back", name=name))

    k.snack(page, k.t("leads.saved", name=name), action=k.t("frame.undo"), on_action=undo)


@k.component
def WhoFields(capture: Capture, names: tuple[str, ...], on_join: Callable[[Same], None]) -> ft.Control:
    """Some of the fields, and what this device knows about the person while somebody types in them."""
    page, app = ft.context.page, use_app()
    typed, set_typed = ft.use_state(lambda: dict(capture.texts))
    asked = [typed[name] if name in names else "" for name in ("phone", "email", "company")]
    found = use_live(lambda s: leads.same(s, *asked), leads.TOUCHED, *asked)
    people = use_live(leads.people_count, leads.TOUCHED)
    alone = bool(phone_key(asked[0])) and not any(one.why == "phone" for one in found)

    def changed(name: str, value: str) -> None:
        capture.texts[name] = value
        capture.errors.pop(name, None)
        note(app, capture)
        set_typed(dict(capture.texts))

    def field(name: str) -> ft.Control:
        icon, keyboard = FIELDS[name]
        problem = capture.errors.get(name)
        tick = ft.Icon(I.CHECK_CIRCLE_ROUNDED, color=k.look().palette.status["ok"].fg)
        return k.text_field(
            field_label(k.look().language, "lead", name),
            typed[name],
            lambda e: changed(name, e.control.value),
            icon=icon,
            error=problem_words(problem.code, problem.params) if problem else None,
            multiline=name == "note",
            keyboard=keyboard,
            autofocus=name == "name" and capture.is_empty(),
            suffix_icon=tick if name == "phone" and alone else None,
        )

    parts: list[ft.Control] = []
    for name in names:
        parts.append(field(name))
        # Always there: a part that comes and goes would rebuild the field below and take its focus.
        told = _unknown(people) if name == "phone" and alone else None
        parts.append(ft.Container(told, padding=k.pad(6, 0, 10, 14) if told else k.pad(6, 0)))
    joined = [Known(found, on_join, lambda one: page.navigate(route_of(one)))] if found else []
    return k.col(*parts, k.col(*joined))


def _unknown(people: int) -> ft.Control:
    words = k.t("leads.unknown_number", count=people)
    return ft.Semantics(content=k.status_line(words, "ok", size=12), live_region=True, container=True)


@k.component
def More(capture: Capture, on_join: Callable[[Same], None], redraw: Callable[[], None]) -> ft.Control:
    """The rest, for those who have the time: position, e-mail, WeChat, a note, another show or source."""

    def show(_: Any) -> None:
        capture.more = True
        redraw()

    if not capture.more:
        return k.row(k.link(k.t("leads.more"), show, I.EXPAND_MORE_ROUNDED))
    return k.col(WhoFields(capture, MORE, on_join), Origin(capture, redraw))


@k.component
def Origin(capture: Capture, redraw: Callable[[], None]) -> ft.Control:
    """The show and the source, when another one is meant than today's."""
    app = use_app()
    events = use_live(
        lambda s: [one for one in leads.events(s) if one["active"] or one["id"] == capture.event_id], ["event"],
        capture.event_id,
    )  # fmt: skip
    sources = use_live(leads.sources, ["lead_source"])

    def choose(name: str, value: str) -> None:
        setattr(capture, name, value or None)
        capture.chosen = True
        note(app, capture)
        redraw()

    def drop(name: str, rows: list[Row]) -> ft.Control:
        words = [("", k.t("screen.none_chosen")), *((row["id"], k.local(row, "name")) for row in rows)]
        label = field_label(k.look().language, "lead", name)
        return k.row(k.choice_field(label, getattr(capture, name) or "", words, lambda value: choose(name, value)))

    return k.col(drop("event_id", events), drop("source_id", sources), gap=12)


@k.component
def Qualifying(capture: Capture, event: Row | None) -> ft.Control:
    """The show's questions as chips, the next step, the grade, the consent: each one tap."""
    app = use_app()
    _, draw = ft.use_state(0)

    def tapped() -> None:
        note(app, capture)
        draw(lambda version: version + 1)

    def set_answers(answers: list[str]) -> None:
        capture.answers = answers
        tapped()

    def set_grade(grade: str) -> None:
        capture.grade = "" if capture.grade == grade else grade
        tapped()

    def choose_step(words: str, days: int | None) -> None:
        capture.choose_step(words, days, app.today())
        tapped()

    def agree(event: Any) -> None:
        capture.consent = bool(event.control.value)
        note(app, capture)

    steps = []
    for key, days in NEXT_STEPS:
        words = k.t(f"leads.step.{key}")
        steps.append(k.chip(words, capture.next_step == words, lambda _, w=words, d=days: choose_step(w, d)))
    when = (
        [k.gap(6), k.caption(k.t("leads.step.on", day=k.format_day(capture.next_step_on)))]
        if capture.next_step_on
        else []
    )
    consent = ft.Checkbox(
        label=field_label(k.look().language, "lead", "consent"),
        value=capture.consent,
        on_change=agree,
        label_style=ft.TextStyle(size=14, font_family=FONT, color=k.look().palette.text),
    )
    return k.col(
        *question_chips(event, capture.answers, set_answers),
        k.labelled(
            field_label(k.look().language, "lead", "next_step"),
            ft.Row(steps, spacing=8, run_spacing=8, wrap=True),
            *when,
        ),
        k.gap(16),
        k.labelled(field_label(k.look().language, "lead", "grade"), grade_picker(capture.grade, set_grade)),
        k.gap(12),
        ft.Container(consent, height=48),
    )
