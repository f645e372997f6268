"""Parts that lead screens share: grades, chips of a show's questions, rows of the list."""

import datetime
from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.kit.call import call_button
from mobile.ui.palette import Status
from mobile.ui.screens.customer_parts import due_label
from shared.codec import Row
from shared.commands.lead_rules import OPEN
from shared.rules import qualifiers
from shared.rules.leads import title

I = ft.Icons  # noqa: E741
GRADES = ("A", "B", "C")
GRADE_STATUS: dict[str, Status] = {"A": "warn", "B": "info", "C": "mute", "": "mute"}


def questions_of(event: Row | None) -> tuple[qualifiers.Question, ...]:
    """The questions of a show; none without one, or for a text that nobody can read any more."""
    try:
        return qualifiers.read(event["qualifiers"]) if event else ()
    except ValueError:
        return ()


def question_chips(event: Row | None, chosen: list[str], on_change: Callable[[list[str]], None]) -> list[ft.Control]:
    """A labelled row of chips for each question of the show."""
    language = k.look().language
    parts: list[ft.Control] = []
    for question in questions_of(event):
        chips = [
            k.chip(
                answer.local(language),
                question.choice(answer) in chosen,
                lambda _, q=question, a=answer: on_change(qualifiers.choose(q, a, chosen)),
            )
            for answer in question.answers
        ]
        row = ft.Row(chips, spacing=8, run_spacing=8, wrap=True)
        parts += [k.labelled(question.word.local(language), row), k.gap(16)]
    return parts


def grade_picker(chosen: str, on_choose: Callable[[str], None]) -> ft.Control:
    """Three large buttons: A buys soon, B interested, C looks around."""
    p = k.look().palette
    buttons = []
    for grade in GRADES:
        lit = grade == chosen
        color = p.on_primary if lit else p.text
        soft = p.on_primary if lit else p.text_soft
        words = k.row(
            k.text(grade, 24, 600, color, lines=1),
            k.text(k.t(f"leads.grade.{grade}"), 12, 500, soft, lines=2, expand=True, expand_loose=True),
            gap=6,
            tight=True,
            alignment=ft.MainAxisAlignment.CENTER,
        )
        name = k.t("leads.grade.name", grade=grade, words=k.t(f"leads.grade.{grade}"))
        container = ft.Container(
            ft.Semantics(exclude_semantics=True, content=words),
            height=56,
            padding=k.pad(0, 6),
            alignment=k.CENTER,
            border_radius=12,
            bgcolor=p.primary if lit else p.card,
            border=ft.Border.all(1, p.primary if lit else p.hairline),
            ink=True,
            on_click=lambda _, grade=grade: on_choose(grade),
        )
        buttons.append(
            ft.MergeSemantics(ft.Semantics(button=True, selected=lit, label=name, content=container), expand=True)
        )
    return k.row(*buttons, gap=8)


def grade_badge(grade: str) -> ft.Control:
    """The grade as a small word."""
    return k.badge(k.t(f"choice.lead.grade.{grade}"), GRADE_STATUS[grade], I.STAR_ROUNDED if grade else None)


def second_line(row: Row) -> str:
    """The company where the name heads the row, otherwise the number."""
    return (row["company"] if row["name"] else "") or row["phone"] or row["email"]


def _spoken(row: Row, today: datetime.date) -> str:
    parts = [
        title(row),
        k.t(f"choice.lead.state.{row['state']}"),
        k.t(f"choice.lead.grade.{row['grade']}"),
        second_line(row),
        k.t("frame.unsent") if row["unsent"] else "",
    ]
    return k.t("leads.open_name", name=("，" if k.look().language == "zh" else ", ").join(filter(None, parts)))


def wide_row(row: Row, today: datetime.date, on_open: Callable[[str], Any], *, owner: bool = False) -> ft.Control:
    """A lead in columns instead of second lines: from 600 px on."""
    soft = k.look().palette.text_soft
    cloud = [k.unsent_mark()] if row["unsent"] else []
    words = k.col(
        k.row(ft.Container(k.row_title(title(row)), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(second_line(row)),
        gap=2,
    )
    due = due_label(row["next_step_on"], today) if row["next_step_on"] and row["state"] in OPEN else None
    whose = [ft.Container(k.caption(row["owner_name"] or ""), width=88)] if owner and k.look().width >= 1000 else []
    inner = k.row(
        k.avatar(title(row), round_=bool(row["name"])),
        ft.Container(words, expand=True),
        ft.Container(k.row(k.choice_badge("lead", "state", row["state"]), tight=True), width=120),
        ft.Container(k.text(row["grade"] or "—", 15, 600, soft, lines=1), width=32),
        *whose,
        ft.Container(due, width=112),
        gap=12,
    )
    name = _spoken(row, today)
    body = k.tappable(
        inner, lambda _: on_open(row["id"]), label=name, padding=k.pad(0, 0, 0, 12), least=72, expand=True
    )
    return ft.Container(k.row(body, call_button(row["phone"], title(row)), gap=8), padding=k.pad(0, 8, 0, 0))


def lead_row(row: Row, today: datetime.date, on_open: Callable[[str], Any], *, owner: bool = False) -> ft.Control:
    """A lead of the list, with its call beside it."""
    badge = k.choice_badge("lead", "state", row["state"])
    told = " · ".join(part for part in (second_line(row), row["owner_name"] if owner else "") if part)
    cloud = [k.unsent_mark()] if row["unsent"] else []
    grade = k.text(row["grade"] or "—", 15, 600, k.look().palette.text_soft, lines=1)
    due = [due_label(row["next_step_on"], today)] if row["next_step_on"] and row["state"] in OPEN else []
    trailing = ft.Column(
        [k.row(*cloud, grade, gap=8, tight=True), *due],
        spacing=4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return k.tile(
        k.row_title(title(row)),
        k.row(badge, k.caption(told, expand=True), gap=8),
        leading=k.avatar(title(row), round_=bool(row["name"])),
        trailing=trailing,
        height=76,
        on_click=lambda _: on_open(row["id"]),
        name=_spoken(row, today),
        action=call_button(row["phone"], title(row)),
    )
