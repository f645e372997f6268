"""Every error a person may meet, with a stable code.

::

    CaravanError
    ├── InvalidInput      400/422  the words or numbers given are wrong: correct them and send again
    ├── NotAllowed        403      the role may not do this, here or to this row
    ├── NotFound          404      no such row, or not visible to this user (the two look the same)
    ├── StateConflict     409      the record's state, content or stock has moved on
    │   ├── FieldConflict          a field was changed by somebody else meanwhile (tx of several commands)
    │   └── Dependency             an earlier transaction that this one builds on was refused
    ├── UpgradeRequired   426      written by a version that this side does not know yet
    ├── AuthError         401      sign-in problems; see ``server/security``
    ├── LimitExceeded     413/429  too large or too often
    └── Unavailable       503      not now: try again later

The code names the words: ``error.<code>`` says what happened, ``error.<code>.todo`` what to do next
(``shared/locale``). ``params`` fill the placeholders of both.
"""

from typing import Any

import msgspec


class Problem(msgspec.Struct, omit_defaults=True, frozen=True):
    """An error as data: what an outcome, a problem-details body or an inbox row carries."""

    code: str
    field: str | None = None
    params: dict[str, Any] = {}


class CaravanError(Exception):
    """Base of the tree. ``code`` is stable, ``field`` names the input at fault, ``params`` fill the words."""

    status = 500

    def __init__(self, code: str, *, field: str | None = None, status: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params
        if status is not None:
            self.status = status

    def problem(self) -> Problem:
        """The error as data."""
        return Problem(self.code, self.field, self.params)

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}{f' [{self.field}]' if self.field else ''}{f' ({details})' if details else ''}"


class InvalidInput(CaravanError):
    status = 422


class NotAllowed(CaravanError):
    status = 403


class NotFound(CaravanError):
    status = 404


class StateConflict(CaravanError):
    status = 409


class FieldConflict(StateConflict):
    pass


class Dependency(StateConflict):
    pass


class UpgradeRequired(CaravanError):
    status = 426


class AuthError(CaravanError):
    status = 401


class LimitExceeded(CaravanError):
    status = 429


class Unavailable(CaravanError):
    status = 503
