"""Leaving a form: what was typed and is not saved is asked about first, whichever way somebody goes.

The arrow, *cancel*, help and the navigation ask before they go (``leave``). Of the browser's own way back, and of
whatever else changes the address, the page hears afterwards: the address is put back, then it is asked. What is under
way on a screen (a recording) is waited for first: only then is it known whether anything would be lost.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flet as ft

from mobile.ui.kit.effects import use_effect
from mobile.ui.kit.feedback import ask
from mobile.ui.look import t

Dirty = Callable[[], bool]


class Form:
    """A form on the screen: where it stands, and whether it holds what is not saved."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.dirty: Dirty = lambda: False
        self.discard: Callable[[], None] | None = None
        self.settled = False

    @property
    def unsaved(self) -> bool:
        return not self.settled and self.dirty()


class Door:
    """The forms of a page, and its way out. ``shows`` is who follows the address: the router."""

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self.works: list[asyncio.Event] = []
        """The ends of what is under way."""
        self.asking = False
        self.shows: Callable[[Any], Any] | None = None

    @property
    def held(self) -> Form | None:
        """The form that somebody would lose something of."""
        return next((form for form in self.forms if form.unsaved), None)

    def watch(self, page: ft.Page) -> None:
        """Hears of a changed address before the router does."""
        if page.on_route_change != self.changed:
            self.shows, page.on_route_change = page.on_route_change, self.changed

    async def idle(self) -> None:
        """Comes back when nothing is under way."""
        while self.works:
            await self.works[0].wait()

    def changed(self, event: Any) -> None:
        page, form = ft.context.page, self.held
        if form is not None and event.route != form.address:
            page.run_task(self._put_back, page, form.address, event.route)
        elif self.shows is not None:
            self.shows(event)

    async def _put_back(self, page: ft.Page, address: str, wanted: str) -> None:
        await page.push_route(address)
        await leave(page, wanted)


_doors: "weakref.WeakKeyDictionary[ft.Page, Door]" = weakref.WeakKeyDictionary()


def _door(page: ft.Page) -> Door:
    return _doors.setdefault(page, Door())


def use_unsaved(dirty: Dirty, discard: Callable[[], None] | None = None) -> None:
    """Says of the form that is drawn whether it holds what is not saved; asked whenever somebody wants to leave.

    ``discard``: gives up what is kept for it, when somebody leaves all the same.
    """
    page = ft.context.page
    form: Form = ft.use_ref(lambda: Form(page.route)).current
    form.dirty, form.discard = dirty, discard

    async def hold() -> None:
        # A task of its own: by then the router listens, also where the app was opened at this very form.
        door = _door(page)
        door.watch(page)
        door.forms.append(form)
        try:
            await asyncio.Event().wait()
        finally:
            door.forms.remove(form)

    use_effect(hold, [])


@contextmanager
def under_way(page: ft.Page) -> Iterator[None]:
    """While something is made that the screen waits for, such as a recording: who wants to leave waits for its end."""
    door, form, over = _door(page), Form(page.route), asyncio.Event()
    form.dirty = lambda: True
    door.watch(page)
    door.forms.append(form)
    door.works.append(over)
    try:
        yield
    finally:
        door.forms.remove(form)
        door.works.remove(over)
        over.set()


def settle(page: ft.Page) -> None:
    """Nothing on the page needs to be asked about any more: it was saved, or is gone with its record."""
    for form in _door(page).forms:
        form.settled = True


async def leave(page: ft.Page, route: str) -> None:
    """Goes to ``route``, after the end of what is under way, and a question where something is not saved."""
    door = _door(page)
    if door.asking:
        return
    door.asking = True
    try:
        await door.idle()
        if door.held is not None:
            unsaved = t("screen.form.leave"), t("screen.form.leave.line"), t("screen.form.leave.yes")
            if not await ask(page, *unsaved, danger=True):
                return
            for form in door.forms:
                if form.unsaved and form.discard is not None:
                    form.discard()
            settle(page)
    finally:
        door.asking = False
    page.navigate(route)


def leaving(page: ft.Page, route: str) -> Callable[[Any], Awaitable[None]]:
    """The handler of what leads away: the arrow, *cancel*, an entry of the navigation."""

    async def tapped(_: Any) -> None:
        await leave(page, route)

    return tapped
