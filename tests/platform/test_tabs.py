"""One user in two tabs, two users in two tabs, a tab that hands over, declines, or does not answer."""
from __future__ import annotations

import pytest

BLOCK_S = 4


def rows(tab, user: str) -> list:
    return tab.value(f"stores[{user!r}].connection().execute('SELECT n FROM kept ORDER BY n').fetchall()")


def write(tab, user: str, n: int) -> None:
    tab.python(f"connection = stores[{user!r}].connection()\n"
               "connection.execute('CREATE TABLE IF NOT EXISTS kept (n INTEGER)')\n"
               f"connection.execute('INSERT INTO kept VALUES (?)', ({n},)); connection.commit()")


@pytest.fixture(scope="module")
def context(launch_for_module):
    return launch_for_module()


@pytest.fixture(scope="module")
def tabs(context, tab):
    """Two tabs of one browser, for all tests here: each test has a user of its own."""
    return tab(context), tab(context)


@pytest.fixture
def pair(tabs):
    yield tabs
    for each in tabs:
        each.python("platform.on_take_over_requested(None)\nfor store in stores.values():\n    store.close()")


@pytest.fixture
def user(request):
    return request.node.name[-64:]


def test_the_store_is_exclusive_wal_and_fully_synchronous(pair, user):
    one, _ = pair
    assert one.open(user) == "ok"
    pragmas = one.value("[stores[user].connection().execute(f'PRAGMA {name}').fetchone()[0] "
                        "for name in ('locking_mode', 'journal_mode', 'synchronous')]")
    assert pragmas == ["exclusive", "wal", 2]


def test_rows_are_there_after_a_reload_and_after_a_restart_of_the_browser(launch, tab):
    first = launch()
    one = tab(first)
    one.open("rep")
    write(one, "rep", 1)
    one.page.reload()
    one.start()
    assert one.open("rep") == "ok"
    write(one, "rep", 2)
    first.close()
    again = tab(launch())
    assert again.open("rep") == "ok"
    assert rows(again, "rep") == [[1], [2]]


def test_a_second_tab_learns_that_the_user_is_open_elsewhere(pair, user):
    one, two = pair
    assert one.open(user) == "ok"
    assert two.open(user) == "StoreBusy open_elsewhere"
    assert one.open(user) == "StoreBusy open_elsewhere"


def test_two_users_work_in_two_tabs_at_once(pair):
    rep, manager = pair
    assert (rep.open("rep"), manager.open("manager")) == ("ok", "ok")
    write(rep, "rep", 1)
    write(manager, "manager", 2)
    assert (rows(rep, "rep"), rows(manager, "manager")) == ([[1]], [[2]])


def test_two_users_work_in_one_tab_at_once(pair, user):
    one, _ = pair
    assert (one.open(user), one.open("other")) == ("ok", "ok")
    write(one, user, 1)
    write(one, "other", 2)
    assert (rows(one, user), rows(one, "other")) == ([[1]], [[2]])


def test_a_closed_store_can_be_opened_in_another_tab(pair, user):
    one, two = pair
    one.open(user)
    write(one, user, 1)
    one.python("stores[user].close(); stores[user].close()")
    assert two.open(user) == "ok"
    assert rows(two, user) == [[1]]


def test_a_closed_tab_frees_the_store(context, tab, pair, user):
    one, two = tab(context), pair[1]
    one.open(user)
    one.page.close()
    assert two.take_over(user, 5) == "ok"


def test_take_over_lets_the_old_tab_finish_and_closes_it(pair, user):
    one, two = pair
    one.open(user)
    write(one, user, 1)
    one.python("""
import asyncio
told = []
async def hand_over(user):
    connection = stores[user].connection()
    connection.execute("INSERT INTO kept VALUES (2)")
    await asyncio.sleep(0.2)
    connection.commit()
    told.append(user)
platform.on_take_over_requested(hand_over)
async def exchange():
    try:
        await platform.transport.request("GET", "/v1/slow")
    except Exception as error:
        told.append(error.reason)
running = asyncio.ensure_future(exchange())
None""")
    assert two.take_over(user, 5) == "ok"
    assert rows(two, user) == [[1], [2]]
    assert one.value("told") == ["aborted", user]
    assert one.value("stores[user]._connection is None") is True
    assert one.open(user) == "StoreBusy open_elsewhere"
    assert one.take_over(user, 5) == "ok"


def test_a_tab_whose_app_declines_keeps_the_store(pair, user):
    one, two = pair
    one.open(user)
    write(one, user, 1)
    one.python("async def decline(user):\n    raise RuntimeError('unsaved form')\n"
               "platform.on_take_over_requested(decline)")
    assert two.take_over(user, 1) == "StoreBusy refused"
    assert rows(one, user) == [[1]]


def test_a_tab_that_needs_too_long_is_told_apart_from_a_frozen_one(pair, user):
    one, two = pair
    one.open(user)
    one.python("import asyncio\nasync def slow(user):\n    await asyncio.sleep(60)\n"
               "platform.on_take_over_requested(slow)")
    assert two.take_over(user, 1) == "StoreBusy waiting"


def test_a_frozen_tab_gives_a_clear_answer_and_does_not_close_later(pair, user):
    one, two = pair
    one.open(user)
    write(one, user, 1)
    one.page.evaluate(f"void python('import time\\nend = time.time() + {BLOCK_S}\\nwhile time.time() < end: pass')")
    assert two.take_over(user, 1) == "StoreBusy frozen"
    # Woken up, the old tab finds the request of a tab that has given up: its store stays open.
    assert rows(one, user) == [[1]]
    assert two.open(user) == "StoreBusy open_elsewhere"


def test_a_full_disk_is_sqlites_full_and_work_goes_on_after_it(context, pair, user, site):
    one, _ = pair
    one.open(user)
    write(one, user, 1)
    session = context.new_cdp_session(one.page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": 1_000_000})
    told = one.python("""
import sqlite3
connection = stores[user].connection()
try:
    connection.execute("CREATE TABLE big AS SELECT zeroblob(4000000) AS body")
    connection.commit()
    told = "nothing"
except sqlite3.OperationalError as error:
    told = str(error)
connection.rollback()
told""")
    assert told == "database or disk is full"
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.url})
    write(one, user, 2)
    assert rows(one, user) == [[1], [2]]
    assert one.value("connection.execute('PRAGMA integrity_check').fetchall()") == [["ok"]]


def test_a_damaged_file_is_named_and_left_as_it_is(pair, user):
    one, _ = pair
    one.python(f"user = {user!r}")
    one.python("""
import js
answer = await js.device.mountUser(user)
with open(answer.path, "wb") as file:
    file.write(b"this is no database" * 1000)
js.device.unmountUser(user)""")
    assert one.open(user) == "StoreUnavailable damaged"
    assert one.open(user) == "StoreUnavailable damaged"


def test_a_user_key_is_never_a_path(pair):
    assert pair[0].open("../rep").startswith("ValueError")
