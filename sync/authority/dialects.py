"""Which clients this server talks to, and how an answer is put for one that speaks an older protocol."""

import re

from shared.protocol import PROTOCOL_VERSION, SUPPORTED_PROTOCOLS, SyncRequest, SyncResponse

MINIMUM_APP = "0.1.0"
"""The oldest app that may pull from this server; an older one may still hand in its work."""
OLDEST_PULLING = 1
"""The oldest protocol that may pull; the older ones among ``SUPPORTED_PROTOCOLS`` may still hand in their work."""
_STATUSES_OF_1 = frozenset({"ok", "upgrade", "fork", "reset", "revoked"})


def is_spoken(request: SyncRequest) -> bool:
    """Whether the request can be understood at all; otherwise nothing of it is taken."""
    return request.protocol in SUPPORTED_PROTOCOLS


def may_pull(request: SyncRequest) -> bool:
    """Whether the client is recent enough to be sent rows beyond those of its outcomes."""
    return request.protocol >= OLDEST_PULLING and _version(request.app_version) >= _version(MINIMUM_APP)


def _version(text: str) -> tuple[int, ...]:
    """``0.10.2`` as numbers that compare; a text that is no version is newer than any: it is nobody's old app."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6}){0,3}).*", text, re.ASCII | re.DOTALL)
    return tuple(map(int, found[1].split("."))) if found else (1_000_000,)


def translated(response: SyncResponse, protocol: int) -> SyncResponse:
    """The answer as a client of the protocol can decode it: a status that it does not know stops it, with its work
    kept."""
    if protocol < PROTOCOL_VERSION and response.status not in _STATUSES_OF_1:
        return SyncResponse(
            status="reset", dataset=response.dataset, epoch=response.epoch, server_time=response.server_time
        )
    return response
