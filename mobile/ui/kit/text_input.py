"""A text field that never takes back what was typed while Python was still drawing.

Flet patches the difference between the mounted control and the new one. When somebody types faster than the app draws,
a drawing made from an older state would overwrite newer text. Here the new drawing starts from the mounted control's
own value, unless the app itself has set another one.
"""

import inspect
from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.ui.kit.boundary import component
from mobile.ui.kit.effects import use_effect
from mobile.ui.kit.keyboard import use_typing

REPORTED_MAX = 64


class Typed:
    """What the field has reported, and what the app has agreed to so far."""

    def __init__(self) -> None:
        self.control: ft.TextField | None = None
        self.agreed = ""
        self.reported: list[str] = []

    def report(self, value: str) -> None:
        """The app is being told of ``value``."""
        self.reported = [*self.reported, value][-REPORTED_MAX:]

    def settle(self, value: str) -> str:
        """What to draw when the app says ``value``: the mounted text, unless the app means another text."""
        if self.control is None:
            self.agreed = value
            return value
        if value in self.reported:
            last = len(self.reported) - 1 - self.reported[::-1].index(value)
            self.reported = self.reported[last + 1 :]
            self.agreed = value
            return self.control.value
        if value == self.agreed:
            return self.control.value
        self.reported, self.agreed = [], value
        return value


@component
def TextInput(value: str, on_change: Callable[[Any], Any] | None, options: dict[str, Any]) -> ft.Control:
    """``ft.TextField`` with ``options``. ``on_change`` gets the event, as there. ``take_focus``: from wherever it is
    when the field appears (``autofocus`` only takes it from nowhere)."""
    typed: Typed = ft.use_ref(Typed).current
    shown = typed.settle(value)

    def changed(event: Any) -> None:
        typed.report(event.control.value)
        if on_change is not None:
            on_change(event)

    async def changed_async(event: Any) -> None:
        typed.report(event.control.value)
        await on_change(event)  # type: ignore[misc]

    async def take() -> None:
        if wanted and typed.control is not None:
            await typed.control.focus()

    options = dict(options)
    wanted = options.pop("take_focus", False)
    use_effect(take, [])
    handler = changed_async if inspect.iscoroutinefunction(on_change) else changed
    typed.control = ft.TextField(value=shown, on_change=handler, **use_typing(options))
    hint = options.get("hint_text")
    return named(typed.control, hint if shown else None) if hint and not options.get("label") else typed.control


def named(field: ft.TextField, name: str | None) -> ft.Control:
    """A field without a label to be seen, called ``name``: of a hint nothing is read once something is typed."""
    return ft.MergeSemantics(ft.Semantics(label=name, content=field))


def text_input(value: str, on_change: Callable[[Any], Any] | None, **options: Any) -> ft.Control:
    """The field; ``expand`` and ``width`` apply to its box."""
    outer = {name: options.pop(name) for name in ("expand", "width") if name in options}
    field = TextInput(value, on_change, options)
    return ft.Container(field, **outer) if outer else field
