"""Collects the entities and yields their field specs. The only user of ``msgspec.inspect``.

Everything that follows from a declaration (tables, validation, permissions, merge, forms, lists, search,
documentation) asks here: ``ENTITIES["account"].fields["name"].kind``.
"""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from shared.entities import (
    attachments,
    deals,
    feedback,
    goods,
    keys,
    leads,
    parties,
    people,
    quarantine,
    selling,
    stock,
)
from shared.entities.record import COMMON, Record
from shared.fields import DECIMAL_KINDS, EntityOptions, FieldOptions, Kind, Merge, Privacy, Scope

RESTRICTED_READERS = frozenset({"manager", "admin"})
"""Roles whose devices receive fields of the privacy class *restricted*."""


class Field(msgspec.Struct, frozen=True, dict=True):
    """One declared field: what its annotation says, in one place."""

    # What follows from a declaration is worked out once: every command asks for it, for every field.

    name: str
    options: FieldOptions
    required: bool
    nullable: bool
    default: Any
    choices: tuple[str, ...] = ()

    @cached_property
    def kind(self) -> Kind:
        return self.options.kind

    @cached_property
    def merge(self) -> Merge:
        return self.options.merge

    @cached_property
    def privacy(self) -> Privacy:
        return self.options.privacy

    @cached_property
    def is_decimal(self) -> bool:
        return self.options.kind in DECIMAL_KINDS

    @cached_property
    def writable(self) -> bool:
        """Whether a generic patch may change it."""
        return self.options.merge not in (Merge.FIXED, Merge.COMMAND)


class Entity(msgspec.Struct, frozen=True, dict=True):
    """One declared entity with its fields in declaration order."""

    name: str
    options: EntityOptions
    fields: dict[str, Field]
    type: type[Record]

    @cached_property
    def own_fields(self) -> tuple[Field, ...]:
        """Without those that every row has."""
        return tuple(field for name, field in self.fields.items() if name not in COMMON)

    @cached_property
    def parents(self) -> tuple[Field, ...]:
        """The fields that point to a row which this one is a child of."""
        return tuple(field for field in self.fields.values() if field.options.parent)

    @cached_property
    def followed(self) -> tuple[Field, ...]:
        """The parent fields from which owner and team are inherited: the first one that is set."""
        names = (self.options.follows, self.options.otherwise)
        return tuple(self.fields[name] for name in names if name)

    def parent_of(self, row: Mapping[str, Any]) -> Field | None:
        """The field of the parent that the row takes owner and team from; None for a row of its author's own."""
        return next((field for field in self.followed if row.get(field.name)), None)

    @cached_property
    def on_devices(self) -> bool:
        """Whether devices have a table of it."""
        return self.options.scope is not Scope.SERVER

    @cached_property
    def decimals(self) -> tuple[str, ...]:
        """Names of the fields that are ``Decimal`` in code."""
        return tuple(name for name, field in self.fields.items() if field.is_decimal)

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """Names of the fields that point to another row."""
        return tuple(name for name, field in self.fields.items() if field.kind is Kind.REF)

    @cached_property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """The sets of rows that a row is in by its references: (field, the set's name ``entity.field``). Without those
        by owner, team and authorship, which no command reads."""
        return tuple((name, f"{self.name}.{name}") for name in self.refs if name not in COMMON)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the fields that the author of a new row must give."""
        return tuple(f.name for f in self.own_fields if f.required and f.merge is not Merge.COMMAND)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Names of the fields that never leave the server."""
        return frozenset(name for name, field in self.fields.items() if field.privacy is Privacy.SECRET)

    @cached_property
    def restricted(self) -> frozenset[str]:
        """Names of the fields for ``RESTRICTED_READERS`` only."""
        return frozenset(name for name, field in self.fields.items() if field.privacy is Privacy.RESTRICTED)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Names of the fields that other roles neither receive nor write."""
        return self.secrets | self.restricted

    def blank(self) -> dict[str, Any]:
        """Every field with its default; structures are the caller's own."""
        row = self._defaults.copy()
        for name in self._structures:
            row[name] = row[name].copy()
        return row

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {name: field.default for name, field in self.fields.items()}

    @cached_property
    def _structures(self) -> tuple[str, ...]:
        return tuple(name for name, value in self._defaults.items() if isinstance(value, dict | list))

    @property
    def form_fields(self) -> tuple[Field, ...]:
        return tuple(sorted((f for f in self.own_fields if f.options.form), key=lambda f: f.options.form))

    @property
    def list_fields(self) -> tuple[Field, ...]:
        return tuple(sorted((f for f in self.own_fields if f.options.column), key=lambda f: f.options.column))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _options(kind: inspect.Type) -> FieldOptions:
    if not isinstance(kind, inspect.Metadata) or not kind.extra or "caravan" not in kind.extra:
        raise TypeError("an entity's field needs an annotation from shared.fields")
    options: FieldOptions = kind.extra["caravan"]
    return options


