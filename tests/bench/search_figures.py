"""Search over 50,000 customers in the device's own store. Runs on CPython and, in the browser, on Pyodide."""

import random
import sqlite3
import statistics
import time
from collections.abc import Callable
from typing import Any

from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id

PLACES = [
    "杭州",
    "上海",
    "深圳",
    "广州",
    "成都",
    "昆明",
    "西宁",
    "厦门",
    "北京",
    "南京",
    "武汉",
    "重庆",
    "青岛",
    "苏州",
    "长沙",
]
NAMES = [
    "山野",
    "禾木",
    "驼铃",
    "越岭",
    "蜀道",
    "青海湖",
    "北岸",
    "云岭",
    "长风",
    "远山",
    "溪谷",
    "松针",
    "砂岩",
    "晨露",
    "星野",
    "牧歌",
]
TRADES = "户外用品 露营装备 体育用品 旅行用品 生活方式 咖啡与户外 登山器材 贸易".split()  # noqa: SIM905
FORMS = ("有限公司", "商行", "集团", "股份有限公司", "店")
QUERIES = ("禾木", "上海越岭", "shanye", "hzsy", "Nordic Outdoor 12", "4471", "青海", "trading 40", "长风咖啡", "yh")


def fill(store: SqliteStore, customers: int) -> None:
    """Customers with Chinese and English names and phone numbers, the same in each run; indexed to the last row."""
    draw = random.Random(7)
    entity = ENTITIES["account"]
    for start in range(0, customers, 1_000):
        with store.transaction():
            for number in range(start, min(start + 1_000, customers)):
                store.put("account", _customer(entity, draw, number), 1)
    while store.index_slice():
        pass


def _customer(entity: Any, draw: random.Random, number: int) -> dict[str, Any]:
    place = draw.choice(PLACES)
    name = f"{place}{draw.choice(NAMES)}{draw.choice(NAMES)}{draw.choice(TRADES)}{draw.choice(FORMS)}"
    if number % 4 == 0:
        name = f"{draw.choice(('Nordic', 'Alpine', 'Harbour', 'Summit'))} Outdoor {number} Trading GmbH"
    phone = f"1{draw.randrange(3, 10)}{draw.randrange(10**9):09d}"
    values = {
        "id": derived_id("bench", number),
        "org_id": derived_id("org"),
        "name": name,
        "phone": phone,
        "city": place,
    }
    return new_row(entity, values)


def measure(
    connection: sqlite3.Connection, *, customers: int = 50_000, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median and slowest query in milliseconds over ``QUERIES``, each asked five times for its first 50 rows."""
    store = SqliteStore(connection)
    started = clock()
    fill(store, customers)
    filled = clock() - started
    times = []
    for _ in range(5):
        for query in QUERIES:
            started = clock()
            found = store.search("account", query, limit=50)
            times.append((clock() - started) * 1_000)
            assert found, f"nothing found for {query}"
    return {"median_ms": statistics.median(times), "slowest_ms": max(times), "fill_s": filled}
