"""Ways in and out: enrolment, signing out with unsent work, shared browsers, ended sessions, replaced data."""

import re

import msgspec
import pyotp

from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.person import GREETING, Person

SECRET = re.compile(r"(?:[A-Z2-7] ){31}[A-Z2-7]")


def creates_a_customer(person: Person, name: str) -> None:
    person.page.bring_to_front()
    person.visits("/customers/new")
    person.types("客户名称 *", name)
    person.taps("保存客户")
    person.sees(f"给{name}下单")


def exported_by(person: Person, button: str) -> list[str]:
    """Names of the customers in the file that the button downloads."""
    with person.page.expect_download() as waiting:
        person.taps(button)
    document = msgspec.json.decode(waiting.value.path().read_bytes())
    assert waiting.value.suggested_filename.startswith(f"caravan-outbox-{person.login}-")
    commands = [command for entry in document["transactions"] for command in entry["transaction"]["commands"]]
    return [command["args"]["values"]["name"] for command in commands if command["name"] == "account.create"]


def test_a_newcomer_enrols_and_signs_out_without_losing_unsent_work(server: DemoServer, welcome: Invite) -> None:
    chen = welcome(server, "chen")
    chen.opens()
    chen.types("用户名", "chen")
    chen.gives_password()
    chen.sees(SECRET)
    found = SECRET.search(chen.everything())
    assert found is not None
    authenticator = pyotp.TOTP(found.group().replace(" ", ""))
    chen.gives_code(f"{(int(authenticator.now()) + 1) % 1_000_000:06}")
    chen.sees("验证码不正确")
    first = authenticator.now()
    chen.gives_code(first)
    chen.sees(GREETING)
    chen.sees("已同步")

    server.stop()
    chen.goes_to("客户")
    chen.taps("新客户")
    chen.types("客户名称 *", "雪线户外俱乐部")
    chen.taps("保存客户")
    chen.sees("离线")
    chen.taps("返回")
    chen.goes_to("首页")
    chen.taps("打开我的设置")
    chen.taps("退出登录")
    chen.sees("还有 1 条没有发送")
    chen.taps("现在发送，然后退出")
    chen.sees("还没有全部发出去")
    assert exported_by(chen, "导出文件") == ["雪线户外俱乐部"]
    chen.sees("已导出")
    chen.taps("锁在本机并退出")
    chen.sees(re.compile("以 陈晨 继续.*已退出，登录后继续"))

    chen.taps(re.compile("^以 陈晨 继续"))
    chen.gives_password()
    chen.sees("没有连上服务器，登录需要网络")
    server.start()
    # The notice goes with the first letter; what follows must still be typed into the field.
    chen.gives_password()
    chen.sees("输入动态验证码")
    while authenticator.now() == first:
        chen.page.wait_for_timeout(500)
    chen.gives_code(authenticator.now())
    chen.sees("已同步")
    assert Books(server).has_customer("雪线户外俱乐部")


def test_a_shared_browser_keeps_everybodys_work_whatever_ends(server: DemoServer, invite: Invite) -> None:
    lin = rep_and_manager_share_the_browser(server, invite)
    a_revoked_device_hands_its_work_in(server, lin)
    replaced_data_are_noticed(server, lin)


def rep_and_manager_share_the_browser(server: DemoServer, invite: Invite) -> Person:
    """Returns the rep, who has moved to another tab."""
    first = invite(server, "lin")
    gao = first.in_another_tab("gao")
    gao.opens("/sign-in")
    gao.taps("用其他账号登录")
    gao.types("用户名", "gao")
    gao.gives_password()
    gao.gives_code(server.code("gao"))
    gao.sees(GREETING)
    gao.sees("已同步")
    gao.goes_to("客户")
    gao.taps("新客户")
    gao.types("客户名称 *", "主管的客户")
    gao.taps("保存客户")
    gao.sees("给主管的客户下单")
    first.page.bring_to_front()
    first.goes_to("客户")
    first.taps("新客户")
    first.types("客户名称 *", "小满的客户")
    first.taps("保存客户")
    for person, name in ((first, "小满的客户"), (gao, "主管的客户")):
        person.page.bring_to_front()
        person.sees("已同步")
        assert Books(server).has_customer(name)

    second = first.in_another_tab("lin")
    second.opens("/sign-in")
    second.taps(re.compile("^以 林小满 继续"))
    second.sees("林小满 的资料已在另一个标签页打开")
    second.taps("改在这里使用")
    second.sees(GREETING)
    first.page.bring_to_front()
    first.sees("林小满 的资料已转到另一个标签页")
    first.page.close()
    second.page.bring_to_front()
    return second


