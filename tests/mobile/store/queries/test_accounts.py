"""The customer list and page read what commands wrote."""

from pathlib import Path

import pytest

from mobile.store.queries import accounts, due
from shared.protocol import Command
from tests.support.company import ACCOUNT, LAMP
from tests.support.shop import Shop

TODAY = "2026-11-22"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def follow_up(shop: Shop, account_id: str, due_on: str | None) -> str:
    values = {"account_id": account_id, "channel": "call", "body": "谈了价格", "due_on": due_on}
    return shop.create("activity", **{key: value for key, value in values.items() if value is not None})


def test_customers_stand_in_order_of_their_next_follow_up(shop: Shop) -> None:
    later, sooner, never = (shop.create("account", name=name) for name in ("丙", "乙", "甲"))
    follow_up(shop, later, "2026-12-01")
    follow_up(shop, sooner, "2026-11-20")
    follow_up(shop, sooner, "2026-12-24")
    rows = accounts.customers(shop.store)
    assert [row["id"] for row in rows][:2] == [sooner, later]
    assert rows[0]["due_on"] == "2026-11-20"
    assert {row["id"] for row in rows[2:]} == {never, ACCOUNT}
    assert accounts.overdue_count(shop.store, TODAY) == 1


def test_a_follow_up_that_is_done_or_deleted_is_not_due(shop: Shop) -> None:
    done, deleted = follow_up(shop, ACCOUNT, "2026-11-20"), follow_up(shop, ACCOUNT, "2026-11-21")
    patch = {"id": done, "base": {"done_at": None}, "values": {"done_at": 1}}
    shop.engine.run([Command("activity.patch", patch)])
    shop.engine.run([Command("activity.delete", {"id": deleted})])
    assert accounts.next_due(shop.store, ACCOUNT) == []
    assert due.due(shop.store, until="2026-12-31") == []
    assert accounts.customers(shop.store)[0]["due_on"] is None
    assert [row["id"] for row in accounts.timeline(shop.store, ACCOUNT)] == [done]


def test_unsent_rows_are_marked_and_others_are_not(shop: Shop) -> None:
    new = shop.create("account", name="新客户")
    marks = {row["id"]: bool(row["unsent"]) for row in accounts.customers(shop.store)}
    assert marks == {new: True, ACCOUNT: False}


@pytest.mark.parametrize("typed", ["石桥", "shiqiao", "sqly", "2208", "陈立", "clq"])
def test_a_customer_is_found_by_name_pinyin_initials_and_digits_also_of_contacts(shop: Shop, typed: str) -> None:
    wanted = shop.create("account", name="石桥露营用品店", phone="138 7100 2208")
    shop.create("contact", account_id=wanted, name="陈立群")
    found = [row["id"] for row in accounts.customers(shop.store, text=typed)]
    assert found == [wanted]


def test_the_class_filter_and_its_counts_agree(shop: Shop) -> None:
    shop.create("account", name="乙", account_class="won")
    counts = accounts.class_counts(shop.store)
    assert counts[""] == 2
    assert counts["won"] == 1
    for word, count in counts.items():
        assert len(accounts.customers(shop.store, account_class=word or None)) == count


def test_the_list_pages_without_losing_or_repeating_a_row(shop: Shop) -> None:
    made = {shop.create("account", name=f"客户{number}") for number in range(12)} | {ACCOUNT}
    pages = [accounts.customers(shop.store, limit=5, offset=offset) for offset in (0, 5, 10)]
    assert [len(page) for page in pages] == [5, 5, 3]
    assert {row["id"] for page in pages for row in page} == made


def test_a_deleted_customer_has_no_page_and_no_row(shop: Shop) -> None:
    gone = shop.create("account", name="乙")
    shop.engine.run([Command("account.delete", {"id": gone})])
    assert accounts.customer(shop.store, gone) is None
    assert gone not in {row["id"] for row in accounts.customers(shop.store)}


def test_the_sum_of_sales_counts_confirmed_orders_only(shop: Shop) -> None:
    shop.submit(shop.basket(ACCOUNT, (LAMP, 1)))
    sales = accounts.sales(shop.store, ACCOUNT)
    assert (sales["count"], sales["orders"], sales["total"]) == (1, 0, 0)


def test_follow_ups_of_a_day_stand_in_the_order_of_their_times(shop: Shop) -> None:
    made = [("2026-11-23", "09:00"), (TODAY, None), (TODAY, "16:00"), (TODAY, "09:30"), ("2026-11-21", None)]
    for day, clock in made:
        shop.create("activity", account_id=ACCOUNT, body="谈了", due_on=day, due_time=clock)
    in_order = [("2026-11-21", None), (TODAY, "09:30"), (TODAY, "16:00"), (TODAY, None), ("2026-11-23", "09:00")]
    for rows in (due.due(shop.store, until="2026-12-31"), accounts.next_due(shop.store, ACCOUNT)):
        assert [(row["due_on"], row["due_time"]) for row in rows] == in_order
    timed = due.due_at_a_time(shop.store, day=TODAY, owner_id=shop.actor.user_id, limit=9)
    assert [row["due_time"] for row in timed] == ["09:30", "16:00"]
    assert due.due_at_a_time(shop.store, day=TODAY, owner_id="somebody", limit=9) == []
