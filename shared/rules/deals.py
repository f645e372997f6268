"""What is true of deals on both sides: their odds, what a stage asks for, how long they stay."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.errors import InvalidInput, StateConflict

Row = Mapping[str, Any]

ASKABLE = ("amount", "expected_close", "contact_id", "probability", "note")
"""Fields of a deal that a stage may ask for, in the order in which a person is asked."""
DAY_MS = 86_400_000
WHOLE = Decimal(100)


def odds(opportunity: Row, stage: Row | None) -> Decimal:
    """Percent: of an ended deal 100 or 0, otherwise the rep's own judgement, otherwise the stage's."""
    if opportunity["state"] != "open":
        return WHOLE if opportunity["state"] == "won" else Decimal(0)
    own: Decimal | None = opportunity["probability"]
    if own is not None:
        return own
    return stage["probability"] if stage is not None else Decimal(0)


def days_between(start_ms: int, end_ms: int) -> int:
    """Whole days of 24 hours; clocks of devices may disagree, so never less than 0."""
    return max(0, end_ms - start_ms) // DAY_MS


def missing_fields(opportunity: Row, stage: Row) -> list[str]:
    """Fields that the stage asks for and the deal does not have, in order of ``ASKABLE``."""
    empty = (None, "", Decimal(0))
    wanted = set(stage["required_fields"])
    return [name for name in ASKABLE if name in wanted and opportunity[name] in empty]


def require_filled(opportunity: Row, stage: Row) -> None:
    """Raises ``InvalidInput`` ``stage_asks`` naming the first field that the stage asks for and is empty."""
    missing = missing_fields(opportunity, stage)
    if missing:
        about = {"entity": "opportunity", "name": opportunity["title"], "stage": stage["name"]}
        raise InvalidInput("stage_asks", field=missing[0], fields=",".join(missing), **about)


def require_open(opportunity: Row) -> None:
    """Raises ``StateConflict`` ``deal_closed`` for a deal that is won, lost or cancelled."""
    if opportunity["state"] != "open":
        raise StateConflict("deal_closed", name=opportunity["title"], state=opportunity["state"])
