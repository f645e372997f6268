"""From names to search tokens, and from what a person types to the tokens to look for. Pure functions.

Chinese: every one and two characters; pinyin and initials from every character on, all usual readings. Words: their
beginnings. Digits: every three in a row. A token that stands at the beginning of a name exists a second time with ``0``
before it, so that the best matches are found first. The kinds are told apart by their first letter::

    c深  c深圳   characters         isz  initials (one or two)         pshe  first three letters of pinyin or of a word
    d138         three digits       0c深圳  0isz  0pshe                at the beginning of a name
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from mobile.store import pinyin_table as table

TEXT_LENGTH = 200
"""Long texts are searched by their beginning only."""
NAMES, TEXTS, DIGITS = range(3)
PART, VALUE = "\x1e", "\x1f"
Unit = tuple[str, ...]
"""What one character (its readings) or one word may be typed as."""

_SYLLABLES = ["", *table.SYLLABLES.split()]
_UNITS = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
_DIGITS_ONLY = re.compile(r"[\d\s+()./-]+")
_RUNS = re.compile(r"[a-z]+|[a-z0-9]+|[^\x00-\x7f]+")


def _readings() -> dict[str, Unit]:
    others = {entry[0]: tuple(_SYLLABLES[ord(sign) - table.OFFSET] for sign in entry[1:])
              for entry in table.OTHERS.split(" ")}  # fmt: skip
    result = {}
    for index, sign in enumerate(table.MAIN):
        character = chr(table.FIRST + index)
        main = _SYLLABLES[ord(sign) - table.OFFSET]
        if main:
            result[character] = (main, *others.get(character, ()))
    return result


@lru_cache(maxsize=1)
def readings() -> dict[str, Unit]:
    """Character → its usual readings without tones. Made at first use (about 10 ms)."""
    return _readings()


def normalise(text: str) -> str:
    """Full-width forms, capitals and accents do not matter: ``Ｃａｆé`` is ``cafe``."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(sign for sign in folded if not unicodedata.combining(sign)).split())


def is_chinese(sign: str) -> bool:
    """Whether the sign is written without spaces and searched by characters."""
    return sign > "\x7f"


def document(names: list[str], texts: list[str], digits: list[str]) -> str:
    """What is stored beside a row: its searchable values in their normal form, in three parts."""
    parts = (
        [normalise(name) for name in names],
        [normalise(text[:TEXT_LENGTH]) for text in texts],
        [re.sub(r"\D", "", number) for number in digits],
    )
    return PART.join(VALUE.join(dict.fromkeys(filter(None, part))) for part in parts)


def parts_of(stored: str) -> list[list[str]]:
    """Names, texts and digits of a stored document."""
    return [part.split(VALUE) if part else [] for part in stored.split(PART)]


@lru_cache(maxsize=4_096)
def units_of(name: str) -> tuple[Unit, ...]:
    """The name as a person would type it: readings of each Chinese character, words as they are."""
    known = readings()
    return tuple(known.get(found, (found,)) for found in _UNITS.findall(name))


def tokens_of(stored: str) -> set[str]:
    """All tokens of a stored document; the same text always gives the same tokens."""
    names, texts, digits = parts_of(stored)
    tokens: set[str] = set()
    for name in names:
        tokens.update(_characters(name, anchor=True))
        tokens.update(_typed(units_of(name)))
    for text in texts:
        tokens.update(_characters(text, anchor=False))
        tokens.update(f"p{word[:3]}" for word in _UNITS.findall(text) if not is_chinese(word))
        tokens.update(f"i{word[0]}" for word in _UNITS.findall(text) if not is_chinese(word))
    for number in digits:
        tokens.update(f"d{number[at : at + 3]}" for at in range(len(number) - 2))
    return tokens


def _characters(text: str, *, anchor: bool) -> Iterator[str]:
    for at, sign in enumerate(text):
        if not is_chinese(sign):
            continue
        found = [f"c{sign}"]
        if at + 1 < len(text) and is_chinese(text[at + 1]):
            found.append(f"c{sign}{text[at + 1]}")
        yield from found
        if anchor and at == 0:
            yield from (f"0{token}" for token in found)


def _typed(units: tuple[Unit, ...]) -> Iterator[str]:
    for at in range(len(units)):
        found = _typed_from(units[at : at + 3])
        yield from found
        if at == 0:
            yield from (f"0{token}" for token in found)


