"""Hooks over the local store: what a component reads is read again when a commit touched it."""

import contextvars
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import flet as ft

from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app

T = TypeVar("T")


def use_live(read: Callable[[SqliteStore], T], entities: Iterable[str], *inputs: Any) -> T:
    """``read(store)``, and again after every commit that wrote one of ``entities`` or when one of ``inputs`` changes.

    ``entities`` are names such as ``account``; the engine's own books are ``_outbox``, ``_draft``, ``_meta``. Reading
    is synchronous and local: a screen never waits.
    """
    store = use_app().open_store
    version, set_version = ft.use_state(0)
    watched = frozenset(entities)

    def watch() -> Callable[[], None]:
        # Commits also come from the exchange, outside of any component: its notice runs in this page's context.
        here = contextvars.copy_context()

        def bump() -> None:
            set_version(lambda old: old + 1)

        def committed(touched: set[str]) -> None:
            if touched & watched:
                here.copy().run(bump)

        return store.on_change(committed)

    k.use_effect(watch, [id(store)])
    return ft.use_memo(lambda: read(store), [version, id(store), *inputs])
