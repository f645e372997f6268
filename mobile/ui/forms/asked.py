"""Which fields of a deal a stage asks for: chips in place of names to type."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.forms.model import FormModel
from shared.catalog import Field
from shared.labels import field_label
from shared.rules.deals import ASKABLE


def asked_fields(
    model: FormModel, field: Field, changed: Callable[[str, Any], None], redraw: Callable[[], None]
) -> ft.Control:
    """One chip for each field that can be asked for."""
    language = k.look().language
    chosen = list(model.values[field.name] or [])

    def toggle(name: str) -> None:
        changed(field.name, sorted({*chosen} ^ {name}))
        redraw()

    chips = [
        k.chip(field_label(language, "opportunity", name), name in chosen, lambda _, name=name: toggle(name))
        for name in ASKABLE
    ]
    row = ft.Row(chips, spacing=8, run_spacing=8, wrap=True)
    return k.labelled(field_label(language, model.entity.name, field.name), row)
