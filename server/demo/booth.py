"""Trade shows, lead sources, and leads: those of the shows, of which one runs today, and those of every day."""

import random
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from server.demo import names, people
from server.demo.calendar import PAST_DAYS, Calendar
from server.demo.customers import SHARES
from server.demo.reference import Rows
from shared.ids import derived_id

SHOWS = (
    ("shenzhen", "深圳户外展", "Shenzhen Outdoor Show", "3 号馆 B12", "深圳", 2, "86000", 12),
    ("dongguan", "东莞露营市集", "Dongguan Camping Market", "12 号摊位", "东莞", 31, "9000", 7),
    ("guangzhou", "广州露营展", "Guangzhou Camping Fair", "A 区 208", "广州", 66, "52000", 7),
    ("xiamen", "厦门户外周", "Xiamen Outdoor Week", "B 馆 27", "厦门", 94, "31000", 7),
    ("chengdu", "成都户外节", "Chengdu Outdoor Days", "5 号馆 16", "成都", 212, "38000", 5),
    ("shenzhen-1", "深圳户外展", "Shenzhen Outdoor Show", "3 号馆 A03", "深圳", 366, "79000", 7),
    ("guangzhou-1", "广州露营展", "Guangzhou Camping Fair", "A 区 115", "广州", 430, "47000", 5),
    ("shenzhen-2", "深圳户外展", "Shenzhen Outdoor Show", "2 号馆 C30", "深圳", 730, "61000", 5),
)
"""Key, names, booth, city, days since it opened, its cost, leads of each rep. The first one runs today."""
SHOW_DAYS = 4
LAST_YEAR = 300
"""Shows so many days ago have the year in their name."""
EVERYDAY = 0.9
"""Leads that come in on a day beside the shows."""
AHEAD_DAYS, AHEAD = 10, 3
"""Before a show there are so many times as many: people ask for an appointment at the booth."""
GREW = 45
"""Percent of customers who were a lead first."""
SEED = 20261127
"""Of its own generator: more leads change nobody else's data."""
TALKED = 30
"""Percent of leads about which a sentence was noted."""
SOURCES = (
    ("trade_show", "展会", "Trade show"),
    ("website", "网络", "Website"),
    ("referral", "转介绍", "Referral"),
    ("cold_call", "陌生拜访", "Cold call"),
    ("other", "其他", "Other"),
)
QUESTIONS = """*想要什么 / Interested in: 帐篷 / Tents, 灯具 / Lamps, 桌椅 / Furniture, 炊具 / Cookware
预计采购 / Quantity: 100 件内 / Under 100, 100–500, 500 以上 / Over 500
要不要样品 / Samples: 要 / Yes, 不要 / No"""
WANTS, AMOUNTS = ("帐篷", "灯具", "桌椅", "炊具"), ("100 件内", "100–500", "500 以上")
STEPS = (("发报价", 1), ("寄样品", 3), ("约回访", 2), ("再说", None))
REASONS = ("同行", "号码不对", "没有需求", "多次联系不上")
Values = dict[str, Any]


@cache
def event_id(name: str) -> str:
    """The id of a demo show: ``shenzhen`` runs today, ``guangzhou`` is over."""
    return derived_id("demo", "event", name)


@cache
def source_id(name: str) -> str:
    """The id of a demo source."""
    return derived_id("demo", "lead_source", name)


def rows(calendar: Calendar, accounts: list[Values]) -> Rows:
    """Sources, shows, and leads in all states; converted ones point to customers that came in then."""
    for position, (key, name, name_en) in enumerate(SOURCES):
        yield "lead_source", {"id": source_id(key), "name": name, "name_en": name_en, "position": position}
    for key, name, name_en, venue, city, days_ago, cost, _ in SHOWS:
        first = calendar.day(-days_ago)
        year = f" {first[:4]}" if days_ago > LAST_YEAR else ""
        values = {"id": event_id(key), "name": f"{name}{year}", "name_en": f"{name_en}{year}", "venue": venue,
                  "city": city, "starts_on": first, "ends_on": calendar.day(SHOW_DAYS - 1 - days_ago),
                  "cost": Decimal(cost), "qualifiers": QUESTIONS}  # fmt: skip
        yield "event", values
    yield from Booth(calendar, accounts).leads()