@lru_cache(maxsize=20_000)
def _typed_from(units: tuple[Unit, ...]) -> tuple[str, ...]:
    """Tokens of the first of up to three units. Names of one trade share most of these."""
    found = {f"i{reading[0]}" for reading in units[0]}
    for reading in units[0]:
        found.update(f"p{start}" for start in _starts(reading, units[1:]))
    if len(units) > 1:
        found.update(f"i{one[0]}{two[0]}" for one, two in product(units[0], units[1]))
    return tuple(found)


def _starts(reading: str, following: tuple[Unit, ...]) -> set[str]:
    """The first three letters from here on; a short syllable runs into the next one."""
    if len(reading) >= 3 or not following:
        return {reading[:3]}
    return {start for more in following[0] for start in _starts(reading + more, following[1:])}


class Term:
    """One word of a query: the FTS5 expression that finds it, and how well it fits a document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.chinese = is_chinese(text[0])
        self.digits = text.isdigit()

    def expression(self, *, anchored: bool) -> str:
        """FTS5 syntax; every fitting document matches, some others may too. ``anchored``: at a name's beginning."""
        first, last = "0" if anchored else "", len(self.text) - 1
        if self.chinese:
            return _all([f"{first}c{self.text[:2]}", *(f"c{self.text[at : at + 2]}" for at in range(1, last))])
        ways = [self._as_letters(first)]
        if self.digits and len(self.text) >= 3 and not anchored:
            ways.append(_all(f"d{self.text[at : at + 3]}" for at in range(len(self.text) - 2)))
        return " OR ".join(f"({way})" for way in ways)

    def _as_letters(self, first: str) -> str:
        text = self.text
        if len(text) == 1:
            return f'"{first}i{text}"'
        if len(text) == 2:
            return f'"{first}i{text}" OR "{first}p{text}"*'
        initials = [f"{first}i{text[:2]}", *(f"i{text[at : at + 2]}" for at in range(1, len(text) - 1))]
        mixed = [f"{first}i{text[:2]}", f"p{text[1:4]}"]
        return f'({_all(initials)}) OR ({_all(mixed)}) OR "{first}p{text[:3]}"'

    def score(self, parts: list[list[str]]) -> int | None:
        """0 is the best; None when the document does not fit after all."""
        names, texts, digits = parts
        scores = [score for name in names if (score := self._name_score(name)) is not None]
        if self.digits and len(self.text) >= 3:
            scores += [2 if number.endswith(self.text) else 5 for number in digits if self.text in number]
        if not scores:
            scores = [6 for text in texts if self._in_text(text)]
        return min(scores, default=None)

    def _name_score(self, name: str) -> int | None:
        if self.text in name:
            if name.startswith(self.text):
                return 0 if len(name) == len(self.text) else 1
            if self.chinese or f" {self.text}" in name:
                return 3
        if self.chinese:
            return None
        units = units_of(name)
        for at in range(len(units)):
            if fits(self.text, units, at):
                return 2 if at == 0 else 4
        return None

    def _in_text(self, text: str) -> bool:
        if self.chinese:
            return self.text in text
        return any(word.startswith(self.text) for word in _UNITS.findall(text))


def fits(typed: str, units: tuple[Unit, ...], at: int) -> bool:
    """Whether the letters can be read from unit ``at`` on: each unit in full or by its initial, the last one begun."""
    if at >= len(units):
        return False
    for reading in units[at]:
        if reading.startswith(typed):
            return True
        if typed.startswith(reading) and fits(typed[len(reading) :], units, at + 1):
            return True
    initials = {reading[0] for reading in units[at]}
    return typed[0] in initials and fits(typed[1:], units, at + 1)


def terms_of(query: str) -> list[Term]:
    """The words of a query; Chinese and Latin runs are words of their own, a telephone number is one."""
    text = normalise(query)
    if _DIGITS_ONLY.fullmatch(text) and sum(sign.isdigit() for sign in text) >= 3:
        return [Term(re.sub(r"\D", "", text))]
    return [Term(run) for word in text.split() for run in _RUNS.findall(word)][:8]


def _all(tokens: Iterator[str] | list[str]) -> str:
    return " AND ".join(f'"{token}"' for token in tokens)
