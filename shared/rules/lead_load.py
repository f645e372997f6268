"""Sharing leads out by load: each to the rep who has the fewest open ones (R81)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Row = Mapping[str, Any]


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who can be given leads, with how many open ones he has."""

    id: str
    name: str
    role: str
    team_id: str | None
    team: str
    open: int


def share_out(leads: Sequence[Row], candidates: Sequence[Candidate]) -> dict[str, str]:
    """Lead id → rep, in the leads' order; each with ``id, owner_id, team_id``.

    Every lead goes to whichever rep of its own team has the fewest open leads by then, a lead without a team, or of a
    team without reps, to any; of equals to the first in ``candidates``. What a rep already has of these leads is shared
    out anew and does not count against him. Empty when nobody is a rep.
    """
    reps = [one for one in candidates if one.role == "rep"]
    if not reps:
        return {}
    load = {one.id: one.open for one in reps}
    for lead in leads:
        if lead["owner_id"] in load:
            load[lead["owner_id"]] -= 1
    given: dict[str, str] = {}
    for lead in leads:
        near = [one for one in reps if one.team_id == lead["team_id"]] or reps
        chosen = min(near, key=lambda one: load[one.id])
        load[chosen.id] += 1
        given[lead["id"]] = chosen.id
    return given
