"""The illustrations hold only what flutter_svg draws, in both themes."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "illustrations"
NAMES = ("sign-in", "no-customers", "no-orders", "inbox-zero", "no-result", "saved-offline")
DRAWN_BY_FLUTTER = {"svg", "defs", "g", "path", "clipPath", "linearGradient", "radialGradient", "stop"}
BYTES_MAX = 25_000


def test_every_illustration_exists_for_both_themes_and_no_other_lies_about() -> None:
    assert {file.name for file in FOLDER.glob("*.svg")} == {f"{n}-{t}.svg" for n in NAMES for t in ("light", "dark")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_illustration_is_small_and_uses_no_filter_mask_style_or_text(name: str, theme: str) -> None:
    text = (FOLDER / f"{name}-{theme}.svg").read_text(encoding="utf-8")
    elements = list(ElementTree.fromstring(text).iter())
    assert len(text) <= BYTES_MAX
    assert {element.tag.rpartition("}")[2] for element in elements} <= DRAWN_BY_FLUTTER
    assert not any({"style", "class", "filter", "mask"} & set(element.attrib) for element in elements)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_paint_and_clip_that_is_named_is_defined(name: str, theme: str) -> None:
    text = (FOLDER / f"{name}-{theme}.svg").read_text(encoding="utf-8")
    defined = re.findall(r'id="(\w+)"', text)
    assert len(defined) == len(set(defined))
    assert set(re.findall(r"url\(#(\w+)\)", text)) <= set(defined)


@pytest.mark.parametrize("name", NAMES)
def test_the_dark_illustration_is_a_drawing_of_its_own(name: str) -> None:
    assert (FOLDER / f"{name}-light.svg").read_bytes() != (FOLDER / f"{name}-dark.svg").read_bytes()
