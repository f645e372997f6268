"""``sync.device.blobs.BlobTransport`` over the platform's HTTP, with the exchange's session."""

from mobile.platform.ports import Response
from mobile.state.sync_transport import SyncTransport
from shared.errors import CaravanError, NotFound, StateConflict
from sync.device.blobs import UploadState

PART_TIMEOUT_S = 120.0
STATE_TIMEOUT_S = 30.0


class BlobHttp(SyncTransport):
    """Parts of attachments; a refusal is a ``CaravanError`` with the server's code."""

    TOLD = frozenset({503, 507})

    async def blob_state(self, sha256: str) -> UploadState:
        """As the port says."""
        try:
            return _state(await self._call("HEAD", _path(sha256), {}, None, STATE_TIMEOUT_S))
        except CaravanError as error:
            if error.status == 404:  # an answer to HEAD has no body that could say so
                raise NotFound("not_found", entity="attachment", id=sha256) from error
            raise

    async def blob_put(self, sha256: str, offset: int, data: bytes, *, last: bool) -> UploadState:
        """As the port says."""
        headers = {
            "content-type": "application/octet-stream",
            "upload-offset": str(offset),
            "upload-complete": "?1" if last else "?0",
        }
        try:
            return _state(await self._call("PUT", _path(sha256), headers, data, PART_TIMEOUT_S))
        except CaravanError as error:
            if error.code == "upload_offset":
                raise StateConflict(error.code, **error.params) from error
            raise

    async def blob_get(self, sha256: str, first: int, length: int) -> bytes:
        """As the port says."""
        headers = {"range": f"bytes={first}-{first + length - 1}"}
        return (await self._call("GET", _path(sha256), headers, None, PART_TIMEOUT_S)).body


def _path(sha256: str) -> str:
    return f"/v1/blobs/{sha256}"


def _state(response: Response) -> UploadState:
    headers = response.headers
    return UploadState(int(headers.get("upload-offset", "0")), headers.get("upload-complete") == "?1")
