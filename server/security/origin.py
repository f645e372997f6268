"""Requests that ride on a cookie must come from our own page: not another site (CSRF), not another name (rebinding)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from server.settings import Settings
from shared.errors import NotAllowed

CLIENT_HEADER = "x-caravan-client"
NATIVE = "native"


def is_native(headers: Mapping[str, str]) -> bool:
    """Whether the client keeps its refresh token itself, in the device's secure storage."""
    return headers.get(CLIENT_HEADER, "") == NATIVE


def require_own_origin(settings: Settings, headers: Mapping[str, str]) -> None:
    """Raises ``NotAllowed`` ``wrong_origin`` for a request that a browser sends in another site's name.

    Browsers add Sec-Fetch-Site and Origin and pages cannot change them; programs send neither.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("wrong_origin")
    origin = headers.get("origin")
    if origin is None:
        return
    parts = urlsplit(origin)
    if settings.public_url and origin == settings.public_url:
        return
    # The page and the request must agree on the address, and it must be one of ours: an attacker's name that was
    # pointed at this machine agrees with itself only.
    if parts.netloc != headers.get("host") or (parts.hostname or "") not in settings.host_names:
        raise NotAllowed("wrong_origin")


def require_client_header(headers: Mapping[str, str]) -> None:
    """Raises ``NotAllowed`` ``client_header_missing``: a form on another site cannot send a header of its own."""
    if not headers.get(CLIENT_HEADER):
        raise NotAllowed("client_header_missing")
