"""The OpenAPI document: a snapshot that may only grow, and what every operation owes its reader.

A change on purpose: ``python -m tests.contracts.test_openapi`` writes it anew; the difference is read in review.
"""

import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from server.api import openapi
from server.api.commands import CommandsRequest
from server.api.reference import EXAMPLE
from server.app import create_app
from shared.catalog import ENTITIES
from shared.commands.registry import NAMED
from tests.contracts.test_snapshots import FOLDER, text, without_prose
from tests.support.served import settings_for

OPENAPI = FOLDER / "openapi.snapshot.json"


def openapi_document() -> dict[str, Any]:
    """What ``/schema/openapi.json`` answers."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_for("sqlite:///unused.db", Path(folder)))
    return openapi.complete(app, app.openapi_schema.to_schema())


def on_record(document: dict[str, Any]) -> dict[str, Any]:
    """The document with one entity for all: the others follow from their declarations by the same rules, and what
    those say is in the snapshot of the wire format."""

    def kept(name: str) -> bool:
        first, _, rest = name.removeprefix("/v1/records/").removeprefix("command.").partition(".")
        made = rest in ("record", "page") or name.startswith(("/v1/records/", "command."))
        return not made or first.partition("/")[0] == "account"

    schemas = {name: schema for name, schema in document["components"]["schemas"].items() if kept(name)}
    commands = schemas["CommandsRequest"]["properties"]["commands"]
    listed = [one for one in commands["items"]["anyOf"] if kept(one["$ref"].rpartition("/")[2])]
    properties = {**schemas["CommandsRequest"]["properties"], "commands": {**commands, "items": {"anyOf": listed}}}
    schemas["CommandsRequest"] = {**schemas["CommandsRequest"], "properties": properties}
    return {
        **document,
        "paths": {path: item for path, item in document["paths"].items() if kept(path)},
        "components": {**document["components"], "schemas": schemas},
    }


def test_the_openapi_document_is_the_one_on_record() -> None:
    assert text(without_prose(on_record(openapi_document()))) == OPENAPI.read_text(encoding="utf-8")


def test_every_operation_says_what_it_takes_gives_and_demands() -> None:
    document = openapi_document()
    operations = {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
    assert document["openapi"].startswith("3.1") and ("post", "/v1/sync") in operations
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids)
    for (method, path), operation in operations.items():
        assert operation["summary"] and operation["description"], path
        assert "application/problem+json" in operation["responses"]["default"]["content"], path
        assert ("requestBody" in operation) == (method in ("post", "put", "patch")), path
        demanded = {name for way in operation.get("security", []) for name in way}
        assert demanded <= document["components"]["securitySchemes"].keys()
        assert demanded or path in OPEN, f"{path} asks for nothing and is not among those that may"


OPEN = {"/health", "/v1/time", "/v1/auth/password", "/v1/auth/totp", "/v1/auth/enrol", "/v1/auth/enrol/confirm"}
"""What answers without a session."""


def test_every_schema_that_the_openapi_document_refers_to_is_in_it() -> None:
    document = openapi_document()
    named = set(_references(document))
    assert {"SyncRequest", "SyncResponse", "ProblemDetails", "Transaction", "Command"} <= named
    assert named <= document["components"]["schemas"].keys()


def test_every_entity_and_every_command_is_described_by_its_declaration() -> None:
    document = openapi_document()
    schemas = document["components"]["schemas"]
    for entity in ENTITIES.values():
        paths = {f"/v1/records/{entity.name}", f"/v1/records/{entity.name}/{{id}}"}
        assert (paths <= document["paths"].keys()) == entity.on_devices
        if entity.on_devices:
            properties = schemas[f"{entity.name}.record"]["properties"]
            assert properties.keys() - {"rev"} == entity.fields.keys() - entity.secrets
        for action in entity.options.generic:
            assert f"command.{entity.name}.{action}" in schemas
    assert {f"command.{name}" for name in NAMED} <= schemas.keys()
    assert schemas["account.record"]["properties"]["bank_account"]["x-roles"] == ["admin", "manager"]
    assert "sku" in schemas["command.product.create"]["properties"]["args"]["properties"]["values"]["required"]


def _references(part: Any) -> Iterator[str]:
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _references(value)
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        yield part["$ref"].removeprefix("#/components/schemas/")


def test_the_examples_of_the_reference_are_requests_as_a_shell_reads_them() -> None:
    reading, writing = [shlex.split(one) for one in EXAMPLE.split("\n\n")]
    assert (len(reading), reading[0], reading[2]) == (4, "curl", "-H")
    asked = parse_qs(urlsplit(reading[1]).query)
    assert {name: len(values) for name, values in asked.items()} == {"where": 2, "sort": 1, "fields": 1, "limit": 1}
    assert msgspec.json.decode(writing[-1] % 1, type=CommandsRequest).commands[0].name == "account.create"


if __name__ == "__main__":
    OPENAPI.write_text(text(without_prose(on_record(openapi_document()))), encoding="utf-8")
