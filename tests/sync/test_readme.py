"""The page that describes the protocol names tests that exist, and the messages as they are."""

import re
from pathlib import Path

import msgspec

from shared import protocol

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "sync" / "README.md").read_text(encoding="utf-8")


def test_every_test_in_the_index_exists() -> None:
    defined = {
        name for file in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 50 and named - defined == set()


def test_every_field_of_the_messages_is_described() -> None:
    for message in (protocol.SyncRequest, protocol.SyncResponse, protocol.Put, protocol.Outcome, protocol.Transaction):
        for field in msgspec.structs.fields(message):
            assert f"`{field.name}`" in PAGE or re.search(rf"\b{field.name}\b", PAGE), (message, field.name)


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    for limit in (protocol.MAX_TXS, protocol.MAX_COMMANDS, protocol.MAX_REQUEST_BYTES, protocol.PAGE_ROWS):
        assert f"{limit:,}" in PAGE
    assert f"Protocol version {protocol.PROTOCOL_VERSION}" in PAGE
