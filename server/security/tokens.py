"""Opaque tokens: 256 random bits for the holder, a SHA-256 for the server.

Every token starts with the ids of what it belongs to (organisation, and session), so that it is found by primary key
and on one shard; only the last part is secret. A refresh token's successor is *derived* from it with a key that only
the session's row holds: asking twice with the same token (the answer was lost) gives the same successor and no second
branch. The database alone yields no token, and neither does a stolen token without the database.
"""

import base64
import hashlib
import hmac
import secrets

from shared.ids import is_id

TOKEN_BYTES = 32
MAXIMUM_LENGTH = 200


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_token(*place: str) -> str:
    """256 random bits as URL-safe text, behind the ids of the place."""
    return ".".join((*place, _text(secrets.token_bytes(TOKEN_BYTES))))


def place_of(token: str, ids: int) -> tuple[str, ...] | None:
    """The ids that a token starts with, or None when it has not the form of a token with so many ids."""
    if len(token) > MAXIMUM_LENGTH or not token.isascii():
        return None
    *place, secret = token.split(".")
    return tuple(place) if len(place) == ids and secret and all(map(is_id, place)) else None


def new_key() -> str:
    """The key from which a session's refresh tokens are derived."""
    return secrets.token_hex(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is stored in place of a token: SHA-256, hex. A token has full entropy, so no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(stored: str, token: str) -> bool:
    """Constant-time comparison of a stored digest (empty: none) with a token."""
    return hmac.compare_digest(stored, digest(token))


def successor(key: str, refresh_token: str) -> str:
    """The refresh token that follows this one: HMAC-SHA256 of it under the session's key."""
    place = refresh_token.rpartition(".")[0]
    return f"{place}.{_text(hmac.digest(bytes.fromhex(key), refresh_token.encode(), hashlib.sha256))}"


def cookie_name(login: str) -> str:
    """One cookie per user, so that two people can share a browser: the name tells nothing readable."""
    return f"caravan_refresh_{hashlib.sha256(login.encode()).hexdigest()[:16]}"