def _members(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a type hint. Read from ``typing``: msgspec sorts the words of a ``Literal``."""
    if get_origin(hint) is Annotated:
        return _members(get_args(hint)[0])
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _field(declared: inspect.Field, hint: Any) -> Field:
    members = _members(hint)
    choices = tuple(word for member in members if get_origin(member) is Literal for word in get_args(member))
    default = declared.default
    if default is msgspec.NODEFAULT and declared.default_factory is not msgspec.NODEFAULT:
        default = declared.default_factory()
    required = default is msgspec.NODEFAULT
    nullable = NoneType in members or Any in members
    return Field(declared.name, _options(declared.type), required, nullable, None if required else default, choices)


def _entity(declared: type[Record]) -> Entity:
    info = inspect.type_info(declared)
    assert isinstance(info, inspect.StructType)
    hints = get_type_hints(declared, include_extras=True)
    fields = {field.name: _field(field, hints[field.name]) for field in info.fields}
    return Entity(_snake(declared.__name__), declared.OPTIONS, fields, declared)  # type: ignore[attr-defined]


_DECLARED: tuple[type[Record], ...] = (
    people.Organisation,
    people.Team,
    people.User,
    people.Device,
    people.Credential,
    keys.ApiKey,
    goods.Category,
    goods.Tax,
    goods.Product,
    goods.PriceList,
    goods.Price,
    stock.Warehouse,
    stock.StockLevel,
    stock.StockMove,
    stock.StockLease,
    parties.Account,
    parties.Contact,
    parties.Activity,
    leads.LeadSource,
    leads.Event,
    leads.Lead,
    attachments.Attachment,
    deals.Stage,
    deals.LostReason,
    deals.Opportunity,
    deals.StageChange,
    selling.Order,
    selling.OrderLine,
    stock.Reservation,
    selling.Conflict,
    feedback.Feedback,
    quarantine.QuarantineItem,
    quarantine.Standing,
    selling.Counter,
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in map(_entity, _DECLARED)}
"""All entities by name, parents before their children."""


@cache
def children_of(parent: str) -> tuple[tuple[Entity, Field], ...]:
    """Entities whose rows are children of ``parent``'s rows, with the field that points there."""
    return tuple(
        (entity, field) for entity in ENTITIES.values() for field in entity.parents if field.options.ref == parent
    )


@cache
def followers_of(parent: str) -> tuple[tuple[Entity, Field], ...]:
    """Children that take owner and team from ``parent`` and are deleted and restored with it."""
    return tuple((entity, field) for entity, field in children_of(parent) if field in entity.followed)


@cache
def deleted_with(parent: str) -> tuple[tuple[Entity, Field], ...]:
    """Children that are deleted and restored with ``parent``: its followers, and those that may belong to it."""
    return tuple((entity, field) for entity, field in children_of(parent) if field.nullable or field in entity.followed)