def a_revoked_device_hands_its_work_in(server: DemoServer, lin: Person) -> None:
    """The manager on the same tablet takes it over; the rep comes back on a device that is registered anew."""
    lin.context.set_offline(True)
    lin.goes_to("客户")
    lin.taps("新客户")
    lin.types("客户名称 *", "停用后的客户")
    lin.taps("保存客户")
    lin.sees("离线")
    revoke_devices(server, owner="林小满")
    lin.context.set_offline(False)
    lin.sees("没发送的内容已交给主管，本机资料已清除")
    assert not Books(server).has_customer("停用后的客户")
    assert "林小满" not in lin.screen()

    gao = lin.in_another_tab("gao")
    gao.opens("/sign-in")
    gao.taps(re.compile("^以 高岚 继续"))
    gao.sees("高岚 的资料已在另一个标签页打开")
    gao.taps("改在这里使用")
    gao.sees(GREETING)
    gao.goes_to("收件箱")
    gao.taps(re.compile("^待接手"))
    for words in ("林小满", "停用后的客户", "来自停用的设备"):
        gao.sees(words)
    gao.taps("接手并执行")
    gao.sees("没有待接手的改动")
    gao.sees("已同步")
    assert Books(server).has_customer("停用后的客户")
    gao.page.close()

    lin.page.bring_to_front()
    lin.taps("用其他账号登录")
    lin.types("用户名", "lin")
    lin.gives_password()
    lin.gives_code(server.code("lin"))
    # The customer whose page stood open is the manager's now.
    lin.sees("这里没有这位客户")
    lin.sees("已同步")
    lin.visits("/inbox")
    lin.taps(re.compile("^已处理"))
    lin.sees("接手了你的改动，已经执行")


def revoke_devices(server: DemoServer, *, owner: str) -> None:
    """As the administrator, over HTTP."""
    with server.api("admin") as desk:
        mine = [row["id"] for row in desk.get("/v1/devices").raise_for_status().json() if row["user_name"] == owner]
        assert mine
        for device_id in mine:
            desk.post("/v1/devices/revoke", json={"device_id": device_id}).raise_for_status()


def replaced_data_are_noticed(server: DemoServer, lin: Person) -> None:
    server.stop()
    creates_a_customer(lin, "重置前的客户")
    lin.sees("离线")
    server.cli("demo-reset", "--yes")
    server.start()
    lin.opens()
    # The sessions went with the old data: the outbox outlasts the sign-in, and then the other dataset.
    lin.sees("请重新登录")
    lin.looks_at_sync()
    lin.sees("会话已结束")
    lin.taps("重新登录")
    lin.gives_password()
    lin.gives_code(server.code("lin"))
    lin.sees("需要处理")
    lin.looks_at_sync()
    for words in ("服务器换了一套资料", "未发送的内容都还在", "重置前的客户"):
        lin.sees(words)
    lin.taps("重新开始")
    assert exported_by(lin, "导出并重新开始") == ["重置前的客户"]
    # Not "all sent": what was set aside was never sent.
    lin.sees("没有等待发送的内容")
    lin.sees("重新开始之前的 1 条改动没有发送过")
    lin.sees(re.compile(r"同步[\s\S]*\d\d:\d\d 已同步"))
    assert not Books(server).has_customer("重置前的客户")
