"""What is typed at the booth before it is saved. It outlives the screen, and as a draft the tab: who looks something up
comes back to it, also when the phone has closed the app behind its camera."""

from __future__ import annotations

import datetime
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shared.catalog import ENTITIES
from shared.errors import CaravanError, InvalidInput, Problem
from shared.protocol import Command
from shared.rules.leads import NAMING
from shared.validation import check_value

if TYPE_CHECKING:
    from mobile.state.attachments import TakenFile
    from mobile.store.queries.leads import Same
    from mobile.store.store import SqliteStore

TYPED = ("name", "phone", "company", "position", "email", "wechat", "note")
DRAFT = "lead:new"
SAID = ("texts", "answers", "grade", "next_step", "next_step_on", "consent", "more")
"""What is said of one person, beside the files."""
KEPT = (*SAID, "event_id", "source_id", "chosen")
NEXT_STEPS: tuple[tuple[str, int | None], ...] = (("quote", 1), ("sample", 3), ("visit", 2), ("later", None))
"""(key of the words, days from today): what is usually agreed at a booth."""


def next_step_day(today: datetime.date, days: int | None) -> str | None:
    """The day of a next step, ISO text; none for one without a date."""
    return (today + datetime.timedelta(days=days)).isoformat() if days else None


class Capture:
    """One lead that is being captured; event and source stay for the next one."""

    def __init__(self) -> None:
        self.source_id: str | None = None
        self.event_id: str | None = None
        self.chosen = False
        """Whether somebody chose event and source; otherwise they are those of the show that runs today."""
        self.count = 0
        """Rises with every lead: the fields of the next one are new ones."""
        self._thrown: dict[str, Any] = {}
        self._empty()

    def _empty(self) -> None:
        self.texts = dict.fromkeys(TYPED, "")
        self.answers: list[str] = []
        self.grade = ""
        self.next_step = ""
        self.next_step_on: str | None = None
        self.consent = False
        self.more = False
        self.files: list[TakenFile] = []
        self.errors: dict[str, Problem] = {}

    def next(self) -> None:
        """Makes room for the next person; the show and the source stay."""
        self.count += 1
        self._empty()

    def throw(self) -> list[TakenFile]:
        """Empties the form; ``put_back`` fills it again. The files thrown before, which are not needed any more."""
        before = self._thrown.get("files", [])
        self._thrown = {name: getattr(self, name) for name in (*SAID, "files")}
        self.next()
        return list(before)

    def put_back(self) -> None:
        """What was thrown last is there again; what was typed since stays."""
        since, files = self.texts, self.files
        for name, value in self._thrown.items():
            setattr(self, name, value)
        self.texts = {name: since[name] or text for name, text in self.texts.items()}
        self.files = [*self.files, *files]
        self._thrown = {}
        self.count += 1

    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not (self.is_said() or self.files)

    def is_said(self) -> bool:
        """Whether something was typed or tapped."""
        said = (*self.texts.values(), self.grade, self.next_step)
        return any(said) or bool(self.answers) or self.consent

    def fill(self, found: dict[str, str]) -> None:
        """Takes over what a card said; what was typed already stays."""
        for name, value in found.items():
            limit = ENTITIES["lead"].fields[name].options.max_length
            if not self.texts[name].strip():
                self.texts[name] = value[:limit]
        self.more = self.more or any(found.get(name) for name in TYPED[3:])
        self.count += 1

    def choose_step(self, words: str, days: int | None, today: datetime.date) -> None:
        """A next step by one tap; tapped again it is taken back."""
        if self.next_step == words:
            self.next_step, self.next_step_on = "", None
            return
        self.next_step = words
        self.next_step_on = next_step_day(today, days)

    def values(self) -> dict[str, Any]:
        """The lead in wire form, only what was said."""
        texts = {name: value.strip() for name, value in self.texts.items()}
        said: dict[str, Any] = {
            **texts,
            "grade": self.grade,
            "answers": sorted(self.answers),
            "next_step": self.next_step,
            "next_step_on": self.next_step_on,
            "consent": self.consent,
            "source_id": self.source_id,
            "event_id": self.event_id,
        }
        return {name: value for name, value in said.items() if value}

    def check(self) -> bool:
        """Puts what cannot be saved at its field; True when all is well."""
        self.errors = {}
        values = self.values()
        for name, value in values.items():
            try:
                check_value(ENTITIES["lead"], ENTITIES["lead"].fields[name], value)
            except CaravanError as error:
                self.errors[name] = error.problem()
        if not any(values.get(name) for name in NAMING):
            self.errors["name"] = InvalidInput("lead_empty", field="name", entity="lead").problem()
        return not self.errors

    def commands(self, new_id: Callable[[], str], joins: Same | None = None) -> list[Command]:
        """The commands that save it. ``joins``: whom it is the same person as."""
        lead_id = new_id()
        made = [Command("lead.create", {"id": lead_id, "values": self.values()})]
        if joins is not None and joins.entity == "lead":
            made.append(Command("lead.merge", {"id": joins.id, "other_id": lead_id}))
        elif joins is not None:
            known = {"contact_id": joins.contact_id} if joins.contact_id else {}
            made.append(Command("lead.convert", {"id": lead_id, "account_id": joins.id, **known}))
        return made


_captures: weakref.WeakKeyDictionary[SqliteStore, Capture] = weakref.WeakKeyDictionary()


def capture_of(store: SqliteStore, held: Callable[[], list[TakenFile]] = list) -> Capture:
    """The lead that is being captured in the user's store, otherwise the one whose draft is kept there. ``held``: the
    files that were kept with it."""
    capture = _captures.get(store)
    if capture is None:
        capture = _captures[store] = Capture()
        capture.files = held()
        for name, value in (store.draft(DRAFT) or {}).items():
            if name in KEPT:
                setattr(capture, name, {**capture.texts, **value} if name == "texts" else value)
    return capture


def keep(store: SqliteStore, capture: Capture, now_ms: int) -> None:
    """Keeps what was said; nothing said is forgotten. Its files have a draft of their own (``Attachments.hold``)."""
    with store.transaction():
        if not capture.is_said():
            store.delete_draft(DRAFT)
            return
        store.save_draft(DRAFT, "lead", {name: getattr(capture, name) for name in KEPT}, now_ms)
