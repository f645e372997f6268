"""One widget for each kind of field. A field may have a designed widget of its own in ``OVERRIDES``."""

import datetime
from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.store.queries import accounts, setup
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.asked import asked_fields
from mobile.ui.forms.model import FormModel, tags_of
from mobile.ui.words import problem_words
from shared.catalog import ENTITIES, Field
from shared.fields import DECIMAL_KINDS, Kind
from shared.labels import choice_label, field_label, hint
from shared.timezone import instant_ms

Changed = Callable[[str, Any], None]
"""Called with the field's name and its new value in wire form."""
Redraw = Callable[[], None]
CHIPS_MAX = 5
"""Up to so many choices stand side by side; more become a drop-down."""

_KEYBOARDS = {
    Kind.PHONE: ft.KeyboardType.PHONE,
    Kind.EMAIL: ft.KeyboardType.EMAIL,
    Kind.INT: ft.KeyboardType.NUMBER,
    **{kind: ft.KeyboardType.NUMBER for kind in DECIMAL_KINDS},
}


def field_widget(
    model: FormModel, name: str, changed: Changed, redraw: Redraw, *, autofocus: bool = False
) -> ft.Control:
    """The widget of a field with its value, its hint and its error; the error takes the hint's place."""
    field = model.entity.fields[name]
    drawn = _widget(model, field, changed, redraw, autofocus=autofocus)
    bare = field.kind in _BARE or (model.entity.name, name) in OVERRIDES
    if not bare or name in model.errors:
        return drawn
    return k.helped(drawn, hint(k.look().language, model.entity.name, name))


def _widget(model: FormModel, field: Field, changed: Changed, redraw: Redraw, *, autofocus: bool) -> ft.Control:
    special = OVERRIDES.get((model.entity.name, field.name))
    if special is not None:
        return special(model, field, changed, redraw)
    match field.kind:
        case Kind.ENUM:
            return _choice(model, field, changed, redraw)
        case Kind.BOOL:
            return _flag(model, field, changed, redraw)
        case Kind.DATE:
            return _day(model, field, changed, redraw)
        case Kind.TIME:
            return _time(model, field, changed, redraw)
        case Kind.REF:
            return _reference(model, field, changed, redraw)
        case Kind.TAGS:
            return _tags(model, field, changed, redraw)
    return _text(model, field, changed, redraw, autofocus)


_BARE = frozenset({Kind.ENUM, Kind.DATE, Kind.TIME, Kind.REF})
"""Kinds whose widget has no place for a hint of its own."""


def label_of(model: FormModel, field: Field) -> str:
    """The field's label, with a star where it must be filled."""
    words = field_label(k.look().language, model.entity.name, field.name)
    return f"{words} *" if field.required else words


def error_of(model: FormModel, name: str) -> str | None:
    """The words of the field's error."""
    problem = model.errors.get(name)
    return problem_words(problem.code, problem.params) if problem else None


def _text(model: FormModel, field: Field, changed: Changed, redraw: Redraw, autofocus: bool) -> ft.Control:
    value = model.values[field.name]
    return k.text_field(
        label_of(model, field),
        "" if value is None else str(value),
        lambda e: changed(field.name, _typed(field, e.control.value)),
        error=error_of(model, field.name),
        helper=hint(k.look().language, model.entity.name, field.name) or None,
        multiline=field.kind is Kind.LONG_TEXT,
        keyboard=_keyboard(field),
        autofocus=autofocus,
        on_blur=_left(model, field.name, redraw),
    )


def _typed(field: Field, text: str) -> Any:
    """What was typed, in wire form; what is no whole number stays text, and the check says so."""
    if not text:
        return None if field.nullable else ""
    if field.kind is Kind.INT and text.strip().isascii() and text.strip().isdigit():
        return int(text)
    return text


def _left(model: FormModel, name: str, redraw: Redraw) -> Callable[[Any], None]:
    """Leaving a field whose error was corrected draws the form anew; while somebody types nothing has to be drawn."""
    shown = name in model.errors

    def left(_: Any) -> None:
        if shown and name not in model.errors:
            redraw()

    return left


def _keyboard(field: Field) -> ft.KeyboardType:
    if field.kind is Kind.LONG_TEXT:
        return ft.KeyboardType.MULTILINE
    return _KEYBOARDS.get(field.kind, ft.KeyboardType.TEXT)


