"""The world of the permission matrix: for every attempt a row of its own, made from the declarations."""

import hashlib
import time
from decimal import Decimal
from typing import Any

import msgspec

from shared.catalog import ENTITIES, Entity, Field
from shared.codec import Row, new_row, values_to_wire
from shared.fields import Kind, Scope
from shared.ids import derived_id, price_id, stock_level_id
from shared.rules.orders import content_hash
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, NOW, ORG, OTHER_TEAM, REP, STRANGER, TEAM

FOREIGN_ORG, FOREIGN_TEAM, FOREIGN = derived_id("org 2"), derived_id("team 2"), derived_id("rep of org 2")
THIRD = derived_id("a third rep of the team")
ACTORS = {"rep": REP, "manager": MANAGER, "admin": ADMIN}
ACTIONS = ("create", "patch", "delete", "restore", "assign")
DELETION = derived_id("an earlier deletion")


class Place(msgspec.Struct, frozen=True):
    """Whose a row is."""

    name: str
    org_id: str
    owner_id: str
    team_id: str | None


TOMORROW = time.time_ns() // 1_000_000 + 86_400_000
"""By the server's own clock: it ends leases that are over by it."""
STAGES = ("open", "won", "lost")
OWN = Place("own", ORG, REP, TEAM)
COLLEAGUES = Place("colleague", ORG, COLLEAGUE, TEAM)
STRANGERS = Place("other team", ORG, STRANGER, OTHER_TEAM)
FOREIGNERS = Place("other organisation", FOREIGN_ORG, FOREIGN, FOREIGN_TEAM)


def places(role: str) -> tuple[Place, ...]:
    """Own rows, a colleague's, those of another team, those of another organisation."""
    return (Place("own", ORG, ACTORS[role], TEAM), COLLEAGUES, STRANGERS, FOREIGNERS)


def visible(role: str, entity: Entity, place: Place) -> bool:
    """Whether the role may see the row: the rules of the scopes, said a second time on purpose."""
    if place.org_id != ORG:
        return False
    match entity.options.scope:
        case Scope.ORGANISATION | Scope.STOCK:
            return True
        case Scope.MANAGERS:
            return role != "rep"
        case Scope.PRIVATE:
            return place.name == "own"
        case Scope.DESK:
            return role == "admin" or (role == "manager" and place.team_id == TEAM)
        case Scope.ADMINS:
            return place.name == "own" or role == "admin"
        case Scope.OWNER:
            return place.name == "own" or role == "admin" or (role == "manager" and place.team_id == TEAM)
    return False


