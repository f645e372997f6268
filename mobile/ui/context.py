"""How components reach the app that they belong to."""

import weakref

import flet as ft

from mobile.state.app import App
from mobile.state.session import Session
from mobile.state.sync_status import SyncStatus

_apps: "weakref.WeakKeyDictionary[ft.Page, App]" = weakref.WeakKeyDictionary()


def attach(page: ft.Page, app: App) -> None:
    """Make ``app`` the app of the page."""
    _apps[page] = app


def use_app() -> App:
    """The app of the page: session, store, commands. For components and event handlers; subscribes to nothing."""
    return _apps[ft.context.page]


def use_session() -> Session:
    """The session; the component is drawn again when it changes."""
    return ft.use_state(use_app().session)[0]


def use_sync() -> SyncStatus:
    """The state of the exchange; the component is drawn again when it changes."""
    return ft.use_state(use_app().sync)[0]


def owner_of(app: App) -> str | None:
    """Whose work the page shows: a rep's own, for managers everybody's."""
    info = app.session.info
    return info.user.id if info and app.session.role == "rep" else None
