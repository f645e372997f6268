"""Stages & fields: the reference data that a desk edits. One list and one form for every entity, by its declaration."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.store.queries import setup as queries
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.table import format_value
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.listing import more_row, scroll_list
from shared.catalog import ENTITIES
from shared.fields import Kind
from shared.labels import entity_label

I = ft.Icons  # noqa: E741
ICONS = {
    "stage": I.LINEAR_SCALE_ROUNDED,
    "lost_reason": I.THUMB_DOWN_OFF_ALT_OUTLINED,
    "event": I.STOREFRONT_OUTLINED,
    "lead_source": I.CALL_MADE_ROUNDED,
    "product": I.INVENTORY_2_OUTLINED,
    "category": I.CATEGORY_OUTLINED,
    "price_list": I.SELL_OUTLINED,
    "tax": I.PERCENT_ROUNDED,
    "warehouse": I.WAREHOUSE_OUTLINED,
    "team": I.GROUPS_OUTLINED,
    "organisation": I.BUSINESS_OUTLINED,
}
SHOWN_FIELDS = 3
LIST_WIDTH_PX = 760


def label_of(entity: str) -> str:
    """The entity's name."""
    return entity_label(k.look().language, entity)


@k.component
def SetupScreen() -> ft.Control:
    """``/setup``: what there is to edit."""
    page, app = ft.context.page, use_app()
    names = queries.entities(app.actor.role)
    counts = use_live(lambda s: queries.counts(s, names), names, names)

    def go(name: str) -> Callable[[Any], None]:
        return lambda _: page.navigate(f"/setup/{name}")

    tiles = [
        k.tile(
            label_of(name),
            k.t("setup.count", count=counts[name]),
            leading=k.icon_avatar(ICONS.get(name, I.TUNE_ROUNDED)),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
            on_click=go(name),
            name=k.t("setup.open", name=label_of(name)),
        )
        for name in names
    ]
    if not tiles:
        body: ft.Control = k.empty_state(k.t("setup.none"), k.t("setup.none.line"), icon=I.LOCK_OUTLINE_ROUNDED)
    else:
        body = k.list_card(*tiles)
    return k.scaffold(k.t("frame.nav.setup"), body, subtitle=k.t("setup.line"), max_width=LIST_WIDTH_PX)


@k.component
def SetupListScreen() -> ft.Control:
    """``/setup/:entity``: its rows, in order, with the way to a new one."""
    entity = str(ft.use_route_params()["entity"])
    if entity not in queries.entities(use_app().actor.role):
        return missing()
    return SetupRows(entity, key=entity)


def missing() -> ft.Control:
    """What nobody here may edit."""
    nothing = k.empty_state(k.t("setup.none"), k.t("setup.none.line"), icon=I.LOCK_OUTLINE_ROUNDED)
    return k.scaffold(k.t("frame.nav.setup"), nothing, back="/setup")


@k.component
def SetupRows(entity: str) -> ft.Control:
    """The rows of one entity."""
    page, app = ft.context.page, use_app()
    text, set_text = ft.use_state("")
    shown, set_shown = ft.use_state(PAGE)
    rows = use_live(lambda s: queries.rows(s, entity, text), [entity], entity, text)
    generic = ENTITIES[entity].options.generic
    may_create = app.actor.role in generic.get("create", ())
    sortable = "position" in ENTITIES[entity].fields and not text

    def typed(event: Any) -> None:
        set_text(event.control.value)
        set_shown(PAGE)

    def new(_: Any) -> None:
        page.navigate(f"/setup/{entity}/new")

    def move(index: int, step: int) -> Callable[[Any], None]:
        return lambda _: run_or_tell(page, app, queries.reordered(rows, entity, index, step)) and None

    look = k.look()
    label = k.t("setup.new", name=label_of(entity))
    search = k.search_field(text, typed, hint=k.t("setup.search", name=label_of(entity)))
    button = [] if look.layout == "phone" or not may_create else [k.button(label, new, icon=I.ADD_ROUNDED, height=52)]
    top = ft.Container(
        k.row(ft.Container(search, expand=True), *button, gap=12), padding=k.pad(0, look.gutter, 12, look.gutter)
    )
    living = sum(1 for row in rows if row.get("active", True))
    tiles = [
        setup_row(
            entity,
            row,
            index,
            living if sortable else 0,
            move,
            lambda _, row=row: page.navigate(f"/setup/{entity}/{row['id']}"),
        )
        for index, row in enumerate(rows[:shown])
    ]
    tiles += more_row(rows, shown, lambda _: set_shown(lambda old: old + PAGE))
    if tiles:
        body: ft.Control = scroll_list(tiles, inset=16)
    else:
        found_nothing = k.t("setup.not_found") if text else k.t("setup.empty", name=label_of(entity))
        body = k.empty_state(
            found_nothing,
            k.t("setup.empty.line"),
            icon=ICONS.get(entity, I.TUNE_ROUNDED),
            **({"action": label, "on_action": new, "action_icon": I.ADD_ROUNDED} if may_create else {}),
        )
    fab = k.floating_button(I.ADD_ROUNDED, label, new) if look.layout == "phone" and may_create else None
    return k.scaffold(
        label_of(entity), body, back="/setup", top=top, fab=fab, scrollable=False, max_width=LIST_WIDTH_PX
    )


def setup_row(
    entity: str, row: dict[str, Any], index: int, living: int, move: Callable[[int, int], Any], on_click: Any
) -> ft.Control:
    """A row with what its list columns say; with ``living`` rows that have an order, arrows that change it."""
    declared = ENTITIES[entity]
    name = k.local(row, declared.options.title)
    said = [
        k.local(row, field.name) if f"{field.name}_en" in row else format_value(entity, field, row[field.name])
        for field in declared.list_fields
        if field.kind is not Kind.BOOL
        and not field.name.startswith(declared.options.title)
        and row[field.name] not in (None, "", [])
    ]
    if declared.options.title != "name" and "name" in row:
        said.insert(0, k.local(row, "name"))
    off = not row.get("active", True)
    badge = k.badge(k.t("setup.inactive"), "mute") if off else None
    if badge is None and row.get("is_default"):
        badge = k.badge(k.t("setup.default"), "info")
    arrows = None
    if living and not off:
        arrows = k.row(
            k.icon_button(
                I.ARROW_UPWARD_ROUNDED, k.t("setup.up", name=name), move(index, -1), size=20, disabled=index == 0
            ),
            k.icon_button(
                I.ARROW_DOWNWARD_ROUNDED,
                k.t("setup.down", name=name),
                move(index, 1),
                size=20,
                disabled=index >= living - 1,
            ),
            gap=0,
            tight=True,
        )
    return k.tile(
        name,
        " · ".join(said[:SHOWN_FIELDS]) or None,
        trailing=badge,
        on_click=on_click,
        action=arrows,
        height=64,
        name=k.t("setup.edit", name=name),
        padding=k.pad(0, 0 if arrows else 16, 0, 16),
    )
