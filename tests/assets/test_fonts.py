"""The committed fonts: every character that the app says is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from mobile.web.build.fonts import BASE_FACE, FONTS
from mobile.web.build.stage import PROJECT

CATALOGUES = PROJECT / "shared" / "locale"


def characters(path: Path) -> set[int]:
    return set(TTFont(path, lazy=True).getBestCmap())


@pytest.fixture(scope="module")
def base() -> TTFont:
    return TTFont(FONTS / BASE_FACE)


@pytest.fixture(scope="module")
def shipped(base: TTFont) -> set[int]:
    return set(base.getBestCmap()).union(*(characters(path) for path in (FONTS / "slices").glob("*.woff2")))


def said_by(catalogues: Path) -> set[str]:
    paths = [path for path in catalogues.rglob("*") if path.suffix in (".py", ".json", ".toml", ".txt")]
    assert paths, f"{catalogues} has no catalogue"
    return {char for path in paths for char in path.read_text(encoding="utf-8") if not re.match(r"\s", char)}


def test_every_character_of_the_catalogues_is_in_a_shipped_font(shipped: set[int]) -> None:
    # A character in no font makes Flutter ask for fonts without end.
    missing = {char for char in said_by(CATALOGUES) if ord(char) not in shipped}
    assert not missing, " ".join(f"{char} U+{ord(char):04X}" for char in sorted(missing))


def test_no_label_waits_for_a_slice(base: TTFont) -> None:
    missing = {char for char in said_by(CATALOGUES) if ord(char) not in base.getBestCmap()}
    assert not missing, f"run `python assets/fonts/cut.py`: the base face lacks {''.join(sorted(missing))}"


def test_the_base_face_has_every_weight(base: TTFont) -> None:
    (axis,) = base["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 100, 900)
    names = base.getBestCmap()
    for character in "A1¥订单":
        assert base["gvar"].variations[names[ord(character)]], f"{character} has one weight only"


@pytest.mark.parametrize("character", "·“”‘’")
def test_separators_and_quotes_are_not_full_width(base: TTFont, character: str) -> None:
    advance, _ = base["hmtx"][base.getBestCmap()[ord(character)]]
    assert advance < 450


def test_digits_are_tabular(base: TTFont) -> None:
    assert len({base["hmtx"][base.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_the_licence_travels_with_the_fonts() -> None:
    assert "SIL Open Font License, Version 1.1" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
