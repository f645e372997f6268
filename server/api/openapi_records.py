"""The records API in the OpenAPI document: a path and a schema for each entity, a schema for each command, all made
from the declarations."""

from typing import Any

import msgspec

from server.api.commands import CommandsRequest
from server.db.record_query import DEFAULT_LIMIT, MAX_FILTERS, MAX_LIMIT, is_sortable, operators
from shared.catalog import ENTITIES, RESTRICTED_READERS, Entity, Field
from shared.commands.registry import GENERIC, NAMED
from shared.fields import Kind, Merge, Privacy
from shared.labels import entity_label, field_label
from shared.locale import LANGUAGES
from shared.validation import MAX_CUSTOM_KEYS, MAX_INTEGER, MAX_TAGS, TIME

TAG = "records"
REFERENCE = "#/components/schemas/{name}"
CALLERS: list[dict[str, list[str]]] = [{"access_token": []}, {"api_key": []}]
DECIMAL = r"^[+-]?[0-9]{1,11}(\.[0-9]{1,4})?$"
_UUID = {"type": "string", "format": "uuid"}
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.ID: _UUID,
    Kind.REF: _UUID,
    Kind.ENUM: {},
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer", "format": "int64", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
    Kind.TIMESTAMP: {"type": "integer", "format": "int64", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
    Kind.MONEY: {"type": "string", "format": "decimal", "pattern": DECIMAL},
    Kind.QUANTITY: {"type": "string", "format": "decimal", "pattern": DECIMAL},
    Kind.PERCENT: {"type": "string", "format": "decimal", "pattern": DECIMAL},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "pattern": f"^{TIME.pattern}$"},
    Kind.TAGS: {"type": "array", "items": {"type": "string", "maxLength": 40}, "maxItems": MAX_TAGS},
}


def add(made: dict[str, Any], problem: dict[str, Any]) -> None:
    """Adds paths and schemas to the document; ``problem``: the answer of every refusal."""
    components = made["components"]["schemas"]
    for entity in ENTITIES.values():
        if entity.on_devices:
            components[f"{entity.name}.record"] = record_schema(entity)
            components[f"{entity.name}.page"] = _page(entity)
            made["paths"][f"/v1/records/{entity.name}"] = {"get": _listing(entity, problem)}
            made["paths"][f"/v1/records/{entity.name}/{{id}}"] = {"get": _single(entity, problem)}
    names = _add_commands(components)
    request = components[CommandsRequest.__name__]["properties"]["commands"]
    request["items"] = {"anyOf": [{"$ref": REFERENCE.format(name=name)} for name in names]}
    request["minItems"] = 1


def names_of(entity: Entity, field: Field | None = None) -> str:
    """The name of an entity or a field in all languages."""
    if field is None:
        return " / ".join(entity_label(language, entity.name) for language in LANGUAGES)
    return " / ".join(field_label(language, entity.name, field.name) for language in LANGUAGES)


def field_schema(entity: Entity, field: Field) -> dict[str, Any]:
    """What the field holds, in JSON."""
    if field.kind is Kind.JSON:
        return {"description": names_of(entity, field)}
    made = dict(_KINDS.get(field.kind, {"type": "string"}))
    if field.kind is Kind.ENUM:
        made = {"type": "string", "enum": list(field.choices)}
    elif field.options.max_length and made["type"] == "string" and "format" not in made:
        made["maxLength"] = field.options.max_length
    if field.kind is Kind.INT:
        bounds = {"minimum": field.options.minimum, "maximum": field.options.maximum}
        made |= {name: bound for name, bound in bounds.items() if bound is not None}
    if field.nullable:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return {**made, "description": names_of(entity, field)}


def record_schema(entity: Entity) -> dict[str, Any]:
    """A row as it is read. ``x-filter``: what a filter may ask of the field, ``x-sort``: rows can be put in its order,
    ``x-roles``: who gets it at all."""
    properties: dict[str, Any] = {}
    for field in entity.fields.values():
        if field.privacy is Privacy.SECRET:
            continue
        described = field_schema(entity, field)
        if field.options.ref:
            described["x-ref"] = field.options.ref
        if operators(field):
            described["x-filter"] = list(operators(field))
        if is_sortable(field):
            described["x-sort"] = True
        if field.privacy is Privacy.RESTRICTED:
            described["x-roles"] = sorted(RESTRICTED_READERS)
        properties[field.name] = described
    properties["rev"] = {"type": "integer", "format": "int64", "description": "Rises with each change of the row"}
    return {
        "type": "object",
        "title": names_of(entity),
        "description": " ".join((entity.type.__doc__ or "").split()),
        "properties": properties,
        "required": ["id", "rev"],
    }


def _page(entity: Entity) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$ref": REFERENCE.format(name=f"{entity.name}.record")}},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null after the last"},
        },
        "required": ["items", "next"],
    }


