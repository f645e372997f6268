"""Fields of forms: label above the line, error at the field, 16 px text."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from mobile.ui.kit.layout import CENTER, Click, box, col, gap, pad, row, tappable
from mobile.ui.kit.text import caption, text
from mobile.ui.kit.text_input import text_input
from mobile.ui.look import look, t
from mobile.ui.palette import FONT
from mobile.ui.theme import RADIUS_FIELD, style

CODE_DIGITS = 6
NOON = "12:00"


def text_field(
    label: str,
    value: str,
    on_change: Click,
    *,
    error: str | None = None,
    helper: str | None = None,
    icon: Any = None,
    multiline: bool = False,
    password: bool = False,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    **options: Any,
) -> ft.Control:
    """An outlined field. ``error`` stands under it, in words that say what to do."""
    p = look().palette
    return text_input(
        value,
        on_change,
        label=label,
        error=error,
        helper=helper,
        prefix_icon=icon,
        multiline=multiline,
        min_lines=3 if multiline else None,
        max_lines=8 if multiline else 1,
        password=password,
        keyboard_type=keyboard,
        text_size=16,
        filled=True,
        fill_color=p.card,
        border_radius=RADIUS_FIELD,
        border_color=p.outline,
        focused_border_color=p.primary,
        focused_border_width=2,
        content_padding=pad(16),
        label_style=ft.TextStyle(font_family=FONT, size=14, color=p.text_soft),
        error_max_lines=3,
        helper_max_lines=3,
        error_style=style(12, 400, p.status["bad"].fg),
        helper_style=style(12, 400, p.text_soft),
        **options,
    )


def choice_field(
    label: str,
    value: str | None,
    choices: Sequence[tuple[str, str]],
    on_select: Callable[[str], Any],
    *,
    error: str | None = None,
    **options: Any,
) -> ft.Dropdown:
    """One of a few: ``choices`` are (value, words). For two to five options chips are quicker."""
    p = look().palette
    return ft.Dropdown(
        label=label,
        value=value,
        options=[ft.DropdownOption(key=key, text=words) for key, words in choices],
        on_select=lambda e: on_select(e.control.value),
        error_text=error,
        expand=True,
        filled=True,
        fill_color=p.card,
        border_radius=RADIUS_FIELD,
        border_color=p.outline,
        focused_border_color=p.primary,
        text_size=16,
        label_style=ft.TextStyle(font_family=FONT, size=14, color=p.text_soft),
        enable_search=False,
        **options,
    )


def field_error(words: str | None) -> ft.Control:
    """The error line of a control that has none of its own. Read aloud when it appears."""
    if not words:
        return ft.Container(height=0)
    color = look().palette.status["bad"].fg
    return ft.Semantics(
        live_region=True,
        container=True,
        content=ft.Container(
            row(ft.Icon(ft.Icons.ERROR_ROUNDED, size=14, color=color), text(words, 12, 400, color, expand=True), gap=4),
            padding=pad(6, 0, 0, 4),
        ),
    )


def labelled(label: str, *controls: ft.Control, error: str | None = None) -> ft.Control:
    """A wrapper that gives any control a label above and an error below."""
    return col(caption(label), gap(6), *controls, field_error(error))


def helped(control: ft.Control, helper: str) -> ft.Control:
    """A control with a hint below, as text fields have one."""
    return col(control, ft.Container(caption(helper, lines=3), padding=pad(6, 0, 0, 4))) if helper else control


def format_day(day: str | None) -> str:
    """A business date in the window's language: 11月22日 周六, Sat 22 Nov."""
    if not day:
        return ""
    date = datetime.date.fromisoformat(day)
    names = t("frame.weekdays").split(" ")
    months = t("frame.months").split(" ")
    return t("frame.day", weekday=names[date.weekday()], day=date.day, month=months[date.month - 1])


def date_field(
    label: str,
    value: str | None,
    on_pick: Callable[[str | None], Any],
    *,
    today: str,
    error: str | None = None,
    can_clear: bool = True,
) -> ft.Control:
    """A business date, ISO text. Opens Material's calendar; the cross empties it."""
    page = ft.context.page

    def picked(event: Any) -> None:
        if event.control.value is not None:
            on_pick(_as_day(event.control.value))

    def open_calendar(_: Any) -> None:
        base = datetime.date.fromisoformat(value or today)
        page.show_dialog(
            ft.DatePicker(
                value=datetime.datetime(base.year, base.month, base.day),
                current_date=datetime.datetime.fromisoformat(today),
                first_date=datetime.datetime(2000, 1, 1),
                last_date=datetime.datetime(2100, 12, 31),
                help_text=label,
                confirm_text=t("frame.ok"),
                cancel_text=t("frame.cancel"),
                on_change=picked,
            )
        )

    words = format_day(value) or t("frame.no_date")
    return _picked(label, ft.Icons.EVENT_OUTLINED, value, words, open_calendar, on_pick if can_clear else None, error)


