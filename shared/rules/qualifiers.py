"""The questions of a trade show: one line of text each, so that they are written in a plain field and read by people.

::

    *想要什么 / Interested in: 帐篷 / Tents, 灯具 / Lamps
    预计采购 / Quantity: 100 件内 / Under 100, 100–500, 500 以上 / Over 500

A question, a colon, answers with commas between them; behind a slash the English words; a star before the question
allows several answers. A choice is kept as ``question:answer`` in the first language, so that it can still be read when
the show's questions have been changed since.
"""

import re
from typing import NamedTuple

MAX_CHOICE = 40
"""Characters of ``question:answer``: what one element of a set holds."""
MAX_QUESTIONS = 6
MAX_ANSWERS = 8
_COLON = re.compile("[:：]")
_COMMAS = re.compile("[,，;；、]")


class Word(NamedTuple):
    """One thing in two languages; without English words, the first ones."""

    name: str
    name_en: str

    def local(self, language: str) -> str:
        return self.name_en if language == "en" else self.name


class Question(NamedTuple):
    """A question with its answers. ``several``: more than one may be chosen."""

    word: Word
    answers: tuple[Word, ...]
    several: bool

    def choice(self, answer: Word) -> str:
        """How a chosen answer is kept."""
        return f"{self.word.name}:{answer.name}"


def read(text: str) -> tuple[Question, ...]:
    """The questions of an event. Raises ``ValueError`` with the line at fault."""
    questions = [_question(line.strip()) for line in text.splitlines() if line.strip()]
    names = [question.word.name for question in questions]
    if len(questions) > MAX_QUESTIONS:
        raise ValueError(questions[MAX_QUESTIONS].word.name)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(twice)
    return tuple(questions)


def _question(line: str) -> Question:
    head, *rest = _COLON.split(line.removeprefix("*"), maxsplit=1)
    answers = tuple(_word(part) for part in _COMMAS.split("".join(rest)) if part.strip())
    question = Question(_word(head), answers, line.startswith("*"))
    names = {answer.name for answer in answers}
    fits = all(answer.name and len(question.choice(answer)) <= MAX_CHOICE for answer in answers)
    if not question.word.name or not fits or not 1 < len(names) == len(answers) <= MAX_ANSWERS:
        raise ValueError(line)
    return question


def _word(text: str) -> Word:
    name, _, english = (part.strip() for part in text.partition("/"))
    return Word(name, english or name)


def choose(question: Question, answer: Word, chosen: list[str]) -> list[str]:
    """The choices after a tap on an answer: taken back when it was there, alone where only one may be."""
    tapped = question.choice(answer)
    mine = {question.choice(other) for other in question.answers}
    kept = [choice for choice in chosen if choice != tapped and (question.several or choice not in mine)]
    return kept if tapped in chosen else [*kept, tapped]


def words(questions: tuple[Question, ...], chosen: list[str], language: str) -> list[tuple[str, str]]:
    """(question, answers) for people in the order of the questions; what is asked no longer is last, as it was kept."""
    lines = []
    known = set()
    for question in questions:
        answers = [answer for answer in question.answers if question.choice(answer) in chosen]
        known |= {question.choice(answer) for answer in answers}
        if answers:
            between = ", " if language == "en" else "、"
            lines.append((question.word.local(language), between.join(answer.local(language) for answer in answers)))
    return [*lines, *(_kept(choice) for choice in chosen if choice not in known)]


def _kept(choice: str) -> tuple[str, str]:
    question, _, answer = choice.partition(":")
    return question, answer
