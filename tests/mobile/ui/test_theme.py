"""The palettes keep their contrasts, computed by the formula and not by eye."""

import dataclasses

import pytest

from mobile.ui.palette import DARK, LIGHT, Palette, contrast, hue_of, luminance, with_alpha
from mobile.ui.theme import LINE_HEIGHTS, build_theme

AA_TEXT, AA_SIGN = 4.5, 3.0
PALETTES = pytest.mark.parametrize("p", [LIGHT, DARK], ids=["light", "dark"])


def test_the_formula_knows_black_and_white() -> None:
    assert luminance("#FFFFFF") == pytest.approx(1)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@PALETTES
def test_every_text_is_readable_on_every_ground_it_stands_on(p: Palette) -> None:
    pairs = [
        *((p.text, ground) for ground in (p.surface, p.low, p.card, p.container, p.high)),
        *((p.text_soft, ground) for ground in (p.surface, p.low, p.card, p.container)),
        (p.primary, p.surface), (p.primary, p.card), (p.on_primary, p.primary),
        (p.on_primary_container, p.primary_container), (p.on_tertiary_container, p.tertiary_container),
        (p.error, p.card), (p.on_error, p.error), (p.on_error_container, p.error_container),
        (p.on_inverse, p.inverse), (p.on_inverse_primary, p.inverse_primary),
    ]  # fmt: skip
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < AA_TEXT} == {}


@PALETTES
def test_every_status_is_readable_on_its_ground_and_on_a_card(p: Palette) -> None:
    assert set(p.status) == {"ok", "warn", "bad", "info", "mix", "mute"}
    for pair in (*p.status.values(), *p.avatars):
        assert contrast(pair.fg, pair.bg) >= AA_TEXT
    for pair in p.status.values():
        assert contrast(pair.fg, p.card) >= AA_TEXT
        # The count in the pill: the surface's colour on the status's own.
        assert contrast(p.surface, pair.fg) >= AA_TEXT


@PALETTES
def test_fields_and_charts_stand_out_from_the_card(p: Palette) -> None:
    for color in (p.outline, *p.chart):
        assert contrast(color, p.card) >= AA_SIGN


@PALETTES
def test_every_style_of_the_theme_names_its_font_and_its_colour(p: Palette) -> None:
    theme = build_theme(p).text_theme
    given = [getattr(theme, field.name) for field in dataclasses.fields(theme)]
    styles = [style for style in given if style is not None]
    assert len(styles) >= 10
    for style in styles:
        assert (style.font_family, style.color) == ("NotoSansSC", p.text)
        assert style.size >= 12


def test_no_text_is_smaller_than_12() -> None:
    assert min(LINE_HEIGHTS) == 12
    assert all(height >= size for size, height in LINE_HEIGHTS.items())


def test_a_name_keeps_its_colour() -> None:
    assert hue_of("杭州山野") == hue_of("杭州山野")
    assert len({hue_of(name) for name in ("杭", "禾", "N", "陈", "越", "蜀", "青", "北")}) > 3
    assert with_alpha("#17566A", 0.1) == "#1A17566A"
