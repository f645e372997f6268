"""The scale of the desk's chart, short amounts, and its sentence."""

from datetime import date
from decimal import Decimal

import flet as ft
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.ui import kit as k
from mobile.ui.screens.desk import trend_sentence
from mobile.ui.screens.desk_chart import HIGH_PX, LOW_PX, axis, height_beside, legend, running
from mobile.ui.screens.desk_parts import change
from shared import locale
from shared.rules.periods import KINDS, period_of
from tests.mobile.ui.conftest import Window, walk

TODAY = date(2026, 11, 10)


@given(st.decimals(0, 10**11, places=4))
def test_the_scale_holds_every_value_in_few_round_steps(largest: Decimal) -> None:
    scale = axis(largest)
    assert scale[0] == 0 and scale[-1] >= largest
    assert 2 <= len(scale) <= 6
    assert largest == 0 or scale[-2] < largest


def test_sums_run_up_to_each_value() -> None:
    assert running([Decimal(1), Decimal(0), Decimal(2)]) == [1, 1, 3]


@pytest.mark.parametrize(("language", "amount", "words"), [
    ("zh", "2386400", "¥239 万"), ("zh", "61300", "¥6.13 万"), ("zh", "9999", "¥9,999"), ("zh", "-61300", "−¥6.13 万"),
    ("zh", "238640000", "¥2.39 亿"), ("en", "2386400", "¥2.39M"), ("en", "61300", "¥61.3K"), ("en", "528", "¥528"),
])  # fmt: skip
def test_short_amounts_read_as_people_write_them(window: Window, language: str, amount: str, words: str) -> None:
    window.app.look.language = language
    assert k.short_money(Decimal(amount)) == words


@pytest.mark.parametrize(("total", "earlier", "words"), [
    (0, 100, "这段时间还没有成交。"),
    (60, 0, "已成交 ¥60，上月同期没有成交。照这个速度，到期末约 ¥180。"),
    (60, 60, "已成交 ¥60，与上月同期持平。照这个速度，到期末约 ¥180。"),
    (60, 50, "已成交 ¥60，比上月同期多 20.0%。照这个速度，到期末约 ¥180。"),
    (60, 80, "已成交 ¥60，比上月同期少 25.0%。照这个速度，到期末约 ¥180。"),
])  # fmt: skip
def test_the_chart_has_a_sentence_for_each_case(window: Window, total: int, earlier: int, words: str) -> None:
    window.app.look.language = "zh"
    period = period_of("month", TODAY)
    assert trend_sentence(period, TODAY, Decimal(total), Decimal(earlier), "CNY") == words


def test_nothing_is_guessed_in_the_first_days_nor_on_the_last(window: Window) -> None:
    window.app.look.language = "en"
    for day in (date(2026, 11, 2), date(2026, 11, 30)):
        said = trend_sentence(period_of("month", day), day, Decimal(60), Decimal(50), "CNY")
        assert said == "¥60 won so far, 20.0% more than in this part of last month."


def test_the_legend_shows_each_line_as_it_is_drawn_and_names_all_of_it(window: Window) -> None:
    window.app.look.language = "en"
    key = legend("This month", "Last month")
    marks = [part for part in walk(key) if isinstance(part, ft.Container) and part.bgcolor]
    assert len(marks) == 4, "one solid line, three dashes"
    assert len({mark.bgcolor for mark in marks}) == 2
    for language in ("zh", "en"):
        whole = [locale.translate(language, f"desk.whole.{kind}") for kind in KINDS]
        same_part = [locale.translate(language, f"desk.before.{kind}") for kind in KINDS]
        assert not {*whole} & {*same_part} and len({*whole}) == len(KINDS)


def test_the_chart_is_as_high_as_the_pipeline_beside_it(window: Window) -> None:
    window.app.look.width = 1440
    assert height_beside(0) == LOW_PX < height_beside(4) < height_beside(5) < height_beside(9) == HIGH_PX
    window.app.look.width = 800
    assert height_beside(4) == height_beside(9)


@pytest.mark.parametrize(("now", "before", "words"), [
    (68, 3, "×23"), (30, 3, "×10"), (29, 3, "+867%"), (3, 3, ""), (2, 3, "−33.3%"), (3, 0, ""),
])  # fmt: skip
def test_a_change_is_told_in_percent_while_that_says_something(now: int, before: int, words: str) -> None:
    assert change(Decimal(now), Decimal(before))[0] == words
