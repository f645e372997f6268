"""``/schema``: the OpenAPI document as one page to read. Made here, with nothing from elsewhere and no script."""

import json
from collections import defaultdict
from html import escape
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --paper: #f7f5f1; --card: #fff; --text: #1e1c18; --second: #5a564d; --line: #e0dbd1;
  --accent: #17566a; --soft: #d3e8ee }
@media (prefers-color-scheme: dark) { :root { --paper: #141412; --card: #1d1d1a; --text: #e9e5dc; --second: #bdb8ac;
  --line: #34332e; --accent: #8fcbdb; --soft: #1b4755 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--text); font: 15px/1.5 "Noto Sans SC", system-ui, sans-serif }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 96px }
h1 { font-size: 24px; line-height: 32px } h2 { font-size: 20px; margin: 40px 0 8px }
p { margin: 8px 0 } a { color: var(--accent) }
code, pre { font: 13px/1.5 ui-monospace, monospace } .about { color: var(--second) }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px; overflow-x: auto }
details { background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin: 8px 0; padding: 0 16px }
summary { padding: 12px 0; min-height: 48px; cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 52px; color: var(--accent); font-size: 13px }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; margin: 8px 0 16px }
td, th { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line) }
th { font-size: 12px; color: var(--second) }
.key { background: var(--soft); border-radius: 8px; padding: 1px 8px; font-size: 12px }
"""
EXAMPLE = """curl "$SERVER/v1/records/account?where=city:eq:Shenzhen&where=account_class:in:won,interested\\
&sort=-id&fields=name,city,phone&limit=100" -H "Authorization: Bearer $CARAVAN_KEY"

curl "$SERVER/v1/commands" -H "Authorization: Bearer $CARAVAN_KEY" -H "Content-Type: application/json" -d '{
  "id": "01990000-0000-7000-8000-000000000001", "schema": %d, "occurred_at": 1795320000000,
  "commands": [{"name": "account.create", "args": {"id": "01990000-0000-7000-8000-000000000002",
                "values": {"name": "Shanye Outdoor", "city": "Shenzhen"}}}]}'"""
_INTRODUCTION = (
    "Rows are read under /v1/records, each entity under its own name, as the devices of the caller have them: what is "
    "not visible there is not here. Everything is written by commands, several as one transaction, all or none, whose "
    "id makes repeating it safe. Money and quantities are decimal strings, instants UTC milliseconds.",
    "Programs send a key in the place of the access token. An administrator makes it (Users and devices, or "
    "caravan apikey create); it acts in a user's name and never beyond that user's permissions.",
)


class Reference(OpenAPIRenderPlugin):
    """The page, made at the first request."""

    def __init__(self, complete: Any, schema_version: int) -> None:
        super().__init__(path="/")
        self._complete = complete
        self._schema_version = schema_version
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            self._made = page(self._complete(request.app, openapi_schema), self._schema_version).encode()
        return self._made


def page(document: dict[str, Any], schema_version: int) -> str:
    """The document as HTML."""
    schemas = document["components"]["schemas"]
    by_tag: defaultdict[str, list[str]] = defaultdict(list)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                by_tag[(operation.get("tags") or ["other"])[0]].append(_operation(path, method, operation, schemas))
    commands = [_command(schema) for name, schema in schemas.items() if name.startswith("command.")]
    parts = [f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in sorted(by_tag.items())]
    title = escape(document["info"]["title"])
    introduction = "".join(f"<p>{escape(line)}</p>" for line in _INTRODUCTION)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        "<main>"
        f"<h1>{title} API {escape(document['info']['version'])}</h1>{introduction}"
        f'<p><a href="/schema/openapi.json">openapi.json</a></p><pre>{escape(EXAMPLE % schema_version)}</pre>'
        f"{''.join(parts)}<h2>commands</h2>{''.join(commands)}</main></body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    rows = [
        (one["name"], one["in"], one["schema"], one.get("description", "")) for one in operation.get("parameters", ())
    ]
    parameters = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{where}<td>{_type(schema)}<td>{escape(about)}"
        for name, where, schema, about in rows
    )
    table = _table("parameter", "in", "type", "", body=parameters) if rows else ""
    answers = "".join(
        f"<p><b>{escape(str(status))}</b> {escape(answer.get('description', ''))}</p>{_content(answer, schemas)}"
        for status, answer in operation["responses"].items()
    )
    body = _content(operation["requestBody"], schemas) if "requestBody" in operation else ""
    demanded = " ".join(
        f'<span class="key">{escape(name)}</span>' for way in operation.get("security", ()) for name in way
    )
    about = f'<p class="about">{escape(operation.get("description", ""))}</p>'
    summary = f"<b>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    return f"<details><summary>{summary}</summary>{about}<p>{demanded}</p>{table}{body}{answers}</details>"


def _content(part: dict[str, Any], schemas: dict[str, Any]) -> str:
    return "".join(
        f'<p class="about">{escape(kind)}</p>{_fields(content.get("schema", {}), schemas)}'
        for kind, content in part.get("content", {}).items()
    )


def _fields(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> str:
    """The fields of an object as a table; of a page the fields of its rows."""
    found = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    properties = found.get("properties", {})
    inner = properties.get("items", {}).get("items") if depth == 0 else None
    if inner is not None and "next" in properties:
        return f"<p>items, next; each of the items:</p>{_fields(inner, schemas, 1)}"
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if name in found.get('required', ()) else ''}<td>{_type(field)}"
        f"<td>{escape(str(field.get('description', '')))}<td>{escape(', '.join(field.get('x-filter', ())))}"
        for name, field in properties.items()
        if isinstance(field, dict)
    )
    return _table("field", "type", "", "where", body=rows) if rows else ""


def _table(*heads: str, body: str) -> str:
    return f'<div class="scroll"><table><tr>{"".join(f"<th>{head}" for head in heads)}{body}</table></div>'


def _command(schema: dict[str, Any]) -> str:
    arguments = schema["properties"]["args"]
    about = f'<p class="about">{escape(schema.get("description", ""))}</p>'
    shown = escape(json.dumps(arguments, indent=1, ensure_ascii=False))
    return f"<details><summary><code>{escape(schema['title'])}</code></summary>{about}<pre>{shown}</pre></details>"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return escape(str(schema["$ref"]).rpartition("/")[2])
    kind = schema.get("type", "any")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if "enum" in schema:
        return escape(", ".join(str(word) for word in schema["enum"]))
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)
