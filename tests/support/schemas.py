"""The app and the server of a later schema, made from the present ones: what an update of the program changes."""

from collections.abc import Callable

import pytest

import shared
from shared import upcast
from shared.commands import registry
from shared.protocol import Command
from sync.authority import jobs
from sync.device import exchange, outbox

LATER = shared.SCHEMA_VERSION + 1
Update = Callable[[], None]


def city_in_full(command: Command) -> Command:
    """The later schema writes 杭州市 where the present one writes 杭州."""
    values = command.args.get("values")
    if command.name.partition(".")[0] != "account" or not isinstance(values, dict) or values.get("city") != "杭州":
        return command
    return Command(command.name, {**command.args, "values": {**values, "city": "杭州市"}})


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> Update:
    """Updates both sides to the later schema when it is called."""

    def do() -> None:
        for module in (upcast, registry, jobs, exchange, outbox):
            monkeypatch.setattr(module, "SCHEMA_VERSION", LATER)
        monkeypatch.setitem(upcast.STEPS, shared.SCHEMA_VERSION, city_in_full)

    return do