def _choice(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    words = [(word, choice_label(k.look().language, model.entity.name, field.name, word)) for word in field.choices]
    value = model.values[field.name]

    def choose(word: str) -> None:
        changed(field.name, word)
        redraw()

    if len(words) <= CHIPS_MAX:
        chips = [k.chip(label, word == value, lambda _, word=word: choose(word)) for word, label in words]
        row = ft.Row(chips, spacing=8, run_spacing=8, wrap=True)
        return k.labelled(label_of(model, field), row, error=error_of(model, field.name))
    # Material's drop-down takes an empty value for "nothing chosen" and then shows its label in the field.
    drop = k.choice_field(
        label_of(model, field),
        value or None,
        [(w, x) for w, x in words if w],
        choose,
        error=error_of(model, field.name),
    )
    return k.row(drop)


def _flag(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    def switch(value: bool) -> None:
        changed(field.name, value)
        redraw()

    words = hint(k.look().language, model.entity.name, field.name) or None
    return k.switch_row(label_of(model, field), bool(model.values[field.name]), switch, detail=words)


def _day(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    def pick(value: str | None) -> None:
        changed(field.name, value)
        redraw()

    return k.date_field(
        label_of(model, field),
        model.values[field.name],
        pick,
        today=use_app().today().isoformat(),
        error=error_of(model, field.name),
    )


def _time(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    def pick(value: str | None) -> None:
        changed(field.name, value)
        redraw()

    return k.time_field(label_of(model, field), model.values[field.name], pick, error=error_of(model, field.name))


def _reference(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    target, value = ENTITIES[str(field.options.ref)], model.values[field.name]
    rows = setup.offered(use_app().open_store, target.name, value)
    names = [(row["id"], k.local(row, target.options.title)) for row in rows]
    if field.nullable:
        names.insert(0, ("", k.t("screen.none_chosen")))

    def choose(row_id: str | None) -> None:
        changed(field.name, row_id or None)
        redraw()

    error = error_of(model, field.name)
    return k.row(k.choice_field(label_of(model, field), value, names, choose, error=error))


def _tags(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    comma = "，" if k.look().language == "zh" else ", "
    return k.text_field(
        label_of(model, field),
        comma.join(model.values[field.name] or []),
        lambda e: changed(field.name, tags_of(e.control.value)),
        on_blur=_left(model, field.name, redraw),
        error=error_of(model, field.name),
        helper=hint(k.look().language, model.entity.name, field.name) or None,
    )


def _next_date(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    """The date of the next follow-up: three quick picks beside the calendar."""
    today = use_app().today()
    picks = (("tomorrow", 1), ("three_days", 3), ("next_week", 7))

    def pick(day: str | None) -> None:
        changed(field.name, day)
        if day is None and "due_time" in model.values:
            changed("due_time", None)
        redraw()

    chips = []
    for key, days in picks:
        day = (today + datetime.timedelta(days=days)).isoformat()
        chosen = model.values[field.name] == day
        chips.append(
            k.chip(k.t(f"screen.pick.{key}"), chosen, lambda _, day=day, chosen=chosen: pick(None if chosen else day))
        )
    return k.col(
        ft.Row(chips, spacing=8, run_spacing=8, wrap=True),
        k.gap(12),
        _day(model, field, lambda _, day: pick(day), redraw),
    )


def _next_time(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    """The time of the next follow-up. Without a day it is today's, or tomorrow's when that is over."""

    def take(name: str, value: str | None) -> None:
        changed(name, value)
        if value is not None and model.values.get("due_on", "") is None:
            app = use_app()
            today = app.today()
            over = instant_ms(today, value, app.time_zone) <= app.now_ms()
            changed("due_on", (today + datetime.timedelta(days=over)).isoformat())

    return _time(model, field, take, redraw)


def _own_contact(model: FormModel, field: Field, changed: Changed, redraw: Redraw) -> ft.Control:
    """A person at the customer of the row, or nobody."""
    account_id = model.given.get("account_id") or ""
    people = accounts.contacts(use_app().open_store, account_id)

    def choose(person: str) -> None:
        changed(field.name, None if person == model.values[field.name] else person)
        redraw()

    if not people:
        return k.labelled(label_of(model, field), k.soft(k.t("deals.no_contacts")), error=error_of(model, field.name))
    chips = [
        k.chip(one["name"], one["id"] == model.values[field.name], lambda _, one=one: choose(one["id"]))
        for one in people
    ]
    row = ft.Row(chips, spacing=8, run_spacing=8, wrap=True)
    return k.labelled(label_of(model, field), row, error=error_of(model, field.name))


OVERRIDES: dict[tuple[str, str], Callable[[FormModel, Field, Changed, Redraw], ft.Control]] = {
    ("activity", "due_on"): _next_date,
    ("activity", "due_time"): _next_time,
    ("opportunity", "contact_id"): _own_contact,
    ("stage", "required_fields"): asked_fields,
}
"""(entity, field) → designed widget."""
