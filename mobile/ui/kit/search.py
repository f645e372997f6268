"""A search field that keeps what is being typed, however slowly the results are drawn.

A text field whose value comes from state loses letters: when a drawing that belongs to an earlier letter is compared
with the field's present value, Flet sends the earlier text back. So the field is drawn once and left alone; only the
button that empties it follows what is typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from mobile.ui.kit.boundary import component
from mobile.ui.kit.buttons import icon_button
from mobile.ui.kit.layout import box, pad, row
from mobile.ui.look import look, t

OnText = Callable[[str], Any]


@ft.observable
@dataclass
class Typed:
    """What stands in the field; ``round`` counts how often it was emptied."""

    text: str = ""


@component
def ClearButton(typed: Typed, on_clear: Callable[[], Any]) -> ft.Control:
    """The cross, while there is something to clear."""
    if not typed.text:
        return ft.Container(width=8)
    return icon_button(ft.Icons.CLOSE_ROUNDED, t("frame.search.clear"), lambda _: on_clear(), size=20)


@component
def SearchField(hint: str, on_text: OnText, autofocus: bool, theme: str) -> ft.Control:
    """Use ``search_box``."""
    p = look().palette
    typed: Typed = ft.use_ref(Typed).current
    round_, set_round = ft.use_state(0)

    def changed(event: Any) -> None:
        typed.text = event.control.value or ""
        on_text(typed.text)

    def clear() -> None:
        typed.text = ""
        on_text("")
        set_round(lambda count: count + 1)

    field = ft.TextField(
        value=typed.text, hint_text=hint, on_change=changed, autofocus=autofocus or round_ > 0, expand=True,
        border=ft.NoInputBorder(), text_size=16, content_padding=pad(14, 0), cursor_color=p.primary,
        hint_style=ft.TextStyle(size=16, color=p.text_soft), enable_suggestions=False, autocorrect=False,
        key=f"search {round_}",
    )  # fmt: skip
    icon = ft.Icon(ft.Icons.SEARCH_ROUNDED, size=22, color=p.text_soft)
    ground = p.high if p.dark else p.container
    return box(row(icon, field, ClearButton(typed, clear), gap=10), pad(0, 4, 0, 16), ground, 14, height=52)


_Once = ft.memo(SearchField)


def search_box(hint: str, on_text: OnText, *, autofocus: bool = False) -> ft.Control:
    """A search field of 52 px. ``on_text`` gets what is typed; it must be the same function in every drawing
    (``ft.use_callback(fn, [])``)."""
    current = look()
    return _Once(hint, on_text, autofocus, f"{current.language} {current.dark}")