def _listing(entity: Entity, problem: dict[str, Any]) -> dict[str, Any]:
    visible = [field for field in entity.fields.values() if field.privacy is not Privacy.SECRET]
    asked = "|".join(f"{field.name}:({'|'.join(operators(field))})" for field in visible if operators(field))
    sorts = [field.name for field in visible if is_sortable(field)]
    parameters = [
        _parameter(
            "where",
            "field:operator:value; repeated, all must hold. in: values with commas between; null: true or false",
            {"type": "array", "items": {"type": "string", "pattern": f"^({asked}):"}, "maxItems": MAX_FILTERS},
        ),
        _parameter("sort", "A field; with - before it descending. Ties are in order of id", _enum(sorts, signed=True)),
        _fields_parameter(visible),
        _parameter(
            "limit", "Rows of a page", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        ),
        _parameter("deleted", "Whether deleted rows are wanted, too", {"type": "boolean", "default": False}),
        _parameter(
            "cursor",
            "next of the page before, with the same where, sort and deleted",
            {"type": "string", "maxLength": 2000},
        ),
    ]
    about = f"{names_of(entity)}: the rows that the caller's devices have, page by page."
    page = REFERENCE.format(name=f"{entity.name}.page")
    return _operation(f"List{_camel(entity.name)}", f"List {entity.name}", about, parameters, page, problem)


def _single(entity: Entity, problem: dict[str, Any]) -> dict[str, Any]:
    visible = [field for field in entity.fields.values() if field.privacy is not Privacy.SECRET]
    parameters = [{"name": "id", "in": "path", "required": True, "schema": _UUID}, _fields_parameter(visible)]
    about = f"{names_of(entity)}: one row, a deleted one too (deleted_at). 404 when the caller may not see it."
    record = REFERENCE.format(name=f"{entity.name}.record")
    return _operation(f"Get{_camel(entity.name)}", f"Get {entity.name}", about, parameters, record, problem)


def _operation(
    name: str, summary: str, about: str, parameters: list[dict[str, Any]], answer: str, problem: dict[str, Any]
) -> dict[str, Any]:
    return {
        "tags": [TAG],
        "operationId": name,
        "summary": summary,
        "description": about,
        "parameters": parameters,
        "security": CALLERS,
        "responses": {
            "200": {"description": "As asked", "content": {"application/json": {"schema": {"$ref": answer}}}},
            "default": problem,
        },
    }


def _parameter(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": about, "schema": schema}


def _fields_parameter(fields: list[Field]) -> dict[str, Any]:
    schema = {"type": "array", "items": _enum([field.name for field in fields]), "minItems": 1}
    return {**_parameter("fields", "Only these fields, and id and rev", schema), "style": "form", "explode": False}


def _enum(words: list[str], *, signed: bool = False) -> dict[str, Any]:
    return {"type": "string", "enum": [*words, *(f"-{word}" for word in words if signed)]}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _add_commands(components: dict[str, Any]) -> list[str]:
    """A schema for every command that somebody may send; their names."""
    made: list[str] = []
    for name, (arguments, apply) in NAMED.items():
        (schema,), added = msgspec.json.schema_components([arguments], ref_template=REFERENCE)
        components.update(added)
        made.append(_add_command(components, name, dict(schema), apply.__doc__))
    for entity in ENTITIES.values():
        for action in entity.options.generic:
            arguments, apply = GENERIC[action]
            made.append(
                _add_command(components, f"{entity.name}.{action}", _arguments(entity, action), arguments.__doc__)
            )
    return made


def _add_command(components: dict[str, Any], name: str, arguments: dict[str, Any], about: str | None) -> str:
    key = f"command.{name}"
    components[key] = {
        "type": "object",
        "title": name,
        "description": " ".join((about or "").split()),
        "properties": {"name": {"const": name}, "args": arguments},
        "required": ["name", "args"],
    }
    return key


def _arguments(entity: Entity, action: str) -> dict[str, Any]:
    """The arguments of a generic command on the entity."""
    properties: dict[str, Any] = {"id": _UUID}
    creating = action == "create"
    if action in ("create", "patch"):
        given = [f for f in entity.own_fields if f.writable or (creating and f.merge is Merge.FIXED)]
        values = {field.name: field_schema(entity, field) for field in given if field.privacy is not Privacy.SECRET}
        custom = {"type": "object", "maxProperties": MAX_CUSTOM_KEYS}
        schema = {"type": "object", "properties": {**values, "custom": custom}, "additionalProperties": False}
        properties["values"] = {**schema, **({"required": list(entity.required)} if creating else {"minProperties": 1})}
        if not creating:
            about = "Of each value that which the sender had seen: a difference from now is a conflict, not lost"
            properties["base"] = {"type": "object", "description": about}
    elif action == "restore":
        properties["deleted_tx"] = {**_UUID, "description": "deleted_tx of the row: the deletion to take back"}
    elif action == "assign":
        properties["owner_id"] = {**_UUID, "description": "The user who answers for the row from now on"}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
