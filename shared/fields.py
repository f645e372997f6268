"""The vocabulary of declarations: kinds of fields, merge rules, privacy classes, scopes.

An entity is a ``msgspec.Struct`` whose annotations carry these; ``catalog.py`` reads them once and everything
else (tables, validation, permissions, merge, forms, lists, search, documentation) follows.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Kind(StrEnum):
    """What a field holds; decides its column type, its wire form and its widget."""

    ID = "id"
    REF = "ref"
    TEXT = "text"
    LONG_TEXT = "long_text"
    PHONE = "phone"
    EMAIL = "email"
    CODE = "code"
    ENUM = "enum"
    BOOL = "bool"
    INT = "int"
    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TAGS = "tags"
    JSON = "json"


DECIMAL_KINDS = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.PERCENT})


class Merge(StrEnum):
    """What the server does when the field was changed on both sides (sync/README.md, *Merge rule*)."""

    SCALAR = "scalar"
    LATEST = "latest"
    KEEP_BOTH = "keep_both"
    SET = "set"
    PER_KEY = "per_key"
    FIXED = "fixed"
    """Given at creation, never changed."""
    COMMAND = "command"
    """Written only by the entity's named commands (states, totals, balances)."""


class Privacy(StrEnum):
    """Who may hold the value: decides the encoded part it travels in and how it is stored."""

    BUSINESS = "business"
    PERSONAL = "personal"
    """Data of a natural person; exported and erased on request."""
    RESTRICTED = "restricted"
    """Encrypted at rest, sent only to the roles in ``catalog.RESTRICTED_READERS``."""
    SECRET = "secret"
    """Never leaves the server."""


class Scope(StrEnum):
    """Which buckets a row belongs to (access.py)."""

    ORGANISATION = "organisation"
    STOCK = "stock"
    OWNER = "owner"
    PRIVATE = "private"
    MANAGERS = "managers"
    DESK = "desk"
    """For the managers of two teams: the row's ``team_id`` and its ``answering_team_id``."""
    ADMINS = "admins"
    """For its owner and the administrators."""
    SERVER = "server"


class FieldOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a declaration that the type alone does not say."""

    kind: Kind
    merge: Merge = Merge.SCALAR
    group: str | None = None
    """Fields of one merge group apply or conflict together."""
    privacy: Privacy = Privacy.BUSINESS
    ref: str | None = None
    parent: bool = False
    """The row is a child of the row it points to: indexed, deleted and moved with it."""
    search: str | None = None
    """``name`` (pinyin, initials, every one and two characters), ``digits`` (endings), ``text`` (words)."""
    unique: bool = False
    index: bool = False
    form: int = 0
    """Place in the generated form; 0 is not in it."""
    column: int = 0
    """Place in the generated list; 0 is not in it."""
    max_length: int = 0
    minimum: int | None = None
    maximum: int | None = None


def _meta(kind: Kind, **options: Any) -> msgspec.Meta:
    return msgspec.Meta(extra={"caravan": FieldOptions(kind=kind, **options)})


def text(max_length: int = 200, **options: Any) -> msgspec.Meta:
    """One line of text."""
    return _meta(Kind.TEXT, max_length=max_length, **options)


def long_text(max_length: int = 8_000, *, merge: Merge = Merge.KEEP_BOTH, **options: Any) -> msgspec.Meta:
    """Several lines; a conflict keeps both."""
    return _meta(Kind.LONG_TEXT, max_length=max_length, merge=merge, **options)


def phone(**options: Any) -> msgspec.Meta:
    """A telephone number as people write it."""
    return _meta(Kind.PHONE, max_length=40, privacy=Privacy.PERSONAL, search="digits", **options)


def email(**options: Any) -> msgspec.Meta:
    """An e-mail address."""
    return _meta(Kind.EMAIL, max_length=200, privacy=Privacy.PERSONAL, search="text", **options)


def code(max_length: int = 60, **options: Any) -> msgspec.Meta:
    """An identifier people type: SKU, document number, currency."""
    return _meta(Kind.CODE, max_length=max_length, **options)


def enum(**options: Any) -> msgspec.Meta:
    """One of the ``Literal``'s words."""
    return _meta(Kind.ENUM, **options)


