"""Two phones without a network sell the last unit, and everybody learns the truth."""

import re

from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.stories import LANTERN, SKU, new_customer_who_wants_the_lantern


def test_two_offline_reps_sell_the_last_unit_and_everybody_learns_the_truth(server: DemoServer, invite: Invite) -> None:
    tell_the_story(server, invite)


def tell_the_story(server: DemoServer, invite: Invite) -> None:
    lin, wang = invite(server, "lin"), invite(server, "wang")
    server.stop()
    for rep, customer in ((lin, "雪线户外俱乐部"), (wang, "海岸线露营商店")):
        new_customer_who_wants_the_lantern(rep, customer)
    for rep, customer in ((lin, "雪线户外俱乐部"), (wang, "海岸线露营商店")):
        rep.reloads()
        rep.sees("待联网确认")
        rep.visits("/customers")
        rep.types("姓名、拼音、手机后四位", customer[:2])
        rep.sees(customer)
        rep.sees(re.compile("离线"))

    server.start()
    for rep in (lin, wang):
        rep.visits("/orders")
        rep.syncs_now()
        rep.sees(re.compile("已同步|需要处理"))
    books = Books(server)
    orders = books.orders_for(SKU)
    assert sorted(line.state for line in orders) == ["backordered", "reserved"]
    assert books.level(SKU) == (1, 1, 1)
    winner, loser = (
        (lin, wang) if books.owner(next(o for o in orders if o.state == "reserved")) == "lin" else (wang, lin)
    )

    winner.goes_to("收件箱")
    winner.sees("没有要处理的")
    loser.goes_to("收件箱")
    number = next(order.number for order in orders if order.state == "backordered")
    loser.sees(number)
    loser.sees("缺货")

    gao = invite(server, "gao", viewport={"width": 1440, "height": 900})
    gao.taps(re.compile("^订单"))
    for order in orders:
        gao.sees(order.number)
    assert "intact" in server.cli("audit", "verify")

    gao.taps(re.compile("^产品与库存"))
    gao.types("品名、货号、拼音", LANTERN)
    gao.taps(re.compile("^打开 篝火 露营灯 流金限量"))
    gao.types("到货数量", "1")
    gao.taps("确认入库")
    books.waits_for_level(SKU, (2, 2, 0))
    loser.sees("没有要处理的")
    assert sorted(line.state for line in books.orders_for(SKU)) == ["reserved", "reserved"]
    assert "intact" in server.cli("audit", "verify")
