"""The whole story: a lead at the booth becomes a customer with a deal and an order while the server is away; then the
company has it all, and the manager's numbers say so."""

import re
from decimal import Decimal

from server.demo.people import TIME_ZONE
from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.person import Person
from tests.e2e.stories import LANTERN

WHO, PHONE, COMPANY = "周岚", "13926604471", "雪线户外俱乐部"
AMOUNT = 88_000
HANZI_MS, DIGIT_MS = 700, 200
"""How long a thumb needs: a sign by its pinyin, a digit."""
CAPTURE_MAX_S = 40
"""On a machine that also runs the server and other tests; the aim is 20."""
NUMBER = re.compile(r"SO-\d{4}-\d{6}")


def number(person: Person) -> str:
    """Of the order on the screen."""
    found = NUMBER.search(person.everything())
    assert found is not None
    return found[0]


def test_a_lead_becomes_an_order_offline_and_the_managers_numbers_show_it(server: DemoServer, invite: Invite) -> None:
    lin, books = invite(server, "lin"), Books(server)
    before = books.month(TIME_ZONE)
    captures_the_lead(lin)
    server.stop()
    works_on_without_the_server(lin)

    server.start()
    lin.syncs_now()
    lin.sees(NUMBER)
    order = number(lin)
    assert books.deal(COMPANY) == (COMPANY, "需求确认", Decimal(AMOUNT), [order])
    total = the_open_api_tells_it(server, order)

    after = books.month(TIME_ZONE)
    assert after == (before[0] + 1, before[1] + total)
    gao = invite(server, "gao", viewport={"width": 1440, "height": 900})
    the_desk_shows_it(gao, books, order, after)
    assert "intact" in server.cli("audit", "verify")


def captures_the_lead(lin: Person) -> None:
    """At the speed of a thumb on glass."""
    with lin.does("capture a lead", within_s=CAPTURE_MAX_S):
        lin.taps("采集线索")
        lin.types("姓名", WHO, key_ms=HANZI_MS)
        lin.types("手机", PHONE, key_ms=DIGIT_MS)
        lin.types("公司", COMPANY, key_ms=HANZI_MS)
        lin.taps(re.compile("^保存$"))
        lin.sees(f"已保存 {WHO}")
    lin.sees("转客户并建商机")
    lin.hears()


def works_on_without_the_server(lin: Person) -> None:
    lin.taps("转客户并建商机")
    lin.sees(f"给{COMPANY}下单")
    lin.sees("离线")
    lin.taps(re.compile("^商机"))
    lin.taps(re.compile(f"^打开{COMPANY}"))
    lin.taps("编辑商机")
    lin.types("金额", str(AMOUNT))
    lin.taps(re.compile("^保存$"))
    lin.taps("推进到 需求确认")
    lin.sees("第 1 天")
    lin.hears()
    lin.taps("从商机下单")
    lin.types("品名、货号、拼音", LANTERN)
    lin.taps(re.compile("^加入 篝火 露营灯 流金限量"))
    lin.hears()
    lin.taps("核对订单")
    lin.taps(re.compile("^提交订单"))
    lin.sees("待联网确认")
    lin.hears()
    lin.taps(re.compile(f"来自商机：{COMPANY}"))
    lin.sees("1 张订单")


def the_open_api_tells_it(server: DemoServer, order: str) -> Decimal:
    """Over HTTP, to somebody else; the order's total."""
    with server.api("admin") as api:

        def one(entity: str, where: str) -> dict[str, object]:
            (row,) = api.get(f"/v1/records/{entity}", params={"where": where}).raise_for_status().json()["items"]
            return row

        lead = one("lead", f"name:eq:{WHO}")
        customer = one("account", f"name:eq:{COMPANY}")
        deal = one("opportunity", f"account_id:eq:{customer['id']}")
        made = one("order", f"number:eq:{order}")
    assert (lead["state"], lead["account_id"], lead["phone"]) == ("converted", customer["id"], PHONE)
    assert (deal["lead_id"], Decimal(str(deal["amount"]))) == (lead["id"], AMOUNT)
    assert (made["opportunity_id"], made["account_id"], made["state"]) == (deal["id"], customer["id"], "confirmed")
    return Decimal(str(made["total"]))


def the_desk_shows_it(gao: Person, books: Books, order: str, month: tuple[int, Decimal]) -> None:
    """To a manager who signs in for the first time."""
    leads, won = month
    gao.sees(f"本月新线索：{leads}")
    gao.sees(f"本月成交：¥{won:,.0f}")
    count, _ = books.stage("需求确认")
    gao.sees(f"打开需求确认阶段的商机：{count} 个，")
    gao.hears()
    with gao.does("open an order of the team"):
        gao.taps(f"本月成交：¥{won:,.0f}")
        gao.taps(re.compile(order))
    gao.sees("已确认")
    gao.sees(COMPANY)
    gao.hears()
    gao.taps("销售看板")
    gao.sees(re.compile(f"需求确认，{count} 个，¥"))
    gao.taps("林小满")
    gao.sees(re.compile(f"打开{COMPANY}，{COMPANY}，需求确认，¥{AMOUNT:,}"))
    gao.hears()
