"""Which clients this server talks to, and how an answer is put for one that speaks an older protocol."""

import msgspec

from shared.protocol import PROTOCOL_VERSION, SUPPORTED_PROTOCOLS, SyncRequest, SyncResponse, version_key

MINIMUM_APP = "0.1.0"
"""The oldest app that may pull from this server; an older one may still hand in its work. It rises with the oldest of
``SUPPORTED_PROTOCOLS``: an app that is not older and is not understood takes it that the server is not updated yet."""
OLDEST_PULLING = 1
"""The oldest protocol that may pull; the older ones among ``SUPPORTED_PROTOCOLS`` may still hand in their work."""
_STATUSES_OF_1 = frozenset({"ok", "upgrade", "fork", "reset", "revoked"})


def is_spoken(request: SyncRequest) -> bool:
    """Whether the request can be understood at all; otherwise nothing of it is taken."""
    return request.protocol in SUPPORTED_PROTOCOLS


def may_pull(request: SyncRequest) -> bool:
    """Whether the client is recent enough to be sent rows beyond those of its outcomes."""
    return request.protocol >= OLDEST_PULLING and version_key(request.app_version) >= version_key(MINIMUM_APP)


def translated(response: SyncResponse, protocol: int) -> SyncResponse:
    """The answer as a client of the protocol can decode it: a status that it does not know stops it, with its work
    kept."""
    if protocol < PROTOCOL_VERSION and response.status not in _STATUSES_OF_1:
        return SyncResponse(
            status="reset", dataset=response.dataset, epoch=response.epoch, server_time=response.server_time
        )
    if protocol < PROTOCOL_VERSION and response.restarts:
        # It knows no snapshot: the bucket ends and begins again with the same page.
        return msgspec.structs.replace(response, drops=[*response.drops, *response.restarts], restarts=[])
    return response
