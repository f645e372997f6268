"""What a form knows, apart from any widget: values, what was changed, which field is at fault, the commands to run."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.access import Actor, hidden_fields
from shared.catalog import ENTITIES, Field
from shared.codec import to_wire
from shared.errors import CaravanError, Problem
from shared.fields import Kind
from shared.protocol import Command
from shared.validation import check_value


class FormModel:
    """Values of one row in wire form. ``row`` None makes a new one; ``given`` are values that nobody types.

    ``only``: names of the fields to ask for, otherwise all that the entity declares for forms. Fields that the actor's
    role may not see are never part of it.
    """

    def __init__(
        self, entity: str, actor: Actor, row: Mapping[str, Any] | None = None, *,
        given: Mapping[str, Any] | None = None, only: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        self.entity = ENTITIES[entity]
        self.actor = actor
        self.row_id = row["id"] if row else None
        hidden = hidden_fields(self.entity, actor.role)
        wanted = set(only) if only is not None else None
        self.fields: list[Field] = [
            field for field in self.entity.form_fields
            if field.name not in hidden and (wanted is None or field.name in wanted)
        ]  # fmt: skip
        self.given = dict(given or {})
        whole = to_wire(self.entity, row) if row else self._fresh()
        self.base: dict[str, Any] = {field.name: whole.get(field.name) for field in self.fields}
        self.values: dict[str, Any] = {**self.base, **{k: v for k, v in self.given.items() if k in self.base}}
        self._first = dict(self.values)
        self.errors: dict[str, Problem] = {}
        self.problem: Problem | None = None
        """What is wrong with the whole, when no field of the form is at fault."""

    def _fresh(self) -> dict[str, Any]:
        defaults = {f.name: (list(f.default) if isinstance(f.default, list) else f.default) for f in self.fields}
        wire = to_wire(self.entity, {name: value for name, value in defaults.items() if value is not None})
        return {**{name: ("" if self._textual(name) else None) for name in defaults}, **wire}

    def _textual(self, name: str) -> bool:
        field = self.entity.fields[name]
        return not field.nullable and field.kind not in (Kind.ENUM, Kind.BOOL, Kind.INT, Kind.TAGS)

    @property
    def is_new(self) -> bool:
        return self.row_id is None

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return any(_differ(self.values[name], self._first[name]) for name in self.values)

    def said(self) -> dict[str, Any]:
        """What was typed and is not saved, with what its author saw before; empty when nothing was."""
        typed = {name: value for name, value in self.values.items() if _differ(value, self._first[name])}
        return {"values": typed, "base": {name: self.base[name] for name in typed}} if typed else {}

    def take_up(self, said: Mapping[str, Any]) -> None:
        """Goes on with what was typed earlier (``said``). Its fields keep the base that was seen then: what somebody
        changed meanwhile is not overwritten unseen."""
        base = said.get("base", {})
        for name, value in said.get("values", {}).items():
            if name in self.values:
                self.values[name] = value
                self.base[name] = base.get(name)

    def set(self, name: str, value: Any) -> bool:
        """Takes what was typed or chosen; True when an error at the field went away (draw it again)."""
        self.values[name] = value
        return self.errors.pop(name, None) is not None

    def check(self) -> bool:
        """Checks every field against its declaration; True when all is well. Errors stand in ``errors``."""
        self.errors, self.problem = {}, None
        for name, value in self._sent().items():
            field = self.entity.fields[name]
            try:
                check_value(self.entity, field, value)
            except CaravanError as error:
                self.errors[name] = error.problem()
        return not self.errors

    def _sent(self) -> dict[str, Any]:
        """The values that go into the command: all that say something for a new row, the changed ones otherwise."""
        if self.is_new:
            required = {field.name for field in self.fields if field.required}
            return {n: v for n, v in self.values.items() if n in required or v not in ("", None, [])}
        return {name: value for name, value in self.values.items() if _differ(value, self.base[name])}

    def commands(self, new_id: Callable[[], str]) -> list[Command]:
        """The command to run, none when nothing was changed. Call it after ``check``."""
        name = self.entity.name
        if self.is_new:
            values = {**self.given, **self._sent()}
            return [Command(f"{name}.create", {"id": new_id(), "values": values})]
        changed = self._sent()
        if not changed:
            return []
        base = {field: self.base[field] for field in changed}
        return [Command(f"{name}.patch", {"id": self.row_id, "base": base, "values": changed})]

    def take(self, error: CaravanError) -> None:
        """Puts a refusal at its field, or at the head of the form when the field is not in it."""
        if error.field in self.values:
            self.errors[str(error.field)] = error.problem()
        else:
            self.problem = error.problem()


def _differ(one: Any, other: Any) -> bool:
    return (one or None) != (other or None) if not isinstance(one, bool) else one != other


def tags_of(text: str) -> list[str]:
    """Words separated by commas of either kind, each once."""
    words = (word.strip() for word in text.replace("，", ",").replace("、", ",").split(","))
    return list(dict.fromkeys(word for word in words if word))
