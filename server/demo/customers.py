"""Three hundred customers with contacts and follow-ups, spread over the reps."""

from collections.abc import Iterator
from typing import Any

from server.demo import names, people
from server.demo.calendar import KNOWN_DAYS, PAST_DAYS, Calendar
from server.demo.reference import PRICE_LIST_ID, Rows

ACCOUNTS = 300
ENGLISH_EVERY = 4
"""Every fourth customer is abroad."""
SHARES = ((people.LIN, 45), (people.WANG, 35), (people.CHEN, 20))
SHOW_DAYS = 4
"""The last forty customers came in at the trade show of these days."""
OVERDUE = 3
TIMES_TODAY = ("10:30", "14:30", "16:00", None, None)
"""What is due today with each rep: some at a time, some at any."""
TIMES = {1: "09:30", 3: "14:00", 5: "15:30"}
"""Open follow-ups of each rep."""
TALKED_DAYS = 300
"""What was said lies in these days; once a year before, something was said too."""
LATEST_DAYS = 9
"""Nothing is overdue by so many days or more."""
_GIVEN = tuple(zip(names.GIVEN.split(), names.GIVEN_PINYIN.split(), strict=True))
Values = dict[str, Any]


class Customers:
    """Makes customers; ``accounts`` has their values afterwards, for the orders."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._random = calendar.random
        self.accounts: list[Values] = []
        self._taken: set[str] = set()

    def rows(self) -> Rows:
        """Accounts, then their contacts, then their follow-ups."""
        self.accounts.extend(self._account(number) for number in range(ACCOUNTS))
        contacts = [values for account in self.accounts for values in self._contacts(account)]
        activities = [values for account in self.accounts for values in self._history(account)]
        activities += self._open_work()
        for entity, made in (("account", self.accounts), ("contact", contacts), ("activity", activities)):
            for values in made:
                yield entity, {key: value for key, value in values.items() if not key.startswith("_")}

    def _pick(self, words: Any) -> Any:
        return self._random.choice(words.split() if isinstance(words, str) and " " in words else words)

    def _account(self, number: int) -> Values:
        english = number % ENGLISH_EVERY == ENGLISH_EVERY - 1
        owner = self._random.choices([person for person, _ in SHARES], [share for _, share in SHARES])[0]
        at_show = number >= ACCOUNTS - 40
        days_ago = self._random.randrange(SHOW_DAYS) if at_show else self._random.randrange(20, KNOWN_DAYS)
        at = self._calendar.at_work(days_ago)
        new = days_ago < 20
        classes = ("potential", "interested") if new else ("potential", "interested", "won", "lost")
        account_class = self._random.choices(classes, (6, 4) if new else (15, 20, 57, 8))[0]
        level = self._random.choices("ABC", (2, 3, 5) if account_class == "won" else (0, 2, 8))[0]
        return {
            "id": self._calendar.new_id(at),
            "owner_id": owner.id,
            "team_id": people.TEAM_ID,
            "created_at": at,
            "created_by": owner.id,
            **(self._abroad() if english else self._at_home()),
            "account_class": account_class,
            "level": level,
            "source": "trade_show" if new else self._pick(("website", "referral", "cold_call", "trade_show", "other")),
            "price_list_id": PRICE_LIST_ID,
            "tags": sorted(self._random.sample(names.TAGS, self._random.choice((0, 0, 1, 1, 2)))),
            "_english": english,
        }

    def _at_home(self) -> Values:
        city, district, street = self._pick(names.CITIES)
        word, trade = self._pick(names.COMPANY_WORDS), self._pick(names.COMPANY_TRADES)
        return {
            "name": self._fresh(f"{city}{word}{trade}"),
            "city": city,
            "address": f"{city}市{district}{street}{self._random.randrange(1, 400)}号",
            "phone": self._mobile(),
            "industry": self._pick(names.INDUSTRIES),
            "tax_number": f"9144{self._random.randrange(10**13, 10**14)}",
        }

    def _abroad(self) -> Values:
        city, street = self._pick(names.CITIES_EN)
        word, trade = self._pick(names.COMPANY_WORDS_EN), self._pick(names.COMPANY_TRADES_EN)
        return {
            "name": self._fresh(f"{word} {trade}"),
            "city": city,
            "address": f"{self._random.randrange(1, 400)} {street}, {city}",
            "phone": f"+44 7700 900{self._random.randrange(1000):03d}",
            "industry": self._pick(names.INDUSTRIES_EN),
        }

    def _fresh(self, name: str) -> str:
        """A name that no other customer has."""
        fresh, number = name, 2
        while fresh in self._taken:
            fresh, number = f"{name} {number}", number + 1
        self._taken.add(fresh)
        return fresh

    def _mobile(self) -> str:
        return f"{self._pick(('160', '161', '163', '164'))} {self._random.randrange(10**4):04d} " + (
            f"{self._random.randrange(10**4):04d}"
        )

    def _contacts(self, account: Values) -> Iterator[Values]:
        for _ in range(self._random.choices((1, 2, 3), (4, 5, 2))[0]):
            yield {**self._child(account, account["created_at"]), **self._person(account)}

    def _child(self, account: Values, at: int) -> Values:
        return {
            "id": self._calendar.new_id(at),
            "account_id": account["id"],
            "owner_id": account["owner_id"],
            "team_id": account["team_id"],
            "created_at": at,
            "created_by": account["owner_id"],
        }

    def _person(self, account: Values) -> Values:
        if account["_english"]:
            first, last = self._pick(names.FIRST_NAMES), self._pick(names.LAST_NAMES)
            return {
                "name": f"{first} {last}",
                "position": self._pick(names.POSITIONS_EN),
                "phone": f"+44 7700 900{self._random.randrange(1000):03d}",
                "email": f"{first}.{last}@mail.example".lower(),
            }
        given, pinyin = self._random.choice(_GIVEN)
        number = self._random.randrange(10, 1000)
        return {
            "name": self._pick(names.SURNAMES) + given,
            "position": self._pick(names.POSITIONS),
            "phone": self._mobile(),
            "email": f"{pinyin}{number}@mail.example" if number % 3 == 0 else "",
            "wechat": f"{pinyin}_{number}",
        }

    def _history(self, account: Values) -> Iterator[Values]:
        """What was said before, all done."""
        age = min(self._age_days(account), PAST_DAYS)
        recent = self._random.choices((0, 1, 2, 3, 4), (2, 4, 4, 2, 1))[0]
        days = [self._random.randrange(max(1, min(age, TALKED_DAYS))) for _ in range(recent)]
        days += [self._random.randrange(TALKED_DAYS, age) for _ in range((age - 1) // TALKED_DAYS)]
        for days_ago in days:
            at = max(self._calendar.at_work(days_ago), account["created_at"])
            yield {**self._child(account, at), **self._talk(account, at), "done_at": at}

    def _talk(self, account: Values, at: int) -> Values:
        channels = ("booth", "wechat") if account["source"] == "trade_show" else ("visit", "call", "wechat", "email")
        return {
            "channel": self._pick(channels),
            "body": self._random.choice(names.TALKS_EN if account["_english"] else names.TALKS),
            "happened_at": at,
        }

    def _open_work(self) -> list[Values]:
        """Follow-ups that wait: some overdue, several today for each rep, the rest in the weeks to come."""
        made = []
        for person, _ in SHARES:
            mine = [account for account in self.accounts if account["owner_id"] == person.id]
            mine = [account for account in mine if account["account_class"] != "lost"]
            self._random.shuffle(mine)
            # Nothing is overdue with somebody who was not yet known on the day.
            late = [account for account in mine if self._age_days(account) > LATEST_DAYS][:OVERDUE]
            made += [self._waiting(account, -self._random.randrange(1, LATEST_DAYS)) for account in late]
            others = [account for account in mine if account not in late]
            coming = [self._random.randrange(1, 45) for _ in range(len(mine) // 3)]
            days = [*((0, clock) for clock in TIMES_TODAY), *((offset, TIMES.get(offset % 7)) for offset in coming)]
            # Fewer customers than days: the rest has nothing open.
            for account, (offset, clock) in zip(others, days, strict=False):
                made.append({**self._waiting(account, offset), "due_time": clock})
        return made

    def _age_days(self, account: Values) -> int:
        return int((self._calendar.now_ms - account["created_at"]) // 86_400_000)

    def _waiting(self, account: Values, offset: int) -> Values:
        days_ago = max(-offset + 1, min(self._random.randrange(2, 21), self._age_days(account)))
        at = max(self._calendar.at_work(days_ago), account["created_at"])
        steps = names.NEXT_STEPS_EN if account["_english"] else names.NEXT_STEPS
        return {
            **self._child(account, at),
            **self._talk(account, at),
            "due_on": self._calendar.day(offset),
            "due_note": self._random.choice(steps),
        }
