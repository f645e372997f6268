"""A pull would take away unusually much: the numbers, and the person's word."""

from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from shared.labels import entity_label
from sync.device.reports import Question

I = ft.Icons  # noqa: E741


def question_words(question: Question) -> str:
    """How many of which rows would go, the most first."""
    language = k.look().language
    listed = sorted(question.going.items(), key=lambda item: (-item[1], item[0]))
    parts = [k.t("frame.question.part", what=entity_label(language, entity), count=count) for entity, count in listed]
    return ("、" if language == "zh" else ", ").join(parts)


def question_notice(app: App, question: Question | None) -> list[ft.Control]:
    """The question with its two answers; quieter, with one answer, after *not now*. Nothing without one."""
    if question is None:
        return []

    def accept(_: Any) -> None:
        app.device.accept_removals()

    def not_now(_: Any) -> None:
        app.device.decline_removals()

    words = k.t("frame.question.line", total=question.total, held=question.held, rows=question_words(question))
    if question.deleted:
        words = f"{words} {k.t('frame.question.deleted', count=question.deleted)}"
    kept = k.t("frame.question.declined") if question.declined else k.t("frame.question.kept")
    buttons = [k.button(k.t("frame.question.accept"), accept, kind="outlined", height=48, expand=True)]
    if not question.declined:
        buttons.append(k.button(k.t("frame.question.not_now"), not_now, height=48, expand=True))
    notice = k.notice(
        k.t("frame.question.title"), "warn", detail=f"{words} {kept}", icon=I.HELP_OUTLINE_ROUNDED, live=True
    )
    return [notice, k.gap(8), k.row(*buttons, gap=8), k.gap(12)]
