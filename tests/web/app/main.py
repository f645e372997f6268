"""The smallest app that shows a control, for tests of the page around it."""

import datetime
import json
import os
import random
import sqlite3
import time
import uuid

import flet as ft


def facts() -> dict[str, object]:
    """What a restored interpreter must not have inherited from the machine that wrote its memory down."""
    (blob,) = sqlite3.connect(":memory:").execute("SELECT hex(randomblob(16))").fetchone()
    here = datetime.datetime.now().astimezone()
    return {
        "random": random.getrandbits(64),
        "uuid": str(uuid.uuid4()),
        "system": os.urandom(16).hex(),
        "sqlite": blob,
        "now": time.time(),
        "offset_h": here.utcoffset() / datetime.timedelta(hours=1),
        "timezone_s": time.timezone,
        "language": os.environ["LANG"],
    }


def main(page: ft.Page) -> None:
    page.title = "Probe"
    page.theme = ft.Theme(font_family="NotoSansSC")
    page.add(
        ft.Text(f"商队 Caravan at {page.route}"),
        ft.Text("罕用字：彧翀瑀"),
        ft.Text("无字体：ไทย ਪੰਜਾਬੀ \u2009 😊"),
        ft.FilledButton("新建订单"),
        ft.Text("FACTS " + json.dumps(facts())),
        ft.Text("周岚 · 主管 · “最后一件” ‘缺货’ — 已保存…", size=18),
        ft.Text("Zhou Lan · Manager · “last unit” ‘short’ — saved… it’s", size=18),
        *[
            ft.Text(f"{weight.name} 订单 Order 1,284.50 ¥238 万", weight=weight, size=18)
            for weight in (ft.FontWeight.W_400, ft.FontWeight.W_500, ft.FontWeight.W_600, ft.FontWeight.W_700)
        ],
    )


ft.run(main)
