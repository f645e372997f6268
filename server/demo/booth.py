"""Trade shows, lead sources, and the leads that the reps captured there: one show runs today."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from server.demo import names, people
from server.demo.calendar import Calendar
from server.demo.reference import Rows
from shared.ids import derived_id

LEADS = 40
"""Of each rep."""
AT_THE_SHOW, AT_THE_LAST_ONE = 22, 12
"""So many of them at the show that runs, and at the one before; the others came another way."""
LAST_SHOW_DAYS_AGO = 66
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


def event_id(name: str) -> str:
    """The id of a demo show: ``shenzhen`` runs today, ``guangzhou`` is over."""
    return derived_id("demo", "event", name)


def source_id(name: str) -> str:
    """The id of a demo source."""
    return derived_id("demo", "lead_source", name)


def rows(calendar: Calendar, accounts: list[Values]) -> Rows:
    """Sources, two shows, and leads in all states; converted ones point to customers that came in at the show."""
    for position, (key, name, name_en) in enumerate(SOURCES):
        yield "lead_source", {"id": source_id(key), "name": name, "name_en": name_en, "position": position}
    yield (
        "event",
        _show(calendar, "shenzhen", ("深圳户外展", "Shenzhen Outdoor Show"), "3 号馆 B12", "深圳", -2, "86000"),
    )
    over = -LAST_SHOW_DAYS_AGO
    yield (
        "event",
        _show(calendar, "guangzhou", ("广州露营展", "Guangzhou Camping Fair"), "A 区 208", "广州", over, "52000"),
    )
    yield from Booth(calendar, accounts).leads()


def _show(calendar: Calendar, key: str, name: tuple[str, str], venue: str, city: str, first: int, cost: str) -> Values:
    return {
        "id": event_id(key),
        "name": name[0],
        "name_en": name[1],
        "venue": venue,
        "city": city,
        "starts_on": calendar.day(first),
        "ends_on": calendar.day(first + 3),
        "cost": Decimal(cost),
        "qualifiers": QUESTIONS,
    }


class Booth:
    """Makes the leads."""

    def __init__(self, calendar: Calendar, accounts: list[Values]) -> None:
        self._random = random.Random(SEED)
        self._calendar = Calendar(calendar.now_ms, calendar.time_zone, self._random)
        self._accounts = accounts

    def leads(self) -> Iterator[tuple[str, Values]]:
        for rep in people.REPS:
            fresh = [one for one in self._accounts if one["owner_id"] == rep.id and self._days(one["created_at"]) < 5]
            for number in range(LEADS):
                state = self._state(number)
                account = fresh.pop() if state == "converted" and fresh else None
                if state == "converted" and account is None:
                    state = "interested"
                yield "lead", self._lead(rep.id, number, state, account)

    def _days(self, at: int) -> int:
        return int((self._calendar.now_ms - at) // 86_400_000)

    def _state(self, number: int) -> str:
        if number < AT_THE_SHOW:
            return self._random.choices(("new", "following", "interested", "converted", "invalid"), (9, 5, 4, 3, 1))[0]
        return self._random.choices(("following", "interested", "invalid"), (4, 3, 5))[0]

    def _lead(self, rep: str, number: int, state: str, account: Values | None) -> Values:
        key, days_ago = self._place(number)
        at = self._calendar.at_work(days_ago)
        if account is not None:
            at = min(at, account["created_at"])
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
            "source_id": source_id("trade_show" if key else self._random.choice(("website", "referral", "cold_call"))),
            **who,
            **self._talk(state, days_ago, bool(key)),
        }
        if account is not None:
            lead["account_id"] = account["id"]
        if state != "new":
            lead["history"] = [self._step(lead, at)]
        if lead["consent"]:
            lead["consent_at"] = at
        return lead

    def _place(self, number: int) -> tuple[str, int]:
        """(the show, days ago)."""
        if number < AT_THE_SHOW:
            return "shenzhen", self._random.choice((0, 0, 1, 1, 2))
        if number < AT_THE_SHOW + AT_THE_LAST_ONE:
            return "guangzhou", LAST_SHOW_DAYS_AGO - self._random.randrange(4)
        return "", self._random.randrange(5, 120)

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

    def _step(self, lead: Values, at: int) -> Values:
        moved = min(at + self._random.randrange(1, 600) * 60_000, self._calendar.now_ms)
        reason = self._random.choice(REASONS) if lead["state"] == "invalid" else ""
        return {"at": moved, "by": lead["owner_id"], "from": "new", "to": lead["state"], "reason": reason}
