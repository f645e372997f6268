"""Stages and reasons for the small company, and the commands that make and move deals."""

from decimal import Decimal
from typing import Any

from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.ids import derived_id
from tests.support.company import ACCOUNT, NOW, ORG, Company

CONTACTED, QUOTED, TALKING, WON, LOST = (
    derived_id("stage", name) for name in ("contacted", "quoted", "talking", "won", "lost")
)
TOO_DEAR = derived_id("lost reason")
DEAL = derived_id("deal")
Step = tuple[str, dict[str, Any]]


def reference_rows() -> list[tuple[str, Row]]:
    """Three open stages, of which the last asks for an amount and a day, and the two ends; one reason for losing."""
    stages = (
        (CONTACTED, "初步接触", "Contacted", 10, "open", []),
        (QUOTED, "方案报价", "Quoted", 50, "open", []),
        (TALKING, "商务谈判", "Negotiation", 80, "open", ["amount", "expected_close"]),
        (WON, "赢单", "Won", 100, "won", []),
        (LOST, "输单", "Lost", 0, "lost", []),
    )
    made: list[tuple[str, Row]] = []
    for position, (row_id, name, name_en, chance, kind, required) in enumerate(stages, 1):
        about = {"name": name, "name_en": name_en, "position": position, "kind": kind, "required_fields": required}
        made.append(("stage", _row("stage", row_id, probability=Decimal(chance), **about)))
    return [*made, ("lost_reason", _row("lost_reason", TOO_DEAR, name="价格太高", name_en="Too dear"))]


def _row(entity: str, row_id: str, **values: Any) -> Row:
    return new_row(ENTITIES[entity], {"id": row_id, "org_id": ORG, "created_at": NOW, "updated_at": NOW, **values})


def with_stages(company: Company) -> Company:
    """The company, with its stages and reasons."""
    company.rows.update({(name, row["id"]): row for name, row in reference_rows()})
    return company


def opened(deal: str = DEAL, *, account: str = ACCOUNT, stage: str = CONTACTED, **values: Any) -> Step:
    made = {"account_id": account, "title": "秋冬帐篷 60 顶", **values}
    return "opportunity.open", {"id": deal, "stage_id": stage, "values": made}


def moved(stage: str, seen: str, deal: str = DEAL) -> Step:
    return "opportunity.move", {"id": deal, "stage_id": stage, "seen_stage_id": seen}


def won(seen: str, deal: str = DEAL) -> Step:
    return "opportunity.win", {"id": deal, "stage_id": WON, "seen_stage_id": seen}


def lost(seen: str, deal: str = DEAL, note: str = "") -> Step:
    ids = {"id": deal, "stage_id": LOST, "seen_stage_id": seen, "reason_id": TOO_DEAR}
    return "opportunity.lose", {**ids, "note": note}


def cancelled(reason: str = "客户搬家了", deal: str = DEAL) -> Step:
    return "opportunity.cancel", {"id": deal, "reason": reason}


def reopened(stage: str = QUOTED, reason: str = "客户又来问了", deal: str = DEAL) -> Step:
    return "opportunity.reopen", {"id": deal, "stage_id": stage, "reason": reason}
