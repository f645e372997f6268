"""What a new organisation begins with, so that deals can be made on the first day; managers change it as they like."""

from collections.abc import Callable
from decimal import Decimal

from shared.catalog import ENTITIES
from shared.codec import Row, new_row

STAGES = (
    # name, English name, percent, kind, what it asks for
    ("初步接触", "First contact", 10, "open", []),
    ("需求确认", "Needs", 30, "open", []),
    ("方案报价", "Proposal", 50, "open", ["amount", "expected_close"]),
    ("商务谈判", "Negotiation", 80, "open", ["amount", "contact_id", "expected_close"]),
    ("赢单", "Won", 100, "won", []),
    ("输单", "Lost", 0, "lost", []),
)
REASONS = (
    ("价格太高", "Too expensive"),
    ("选了竞争对手", "Chose a competitor"),
    ("预算取消", "Budget cancelled"),
    ("交期太长", "Delivery too late"),
    ("没有回音", "No answer any more"),
    ("产品不合适", "Product does not fit"),
)


def starting_rows(org_id: str, now_ms: int, new_id: Callable[[], str]) -> list[tuple[str, Row]]:
    """Stages and reasons for losing deals, as complete rows."""
    made = {"org_id": org_id, "created_at": now_ms, "updated_at": now_ms}
    rows: list[tuple[str, Row]] = []
    for position, (name, name_en, chance, kind, required) in enumerate(STAGES, 1):
        about = {"name": name, "name_en": name_en, "position": position, "kind": kind, "required_fields": required}
        values = {**made, "id": new_id(), **about, "probability": Decimal(chance)}
        rows.append(("stage", new_row(ENTITIES["stage"], values)))
    for position, (name, name_en) in enumerate(REASONS, 1):
        values = {**made, "id": new_id(), "name": name, "name_en": name_en, "position": position}
        rows.append(("lost_reason", new_row(ENTITIES["lost_reason"], values)))
    return rows
