"""What was typed into a form and is not saved: kept on the device with every change, so that a reload, a crash or a
phone that closes the app loses nothing of it. The same form, opened again, goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mobile.store.blobs import TYPED

if TYPE_CHECKING:
    from mobile.store.store import SqliteStore


class FormDraft:
    """The draft of one form. ``name``: the same whenever this form is opened, another for every other."""

    def __init__(self, store: SqliteStore, name: str) -> None:
        self._store = store
        self._id = f"{TYPED}:{name}"
        self._is_kept = store.draft(self._id) is not None

    def said(self) -> dict[str, Any]:
        """What was kept, empty when nothing was."""
        return self._store.draft(self._id) or {}

    def keep(self, said: dict[str, Any], now_ms: int) -> None:
        """Keeps what is typed now; nothing typed is forgotten."""
        if said:
            self._is_kept = True
            with self._store.transaction():
                self._store.save_draft(self._id, TYPED, said, now_ms)
        else:
            self.drop()

    def drop(self) -> None:
        """It was saved, or given up."""
        if self._is_kept:
            self._is_kept = False
            with self._store.transaction():
                self._store.delete_draft(self._id)
