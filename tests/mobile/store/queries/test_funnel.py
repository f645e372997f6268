"""Leads and deals on the desk: every number has exactly the rows that its address lists."""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mobile.store.queries import funnel
from mobile.store.queries.funnel import ENDED, FunnelFilter, Rate, from_address
from mobile.store.queries.order_filter import NONE
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from shared.rules.periods import KINDS, period_of
from shared.timezone import business_date, day_start_ms
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, ORG, REP, TEAM
from tests.support.shop import Shop

ZONE, TODAY, ALL = "America/New_York", date(2026, 11, 27), 10_000
SOURCES = [derived_id("source", number) for number in range(3)]
STAGES = [derived_id("stage", number) for number in range(4)]
Made = dict[str, list[dict[str, Any]]]


def fill(shop: Shop, seed: int, count: int = 150) -> Made:
    dice = random.Random(seed)
    made: Made = {"leads": [], "deals": []}

    def put(entity: str, **values: Any) -> Any:
        row = new_row(ENTITIES[entity], {"org_id": ORG, "team_id": TEAM, "owner_id": REP, **values})
        shop.store.put(entity, row, 1)
        return row

    def instant() -> int:
        day = day_start_ms(TODAY - timedelta(days=dice.randrange(400)), ZONE)
        return day + dice.choice((-1, 0, 1, 40_000_000))

    with shop.store.transaction():
        for number, source in enumerate(SOURCES):
            put("lead_source", id=source, name=f"来源 {number}", position=number)
        for number, stage in enumerate(STAGES):
            kind = ("open", "open", "won", "lost")[number]
            put("stage", id=stage, name=f"阶段 {number}", position=number, kind=kind, probability=Decimal(25 * number))
        for number in range(count):
            gone = 1 if dice.random() < 0.1 else None
            owner, source = dice.choice((REP, COLLEAGUE)), dice.choice([*SOURCES, None])
            state = dice.choice(("new", "following", "converted", "invalid"))
            made["leads"].append(put("lead", id=derived_id("lead", number), name=f"人 {number}", owner_id=owner,
                                     source_id=source, state=state, created_at=instant(), deleted_at=gone))  # fmt: skip
            state = dice.choice(("open", "open", "won", "lost", "cancelled"))
            stage = {"won": STAGES[2], "lost": STAGES[3]}.get(state, STAGES[dice.randrange(2)])
            made["deals"].append(put(
                "opportunity", id=derived_id("deal", number), account_id=ACCOUNT, title=f"商机 {number}",
                stage_id=stage, owner_id=owner, source_id=source, state=state,
                amount=Decimal(dice.randrange(10**9)) / 10_000,
                probability=dice.choice((None, Decimal("33.3333"))), deleted_at=gone,
                closed_at=None if state == "open" else instant(),
            ))  # fmt: skip
    return made


def listed(shop: Shop, asked: FunnelFilter) -> list[dict[str, Any]]:
    return funnel.rows(shop.store, from_address(asked.kind, asked.address), ZONE, limit=ALL)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_has_exactly_the_rows_that_it_opens(tmp_path: Path, seed: int) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    made = fill(shop, seed)
    for kind in KINDS:
        period = period_of(kind, TODAY)
        for span in (period, period.same_part_before(TODAY)):
            for owner in ("", REP):
                leads = FunnelFilter("leads", owner=owner).within(span)
                expected = [
                    one["id"] for one in made["leads"]
                    if one["deleted_at"] is None and owner in ("", one["owner_id"])
                    and span.first <= business_date(one["created_at"], ZONE) < span.following
                ]  # fmt: skip
                assert {one["id"] for one in listed(shop, leads)} == set(expected)
                assert funnel.count(shop.store, leads, ZONE) == len(expected)
                if span is period:
                    by_part = funnel.by_part(shop.store, leads, period.parts(), ZONE)
                    assert by_part == [funnel.count(shop.store, leads.within(one), ZONE) for one in period.parts()]
                    assert sum(by_part) == len(expected)
                groups = funnel.lead_sources(shop.store, leads, ZONE)
                assert sum(one["count"] for one in groups) == len(expected)
                for one in groups:
                    rows = listed(shop, leads.with_(source=one["key"]))
                    converted = [row for row in rows if row["state"] == "converted"]
                    assert (one["count"], one["converted"]) == (len(rows), len(converted))
                ended = FunnelFilter("deals", state=ENDED, owner=owner).within(span)
                rows = listed(shop, ended)
                won = [row for row in rows if row["state"] == "won"]
                assert {row["state"] for row in rows} <= {"won", "lost"}
                assert funnel.win_rate(shop.store, ended, ZONE) == Rate(len(won), len(rows))


def test_the_pipeline_adds_up_the_open_deals_of_each_stage(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    made = fill(shop, 5)
    usual = {stage: Decimal(25 * number) for number, stage in enumerate(STAGES)}
    for owner in ("", COLLEAGUE):
        stages = funnel.pipeline(shop.store, owner)
        assert [one.id for one in stages] == STAGES[:2]
        for one in stages:
            rows = listed(shop, FunnelFilter("deals", state="open", stage=one.id, owner=owner))
            assert (one.count, one.amount) == (len(rows), sum((row["amount"] for row in rows), Decimal(0)))
            weighted = sum(
                deal["amount"] * (usual[one.id] if deal["probability"] is None else deal["probability"]) / 100
                for deal in made["deals"] if deal["id"] in {row["id"] for row in rows}
            )  # fmt: skip
            assert one.weighted == weighted


def test_a_rate_of_nothing_is_none() -> None:
    assert Rate(0, 0).percent is None
    assert Rate(1, 3).percent == Decimal("33.3")


def test_leads_without_a_source_are_a_group_of_their_own(tmp_path: Path) -> None:
    shop = Shop(tmp_path, user_id=MANAGER)
    fill(shop, 6)
    assert NONE in {one["key"] for one in funnel.lead_sources(shop.store, FunnelFilter(), ZONE)}
