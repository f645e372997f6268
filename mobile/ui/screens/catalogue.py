"""Browsing the catalogue without a customer: prices of the default list, stock, no basket."""

import flet as ft

from mobile.store.queries import catalogue
from mobile.ui import kit as k
from mobile.ui.hooks import use_live
from mobile.ui.screens.catalogue_grid import ProductGrid

I = ft.Icons  # noqa: E741
NOTHING: dict[str, object] = {}


@k.component
def CatalogueScreen() -> ft.Control:
    """``/catalogue``."""
    page = ft.context.page
    prices = use_live(catalogue.price_list, catalogue.TOUCHED)
    houses = use_live(catalogue.warehouses, catalogue.TOUCHED)
    label = k.t("frame.nav.new_order")

    def order(_: object) -> None:
        page.navigate("/order/new")

    phone = k.look().layout == "phone"
    grid = ProductGrid(None, prices["id"] if prices else None, houses[0]["id"] if houses else None, NOTHING, None, 0)
    return k.scaffold(
        k.t("frame.nav.catalogue"),
        ft.Container(grid, expand=True),
        subtitle=k.local(prices, "name") if prices else None,
        scrollable=False,
        gutter=False,
        back="/" if phone else None,
        actions=[] if phone else [k.button(label, order, icon=I.ADD_SHOPPING_CART_ROUNDED, height=52)],
        fab=k.floating_button(I.ADD_SHOPPING_CART_ROUNDED, label, order) if phone else None,
    )
