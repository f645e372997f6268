"""Snapshots of what others rely on: the wire format and the device's tables. They may only grow.

A change on purpose: ``python -m tests.contracts.test_snapshots`` writes them anew; the difference is read in review.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

import msgspec

from mobile.store.store import SqliteStore
from shared import protocol
from shared.catalog import ENTITIES
from shared.commands.registry import GENERIC, NAMED

FOLDER = Path(__file__).parent
WIRE, DEVICE = FOLDER / "wire.snapshot.json", FOLDER / "device.snapshot.sql"
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
    return text(without_prose(whole))


def text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def without_prose(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: without_prose(value)
            for key, value in part.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [without_prose(item) for item in part] if isinstance(part, list) else part


def device_tables() -> str:
    """The SQL of every table and index of a fresh replica."""
    connection = sqlite3.connect(":memory:")
    SqliteStore(connection)
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").fetchall()
    return ";\n".join(row[0] for row in rows) + ";\n"


def test_the_wire_format_is_the_one_on_record() -> None:
    assert wire_format() == WIRE.read_text(encoding="utf-8")


def test_the_devices_tables_are_the_ones_on_record() -> None:
    assert device_tables() == DEVICE.read_text(encoding="utf-8")


if __name__ == "__main__":
    WIRE.write_text(wire_format(), encoding="utf-8")
    DEVICE.write_text(device_tables(), encoding="utf-8")