class World:
    """Rows by organisation; ``base`` rows are what others point to and what nobody changes."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[str, Row]]] = {ORG: [], FOREIGN_ORG: []}
        self.places: dict[tuple[str, str], Place] = {}
        """Of each row, by entity and id."""
        self._known: set[str] = set()

    def base(self, entity: str, place: Place) -> str:
        """Id of the place's undisturbed row of the entity, made at first use."""
        if entity == "user":
            return place.owner_id
        row_id = self._id(entity, place, "base")
        if row_id not in self._known:
            self.add(entity, place, "base")
        return row_id

    def _id(self, entity: str, place: Place, tag: str) -> str:
        if entity == "price":
            return price_id(self.base("price_list", place), self.product(place, tag))
        if entity == "stock_level":
            return stock_level_id(self.base("warehouse", place), self.product(place, tag))
        return derived_id("matrix", entity, place.name, place.owner_id, tag)

    def product(self, place: Place, tag: str) -> str:
        """A product that has its price and stock level from this attempt alone."""
        if tag == "base":
            return self.base("product", place)
        product = derived_id("matrix", "product", place.name, place.owner_id, f"for {tag}")
        if product not in self._known:
            self.add("product", place, f"for {tag}")
        return product

    def add(self, entity: str, place: Place, tag: str, /, **values: Any) -> Row:
        """Makes the place's row of the entity for an attempt."""
        declared = ENTITIES[entity]
        row_id = self._id(entity, place, tag)
        self._known.add(row_id)
        made = {field.name: self._value(field, place, tag) for field in declared.own_fields if field.required}
        made |= self._extra(entity, place, tag)
        owned = declared.options.scope not in (Scope.ORGANISATION, Scope.STOCK, Scope.SERVER)
        owner = {"owner_id": place.owner_id, "team_id": place.team_id} if owned else {}
        row = new_row(declared, {"id": row_id, "org_id": place.org_id, **owner, **made, **values})
        self.rows[place.org_id].append((entity, row))
        self.places[entity, row_id] = place
        return row

    def _value(self, field: Field, place: Place, tag: str) -> Any:
        if field.kind is Kind.REF:
            if field.name == "product_id":
                return self.product(place, tag)
            return self.base(str(field.options.ref), place)
        if field.kind is Kind.ENUM:
            return next(choice for choice in field.choices if choice)
        if field.is_decimal:
            return Decimal(5)
        if field.kind is Kind.DATE:
            return "2026-11-22"
        if field.kind is Kind.TIME:
            return "14:30"
        return f"{place.name} {tag} {place.owner_id[:8]}"[: field.options.max_length or 40]

    def _extra(self, entity: str, place: Place, tag: str) -> Row:
        if entity in ("product", "user"):
            name = "sku" if entity == "product" else "login"
            return {name: derived_id("matrix", place.owner_id, tag, place.name)}
        if entity == "order":
            return {"price_list_id": self.base("price_list", place), "warehouse_id": self.base("warehouse", place)}
        if entity == "stock_level":
            return {"on_hand": Decimal(10)}
        if entity == "stock_lease":
            return {"expires_at": TOMORROW}
        if entity == "attachment":
            content = hashlib.sha256(f"{place} {tag}".encode()).hexdigest()
            told = {"file_name": "a.jpg", "media_type": "image/jpeg", "size": 7, "sha256": content}
            return {"account_id": self.base("account", place), **told}
        if entity == "lead":
            return {"name": f"{place.name} {tag}"}
        return {}

    def create_args(self, entity: str, place: Place, tag: str) -> dict[str, Any]:
        """Arguments that create a row with references to the place's rows."""
        declared = ENTITIES[entity]
        fields = [field for field in declared.own_fields if field.required and field.merge != "command"]
        values = {field.name: self._value(field, place, tag) for field in fields}
        given = tuple(declared.fields) if entity in ("attachment", "lead") else ("sku", "login")
        values |= {name: value for name, value in self._extra(entity, place, tag).items() if name in given}
        return {"id": self._id(entity, place, tag), "values": values_to_wire(declared, values)}

    def order(self, place: Place, tag: str) -> dict[str, Any]:
        """A draft order with one line, ready to submit: its arguments."""
        product = self.product(place, tag)
        self.add("price", place, tag)
        self.add("stock_level", place, tag)
        order = self.add("order", place, tag)
        line = self.add("order_line", place, tag, order_id=order["id"], product_id=product, unit_price=Decimal(5))
        return {"order_id": order["id"], "content_hash": content_hash(order, [line])}

    def lease(self, place: Place, tag: str) -> str:
        """An offered lease of 5 units of a product of its own, to the place's owner."""
        level = self.add("stock_level", place, tag, reserved=Decimal(5))
        held = {name: level[name] for name in ("warehouse_id", "product_id")}
        made = self.add(
            "stock_lease", place, tag, stock_level_id=level["id"], held_on=level["id"], quantity=Decimal(5), **held
        )
        return str(made["id"])

    def deal(self, command: str, place: Place, tag: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
        """(entity, row, arguments, effect) of a command on a deal of the place, its stages the actor's company's."""
        stages = {kind: self.add("stage", OWN, f"{tag} {place.name} {kind}", kind=kind)["id"] for kind in STAGES}
        if command == "opportunity.open":
            row_id = self._id("opportunity", place, tag)
            values = {"account_id": self.base("account", place), "title": "A deal"}
            return (
                "opportunity",
                row_id,
                {"id": row_id, "stage_id": stages["open"], "values": values},
                {"state": "open"},
            )
        closed = {"state": "cancelled", "closed_at": NOW} if command == "opportunity.reopen" else {}
        row_id = str(self.add("opportunity", place, tag, **closed)["id"])
        if command == "opportunity.cancel":
            return "opportunity", row_id, {"id": row_id, "reason": "no"}, {"state": "cancelled"}
        if command == "opportunity.reopen":
            return "opportunity", row_id, {"id": row_id, "reason": "yes", "stage_id": stages["open"]}, {"state": "open"}
        state = {"move": "open", "win": "won", "lose": "lost"}[command.partition(".")[2]]
        seen = {"id": row_id, "stage_id": stages[state], "seen_stage_id": self.base("stage", OWN)}
        args = {**seen, "reason_id": self.base("lost_reason", OWN)} if state == "lost" else seen
        return "opportunity", row_id, args, {"state": state, "stage_id": stages[state]}

    def conflict(self, place: Place, tag: str) -> str:
        """An open field conflict about the phone of an account of the place."""
        account = self.add("account", place, tag, phone="160 1000 0000")
        about = {"kind": "field", "entity": "account", "row_id": account["id"], "field": "phone"}
        both = {"mine": {"phone": "160 2000 0000"}, "theirs": {"phone": "160 1000 0000"}, "base": {"phone": ""}}
        return str(self.add("conflict", place, tag, **about, **both)["id"])

    def shareable(self, place: Place, tag: str, with_whom: str, *already: str) -> dict[str, Any]:
        """Arguments that share an account of the place, or end that."""
        account = self.add("account", place, tag, shared_with=list(already))
        return {"id": account["id"], "user_id": with_whom}

    def handover(self, place: Place, tag: str) -> tuple[str, str]:
        """(id of the item, id of the account): handed-over work on an account of the place."""
        account = self.add("account", place, tag)
        args = {"id": account["id"], "base": {"city": ""}, "values": {"city": "changed"}}
        item = self.add("quarantine_item", place, tag, payload=[{"name": "account.patch", "args": args}])
        return str(item["id"]), str(account["id"])


def patchable(entity: Entity) -> Field:
    """A field to patch: a plain text where there is one, otherwise whatever the entity has."""
    wanted = (Kind.TEXT, Kind.LONG_TEXT, Kind.QUANTITY, Kind.MONEY, Kind.PERCENT, Kind.INT)
    plain = [field for field in entity.own_fields if field.writable and not field.options.unique]
    ranked = sorted((field for field in plain if field.kind in wanted), key=lambda field: wanted.index(field.kind))
    return ranked[0] if ranked else entity.own_fields[0]


def new_value(field: Field) -> Any:
    """A value that no row of the matrix has."""
    return Decimal(7) if field.is_decimal else 7 if field.kind is Kind.INT else "changed"
