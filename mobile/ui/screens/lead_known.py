"""Who is known already: the warning under the fields, with its two ways out."""

from collections.abc import Callable, Sequence

import flet as ft

from mobile.store.queries.leads import Same
from mobile.ui import kit as k

I = ft.Icons  # noqa: E741


def route_of(one: Same) -> str:
    """The page of a lead or customer."""
    return f"/{'customers' if one.entity == 'account' else 'leads'}/{one.id}"


@k.component
def Known(found: Sequence[Same], on_join: Callable[[Same], None], on_open: Callable[[Same], None]) -> ft.Control:
    """Customers and leads with the same number, address or company: open one, or add to it what was typed."""
    p = k.look().palette
    pair = p.status["warn"]
    head = k.status_line(k.t("leads.known"), "warn", I.PEOPLE_ALT_ROUNDED, size=14)
    rows: list[ft.Control] = []
    for one in found:
        words = k.col(
            k.row_title(one.name),
            k.caption(k.t(f"leads.same.{one.entity}.{one.why}")),
            gap=2,
        )
        join = k.t(f"leads.join.{one.entity}")
        actions = k.row(
            k.button(k.t("leads.open"), lambda _, one=one: on_open(one), kind="text"),
            k.button(join, lambda _, one=one: on_join(one), kind="outlined"),
            gap=4,
            tight=True,
        )
        rows.append(k.row(ft.Container(words, expand=True), actions, gap=8))
    content = k.col(head, *rows, gap=8)
    ground = k.box(content, k.pad(12), pair.bg, 12)
    return ft.Semantics(content=ft.Container(ground, padding=k.pad(0, 0, 12, 0)), live_region=True, container=True)
