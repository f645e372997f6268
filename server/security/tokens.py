"""Opaque tokens: 256 random bits for the holder, a SHA-256 for the server.

A refresh token is ``<session>.<secret>``. Its successor is *derived* from it with a key that only the session's row
holds, so asking twice with the same token (the answer was lost) gives the same successor and no second branch; the
database alone yields no token, and neither does a stolen token without the database.
"""

import base64
import hashlib
import hmac
import secrets

TOKEN_BYTES = 32
MAXIMUM_LENGTH = 200


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_token() -> str:
    """256 random bits as URL-safe text."""
    return _text(secrets.token_bytes(TOKEN_BYTES))


def new_key() -> str:
    """The key from which a session's refresh tokens are derived."""
    return secrets.token_hex(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is stored in place of a token: SHA-256, hex. A token has full entropy, so no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(stored: str | None, token: str) -> bool:
    """Constant-time comparison of a stored digest with a token."""
    return stored is not None and hmac.compare_digest(stored, digest(token))


def new_refresh_token(session_id: str) -> str:
    """The first refresh token of a session."""
    return f"{session_id}.{new_token()}"


def successor(key: str, refresh_token: str) -> str:
    """The refresh token that follows this one: HMAC-SHA256 of it under the session's key."""
    session_id = refresh_token.partition(".")[0]
    return f"{session_id}.{_text(hmac.digest(bytes.fromhex(key), refresh_token.encode(), hashlib.sha256))}"


def session_of(refresh_token: str) -> str | None:
    """The session that a refresh token claims to belong to."""
    session_id, dot, secret = refresh_token.partition(".")
    return session_id if dot and session_id and secret and len(refresh_token) <= MAXIMUM_LENGTH else None


def cookie_name(login: str) -> str:
    """One cookie per user, so that two people can share a browser: the name tells nothing readable."""
    return f"caravan_refresh_{hashlib.sha256(login.encode()).hexdigest()[:16]}"
