"""A page without a client: components draw themselves, and the tree that would be sent can be read."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flet as ft
import pytest
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from mobile.platform.native import NativePlatform
from mobile.state.app import App
from mobile.ui import context
from mobile.ui import look as looks


class Wire(Connection):
    """Keeps what would go to the client."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Any] = []
        self.pubsubhub = PubSubHub()

    def send_message(self, message: Any) -> None:
        self.sent.append(message)


class Window:
    """One page with its app; ``session`` is kept because the page only holds it weakly."""

    def __init__(self, folder: Path) -> None:
        self.wire = Wire()
        self.session = Session(self.wire)
        self.page = self.session.page
        self.app = App(NativePlatform(folder, "http://127.0.0.1:9"), looks.Look())
        looks.attach(self.page, self.app.look)
        context.attach(self.page, self.app)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    """A page is current, as in a component or an event handler."""

    async def make() -> Window:
        return Window(tmp_path)

    made = asyncio.run(make())
    token = _context_page.set(made.page)
    yield made
    _context_page.reset(token)


def walk(control: Any) -> Iterator[Any]:
    """The control and everything inside it."""
    yield control
    for field in dataclasses.fields(control):
        value = None if field.name.startswith("_") else getattr(control, field.name, None)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ft.BaseControl):
                yield from walk(item)
