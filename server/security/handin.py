"""The last thing that a shut-out device may do: hand in what it has not sent.

Its refresh token, good for nothing else any more, yields a ticket for some minutes; the ticket is good for
``POST /v1/handin`` and for the bytes of attachments that were not sent (``server.blobs``), and shows nothing of the
organisation. Whoever may sign in gets no ticket.
"""

from typing import Any

import msgspec
from sqlalchemy import update

from server.db.engine import Tx
from server.security import sessions, tables, tokens
from shared.errors import AuthError

TICKET_MS = 10 * 60_000
SHUT_OUT = frozenset({"device_revoked", "user_inactive"})
"""Refusals that end a device's work for good, in contrast to a session that is merely over."""


class Ticket(msgspec.Struct, frozen=True):
    """``expires_at``: UTC milliseconds, by the server's clock."""

    ticket: str
    expires_at: int


class ShutOut(msgspec.Struct, frozen=True):
    """Whose work a ticket lets in until ``expires_at``, and why the device was shut out."""

    user_id: str
    org_id: str
    device_id: str
    code: str
    expires_at: int


async def issue(tx: Tx, refresh_token: str, now_ms: int) -> Ticket | AuthError:
    """A ticket for the holder of the session's newest refresh token, or of the one before, while user or device is
    shut out. A session that ended because a token was used twice gets none."""
    place = tokens.place_of(refresh_token, 2)
    row = await sessions.find(tx, *place, lock=True) if place else None
    if row is None or not _holds(row, refresh_token):
        return AuthError("session_expired")
    if row.ended_at is not None and row.end_code not in SHUT_OUT:
        return AuthError(row.end_code)
    if sessions.refusal_of(row) not in SHUT_OUT:
        return AuthError("session_expired")
    ticket = tokens.new_token(row.org_id, row.id)
    values = {"handin_hash": tokens.digest(ticket), "handin_expires_at": now_ms + TICKET_MS}
    mine = (tables.session.c.org_id == row.org_id, tables.session.c.id == row.id)
    await tx.execute(update(tables.session).where(*mine).values(**values))
    return Ticket(ticket, now_ms + TICKET_MS)


def _holds(row: Any, token: str) -> bool:
    newest, before = tokens.matches(row.refresh_hash, token), tokens.matches(row.previous_refresh_hash, token)
    return newest or before


async def bearer(tx: Tx, ticket: str, now_ms: int) -> ShutOut | AuthError:
    """Who hands in with the ticket. Reads only."""
    place = tokens.place_of(ticket, 2)
    row = await sessions.find(tx, *place) if place else None
    if row is None or not tokens.matches(row.handin_hash, ticket) or row.handin_expires_at <= now_ms:
        return AuthError("session_expired")
    code = sessions.refusal_of(row)
    if code not in SHUT_OUT:
        return AuthError("session_expired")
    return ShutOut(row.user_id, row.org_id, row.device_id, code, row.handin_expires_at)
