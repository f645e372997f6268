"""The form of a follow-up: a time has a day, and goes with it."""

import asyncio
import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui.forms.fields import field_widget
from mobile.ui.forms.model import FormModel
from shared.timezone import day_start_ms
from tests.mobile.ui.screens.test_every_screen import inside, open_window
from tests.support.company import ACCOUNT, REP


def tap(model: FormModel, name: str, label: str) -> None:
    """Taps what has the label in the field's widget."""
    widget = field_widget(model, name, model.set, lambda: None)
    for one in inside(widget):
        if isinstance(one, ft.Semantics) and label in str(one.label):
            one.content.on_click(None)
            return
        if isinstance(one, ft.IconButton) and label in str(one.tooltip):
            one.on_click(None)
            return
    raise AssertionError(f"nothing is named {label}")


@pytest.mark.parametrize(("now", "day"), [("08:00", 0), ("14:30", 1), ("20:00", 1)])
def test_a_time_without_a_day_is_the_next_one_and_goes_with_the_day(tmp_path: Path, now: str, day: int) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        app, shown = window.app, list[Any]()
        window.page.show_dialog = shown.append  # type: ignore[method-assign,assignment]
        start, clock = day_start_ms(app.today(), app.time_zone), datetime.time.fromisoformat(now)
        app.now_ms = lambda: start + (clock.hour * 60 + clock.minute) * 60_000  # type: ignore[method-assign]
        model = FormModel("activity", app.actor, given={"account_id": ACCOUNT})
        model.set("body", "谈了")
        tap(model, "due_time", "几点：未定时间")
        [picker] = shown
        assert isinstance(picker, ft.TimePicker)
        picker.on_change(SimpleNamespace(control=SimpleNamespace(value=datetime.time(14, 30))))  # type: ignore[misc,arg-type]
        due = (app.today() + datetime.timedelta(days=day)).isoformat()
        assert (model.values["due_on"], model.values["due_time"]) == (due, "14:30")
        assert model.check()
        app.act(*model.commands(app.new_id))
        [row] = app.open_store.select("activity", "due_time IS NOT NULL")
        assert (row["due_on"], row["due_time"]) == (due, "14:30")
        tap(model, "due_on", "清除")
        assert (model.values["due_on"], model.values["due_time"]) == (None, None)
        await app.detach_store()

    asyncio.run(run())


def test_a_whole_number_is_sent_as_one(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        model = FormModel("organisation", window.app.actor)
        window.page.render(lambda: field_widget(model, "escalate_days", model.set, lambda: None))
        window.session.get_page_patch()
        [field] = [one for view in window.page.views for one in inside(view) if isinstance(one, ft.TextField)]
        for typed, value in (("7", 7), (" 7", 7), ("7.5", "7.5"), ("-1", "-1"), ("", "")):
            field.on_change(SimpleNamespace(control=SimpleNamespace(value=typed)))  # type: ignore[misc,arg-type]
            assert model.values["escalate_days"] == value
        await window.app.detach_store()

    asyncio.run(run())