class Booth:
    """Makes the leads."""

    def __init__(self, calendar: Calendar, accounts: list[Values]) -> None:
        self._random = random.Random(SEED)
        self._calendar = Calendar(calendar.now_ms, calendar.time_zone, self._random)
        self._accounts = accounts

    def leads(self) -> Iterator[tuple[str, Values]]:
        """Those of the shows, those of every day, and those that customers grew out of."""
        for rep in people.REPS:
            fresh = [one for one in self._accounts if one["owner_id"] == rep.id and self._days(one["created_at"]) < 5]
            for key, *_, days_ago, _, count in SHOWS:
                for _ in range(count):
                    at = days_ago - self._random.randrange(min(days_ago + 1, SHOW_DAYS))
                    yield "lead", self._lead(rep.id, key, at, fresh)
        reps, shares = [person.id for person, _ in SHARES], [share for _, share in SHARES]
        for days_ago in range(PAST_DAYS - 1, -1, -1):
            ahead = any(0 < days_ago - show[5] <= AHEAD_DAYS for show in SHOWS)
            expected = EVERYDAY * self._calendar.share(days_ago) * (AHEAD if ahead else 1)
            for _ in range(int(expected + self._random.random())):
                yield "lead", self._lead(self._random.choices(reps, shares)[0], "", days_ago, [])
        for account in self._accounts:
            days_ago = self._days(account["created_at"]) + self._random.randrange(1, 26)
            if SHOW_DAYS + 26 <= days_ago < PAST_DAYS and self._random.randrange(100) < GREW:
                yield "lead", self._lead(account["owner_id"], "", days_ago, [account])

    def _days(self, at: int) -> int:
        return int((self._calendar.now_ms - at) // 86_400_000)

    def _state(self, days_ago: int) -> str:
        if days_ago < 5:
            return self._random.choices(("new", "following", "interested", "converted", "invalid"), (9, 5, 4, 3, 1))[0]
        settled = 5 if days_ago < 90 else 150
        return self._random.choices(("following", "interested", "invalid"), (4, 3, settled))[0]

    def _lead(self, rep: str, key: str, days_ago: int, grew: list[Values]) -> Values:
        """``grew``: customers that this lead may have become, at a show one of those that came in there."""
        state = self._state(days_ago) if key or not grew else "converted"
        account = grew.pop() if state == "converted" and grew else None
        if state == "converted" and account is None:
            state = "interested"
        at = self._calendar.at_work(days_ago)
        if account is not None:
            at = min(at, account["created_at"])
        source = "trade_show" if key else self._random.choice(("website", "website", "referral", "cold_call"))
        if account is not None and not key:
            source = account["source"]
        who = self._person() if account is None else {"name": self._name(), "company": account["name"],
                                                      "phone": account["phone"]}  # fmt: skip
        lead = {
            "id": self._calendar.new_id(at),
            "owner_id": rep,
            "team_id": people.TEAM_ID,
            "created_at": at,
            "created_by": rep,
            "state": state,
            "event_id": event_id(key) if key else None,
            "source_id": source_id(source),
            **who,
            **self._talk(state, days_ago, bool(key)),
        }
        if account is not None:
            lead["account_id"] = account["id"]
        if state != "new":
            lead["history"] = [self._step(lead, at, account)]
        if lead["consent"]:
            lead["consent_at"] = at
        return lead

    def _name(self) -> str:
        return self._random.choice(names.SURNAMES) + self._random.choice(names.GIVEN.split())

    def _person(self) -> Values:
        if self._random.randrange(5) == 0:
            first, last = (self._random.choice(words.split()) for words in (names.FIRST_NAMES, names.LAST_NAMES))
            word, trade = (
                self._random.choice(names.COMPANY_WORDS_EN.split()),
                self._random.choice(names.COMPANY_TRADES_EN),
            )
            return {
                "name": f"{first} {last}",
                "company": f"{word} {trade}",
                "position": self._random.choice(names.POSITIONS_EN),
                "phone": f"+44 7700 900{self._random.randrange(1000):03d}",
                "email": f"{first}.{last}@mail.example".lower(),
            }
        city, word = self._random.choice(names.CITIES)[0], self._random.choice(names.COMPANY_WORDS.split())
        prefix = self._random.choice(("160", "161", "163", "164"))
        return {
            "name": self._name(),
            "company": f"{city}{word}{self._random.choice(names.COMPANY_TRADES)}",
            "position": self._random.choice((*names.POSITIONS, "")),
            "phone": f"{prefix} {self._random.randrange(10**4):04d} {self._random.randrange(10**4):04d}",
        }

    def _talk(self, state: str, days_ago: int, at_show: bool) -> Values:
        """What was asked and agreed. Some of today's lack something: the check before leaving finds them."""
        worked = state in ("following", "interested", "converted")
        said: Values = {"grade": self._random.choice("AABBBC") if worked else self._random.choice(("", "B", "C", "C")),
                        "consent": self._random.random() < 0.85}  # fmt: skip
        if at_show and (worked or self._random.random() < 0.7):
            wants = self._random.sample(WANTS, self._random.choice((1, 1, 2)))
            chosen = [*(f"想要什么:{want}" for want in wants), f"预计采购:{self._random.choice(AMOUNTS)}"]
            said["answers"] = sorted(chosen)
        if self._random.randrange(100) < TALKED:
            said["note"] = self._random.choice(names.TALKS)
        if worked or (state == "new" and self._random.random() < 0.45):
            said["next_step"], days = self._random.choice(STEPS)
            open_ = state in ("new", "following", "interested")
            after = days_ago - (days or 0) if days_ago < 5 else self._random.randrange(-14, 3)
            said["next_step_on"] = self._calendar.day(-after) if open_ and days else None
        return said

    def _step(self, lead: Values, at: int, account: Values | None) -> Values:
        moved = min(at + self._random.randrange(1, 600) * 60_000, self._calendar.now_ms)
        if account is not None:
            moved = max(moved, account["created_at"])
        reason = self._random.choice(REASONS) if lead["state"] == "invalid" else ""
        return {"at": moved, "by": lead["owner_id"], "from": "new", "to": lead["state"], "reason": reason}
