"""A rep and the manager edit the same field without a network; it is settled, and later reversed."""

import re

from tests.e2e.books import Books
from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.person import Person


def changes_the_phone(person: Person, name: str, phone: str) -> None:
    """Finds the customer and edits the phone number."""
    person.visits("/customers")
    person.types("姓名、拼音、手机后四位", name)
    person.taps(re.compile(f"^打开{name}"))
    person.taps("编辑客户")
    person.types("电话", phone)
    person.taps(re.compile("^保存"))
    person.sees("离线")


def test_a_field_that_two_people_changed_is_settled_and_later_reversed(server: DemoServer, invite: Invite) -> None:
    lin, gao = invite(server, "lin"), invite(server, "gao", viewport={"width": 1440, "height": 900})
    books = Books(server)
    name = books.customer_of("lin")
    server.stop()
    changes_the_phone(gao, name, "0755 1111 1111")
    changes_the_phone(lin, name, "0755 2222 2222")
    lin.context.set_offline(True)

    server.start()
    gao.syncs_now()
    gao.sees("已同步")
    assert books.phone_of(name) == "0755 1111 1111"
    lin.context.set_offline(False)
    lin.syncs_now()
    lin.visits("/inbox")
    for words in ("电话", "0755 1111 1111", "0755 2222 2222", "高岚"):
        lin.sees(words)
    assert books.phone_of(name) == "0755 1111 1111"

    lin.taps(re.compile("^选我的"))
    lin.taps("用我的")
    lin.sees("没有要处理的")
    books.waits_for_phone(name, "0755 2222 2222")

    lin.taps(re.compile("^已处理"))
    lin.taps(re.compile("^换回"))
    books.waits_for_phone(name, "0755 1111 1111")
    gao.visits("/customers")
    gao.types("姓名、拼音、手机后四位", name)
    gao.taps(re.compile(f"^打开{name}"))
    gao.sees("0755 1111 1111")
    assert "intact" in server.cli("audit", "verify")
