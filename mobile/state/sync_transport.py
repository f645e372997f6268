"""``sync.ports.Transport`` over the platform's HTTP: the access token is renewed once when the server wants another."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from mobile.platform.ports import Platform, Response
from mobile.state.auth import AuthProblem, read_answer
from shared.errors import AuthError, CaravanError, Unavailable
from shared.protocol import Poll
from sync.ports import TransportError

EXCHANGE_TIMEOUT_S = 60.0
POLL_TIMEOUT_S = 35.0


class SyncTransport:
    """Carries exchanges. ``token()`` is the access token; ``renew()`` gets another one or raises ``AuthProblem``."""

    TOLD: ClassVar[frozenset[int]] = frozenset({503})
    """Statuses above 500 that come with words of their own; the others count as no answer."""

    def __init__(
        self,
        platform: Platform,
        token: Callable[[], str],
        renew: Callable[[], Awaitable[None]],
        language: Callable[[], str],
    ) -> None:
        self._platform = platform
        self._token = token
        self._renew = renew
        self._language = language

    async def exchange(self, body: bytes) -> bytes:
        """As the port says. An ended session is a ``shared.errors.AuthError`` with the server's code."""
        headers = {"content-type": "application/json"}
        response = await self._call("POST", "/v1/sync", headers, body, EXCHANGE_TIMEOUT_S)
        return response.body

    async def changed(self, cursor: str) -> bool:
        """As the port says."""
        response = await self._call("GET", f"/v1/changes?since={quote(cursor)}", {}, None, POLL_TIMEOUT_S)
        return msgspec.json.decode(response.body, type=Poll).changed

    async def _ask(self, method: str, path: str, kind: Any, timeout_s: float, asked: Any = None) -> Any:
        """The answer as ``kind`` (None: nothing is read). Raises ``Unavailable`` when it cannot be read as that."""
        body = None if asked is None else msgspec.json.encode(asked)
        headers = {} if body is None else {"content-type": "application/json"}
        response = await self._call(method, path, headers, body, timeout_s)
        if kind is None:
            return None
        try:
            return msgspec.json.decode(response.body, type=kind)
        except msgspec.DecodeError as error:
            raise Unavailable("unexpected_status", status=response.status) from error

    async def _call(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, timeout_s: float
    ) -> Response:
        if not self._token():
            await self._renewed()
        response = await self._send(method, path, headers, body, timeout_s)
        if response.status == 401:
            await self._renewed()
            response = await self._send(method, path, headers, body, timeout_s)
        if response.status in self.TOLD:
            raise _told(response)
        if response.status >= 500:
            raise TransportError("server", str(response.status))
        if response.status >= 400:
            raise _refusal(response)
        return response

    async def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, timeout_s: float
    ) -> Response:
        client = "native" if self._platform.kind == "native" else "web"
        sent = {
            **headers,
            "authorization": f"Bearer {self._token()}",
            "accept-language": self._language(),
            "x-caravan-client": client,
        }
        # What is not JSON is packed already: photos, recordings, Office files.
        worth = body is not None and len(body) > 1_000 and headers.get("content-type") == "application/json"
        return await self._platform.transport.request(method, path, sent, body, timeout_s, compress=worth)

    async def _renewed(self) -> None:
        try:
            await self._renew()
        except AuthProblem as problem:
            raise _error(problem) from problem


def _refusal(response: Response) -> CaravanError:
    try:
        read_answer(response)
    except AuthProblem as problem:
        return _error(problem)
    return Unavailable("unexpected_status", status=response.status)


class _Problem(msgspec.Struct):
    """What problem details tell a program."""

    code: str
    params: dict[str, Any] = {}


def _told(response: Response) -> Exception:
    """A failure that the server has put into words; anything else with such a status is no answer of ours."""
    try:
        problem = msgspec.json.decode(response.body, type=_Problem)
    except msgspec.DecodeError:
        return TransportError("server", str(response.status))
    return Unavailable(problem.code, status=response.status, **problem.params)


def _error(problem: AuthProblem) -> CaravanError:
    """The engine's word for a refusal: only a 401 asks for a new sign-in."""
    kind = AuthError if problem.status == 401 else CaravanError
    params = {key: value for key, value in problem.params.items() if key not in ("field", "status", "code")}
    return kind(problem.code, status=problem.status, **params)
