"""Where each role can go. What a role or this version lacks is absent."""

from dataclasses import dataclass
from typing import Any

import flet as ft

I = ft.Icons  # noqa: E741


@dataclass(frozen=True)
class Destination:
    """An entry of the navigation: ``key`` names its words (``frame.nav.<key>``); ``bar``: also in the phone's bar."""

    route: str
    key: str
    icon: Any
    selected_icon: Any
    roles: frozenset[str]
    bar: bool = True


ALL = frozenset({"rep", "manager", "admin"})
DESK = frozenset({"manager", "admin"})
MANAGER, ADMIN = frozenset({"manager"}), frozenset({"admin"})

DESTINATIONS = (
    Destination("/", "home", I.HOME_OUTLINED, I.HOME_ROUNDED, frozenset({"rep"})),
    Destination("/", "desk", I.DASHBOARD_OUTLINED, I.DASHBOARD_ROUNDED, DESK),
    Destination("/customers", "customers", I.PEOPLE_OUTLINE_ROUNDED, I.PEOPLE_ROUNDED, ALL),
    Destination("/leads", "leads", I.CONTACTS_OUTLINED, I.CONTACTS_ROUNDED, ALL, bar=False),
    Destination("/deals", "deals", I.FLAG_OUTLINED, I.FLAG_ROUNDED, ALL),
    Destination("/pipeline", "pipeline", I.VIEW_KANBAN_OUTLINED, I.VIEW_KANBAN_ROUNDED, DESK, bar=False),
    Destination("/orders", "orders", I.RECEIPT_LONG_OUTLINED, I.RECEIPT_LONG_ROUNDED, ALL),
    Destination("/catalogue", "catalogue", I.GRID_VIEW_OUTLINED, I.GRID_VIEW_ROUNDED, ALL, bar=False),
    Destination("/stock", "stock", I.INVENTORY_2_OUTLINED, I.INVENTORY_2_ROUNDED, DESK, bar=False),
    Destination("/inbox", "inbox", I.INBOX_OUTLINED, I.INBOX_ROUNDED, ALL),
    Destination("/team", "team", I.GROUPS_OUTLINED, I.GROUPS_ROUNDED, MANAGER, bar=False),
    Destination("/users", "users", I.MANAGE_ACCOUNTS_OUTLINED, I.MANAGE_ACCOUNTS_ROUNDED, ADMIN, bar=False),
    Destination("/setup", "setup", I.TUNE_ROUNDED, I.TUNE_ROUNDED, DESK, bar=False),
)


def destinations(role: str, *, bar: bool = False) -> tuple[Destination, ...]:
    """The entries of a role; ``bar``: those of the phone's bottom bar, at most five."""
    return tuple(place for place in DESTINATIONS if role in place.roles and (place.bar or not bar))


def active_index(places: tuple[Destination, ...], route: str) -> int | None:
    """Which entry is lit for a route; an order page lights *orders*, show stock lights *stock*."""
    path = route.partition("?")[0].rstrip("/") or "/"
    if path.startswith("/order/"):
        path = "/orders"
    if path == "/dashboard" or path.startswith("/dashboard/"):
        path = "/"
    if path == "/leases":
        path = "/stock"
    if path == "/keys":
        path = "/users"
    for index, place in enumerate(places):
        if path == place.route or (place.route != "/" and path.startswith(place.route + "/")):
            return index
    return None
