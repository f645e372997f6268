"""Stages, reasons for losing, and some sixty deals of the last months with the history of their stages.

Won deals are those that became an order of ``history``; the order names its deal.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from server.demo.calendar import Calendar
from server.demo.reference import Rows
from server.starting import REASONS, STAGES
from shared.ids import derived_id
from shared.rules.deals import days_between

DAY_MS = 86_400_000
STAGE_IDS = tuple(derived_id("demo", "stage", name_en) for _, name_en, *_ in STAGES)
WON, LOST = STAGE_IDS[4], STAGE_IDS[5]
REASON_IDS = tuple(derived_id("demo", "lost_reason", name_en) for _, name_en in REASONS)
OPEN, WINS, LOSSES, CANCELLED = (11, 9, 7, 7), 15, 9, 3
"""How many deals are in each open stage, and how many ended in each way."""
WON_LATELY = 4
"""So many of the won ones are of the last 20 days."""
LATE_EVERY = 6
"""Every so many open deals are past the day on which they were expected to close."""
OWN_EVERY = 4
"""Every so many open deals have the rep's own judgement beside the stage's percentage."""
TITLES = (
    ("秋冬帐篷 {count} 顶", "Winter tents, {count} pcs"),
    ("露营灯 {count} 盏", "Camping lamps, {count} pcs"),
    ("户外折叠桌椅 {count} 套", "Folding tables and chairs, {count} sets"),
    ("睡袋补货 {count} 条", "Sleeping bags again, {count} pcs"),
    ("炊具套装 {count} 套", "Cooking sets, {count} pcs"),
    ("登山背包 {count} 个", "Trekking packs, {count} pcs"),
    ("保温壶 {count} 只", "Vacuum flasks, {count} pcs"),
    ("营地整套装备", "Whole camp outfit"),
    ("连锁门店首批铺货", "First stock for all shops"),
    ("员工福利礼盒 {count} 份", "Staff gift boxes, {count} pcs"),
    ("春季团建装备", "Spring team outings"),
    ("赛事补给物资", "Race supplies"),
    ("年度框架合作", "Frame agreement for the year"),
    ("民宿集采户外用品", "Outdoor goods for guest houses"),
)
NOTES = (
    ("要先看样品，再定数量。", "Wants to see samples before the quantity is set."),
    ("采购经理支持，等老板点头。", "The buyer is for it; the owner has to agree."),
    ("对比了两家，看重交期。", "Compares two suppliers; delivery time decides."),
    ("希望年前到货。", "Wants it before the new year."),
    ("", ""),
    ("", ""),
)
LOST_NOTES = (("对方报价低 8%。", "The other offer was 8% lower."), ("", ""), ("明年再联系。", "Call again next year."))
CANCELLED_BECAUSE = (
    ("客户暂停了项目", "The customer put the project off"),
    ("与另一单合并", "Merged with another deal"),
)
Values = dict[str, Any]


def reference() -> Rows:
    """Stages and reasons."""
    for position, (name, name_en, chance, kind, required) in enumerate(STAGES):
        named = {"id": STAGE_IDS[position], "name": name, "name_en": name_en, "position": position + 1}
        yield "stage", {**named, "probability": Decimal(chance), "kind": kind, "required_fields": required}
    for position, (name, name_en) in enumerate(REASONS):
        yield "lost_reason", {"id": REASON_IDS[position], "name": name, "name_en": name_en, "position": position + 1}


class Deals:
    """Makes the deals of customers; marks the orders that won ones became."""

    def __init__(self, calendar: Calendar, accounts: list[Values], contacts: Iterable[Values]) -> None:
        self._calendar = calendar
        self._random = calendar.random
        self._contact = {contact["account_id"]: contact["id"] for contact in reversed(list(contacts))}
        self._accounts = {account["id"]: account for account in accounts}
        self._steps: list[Values] = []

    def rows(self, orders: list[Values]) -> Rows:
        """Deals in order of time, then the history of their stages. ``orders`` learn the deal they came from."""
        made = [self._won(order) for order in self._to_win(orders)]
        buyers = self._buyers({deal["account_id"] for deal in made})
        for stage, count in enumerate(OPEN):
            made += [self._open(next(buyers), stage, number) for number in range(count)]
        made += [self._ended(next(buyers), "lost") for _ in range(LOSSES)]
        made += [self._ended(next(buyers), "cancelled") for _ in range(CANCELLED)]
        for deal in sorted(made, key=lambda deal: (deal["created_at"], deal["id"])):
            yield "opportunity", deal
        for step in self._steps:
            yield "stage_change", step

    def _to_win(self, orders: list[Values]) -> list[Values]:
        """The largest confirmed orders of the last weeks, then of the last months, one for each customer."""
        since = self._calendar.now_ms - 150 * DAY_MS
        wanted = [
            order
            for order in orders
            if order["state"] == "confirmed"
            and order["ordered_at"] >= since
            and self._accounts[order["account_id"]]["created_at"] < order["ordered_at"] - 50 * DAY_MS
        ]
        largest: dict[str, Values] = {}
        by_total = sorted(wanted, key=lambda order: (-order["total"], order["id"]))
        # Without some of these weeks, the desk of a month would have lost deals only.
        lately = [order for order in by_total if order["ordered_at"] >= self._calendar.now_ms - 20 * DAY_MS]
        for order in (*lately[:WON_LATELY], *by_total):
            largest.setdefault(order["account_id"], order)
        return list(largest.values())[:WINS]

    def _buyers(self, taken: set[str]) -> Any:
        """Customers that may have a deal now, those with a person to talk to first; each once."""
        old = self._calendar.now_ms - 75 * DAY_MS
        fit = [
            account
            for account in self._accounts.values()
            if account["id"] not in taken and account["account_class"] != "lost" and account["created_at"] < old
        ]
        self._random.shuffle(fit)
        return iter(sorted(fit, key=lambda account: account["id"] not in self._contact))

    def _deal(self, account: Values, at: int, amount: Decimal) -> Values:
        english = account["_english"]
        title = self._random.choice(TITLES)[english].format(count=self._random.choice((60, 80, 120, 200, 300, 600)))
        note = self._random.choice(NOTES)[english]
        return {**self._child(account, at), "account_id": account["id"], "title": title, "amount": amount,
                "contact_id": self._contact.get(account["id"]), "note": note}  # fmt: skip

    def _child(self, owner: Values, at: int) -> Values:
        people_of = {name: owner[name] for name in ("owner_id", "team_id")}
        return {"id": self._calendar.new_id(at), **people_of, "created_at": at, "created_by": owner["owner_id"]}

    def _won(self, order: Values) -> Values:
        """A deal that went through the stages and became the order."""
        account = self._accounts[order["account_id"]]
        days = sorted(self._random.sample(range(2, 45), 4), reverse=True)
        times = [self._before(order["ordered_at"], back) for back in days]
        deal = self._deal(account, times[0], self._round(order["total"]))
        self._walk(deal, list(zip(times, STAGE_IDS, strict=False)))
        end = min(order["ordered_at"] + 60_000, self._calendar.now_ms)
        self._end(deal, "won", WON, end, self._day(end, self._random.randrange(-6, 12)))
        order["opportunity_id"] = deal["id"]
        return deal

    def _open(self, account: Values, stage: int, number: int) -> Values:
        """A deal that is in the stage now."""
        stay = self._random.choice((1, 2, 3, 4, 5, 6, 8, 11, 16))
        days = [stay]
        for _ in range(stage):
            days.insert(0, days[0] + self._random.randrange(2, 14))
        times = [self._calendar.at_work(back) for back in days]
        deal = self._deal(account, times[0], self._amount())
        self._walk(deal, list(zip(times, STAGE_IDS, strict=False)))
        late = number % LATE_EVERY == 0 and stage > 0
        offset = -self._random.randrange(2, 9) if late else self._random.randrange(3, 70 - 12 * stage)
        if number % OWN_EVERY == 1:
            own = STAGES[stage][2] + self._random.choice((-10, -5, 5, 10, 15))
            deal["probability"] = Decimal(max(5, min(95, own)))
        return {**deal, "expected_close": self._calendar.day(offset)}

    def _ended(self, account: Values, state: str) -> Values:
        back = self._random.randrange(3, 60)
        reached = self._random.randrange(1, 4)
        days = [back + 7 * (reached - at) + self._random.randrange(1, 6) for at in range(reached)]
        times = [self._calendar.at_work(day) for day in days]
        deal = self._deal(account, times[0], self._amount())
        self._walk(deal, list(zip(times, STAGE_IDS, strict=False)))
        end, english = self._calendar.at_work(back), account["_english"]
        if state == "lost":
            reason = self._random.randrange(len(REASONS))
            deal |= {"lost_reason_id": REASON_IDS[reason], "lost_note": self._random.choice(LOST_NOTES)[english]}
            self._end(deal, "lost", LOST, end, self._day(end, 20), REASONS[reason][0])
        else:
            reason_words = self._random.choice(CANCELLED_BECAUSE)[english]
            self._end(deal, "cancelled", deal["stage_id"], end, self._day(end, 20), reason_words)
        return deal

    def _walk(self, deal: Values, stages: list[tuple[int, str]]) -> None:
        """The steps into the stages, the first one opening the deal."""
        for at, stage_id in stages:
            self._step(deal, "moved" if "stage_id" in deal else "opened", stage_id, at)

    def _step(self, deal: Values, action: str, stage_id: str, at: int, reason: str = "") -> None:
        from_stage = deal.get("stage_id")
        days = days_between(deal["stage_since"], at) if from_stage else 0
        about = {"opportunity_id": deal["id"], "action": action, "from_stage_id": from_stage, "to_stage_id": stage_id}
        self._steps.append({**self._child(deal, at), **about, "at": at, "days": days, "reason": reason})
        deal |= {"stage_id": stage_id, "stage_since": at, "updated_at": at}

    def _end(self, deal: Values, state: str, stage_id: str, at: int, expected: str, reason: str = "") -> None:
        self._step(deal, state, stage_id, at, reason)
        deal |= {"state": state, "closed_at": at, "expected_close": expected}

    def _amount(self) -> Decimal:
        return Decimal(self._random.choice((12, 18, 24, 32, 45, 58, 64, 86, 97, 118, 142, 203, 228, 318)) * 1000)

    @staticmethod
    def _round(total: Decimal) -> Decimal:
        """What was expected before the order was written: in hundreds."""
        return (total / 100).quantize(Decimal(1)) * 100

    def _before(self, at: int, days: int) -> int:
        """An instant so many days before another, at another time of day."""
        return at - days * DAY_MS + self._random.randrange(-3, 4) * 1_800_000

    def _day(self, at: int, offset: int) -> str:
        """The date so many days after an instant."""
        return self._calendar.day(offset - int((self._calendar.now_ms - at) // DAY_MS))
