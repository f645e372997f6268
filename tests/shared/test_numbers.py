from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import derived_id, is_id, uuid7
from shared.numbers import format_decimal, from_scaled, parse_decimal, round_money, to_scaled
from shared.rules.orders import official_number, provisional_number
from shared.timezone import business_date, day_start_ms, month_bounds_ms, zone

numbers = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=4)


@given(numbers)
def test_a_number_survives_wire_and_database(value: Decimal) -> None:
    assert parse_decimal(format_decimal(value)) == value
    assert from_scaled(to_scaled(value)) == value


@given(st.lists(numbers, max_size=30))
def test_sums_of_database_integers_are_exact(values: list[Decimal]) -> None:
    assert from_scaled(sum(map(to_scaled, values))) == sum(values)


@pytest.mark.parametrize("text", ["", "1e3", "NaN", "Infinity", "0.00001", "1_000", "١", "9" * 15, " 1 2", "--1"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|range"):
        parse_decimal(text)


def test_there_is_one_written_form_for_each_number() -> None:
    assert [format_decimal(Decimal(text)) for text in ("1.50", "100", "-0.0", "0.0001")] == [
        "1.5",
        "100",
        "0",
        "0.0001",
    ]
    assert round_money(Decimal("0.125")) == Decimal("0.13")
    assert round_money(Decimal("-0.125")) == Decimal("-0.13")


def test_ids_of_later_moments_sort_later() -> None:
    ids = [uuid7(moment, bytes(10)) for moment in (1, 2, 1_795_320_000_000)]
    assert ids == sorted(ids)
    assert all(is_id(value) and value[14] == "7" and value[19] in "89ab" for value in ids)
    assert uuid7(5, b"\xff" * 10) != uuid7(5, bytes(10))
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(5, b"short")


def test_derived_ids_depend_on_each_part() -> None:
    assert derived_id("a", "b") == derived_id("a", "b")
    assert len({derived_id("a", "b"), derived_id("ab"), derived_id("b", "a"), derived_id("a", "b", "")}) == 4


@given(st.uuids().map(str))
def test_a_provisional_number_cannot_be_taken_for_an_official_one(order_id: str) -> None:
    assert provisional_number(order_id).startswith("TMP-")
    assert not provisional_number(order_id)[4:].isdigit() or len(provisional_number(order_id)) == 9
    assert official_number(2026, 123) == "SO-2026-000123"


def test_today_is_the_organisations_today() -> None:
    just_before_midnight = day_start_ms(business_date(1_795_320_000_000, "Asia/Shanghai"), "Asia/Shanghai") - 1
    shanghai = business_date(just_before_midnight, "Asia/Shanghai")
    assert business_date(just_before_midnight + 1, "Asia/Shanghai").toordinal() == shanghai.toordinal() + 1
    assert business_date(just_before_midnight + 1, "America/Los_Angeles") == shanghai
    first, following = month_bounds_ms(just_before_midnight, "Asia/Shanghai")
    assert first <= just_before_midnight < following
    with pytest.raises(ValueError, match="unknown time zone"):
        zone("Mars/Olympus")
