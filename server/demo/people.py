"""The demo organisation and its people. Passwords are fixed and printed: a demo database stays on this machine."""

from decimal import Decimal

import msgspec

from shared.ids import derived_id

ORG_ID = derived_id("demo", "organisation")
TEAM_ID = derived_id("demo", "team")
ORG_NAME = "驼峰户外"
EVENT_NAME = "深圳户外展"
TEAM_NAME = "华南销售部"
TIME_ZONE = "Asia/Shanghai"
CURRENCY = "CNY"
PASSWORD = "caravan-demo"


class Person(msgspec.Struct, frozen=True):
    """A demo user. ``discount_limit``: percent. ``enrolled``: has an authenticator already."""

    login: str
    name: str
    role: str
    discount_limit: Decimal
    phone: str
    enrolled: bool = True

    @property
    def id(self) -> str:
        """Stays the same over resets, so that a browser opens the same local store and notices the new data."""
        return derived_id("demo", "user", self.login)


LIN = Person("lin", "林小满", "rep", Decimal(10), "160 2001 0001")
WANG = Person("wang", "王磊", "rep", Decimal(10), "160 2001 0002")
CHEN = Person("chen", "陈晨", "rep", Decimal(5), "160 2001 0003", enrolled=False)
GAO = Person("gao", "高岚", "manager", Decimal(25), "160 2001 0010")
ADMIN = Person("admin", "周敏", "admin", Decimal(100), "160 2001 0020")
PEOPLE = (LIN, WANG, CHEN, GAO, ADMIN)
REPS = (LIN, WANG, CHEN)
