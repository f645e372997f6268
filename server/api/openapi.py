"""``/schema/openapi.json``: the API as an OpenAPI 3.1 document, made from the handlers. The page to read is ``/schema``
(``reference``); nothing of it comes from elsewhere.

Litestar describes what its handlers declare. Added here is what it cannot see: bodies that a handler reads as bytes
(its ``opt``: ``body`` and ``answer``, msgspec types), who must be signed in (whoever asks for ``principal``), and that
every refusal is a problem document.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Contact, SecurityScheme
from litestar.routes import HTTPRoute

from server.api import openapi_records
from server.api.problems import MEDIA_TYPE, ProblemDetails
from server.api.reference import Reference
from shared import SCHEMA_VERSION, protocol

TITLE = "Caravan 商队"
REFERENCE = "#/components/schemas/{name}"
SECURITY = {
    "access_token": SecurityScheme(
        type="http", scheme="bearer", description="Opaque, short-lived; from a sign-in or /v1/auth/refresh."
    ),
    "api_key": SecurityScheme(
        type="http", scheme="bearer", description="A program's key, caravan_…; made by an administrator, shown once."
    ),
    "handin_ticket": SecurityScheme(
        type="http", scheme="bearer", description="Opaque, for some minutes; from /v1/auth/handin."
    ),
    "refresh_cookie": SecurityScheme(
        type="apiKey", security_scheme_in="cookie", name="caravan_refresh_<hash of the login>",
        description="Browsers: HttpOnly, one for each user. Native clients send refresh_token in the body.",
    ),
}  # fmt: skip
SENT_AS_IT_IS = (("SentTransaction", "payload", protocol.Transaction),)
"""Parts of messages that travel as bytes which nobody decodes on the way: (message, field, what is inside)."""
ON_REFRESH_TOKEN = frozenset({"/v1/auth/refresh", "/v1/auth/sign-out", "/v1/auth/handin"})
ON_TICKET = frozenset({"/v1/handin"})


class Document(JsonRenderPlugin):
    """The completed document, made at the first request."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            self._made = msgspec.json.encode(complete(request.app, openapi_schema))
        return self._made


def config() -> OpenAPIConfig:
    """For ``Litestar(openapi_config=…)``."""
    return OpenAPIConfig(
        title=TITLE,
        version=version("caravan-sales"),
        description="Offline-first sales management. The exchange of /v1/sync is told in sync/README.md.",
        contact=Contact(name=TITLE),
        components=Components(security_schemes=SECURITY),
        use_handler_docstrings=True,
        path="/schema",
        render_plugins=[Document(), Reference(complete, SCHEMA_VERSION)],
    )


def complete(app: Litestar, document: dict[str, Any]) -> dict[str, Any]:
    """Litestar's document with what only we know; the given one stays as it is."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    components = made["components"].setdefault("schemas", {})
    refused = {
        "description": "Refused; says what happened and what to do, in the language of Accept-Language",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _described(ProblemDetails, components)}}},
    }
    for path, method, handler in handlers(app):
        operation = made["paths"][path][method]
        operation["responses"].pop("400", None)
        operation["responses"].get("204", {}).pop("content", None)  # Litestar describes `Response[None]` as a JSON null
        operation["responses"]["default"] = refused
        if "caller" in handler.parsed_fn_signature.parameters:
            operation["security"] = openapi_records.CALLERS
        elif "principal" in handler.parsed_fn_signature.parameters:
            operation["security"] = [{"access_token": []}]
        elif path in ON_REFRESH_TOKEN:
            operation["security"] = [{"refresh_cookie": []}, {}]
        elif path in ON_TICKET:
            operation["security"] = [{"handin_ticket": []}]
        if "body" in handler.opt:
            operation["requestBody"] = {"required": True, "content": _content(handler.opt["body"], components)}
        if "answer" in handler.opt:
            operation["responses"][str(handler.status_code)]["content"] = _content(handler.opt["answer"], components)
    for message, field, kind in SENT_AS_IT_IS:
        components[message]["properties"][field] = {"$ref": _described(kind, components)}
    openapi_records.add(made, refused)
    return made


def handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(path, method in lower case, handler) of everything that the document describes."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS" and handler.resolve_include_in_schema():
                    yield route.path_format, method.lower(), handler


def _content(kind: Any, components: dict[str, Any]) -> dict[str, Any]:
    """``bytes`` is a file of any kind, everything else JSON."""
    if kind is bytes:
        return {"application/octet-stream": {}}
    return {"application/json": {"schema": {"$ref": _described(kind, components)}}}


def _described(kind: Any, components: dict[str, Any]) -> str:
    """The reference to the type's schema, which is added with all that it names."""
    (schema,), added = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    components.update(added)
    return str(schema["$ref"])
