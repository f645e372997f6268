"""Hints: every field that a form asks for has one, or a name that says it all; every kind of widget shows it."""

import asyncio
from pathlib import Path

import pytest

from mobile.store.queries import setup
from mobile.ui import root
from shared.catalog import ENTITIES
from shared.labels import hint
from shared.locale import LANGUAGES
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ADMIN

ASKED = ("account", "contact", "activity", "lead", "opportunity", "user", "feedback", *setup.entities("admin"))
CLEAR = frozenset({
    "name", "phone", "email", "city", "address", "position", "wechat", "notes", "note", "company", "channel",
    "starts_on", "contact_id", "source_id", "event_id", "due_time",
})  # fmt: skip
"""Fields whose name says what to write."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_that_does_not_explain_itself_has_a_hint(language: str) -> None:
    bare = [
        f"{name}.{field.name}"
        for name in ASKED
        for field in ENTITIES[name].form_fields
        if field.name not in CLEAR and not hint(language, name, field.name)
    ]
    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_dates_switches_and_references_show_their_hint(tmp_path: Path, language: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, language, 390, dark=False)
        for route, entity, fields in (
            ("/setup/stage/new", "stage", ("kind", "required_fields", "active", "probability")),
            ("/setup/event/new", "event", ("ends_on", "cost")),
            ("/setup/product/new", "product", ("tax_id", "sku")),
        ):
            window.page.route = route
            root.show(window.page)
            window.session.get_page_patch()
            seen = texts(window.page)
            for field in fields:
                # What stands in a text field is its own and no text of the page.
                assert hint(language, entity, field) in seen or field in ("probability", "cost", "sku"), field
        await window.app.detach_store()

    asyncio.run(run())
