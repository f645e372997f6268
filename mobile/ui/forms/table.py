"""A list of any entity from its declared columns: for what has no designed list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.sync_pill import moment
from shared.catalog import ENTITIES, Field
from shared.fields import Kind
from shared.labels import choice_label, field_label

NUMBERS = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.PERCENT, Kind.INT})


def format_value(entity: str, field: Field, value: Any) -> str:
    """A value as people read it: words of choices, grouped digits, times on the organisation's clock."""
    if value is None or value == "" or value == []:
        return "—"
    app = use_app()
    match field.kind:
        case Kind.ENUM:
            return choice_label(k.look().language, entity, field.name, value)
        case Kind.MONEY:
            return k.format_money(value, app.currency)
        case Kind.QUANTITY | Kind.PERCENT:
            return k.format_quantity(value).replace("-", k.MINUS)
        case Kind.TIMESTAMP:
            return moment(value, app.now_ms(), app.time_zone)
        case Kind.DATE:
            return k.format_day(value)
        case Kind.TAGS:
            return ("、" if k.look().language == "zh" else ", ").join(value)
        case Kind.BOOL:
            return k.t("screen.yes") if value else k.t("screen.no")
        case Kind.REF:
            target = ENTITIES[str(field.options.ref)]
            row = app.open_store.get(target.name, value)
            return k.local(row, target.options.title) if row else "—"
    return str(value)


Extra = Sequence[tuple[str, Callable[[Mapping[str, Any]], str]]]


def entity_table(entity: str, rows: Sequence[Mapping[str, Any]], *, extra: Extra = ()) -> ft.Control:
    """Rows under the labels of the entity's list columns; numbers at the right. ``extra``: (label, words of a row)."""
    fields = ENTITIES[entity].list_fields
    language = k.look().language
    heads = [_cell(k.caption(label), False) for label, _ in extra]
    heads += [_cell(k.caption(field_label(language, entity, f.name)), f.kind in NUMBERS) for f in fields]
    lines: list[ft.Control] = [k.row(*heads, gap=12)]
    for row in rows:
        cells = [_cell(k.text(words(row), 13), False) for _, words in extra]
        for field in fields:
            shown = format_value(entity, field, row.get(field.name))
            cells.append(_cell(k.text(shown, 13, 500 if field.kind in NUMBERS else 400), field.kind in NUMBERS))
        lines += [k.hairline(), ft.Container(k.row(*cells, gap=12, top=True), padding=k.pad(8, 0))]
    return k.col(*lines, gap=0)


def _cell(content: ft.Control, right: bool) -> ft.Control:
    return ft.Container(content, expand=1, alignment=ft.Alignment.TOP_RIGHT if right else ft.Alignment.TOP_LEFT)
