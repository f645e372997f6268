"""Snapshots of what others rely on: the wire format, the device's tables and the OpenAPI document. They may only grow.

A change on purpose: ``python -m tests.contracts.test_snapshots`` writes them anew; the difference is read in review.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mobile.store.store import SqliteStore
from server.api import openapi
from server.app import create_app
from shared import protocol
from shared.catalog import ENTITIES
from shared.commands.registry import GENERIC, NAMED
from tests.support.served import settings_for

FOLDER = Path(__file__).parent
WIRE, DEVICE = FOLDER / "wire.snapshot.json", FOLDER / "device.snapshot.sql"
OPENAPI = FOLDER / "openapi.snapshot.json"
MESSAGES = (protocol.SyncRequest, protocol.SyncResponse, protocol.Transaction, protocol.Poll,
            protocol.HandinRequest, protocol.HandinAnswer)  # fmt: skip


def wire_format() -> str:
    """JSON schemas of the messages and of every command's arguments, and each entity's fields as they travel."""
    _, components = msgspec.json.schema_components(MESSAGES)
    commands = {name: arguments for name, (arguments, _) in {**NAMED, **GENERIC}.items()}
    fields = {
        entity.name: {
            name: [field.kind, field.merge, field.privacy, *field.choices] for name, field in entity.fields.items()
        }
        for entity in ENTITIES.values()
        if entity.on_devices
    }
    schemas = {name: msgspec.json.schema(arguments) for name, arguments in sorted(commands.items())}
    # Without the docstrings that msgspec adds: prose is no part of the format, and Pythons indent it differently.
    whole = {"protocol": protocol.PROTOCOL_VERSION, "messages": components, "commands": schemas, "entities": fields}
    return _text(_without_prose(whole))


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _without_prose(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _without_prose(value)
            for key, value in part.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [_without_prose(item) for item in part] if isinstance(part, list) else part


def device_tables() -> str:
    """The SQL of every table and index of a fresh replica."""
    connection = sqlite3.connect(":memory:")
    SqliteStore(connection)
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").fetchall()
    return ";\n".join(row[0] for row in rows) + ";\n"


def openapi_document() -> dict[str, Any]:
    """What ``/schema/openapi.json`` answers."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_for("sqlite:///unused.db", Path(folder)))
    return openapi.complete(app, app.openapi_schema.to_schema())


def test_the_wire_format_is_the_one_on_record() -> None:
    assert wire_format() == WIRE.read_text(encoding="utf-8")


def test_the_devices_tables_are_the_ones_on_record() -> None:
    assert device_tables() == DEVICE.read_text(encoding="utf-8")


def test_the_openapi_document_is_the_one_on_record() -> None:
    assert _text(_without_prose(openapi_document())) == OPENAPI.read_text(encoding="utf-8")


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


def _references(part: Any) -> Iterator[str]:
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _references(value)
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        yield part["$ref"].removeprefix("#/components/schemas/")


if __name__ == "__main__":
    WIRE.write_text(wire_format(), encoding="utf-8")
    DEVICE.write_text(device_tables(), encoding="utf-8")
    OPENAPI.write_text(_text(_without_prose(openapi_document())), encoding="utf-8")
