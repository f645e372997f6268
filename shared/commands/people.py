"""What an administrator may not do to himself, and what follows when a user's role or team changes."""

from typing import Any

from shared.codec import Row
from shared.commands.work import Work
from shared.errors import StateConflict
from shared.ids import derived_id


def guard(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Nobody takes his own role or access: the last administrator would be let in again by nobody."""
    if row["id"] != work.actor.user_id:
        return
    if values.get("active") is False or values.get("role", row["role"]) != row["role"]:
        raise StateConflict("own_way_in", field="active" if "active" in values else "role")


def standing_id(user_id: str, role: str, team_id: str | None) -> str:
    """One row for each role and team that a user ever had."""
    return derived_id("standing", user_id, role, team_id or "")


def remember(work: Work, before: Row, after: Row) -> None:
    """Notes the role and team that the user leaves. Only the authority judges late work by it."""
    left = (before["role"], before["home_team_id"])
    if not work.authority or left == (after["role"], after["home_team_id"]):
        return
    row_id = standing_id(before["id"], *left)
    moved = before["home_team_id"] != after["home_team_id"]
    known = work.get("standing", row_id)
    if known is not None:
        work.update("standing", known, {"until": work.now_ms, "rows_follow": moved or known["rows_follow"]})
        return
    values = {"user_id": before["id"], "role": left[0], "home_team_id": left[1], "until": work.now_ms}
    work.insert("standing", {"id": row_id, "rows_follow": moved, **values})
