"""Typing is never taken back, and the app can still set a text."""

import flet as ft

from mobile.ui.kit.text_input import Typed


def typed(value: str) -> Typed:
    memory = Typed()
    memory.settle(value)
    memory.control = ft.TextField(value=value)
    return memory


def test_a_drawing_made_from_an_older_state_keeps_the_newer_text() -> None:
    memory = typed("")
    for text in ("2", "24", "249"):
        memory.control.value = text
        memory.report(text)
    memory.control.value = "2491"
    assert memory.settle("24") == "2491"
    assert memory.settle("249") == "2491"


def test_a_drawing_before_the_event_is_handled_keeps_the_text() -> None:
    memory = typed("")
    memory.control.value = "2"
    assert memory.settle("") == "2"


def test_the_app_can_empty_a_field_that_it_has_seen_filled() -> None:
    memory = typed("")
    memory.control.value = "249195"
    memory.report("249195")
    assert memory.settle("249195") == "249195"
    assert memory.settle("") == ""


def test_the_app_can_put_another_text() -> None:
    memory = typed("lin")
    memory.control.value = "lin "
    memory.report("lin ")
    assert memory.settle("wang") == "wang"
