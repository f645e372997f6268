"""Values that fit a JSON schema, and values that nearly do, for Hypothesis; and what is wrong with a given value.

As much of JSON Schema as the OpenAPI document uses.
"""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON at all."""
_TYPES = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
    "number": (int, float),
    "integer": int,
}


def resolved(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """The schema itself behind references."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def fitting(schema: Schema, schemas: dict[str, Schema], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of the schema."""
    schema = resolved(schema, schemas)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.sampled_from(schema[several]).flatmap(lambda one: fitting(one, schemas, depth))
    kinds = schema.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return st.one_of([_of_type(kind, schema, schemas, depth) for kind in kinds])


def _of_type(kind: str, schema: Schema, schemas: dict[str, Schema], depth: int) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False)
        case "string":
            return _text(schema)
        case "array":
            most = 2 if depth < 4 else 0
            least = min(schema.get("minItems", 0), 1)
            return st.lists(
                fitting(schema.get("items", {}), schemas, depth + 1), min_size=least, max_size=max(most, least)
            )
        case "object":
            return _object(schema, schemas, depth)
    return JUNK


def _text(schema: Schema) -> st.SearchStrategy[str]:
    match schema.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date":
            return st.dates().map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    return st.text(max_size=min(schema.get("maxLength", 30), 30))


def _object(schema: Schema, schemas: dict[str, Schema], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    properties = {name: part for name, part in schema.get("properties", {}).items() if isinstance(part, dict)}
    required = {name: fitting(properties.get(name, {}), schemas, depth + 1) for name in schema.get("required", ())}
    left = sorted(properties.keys() - required.keys())
    if not left or depth > 4:
        return st.fixed_dictionaries(required)
    some = st.lists(st.sampled_from(left), max_size=3, unique=True)
    return some.flatmap(
        lambda names: st.fixed_dictionaries(
            {**required, **{name: fitting(properties[name], schemas, depth + 1) for name in names}}
        )
    )


def near(schema: Schema, schemas: dict[str, Schema]) -> st.SearchStrategy[Any]:
    """Values that fit, values with one part spoiled, and junk."""
    return st.one_of(fitting(schema, schemas), fitting(schema, schemas).flatmap(_spoiled), JUNK)


def _spoiled(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, dict) and value:
        spoil = st.sampled_from(sorted(value))
        return spoil.flatmap(lambda name: _spoiled(value[name]).map(lambda bad: {**value, name: bad}))
    if isinstance(value, list) and value:
        return _spoiled(value[0]).map(lambda bad: [bad, *value[1:]])
    return JUNK


def mistakes(value: Any, schema: Schema, schemas: dict[str, Schema], at: str = "$") -> list[str]:
    """Where the value does not fit the schema."""
    schema = resolved(schema, schemas)
    if "anyOf" in schema:
        return [] if any(not mistakes(value, one, schemas, at) for one in schema["anyOf"]) else [f"{at}: none of anyOf"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is not of the enumeration"]
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    if kinds and not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        return [f"{at}: {type(value).__name__} and not {kinds}"]
    if isinstance(value, dict):
        found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value and isinstance(part, dict):
                found += mistakes(value[name], part, schemas, f"{at}.{name}")
        return found
    if isinstance(value, list):
        return [
            found
            for number, item in enumerate(value)
            for found in mistakes(item, schema.get("items", {}), schemas, f"{at}[{number}]")
        ]
    return []
