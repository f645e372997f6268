"""Who sees a customer: sharing it with colleagues, and handing it over, each with all that is below it.

Everybody who sees a customer sees its contacts, follow-ups and orders: the *audience* is its owner and those with whom
it is shared. Contacts and follow-ups have the customer's owner, an order belongs to who took it; each row keeps the
audience without its own owner in ``shared_with``, so that its buckets follow from the row alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from shared.access import Actor, answers_for
from shared.catalog import ENTITIES, Entity, Field, children_of
from shared.codec import Row
from shared.commands.work import Work, together
from shared.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from shared.fields import Scope

MAX_SHARED = 20
"""Colleagues with whom one customer is shared: each of them receives all that is below it."""


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lets a colleague see and edit the account and all below it."""

    id: str
    user_id: str


class Unshare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ends it. Orders of the colleague's own stay the colleague's."""

    id: str
    user_id: str


def share(work: Work, args: Share) -> None:
    account = _own_account(work, args.id)
    person = work.require("user", args.user_id, field="user_id")
    if not person["active"]:
        raise StateConflict("owner_inactive", field="user_id", name=person["name"])
    if person["id"] == account["owner_id"]:
        raise StateConflict("shared_with_owner", field="user_id", name=person["name"])
    if work.actor.role != "admin" and person["home_team_id"] != account["team_id"]:
        raise NotAllowed("other_team", field="user_id", name=person["name"])
    others = {*account["shared_with"], person["id"]}
    if len(others) > MAX_SHARED:
        raise InvalidInput("shared_too_often", field="user_id", limit=MAX_SHARED)
    _spread(work, ENTITIES["account"], account, {account["owner_id"], *others})


def unshare(work: Work, args: Unshare) -> None:
    account = _own_account(work, args.id)
    audience = {account["owner_id"], *account["shared_with"]} - {args.user_id} | {account["owner_id"]}
    _spread(work, ENTITIES["account"], account, audience)


def _own_account(work: Work, account_id: str) -> Row:
    account = work.require("account", account_id)
    if not answers_for(work.actor, account) and work.actor.user_id not in account["shared_with"]:
        raise NotFound("not_found", entity="account", id=str(account_id)[:36])
    require_own(work, ENTITIES["account"], account)
    return account


def require_own(work: Work, entity: Entity, row: Row) -> None:
    """Raises ``NotAllowed`` ``only_shared`` for giving away or deleting what is only shared with the actor."""
    if not is_own(work.actor, entity, row):
        raise NotAllowed("only_shared", entity=entity.name, name=work.title(entity.name, row))


def is_own(actor: Actor, entity: Entity, row: Row) -> bool:
    """Whether the actor may delete the row, when his role may at all. Below a shared customer that is what one has
    written oneself."""
    if entity.options.scope is not Scope.OWNER or answers_for(actor, row):
        return True
    return bool(entity.options.follows) and row["created_by"] == actor.user_id


def inherited(work: Work, entity: Entity, values: dict[str, Any], owner_id: str) -> dict[str, Any]:
    """``shared_with`` of a new row of its author's own below somebody's row: an order of a customer."""
    for field in entity.parents:
        target = ENTITIES[str(field.options.ref)]
        if target.options.scope is Scope.OWNER and entity.options.scope is Scope.OWNER:
            above = work.get(target.name, values.get(field.name))
            if above is not None:
                return {"shared_with": sorted(_audience(above) - {owner_id})}
    return {}


def hand_over(work: Work, entity: Entity, row: Row, owner: Row) -> None:
    """Gives the row and what follows it to a new owner. Orders stay with who took them; the new owner sees them."""
    audience = (_audience(row) - {row["owner_id"]}) | {owner["id"]}
    # What stands below a customer is seen by whoever sees it; a lead that became one only points to it.
    for field in entity.parents:
        above = work.get(str(field.options.ref), row[field.name])
        if above is not None:
            audience |= _audience(above)
    _transfer(work, entity, row, owner, audience)


def _audience(row: Row) -> set[str]:
    return {user_id for user_id in (row["owner_id"], *row["shared_with"]) if user_id}


def _spread(work: Work, entity: Entity, row: Row, audience: set[str]) -> None:
    wanted = sorted(audience - {row["owner_id"]})
    if row["shared_with"] != wanted:
        work.show(entity.name, row, {"shared_with": wanted})
    _each_below(work, entity, row, lambda child, below: _spread(work, child, below, audience))


def _transfer(work: Work, entity: Entity, row: Row, owner: Row, audience: set[str]) -> None:
    changes = {"owner_id": owner["id"], "team_id": owner["home_team_id"]}
    work.update(entity.name, row, {**changes, "shared_with": sorted(audience - {owner["id"]})}, stamp=("owner_id",))

    def hand_on(child: Entity, below: Row) -> None:
        follows = child.parent_of(below)
        if follows is None:
            _spread(work, child, below, audience)
        elif follows.options.ref == entity.name:
            _transfer(work, child, below, owner, audience)
        # What follows another row goes with that one: a file of a lead that became a customer is the customer's.

    _each_below(work, entity, row, hand_on)


def _each_below(work: Work, entity: Entity, row: Row, do: Callable[[Entity, Row], None]) -> None:
    """For the row's children of the scope *owner*, deleted ones too: they must come back where they belong."""

    def each(child: Entity, field: Field) -> None:
        rows = work.children(child.name, field.name, row["id"], deleted=True)
        together(partial(do, child, below) for below in rows)

    kinds = [(child, field) for child, field in children_of(entity.name) if child.options.scope is Scope.OWNER]
    together(partial(each, child, field) for child, field in kinds)