def flag(**options: Any) -> msgspec.Meta:
    """Yes or no."""
    return _meta(Kind.BOOL, **options)


def integer(minimum: int | None = None, maximum: int | None = None, **options: Any) -> msgspec.Meta:
    """A whole number of at most 53 bits (JavaScript's limit, since it may pass a browser)."""
    return _meta(Kind.INT, minimum=minimum, maximum=maximum, **options)


def money(**options: Any) -> msgspec.Meta:
    """An amount in the organisation's currency."""
    return _meta(Kind.MONEY, **options)


def quantity(**options: Any) -> msgspec.Meta:
    """A number of sales units."""
    return _meta(Kind.QUANTITY, **options)


def percent(**options: Any) -> msgspec.Meta:
    """A percentage, 0 to 100."""
    return _meta(Kind.PERCENT, minimum=0, maximum=100, **options)


def day(**options: Any) -> msgspec.Meta:
    """A business date, ISO text ``2026-11-22``."""
    return _meta(Kind.DATE, max_length=10, **options)


def time_of_day(**options: Any) -> msgspec.Meta:
    """A time on the organisation's clock, ``14:30``; which instant that is follows from its day."""
    return _meta(Kind.TIME, max_length=5, **options)


def timestamp(**options: Any) -> msgspec.Meta:
    """An instant, UTC milliseconds."""
    return _meta(Kind.TIMESTAMP, **options)


def ref(entity: str, **options: Any) -> msgspec.Meta:
    """The id of a row of another entity."""
    return _meta(Kind.REF, ref=entity, index=True, **options)


def parent(entity: str, **options: Any) -> msgspec.Meta:
    """The id of the row that this one is a child of; fixed at creation."""
    return _meta(Kind.REF, ref=entity, parent=True, index=True, merge=Merge.FIXED, **options)


def tags(**options: Any) -> msgspec.Meta:
    """A set of short words, merged element by element."""
    return _meta(Kind.TAGS, merge=Merge.SET, **options)


def people(**options: Any) -> msgspec.Meta:
    """Ids of users, sorted; written by named commands."""
    return _meta(Kind.TAGS, merge=Merge.COMMAND, **options)


def words(**options: Any) -> msgspec.Meta:
    """A set of short words; written by named commands."""
    return _meta(Kind.TAGS, merge=Merge.COMMAND, **options)


def json(**options: Any) -> msgspec.Meta:
    """Free structure, written by commands or merged per key."""
    return _meta(Kind.JSON, **options)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Of an entity whose rows go on growing in number: when a row is history (``shared.rules.history``)."""

    dates: tuple[str, ...] = ()
    """The first of these instants that is set says to which month a row belongs; a follower has its parent's."""
    still_open: Callable[[Mapping[str, Any]], bool]
    """Whether somebody has something to do with the row yet: then it stays on every device."""


class EntityOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What an entity declares about itself, as its ``OPTIONS``."""

    scope: Scope
    title: str = "name"
    """The field that names a row to people."""
    follows: str | None = None
    """The parent field from which owner and team are inherited."""
    otherwise: str | None = None
    """The parent field that does so while ``follows`` is empty: a file of a lead that is nobody's customer yet."""
    generic: dict[str, tuple[str, ...]] = {}
    """Generic action (create, patch, delete, restore, assign) → roles that may run it within their reach."""
    commands: tuple[str, ...] = ()
    """Named commands that write this entity; what a refused generic write points to."""
    window: Window | None = None
    append_only: bool = False
    counted: bool = False
    """Commands add to its numbers and subtract from them: no later transaction builds on an earlier one through it."""
