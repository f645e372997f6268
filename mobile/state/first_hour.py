"""Somebody's first hour on this device: what was seen done stays done, and the list can be hidden.

It lies in the person's own database, so it is kept per user and device, and needs no network.
"""

import msgspec

from mobile.state.app import App
from mobile.store.queries import first_hour as queries
from mobile.store.store import SqliteStore
from shared.rules.first_hour import TASKS, counted_from, seen_at

KEY = "first_hour"


class Kept(msgspec.Struct, omit_defaults=True):
    """``opened_at``: when the person first saw the app here, UTC ms; 0 before that."""

    opened_at: int = 0
    done: list[str] = []
    hidden: bool = False


def load(store: SqliteStore) -> Kept:
    """What is kept; nothing yet for somebody new."""
    text = store.meta(KEY)
    return msgspec.json.decode(text, type=Kept) if text else Kept()


def _save(store: SqliteStore, kept: Kept) -> None:
    with store.transaction():
        store.set_meta(KEY, msgspec.json.encode(kept).decode())


def open_tasks(kept: Kept, role: str) -> tuple[str, ...]:
    """The role's tasks that are not known as done."""
    return tuple(key for key in TASKS.get(role, ()) if key not in kept.done)


def look(app: App, address: str) -> tuple[str, ...]:
    """What rows and the address show as done and is not kept yet; nothing while the list is hidden."""
    store, kept, role = app.open_store, load(app.open_store), app.actor.role
    left = open_tasks(kept, role)
    if kept.hidden or not left:
        return ()
    info = app.session.info
    organisation = store.get("organisation", info.org.id) if info else None
    demo = bool(organisation and organisation["demo"])
    # Before the company's own row has arrived nothing says whether the rows of others are a demo's past.
    since = counted_from(demo=demo, opened_at=kept.opened_at) if organisation and kept.opened_at else app.now_ms()
    by_rows = queries.done(store, left, app.actor.user_id, since, online=app.sync.online)
    by_address = seen_at(address, online=app.sync.online)
    return tuple(key for key in left if key in by_rows or key in by_address)


def begin(app: App) -> None:
    """The person sees the app here; only the first time counts."""
    kept = load(app.open_store)
    if not kept.opened_at:
        _save(app.open_store, msgspec.structs.replace(kept, opened_at=app.now_ms()))


def note(app: App, *keys: str) -> None:
    """Keeps that tasks are done; without a word when they are no tasks of the role's, or kept already."""
    kept = load(app.open_store)
    fresh = [key for key in open_tasks(kept, app.actor.role) if key in keys]
    if fresh:
        _save(app.open_store, msgspec.structs.replace(kept, done=[*kept.done, *fresh]))


def hide(app: App, hidden: bool) -> None:
    """Takes the line off the home screen, or brings it back."""
    kept = load(app.open_store)
    if kept.hidden != hidden:
        _save(app.open_store, msgspec.structs.replace(kept, hidden=hidden))
