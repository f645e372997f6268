from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.rules.pricing import effective_discount, line_total, order_totals

D = Decimal
money = st.decimals(min_value=0, max_value=100_000, places=2)
percent = st.decimals(min_value=0, max_value=100, places=2)
units = st.integers(min_value=1, max_value=999).map(D)
lines = st.lists(
    st.fixed_dictionaries(
        {"quantity": units, "unit_price": money, "discount": percent, "tax_rate": st.sampled_from([D(0), D(6), D(13)])}
    ),
    max_size=8,
)


def test_a_worked_example() -> None:
    totals = order_totals(
        D(5),
        [
            {"quantity": D(12), "unit_price": D(528), "discount": D(10), "tax_rate": D(13)},
            {"quantity": D(3), "unit_price": D("96.50"), "discount": D(0), "tax_rate": D(13)},
        ],
    )
    assert [line.total for line in totals.lines] == [D("5417.28"), D("275.03")]
    assert totals.total == D("5692.31")
    assert totals.tax == D("623.23") + D("31.64")
    assert totals.units == 15
    assert totals.discounted == D("6625.50") - D("5692.31")


@given(percent, lines)
def test_the_total_is_the_sum_of_what_the_lines_show(discount: Decimal, items: list[dict]) -> None:
    totals = order_totals(discount, items)
    assert totals.total == sum(line.total for line in totals.lines)
    assert totals.tax == sum(line.tax for line in totals.lines)
    assert all(line.total == line.total.quantize(D("0.01")) for line in totals.lines)


@given(units, money, percent, percent)
def test_tax_is_within_the_price(quantity: Decimal, price: Decimal, discount: Decimal, whole: Decimal) -> None:
    line = line_total(quantity, price, discount, whole, D(13))
    assert 0 <= line.tax <= line.total
    assert abs((line.total - line.tax) * D("1.13") - line.total) <= D("0.02")


@given(percent, percent)
def test_two_discounts_count_as_one(first: Decimal, second: Decimal) -> None:
    both = effective_discount(first, second)
    assert max(first, second) <= both <= min(D(100), first + second)
    assert effective_discount(D(10), D(10)) == 19
