"""A pull that would take away unusually much: the numbers and two answers, quieter after *not now*."""

import pytest
from flet import Text

from mobile.ui import kit as k
from mobile.ui.question_notice import question_notice
from sync.device.reports import Question
from tests.mobile.ui.conftest import Window, walk


def said(parts: list) -> str:
    controls = [part for root in parts for part in walk(root)]
    texts = [part.value for part in controls if isinstance(part, Text)]
    labels = [part.content for part in controls if isinstance(getattr(part, "content", None), str)]
    return "\n".join([*texts, *labels])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("declined", [False, True])
def test_it_tells_the_numbers_and_that_nothing_has_gone(window: Window, language: str, declined: bool) -> None:
    window.app.look.language = language
    question = Question(total=90, held=200, going={"contact": 10, "account": 80}, declined=declined)
    words = said(question_notice(window.app, question))
    for number in ("90", "200", "80", "10"):
        assert number in words
    assert words.index("80") < words.rindex("10")
    assert k.t("frame.question.accept") in words
    assert (k.t("frame.question.not_now") in words) == (not declined)
    assert k.t("frame.question.declined" if declined else "frame.question.kept") in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_tells_apart_what_somebody_has_deleted(window: Window, language: str) -> None:
    window.app.look.language = language
    parts = question_notice(window.app, Question(total=90, held=200, going={"account": 90}, deleted=70))
    assert k.t("frame.question.deleted", count=70) in said(parts)


def test_without_a_question_it_says_nothing(window: Window) -> None:
    assert question_notice(window.app, None) == []
