"""The one route tree. Screens are imported at their first visit, so that the start stays fast."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import flet as ft

from mobile.ui import kit as k

SCREENS: tuple[tuple[str, str, str], ...] = (
    ("/", "home", "HomeScreen"),
    ("/dashboard", "desk", "DeskScreen"),
    ("/dashboard/leads", "desk_rows", "DeskLeadsScreen"),
    ("/dashboard/deals", "desk_rows", "DeskDealsScreen"),
    ("/customers", "customers", "CustomersScreen"),
    ("/customers/new", "customer_form", "NewCustomerScreen"),
    ("/customers/:account_id", "customer_page", "CustomerScreen"),
    ("/customers/:account_id/edit", "customer_form", "EditCustomerScreen"),
    ("/leads", "leads", "LeadsScreen"),
    ("/leads/new", "lead_new", "NewLeadScreen"),
    ("/leads/close", "lead_close", "BoothCloseScreen"),
    ("/leads/assign", "lead_assign_list", "AssignLeadsScreen"),
    ("/leads/:lead_id", "lead_page", "LeadScreen"),
    ("/leads/:lead_id/edit", "lead_edit", "EditLeadScreen"),
    ("/deals", "deals", "DealsScreen"),
    ("/deals/new", "deal_forms", "NewDealScreen"),
    ("/deals/:deal_id", "deal_page", "DealScreen"),
    ("/pipeline", "pipeline", "PipelineScreen"),
    ("/catalogue", "catalogue", "CatalogueScreen"),
    ("/order/new", "order_new", "NewOrderScreen"),
    ("/orders", "orders", "OrdersScreen"),
    ("/orders/:order_id", "order_page", "OrderScreen"),
    ("/inbox", "inbox", "InboxScreen"),
    ("/stock", "stock", "StockScreen"),
    ("/leases", "leases", "LeasesScreen"),
    ("/follow-ups", "follow_ups", "FollowUpsScreen"),
    ("/team", "team", "TeamScreen"),
    ("/users", "users", "UsersScreen"),
    ("/users/new", "user_page", "NewUserScreen"),
    ("/users/:user_id", "user_page", "UserScreen"),
    ("/keys", "keys", "KeysScreen"),
    ("/setup", "setup", "SetupScreen"),
    ("/setup/:entity", "setup", "SetupListScreen"),
    ("/setup/:entity/new", "setup_form", "SetupFormScreen"),
    ("/setup/:entity/:row_id", "setup_form", "SetupFormScreen"),
    ("/log", "chain", "ChainScreen"),
    ("/log/:entity/:row_id", "audit_trail", "AuditTrailScreen"),
    ("/settings", "settings", "SettingsScreen"),
    ("/feedback", "feedback", "FeedbackScreen"),
    ("/feedback/new", "feedback_new", "NewFeedbackScreen"),
    ("/feedback/:feedback_id", "feedback_page", "FeedbackPageScreen"),
    ("/first-hour", "first_hour", "FirstHourScreen"),
    ("/help", "help", "HelpScreen"),
    ("/help/:page", "help", "HelpPageScreen"),
)
"""(path, module of ``mobile.ui.screens``, component). ``ft.use_route_params()`` gives what follows a colon."""


@k.component
def Screen(module: str, name: str) -> ft.Control:
    """Draws a screen of the table."""
    return getattr(importlib.import_module(f"mobile.ui.screens.{module}"), name)()


@k.component
def NotFound() -> ft.Control:
    """An address that leads nowhere."""
    page = ft.context.page
    return k.scaffold(
        k.t("frame.app.name"),
        k.empty_state(
            k.t("frame.not_found.title"),
            k.t("frame.not_found.line"),
            icon=ft.Icons.EXPLORE_OFF_OUTLINED,
            action=k.t("frame.error.home"),
            on_action=lambda _: page.navigate("/"),
        ),
    )


@k.component
def Entrance() -> ft.Control:
    """``/sign-in`` once the door is open: on to the first screen."""
    page = ft.context.page
    k.use_effect(lambda: page.navigate("/"), [])
    return k.loading(k.t("frame.opening"))


def _component(module: str, name: str) -> Callable[[], Any]:
    # The key is the screen's name: going to another screen mounts it afresh, with hooks of its own.
    return partial(Screen, module, name, key=name)


def tree(layout: Callable[..., Any]) -> list[ft.Route]:
    """The tree for ``ft.Router``: ``layout`` is the shell around every screen."""
    children = [
        ft.Route(index=True, component=_component(module, name))
        if path == "/"
        else ft.Route(path=path.lstrip("/"), component=_component(module, name))
        for path, module, name in SCREENS
    ]
    children.append(ft.Route(path="sign-in", component=Entrance))
    return [ft.Route(component=layout, outlet=True, children=children)]


def query() -> dict[str, str]:
    """The parameters after the question mark of the current address."""
    return dict(parse_qsl(urlsplit(ft.context.page.route).query))


def with_query(path: str, **parameters: str) -> str:
    """An address with parameters: ``with_query("/order/new", account=id)``."""
    return f"{path}?{urlencode(parameters)}" if parameters else path