def time_field(
    label: str, value: str | None, on_pick: Callable[[str | None], Any], *, error: str | None = None
) -> ft.Control:
    """A time of day, ``14:30``. Opens Material's clock; the cross empties it."""
    page = ft.context.page

    def picked(event: Any) -> None:
        if event.control.value is not None:
            on_pick(event.control.value.strftime("%H:%M"))

    def open_clock(_: Any) -> None:
        page.show_dialog(
            ft.TimePicker(
                value=datetime.time.fromisoformat(value or NOON),
                help_text=label,
                confirm_text=t("frame.ok"),
                cancel_text=t("frame.cancel"),
                hour_label_text=t("frame.hour"),
                minute_label_text=t("frame.minute"),
                error_invalid_text=t("error.invalid_time"),
                hour_format=ft.TimePickerHourFormat.H24,
                on_change=picked,
            )
        )

    return _picked(label, ft.Icons.SCHEDULE_ROUNDED, value, value or t("frame.no_time"), open_clock, on_pick, error)


def _picked(
    label: str, icon: Any, value: str | None, words: str, on_open: Click, on_pick: Callable[[None], Any] | None,
    error: str | None,
) -> ft.Control:  # fmt: skip
    """A field whose value is picked in a dialog, with the cross that empties it where ``on_pick`` is given."""
    p = look().palette
    from mobile.ui.kit.buttons import icon_button

    inner = row(
        ft.Icon(icon, size=22, color=p.text_soft),
        ft.Container(col(caption(label), text(words, 16, lines=1, color=None if value else p.text_soft)), expand=True),
        gap=12,
    )
    field = tappable(inner, on_open, label=f"{label}：{words}", padding=pad(0, 12, 0, 16), height=56, expand=True)
    clear: list[ft.Control] = []
    if value and on_pick is not None:
        clear.append(
            icon_button(ft.Icons.CLOSE_ROUNDED, t("frame.clear", field=label), lambda _: on_pick(None), size=20)
        )
    ground = box(
        row(field, *clear, gap=0),
        None,
        p.card,
        RADIUS_FIELD,
        border=ft.Border.all(1, p.status["bad"].fg if error else p.outline),
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    return col(ground, field_error(error))


def _as_day(value: Any) -> str:
    """The date that was tapped. Flet sends local midnight as UTC in some clients, so half a day is added first."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.UTC) + datetime.timedelta(hours=12)
        return value.date().isoformat()
    return str(value)[:10]


def code_boxes(
    value: str,
    on_change: Callable[[str], Any],
    *,
    error: str | None = None,
    label: str,
    autofocus: bool = True,
) -> ft.Control:
    """Six drawn boxes with one invisible text field over them: typing, pasting and autofill work as usual."""
    p = look().palette
    bad = p.status["bad"].fg

    def digit(index: int) -> ft.Control:
        sign, current = value[index : index + 1], index == min(len(value), CODE_DIGITS - 1)
        inner: ft.Control | None = text(sign, 24, 600) if sign else None
        if current and not sign:
            inner = ft.Container(width=2, height=26, bgcolor=p.primary)
        edge = bad if error else p.primary if current else p.outline
        return box(
            inner,
            None,
            p.card,
            RADIUS_FIELD,
            height=60,
            expand=True,
            alignment=CENTER,
            border=ft.Border.all(2 if current else 1, edge),
        )

    drawn = ft.Semantics(exclude_semantics=True, content=row(*[digit(index) for index in range(CODE_DIGITS)], gap=8))
    # The label is drawn too, but like the digits of this field nobody sees it: screen readers do.
    field = text_input(
        value,
        lambda e: on_change(_digits(e.control.value)),
        label=label,
        border=ft.NoInputBorder(),
        text_size=24,
        max_lines=1,
        show_cursor=False,
        autofocus=autofocus,
        keyboard_type=ft.KeyboardType.NUMBER,
        autofill_hints=[ft.AutofillHint.ONE_TIME_CODE],
        input_filter=ft.InputFilter(regex_string=r"^[0-9]{0,6}$", allow=True),
        content_padding=0,
        enable_interactive_selection=False,
    )
    over = ft.Container(field, left=0, right=0, top=0, bottom=0, alignment=CENTER, opacity=0.01)
    return col(ft.Stack([drawn, over], height=60), field_error(error))


def _digits(typed: str) -> str:
    return "".join(sign for sign in typed if sign.isascii() and sign.isdigit())[:CODE_DIGITS]


def switch_row(label: str, value: bool, on_change: Callable[[bool], Any], *, detail: str | None = None) -> ft.Control:
    """A switch with its words; the words name it."""
    words = ft.Container(col(text(label, 15, 500), *([caption(detail, lines=4)] if detail else [])), expand=True)
    return ft.MergeSemantics(row(words, ft.Switch(value=value, on_change=lambda e: on_change(e.control.value)), gap=12))
