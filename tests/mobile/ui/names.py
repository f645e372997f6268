"""What a screen reader says of the controls of a drawn screen, and what is wrong with it: as axe does for HTML.

Flutter makes the real tree of it, which ``tests/e2e`` reads in Chromium. Here every screen is read, in both languages.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import flet as ft
from flet.components.component import Component

BUTTONS = (
    ft.FilledButton, ft.FilledTonalButton, ft.OutlinedButton, ft.TextButton, ft.IconButton, ft.FloatingActionButton,
)  # fmt: skip
LABELLED = (ft.TextField, ft.Dropdown, ft.Checkbox, ft.Switch, ft.Radio, ft.Slider)
STACKED = (ft.Column, ft.ListView)
RAW_KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+|.*\{\w*\}.*", re.DOTALL)


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if not field.name.startswith("_"))


def _parts(control: Any) -> Iterator[Any]:
    """The controls directly inside, what components made included."""
    values = [control._b] if isinstance(control, Component) else [getattr(control, f) for f in _fields(type(control))]
    for value in values:
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, ft.BaseControl) and getattr(part, "visible", True):
                yield part


class Node:
    """A control with what is read of its inside. ``merged``: within ``MergeSemantics``, where a tooltip counts."""

    def __init__(self, control: Any, *, merged: bool = False) -> None:
        self.control = control
        self.merged = merged or isinstance(control, ft.MergeSemantics)
        silent = isinstance(control, ft.Semantics) and control.exclude_semantics
        self.inside = [] if silent else [Node(part, merged=self.merged) for part in _parts(control)]

    @property
    def is_control(self) -> bool:
        """Whether somebody can tap it or type into it."""
        if isinstance(self.control, ft.Container):
            return self.control.on_click is not None
        return isinstance(self.control, (*BUTTONS, *LABELLED))

    def own_words(self) -> list[str | None]:
        one = self.control
        if isinstance(one, ft.Text):
            return [one.semantics_label or one.value or "".join(span.text or "" for span in one.spans or [])]
        if isinstance(one, (ft.Icon, ft.Image)):
            return [one.semantics_label]
        if isinstance(one, ft.Semantics):
            return [one.label]
        if isinstance(one, BUTTONS):
            return [text for text in (getattr(one, "content", None), one.tooltip if self.merged else None)
                    if isinstance(text, str)]  # fmt: skip
        if isinstance(one, LABELLED):
            # A hint is gone, also for screen readers, as soon as something is typed.
            hint = getattr(one, "hint_text", None) if not one.value else None
            return [one.label if isinstance(one.label, str) and one.label else hint]
        return []

    @property
    def name(self) -> str:
        """All words of it and below."""
        own = [words for words in self.own_words() if words and words.strip()]
        return " ".join([*own, *(name for part in self.inside if (name := part.name))])

    def controls(self) -> list["Node"]:
        return [*([self] if self.is_control else []), *(found for part in self.inside for found in part.controls())]

    def line(self) -> list["Node"] | None:
        """What can be tapped of it where it stands in a row; None when that is in several lines."""
        if isinstance(self.control, ft.Row):
            return []  # a row of its own
        if isinstance(self.control, ft.MergeSemantics):
            return [self] if self.controls() else []
        lines = [line for part in self.inside if (line := part.line()) != []]
        if None in lines or (isinstance(self.control, STACKED) and len(lines) > 1):
            return None
        return [*([self] if self.is_control else []), *(found for line in lines for found in line or [])]


def complaints(root: Any) -> list[str]:
    """What is wrong with the names below ``root``, a sentence each."""
    return [words for words in _complaints(Node(root), None, announced=False)]


def _complaints(node: Node, merging: Node | None, *, announced: bool) -> Iterator[str]:
    """``merging``: the node whose name is that of all inside. ``announced``: said to be a button."""
    if isinstance(node.control, ft.MergeSemantics):
        merging = node
        if len(node.controls()) > 1:
            yield f"several controls are merged into {node.name!r}"
    if isinstance(node.control, ft.Semantics):
        announced = announced or bool(node.control.button)
    if isinstance(node.control, ft.Row):
        names = Counter(one.name for part in node.inside for one in part.line() or [])
        yield from (f"{name!r} is there twice in one row" for name, count in names.items() if name and count > 1)
    if node.is_control:
        name, kind = (merging or node).name, type(node.control).__name__
        if not name:
            yield f"a {kind} has no name"
        elif RAW_KEY.fullmatch(name):
            yield f"a {kind} is called {name!r}"
        if isinstance(node.control, ft.Container) and not announced:
            yield f"{name!r} can be tapped and is not announced as a button"
    for part in node.inside:
        yield from _complaints(part, merging, announced=announced)
