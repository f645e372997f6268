"""What several stories begin with."""

import re

from tests.e2e.person import Person

LANTERN, SKU = "流金", "HP-210-GO"
"""The product with one unit left: a word that finds it, and its code."""


def new_customer_who_wants_the_lantern(person: Person, name: str) -> None:
    """A customer and an order for the last lantern, all by hand."""
    person.goes_to("客户")
    person.taps("新客户")
    person.types("客户名称 *", name)
    person.types("电话", "0755 2600 1234")
    person.taps("保存客户")
    person.sees(f"给{name}下单")
    person.taps(f"给{name}下单")
    person.types("品名、货号、拼音", LANTERN)
    person.taps(re.compile("^加入 篝火 露营灯 流金限量"))
    person.taps("核对订单")
    person.taps(re.compile("^提交订单"))
    person.sees("待联网确认")
    person.sees(re.compile(r"TMP-[2-9A-Z]{5}"))
    assert "SO-2" not in person.everything()
