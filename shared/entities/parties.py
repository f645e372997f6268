"""Accounts, their contacts, and the follow-ups with them."""

from typing import Annotated, ClassVar, Literal

from shared import fields as f
from shared.entities.record import Dated, Owned
from shared.fields import EntityOptions, Merge, Privacy, Scope, Window

SELLERS = ("rep", "manager", "admin")
AccountClass = Literal["potential", "interested", "won", "lost"]
AccountLevel = Literal["A", "B", "C"]
Channel = Literal["visit", "call", "wechat", "email", "booth"]


class Account(Owned, kw_only=True):
    """A customer, 客户: a company or a person that may buy (R8, R9, R34)."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        generic={
            "create": SELLERS,
            "patch": SELLERS,
            "delete": SELLERS,
            "restore": SELLERS,
            "assign": ("manager", "admin"),
        },
        commands=("account.share", "account.unshare"),
    )
    name: Annotated[str, f.text(120, form=1, column=1, search="name")]
    account_class: Annotated[AccountClass, f.enum(form=4, column=2, index=True)] = "potential"
    level: Annotated[AccountLevel, f.enum(form=5, column=3)] = "C"
    phone: Annotated[str, f.phone(form=2, column=4)] = ""
    city: Annotated[str, f.text(60, form=6, column=5, search="name")] = ""
    address: Annotated[str, f.text(200, form=7, search="text")] = ""
    industry: Annotated[str, f.text(60, form=8)] = ""
    source: Annotated[Literal["", "trade_show", "website", "referral", "cold_call", "other"], f.enum(form=9)] = ""
    tax_number: Annotated[str, f.code(40, form=10, search="digits")] = ""
    bank_account: Annotated[str, f.code(40, form=11, privacy=Privacy.RESTRICTED)] = ""
    price_list_id: Annotated[str | None, f.ref("price_list")] = None
    tags: Annotated[list[str], f.tags(form=12)] = []  # noqa: RUF012 (msgspec copies it for each row)
    notes: Annotated[str, f.long_text(form=13, search="text")] = ""


class Contact(Owned, kw_only=True):
    """A person at an account, 联系人."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        follows="account_id",
        generic={"create": SELLERS, "patch": SELLERS, "delete": SELLERS, "restore": SELLERS},
    )
    account_id: Annotated[str, f.parent("account")]
    name: Annotated[str, f.text(80, form=1, column=1, search="name", privacy=Privacy.PERSONAL)]
    position: Annotated[str, f.text(80, form=2, column=2)] = ""
    phone: Annotated[str, f.phone(form=3, column=3)] = ""
    email: Annotated[str, f.email(form=4, column=4)] = ""
    wechat: Annotated[str, f.text(60, form=5, privacy=Privacy.PERSONAL)] = ""
    notes: Annotated[str, f.long_text(form=6)] = ""


class Activity(Dated, kw_only=True):
    """A follow-up, 跟进记录: what was said, and what is due next (R10)."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="body",
        follows="account_id",
        generic={"create": SELLERS, "patch": SELLERS, "delete": SELLERS, "restore": SELLERS},
        window=Window(
            dates=("happened_at",), still_open=lambda row: row["due_on"] is not None and row["done_at"] is None
        ),
    )
    account_id: Annotated[str, f.parent("account")]
    channel: Annotated[Channel, f.enum(form=1, column=1)] = "visit"
    body: Annotated[str, f.long_text(2_000, form=2, column=2, search="text")]
    happened_at: Annotated[int, f.timestamp(column=3, merge=Merge.FIXED)] = 0
    due_on: Annotated[str | None, f.day(form=3, column=4, index=True, group="due")] = None
    """The day on which the next step is due; none when nothing is open."""
    due_time: Annotated[str | None, f.time_of_day(form=4, group="due")] = None
    """When on that day, on the organisation's clock; none: any time. It means nothing without a day."""
    due_note: Annotated[str, f.text(200, form=5)] = ""
    done_at: Annotated[int | None, f.timestamp(merge=Merge.LATEST)] = None
