"""Who is signed in here, and what the server said about it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import flet as ft
import msgspec

from shared.errors import CaravanError

Phase = Literal["starting", "signed_out", "opening", "open", "elsewhere", "handed_over", "blocked", "shut_out"]
Auth = Literal["unknown", "live", "dead"]


class SignedInUser(msgspec.Struct, frozen=True):
    """The user as the session endpoint describes them."""

    id: str
    name: str
    login: str
    role: str
    home_team_id: str | None = None
    discount_limit: str = "0"


class SignedInOrg(msgspec.Struct, frozen=True):
    """The organisation of the session: its calendar and currency."""

    id: str
    name: str
    time_zone: str
    currency: str


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What outlives the access token: kept in the device area, so that the app opens without a network."""

    user: SignedInUser
    org: SignedInOrg
    device_id: str
    dataset: str = ""
    lease_until: int = 0
    """UTC ms; until then the app opens without the server."""
    signed_out: bool = False
    """After signing out the work stays, locked until the next sign-in with the server."""

    shut_out: str = ""
    """Code of why the server shut this person or this device out; then only handing in and a new sign-in are open."""

    @property
    def key(self) -> str:
        """Names the user's database and entries: 1 to 64 of A-Z a-z 0-9 _ -."""
        return self.user.id

    def lease_left_ms(self, now_ms: int) -> int:
        return max(0, self.lease_until - now_ms)


class Tokens(msgspec.Struct):
    """The access token: in memory only."""

    access_token: str = ""
    expires_at: int = 0


@ft.observable
@dataclass
class Session:
    """Observable. ``auth`` *dead*: the server ended or revoked the session; the work stays, signing in resumes it."""

    phase: Phase = "starting"
    info: SessionInfo | None = None
    auth: Auth = "unknown"
    problem: str = ""
    """Code of why ``auth`` is dead or the phase *blocked*."""
    detail: str = ""
    handin: str = ""
    """In the phase *shut_out*: ``sending``, ``waiting`` (no answer; tried again), ``busy`` (open in another tab),
    ``held_up`` (the server takes no files at present)."""
    held_up: CaravanError | None = None
    """Why, in the server's words."""
    unsent: int = 0
    """In the phase *shut_out*: what is not with the server yet."""
    unsent_files: int = 0
    """The same of files whose bytes only this device has; after the wipe, what stays here of them."""

    @property
    def role(self) -> str:
        return self.info.user.role if self.info else ""

    @property
    def discount_limit(self) -> Decimal:
        return Decimal(self.info.user.discount_limit) if self.info else Decimal(0)


def session_from(answer: dict[str, Any]) -> tuple[SessionInfo, Tokens]:
    """Splits the server's session into what is kept and what stays in memory. Raises ``msgspec.ValidationError``."""
    info = msgspec.convert(answer, SessionInfo, strict=False)
    return info, msgspec.convert(answer, Tokens, strict=False)
