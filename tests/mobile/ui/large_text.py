"""Whether anything is cut when people read at 130 %: heights of texts against the fixed heights of what holds them."""

from collections.abc import Iterator
from typing import Any

import flet as ft
from flet.components.component import Component

SCALE = 1.3


def needed(control: Any) -> float:
    """The least height in px of a control with its text at 130 %; of a text with several lines all of them."""
    if control is None:
        return 0.0
    if isinstance(control, Component):
        made = control._b if isinstance(control._b, list) else [control._b]
        return max((needed(one) for one in made), default=0.0)
    if isinstance(control, ft.Text):
        style = control.style
        line = (style.size * (style.height or 1.2)) if style and style.size else 20.0
        return line * SCALE * min(control.max_lines or 1, 2)
    if isinstance(control, ft.Container):
        return control.height if control.height is not None else around(control) + needed(control.content)
    if isinstance(control, ft.Column):
        parts = [needed(one) for one in control.controls]
        return sum(parts) + (control.spacing or 0) * max(0, len(parts) - 1)
    if isinstance(control, ft.Row):
        return max((needed(one) for one in control.controls), default=0.0)
    if isinstance(control, ft.Stack):
        inside = [one for one in control.controls if getattr(one, "left", None) is None]
        return control.height or max((needed(one) for one in inside), default=0.0)
    if isinstance(control, ft.Icon):
        return float(control.size or 24)
    height = getattr(control, "height", None)
    content = getattr(control, "content", None)
    return height if height is not None else needed(content) if isinstance(content, ft.BaseControl) else 0.0


def around(container: ft.Container) -> float:
    """Padding above and below, px."""
    space = container.padding
    if isinstance(space, int | float):
        return 2 * space
    return (space.top + space.bottom) if space else 0.0


def cut(controls: Iterator[Any]) -> list[str]:
    """The containers of a fixed height that are too low for the text inside."""
    found = []
    for one in controls:
        if isinstance(one, ft.Container) and one.height is not None and one.content is not None:
            wanted = around(one) + needed(one.content)
            if wanted > one.height + 0.5:
                found.append(f"{one.height} px hold {wanted:.0f}: {words(one)}")
    return found


def words(control: Any) -> str:
    """The texts in a control."""
    if isinstance(control, ft.Text):
        return control.value or ""
    inner = getattr(control, "controls", None) or [getattr(control, "content", None)]
    return " ".join(filter(None, (words(one) for one in inner if isinstance(one, ft.BaseControl))))
