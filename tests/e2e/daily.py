"""What a rep does every day, with as few taps as it takes: each task begins at home."""

import re

from tests.e2e.person import PATIENCE_MS, TYPING, Person

DUE = re.compile(r"^(?!线索，)(.+?)，(逾期 \d+ 天|今天.*?|\d\d:\d\d 已到)，", re.MULTILINE)


def first_due(rep: Person) -> str:
    """The customer whose follow-up stands first at home."""
    rep.sees(DUE)
    row = rep.page.get_by_role("button", name=DUE).first
    found = DUE.match(row.get_attribute("aria-label") or row.inner_text())
    assert found is not None
    return found[1]


def does_the_daily_tasks(rep: Person) -> None:
    name = first_due(rep)
    with rep.does("put a reminder off"):
        rep.taps(f"推迟对{name}的跟进")
        rep.taps(re.compile("^明天"))
    rep.sees(f"{name}：推迟到")
    name = first_due(rep)
    with rep.does("mark a reminder as done"):
        rep.taps(f"完成对{name}的跟进")
    rep.sees(f"{name}：跟进已完成")
    name = first_due(rep)
    with rep.does("log a follow-up"):
        rep.taps(re.compile(f"^{re.escape(name)}，"))
        rep.taps("写一条跟进")
        rep.types("内容 *", "月底前要报价")
        leaves_and_stays(rep)
        rep.taps("保存跟进")
    rep.sees("月底前要报价")
    goes_home(rep, "返回")
    with rep.does("move a deal on"):
        rep.goes_to("商机")
        rep.taps(re.compile("^打开.+，(初步接触|需求确认)，"))
        rep.taps(re.compile("^推进到"))
    rep.sees("已移到")
    goes_home(rep, "返回")
    with rep.does("find a customer"):
        rep.goes_to("客户")
        rep.types("姓名、拼音、手机后四位", name)
        rep.taps(re.compile(f"^打开{re.escape(name)}"))
    rep.sees("月底前要报价")
    rep.hears()
    goes_home(rep, "返回")
    with rep.does("start an order for a customer"):
        rep.taps("新订单")
        rep.taps(re.compile("^打开.+级，"))
    rep.sees("品名、货号、拼音")


def uses_keys(rep: Person) -> None:
    """From anywhere to the search of the customers by a key; what is a key elsewhere leads nowhere, neither before its
    field has the focus nor in it, where it is a letter."""
    page = rep.page
    page.keyboard.press("Control+k")
    page.wait_for_url("**/customers?find=*")
    page.keyboard.type("nj", delay=50)
    page.wait_for_function(TYPING, timeout=PATIENCE_MS)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("njk", delay=50)
    rep.sees("没有找到")
    assert "/customers?find=" in page.url


def leaves_and_stays(rep: Person) -> None:
    """By the browser's own back, from a form that holds something: it asks, and the form is still there."""
    form = rep.page.url
    rep.page.go_back()
    rep.sees("不保存就离开？")
    rep.taps("取消")
    assert rep.page.url == form


def goes_home(rep: Person, back: str) -> None:
    """From a page to its list, and home by the bar."""
    rep.taps(back)
    rep.goes_to("首页")
