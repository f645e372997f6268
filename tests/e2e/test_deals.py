"""A rep opens a deal for a customer, moves it and writes its order without a network; then the company has it all."""

import re
from decimal import Decimal

from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.person import Person
from tests.e2e.stories import LANTERN

DEAL = "灯会 300 盏"
NUMBER = re.compile(r"SO-\d{4}-\d{6}")


def number(person: Person) -> str:
    """Of the order on the screen."""
    found = NUMBER.search(person.everything())
    assert found is not None
    return found[0]


def test_a_deal_goes_from_the_customer_to_the_order_offline_and_into_the_books(
    server: DemoServer, invite: Invite
) -> None:
    lin, books = invite(server, "lin"), Books(server)
    name = books.customer_of("lin")
    lin.opens("/customers")
    lin.types("姓名、拼音、手机后四位", name)
    lin.taps(re.compile(f"^打开{name}"))
    lin.taps(re.compile("^商机"))
    lin.taps("新商机")
    lin.types("商机名称 *", DEAL)
    lin.types("金额", "88000")
    lin.taps("保存商机")
    lin.sees("推进到 需求确认")

    server.stop()
    lin.taps("推进到 需求确认")
    lin.sees("第 1 天")
    lin.sees("推进到 方案报价")
    lin.taps("从商机下单")
    lin.types("品名、货号、拼音", LANTERN)
    lin.taps(re.compile("^加入 篝火 露营灯 流金限量"))
    lin.taps("核对订单")
    lin.sees(DEAL)
    lin.taps(re.compile("^提交订单"))
    lin.sees("待联网确认")
    lin.taps(re.compile(f"来自商机：{DEAL}"))
    lin.sees("1 张订单")

    server.start()
    lin.looks_at_sync()
    lin.taps("立即同步")
    lin.page.keyboard.press("Escape")
    lin.sees(NUMBER)
    assert books.deal(DEAL) == (name, "需求确认", Decimal(88_000), [number(lin)])
