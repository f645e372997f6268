"""Tells a lead's new owner in his inbox: one row for all that one action gave him."""

from shared.codec import Row
from shared.commands.work import Work
from shared.ids import derived_id
from shared.rules.leads import title


def tell_new_owner(work: Work, lead: Row, owner: Row) -> None:
    """``lead``: as it was before it changed hands. Nobody is told what he did himself. Authority only."""
    if not work.authority or owner["id"] in (work.actor.user_id, lead["owner_id"]):
        return
    notice_id = derived_id("leads given", work.tx_id, owner["id"])
    giver = work.get("user", work.actor.user_id)
    notice = work.get("conflict", notice_id)
    count = notice["params"]["count"] + 1 if notice else 1
    params = {"name": title(lead)[:200], "by": giver["name"] if giver else "", "count": count}
    if notice is not None:
        # Of several none stands for the others: the row leads to the list.
        work.update("conflict", notice, {"code": "leads_given", "params": params, "row_id": None, "title": ""})
        return
    values = {
        "owner_id": owner["id"],
        "team_id": owner["home_team_id"],
        "kind": "assigned",
        "tx_id": work.tx_id,
        "entity": "lead",
        "row_id": lead["id"],
        "title": params["name"],
        "code": "lead_given",
        "params": params,
    }
    work.insert("conflict", {"id": notice_id, **values})
    work.conflicts.append(notice_id)
