"""A field that points to settings data offers what is in use, in its order, and lets go of what was chosen."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft

from mobile.ui.forms.fields import field_widget
from mobile.ui.forms.model import FormModel
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from tests.mobile.ui.conftest import walk
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import ADMIN, NOW, ORG

PLACES = (("first", "乙", 1, True), ("second", "甲", 2, True), ("gone", "旧", 0, False))


def test_out_of_use_is_offered_only_where_it_stands_already_and_none_can_be_chosen(tmp_path: Path) -> None:
    async def play() -> None:
        window, ids = await open_window(tmp_path, ADMIN, "zh", 390, dark=False)
        store, model = window.app.open_store, None
        with store.transaction():
            for source in store.select("lead_source"):
                store.put("lead_source", {**source, "active": False}, 2)
            for tag, name, position, active in PLACES:
                row = {"id": derived_id(tag), "org_id": ORG, "name": name, "position": position, "active": active}
                store.put("lead_source", new_row(ENTITIES["lead_source"], {**row, "created_at": NOW}), 1)
        lead = store.get("lead", ids["lead"])
        assert lead is not None
        for chosen, offered in ((None, ["", "first", "second"]), ("gone", ["", "first", "second", "gone"])):
            source_id = derived_id(chosen) if chosen else None
            model = FormModel("lead", window.app.actor, {**lead, "source_id": source_id})
            drop = field(model)
            assert [one.key for one in drop.options] == [derived_id(tag) if tag else "" for tag in offered]
            assert drop.value == source_id
        assert model is not None
        drop.on_select(type("Event", (), {"control": type("Drop", (), {"value": ""})}))
        (patch,) = model.commands(window.app.new_id)
        assert patch.args["values"] == {"source_id": None}
        await window.app.detach_store()

    def field(model: FormModel) -> Any:
        widget = field_widget(model, "source_id", model.set, lambda: None)
        (drop,) = [one for one in walk(widget) if isinstance(one, ft.Dropdown)]
        return drop

    asyncio.run(play())
