"""The sign-in conversation with the server: password, then code (or enrolment, then code); refresh; sign out."""

import hashlib
from typing import Any

import msgspec

from mobile.platform.ports import Platform, Response
from mobile.state.session import SessionInfo, Tokens, session_from
from sync.ports import TransportError

HAND_IN_TIMEOUT_S = 60.0
COOKIE_NAME = "caravan_refresh_{}"


class AuthProblem(Exception):
    """The server's refusal: stable code, its own words in the user's language, ``params``."""

    def __init__(
        self, code: str, detail: str = "", todo: str = "", params: dict[str, Any] | None = None, status: int = 401
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.todo = todo
        self.params = params or {}


class Challenge(msgspec.Struct, frozen=True):
    """The password was right; the code is due within ``expires_in_s``."""

    challenge: str
    enrolled: bool
    expires_in_s: int = 300
    choose_password: bool = False
    """The password opens once: the second step brings one of the person's own."""


class Enrolment(msgspec.Struct, frozen=True):
    """A fresh TOTP secret, base32, and its ``otpauth://`` address for the QR code."""

    secret: str
    otpauth_uri: str


def token_name(login: str) -> str:
    """Name of the refresh token's cookie, or of its entry in secure storage."""
    return COOKIE_NAME.format(hashlib.sha256(login.encode()).hexdigest()[:16])


class AuthClient:
    """Calls ``/v1/auth``. Raises ``AuthProblem`` for a refusal, ``TransportError`` when no answer came."""

    def __init__(self, platform: Platform, language: Any) -> None:
        self._platform = platform
        self._language = language

    async def password(self, login: str, password: str, device_id: str | None, device_name: str) -> Challenge:
        body = {"login": login, "password": password, "device_name": device_name, "platform": self._platform.kind}
        if device_id:
            body["device_id"] = device_id
        return msgspec.convert(await self._post("/v1/auth/password", body), Challenge, strict=False)

    async def totp(self, challenge: str, code: str, login: str, own: str = "") -> tuple[SessionInfo, Tokens]:
        """``own``: the password that the person chose in place of one that opens once."""
        return await self._session("/v1/auth/totp", _second_step(challenge, code, own), login)

    async def enrol(self, challenge: str) -> Enrolment:
        return msgspec.convert(await self._post("/v1/auth/enrol", {"challenge": challenge}), Enrolment, strict=False)

    async def confirm_enrolment(
        self, challenge: str, code: str, login: str, own: str = ""
    ) -> tuple[SessionInfo, Tokens]:
        return await self._session("/v1/auth/enrol/confirm", _second_step(challenge, code, own), login)

    async def refresh(self, login: str) -> tuple[SessionInfo, Tokens]:
        """A new access token (and a rotated refresh token)."""
        return await self._session("/v1/auth/refresh", {"login": login, **await self._stored(login)}, login)

    async def hand_in_ticket(self, login: str) -> str:
        """The ticket of a shut-out device. Raises ``AuthProblem`` ``session_expired`` when it is not shut out."""
        answer = await self._post("/v1/auth/handin", {"login": login, **await self._stored(login)})
        return str(answer["ticket"])

    async def hand_in(self, ticket: str, body: bytes) -> bytes:
        """``POST /v1/handin``: the encoded answer."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {ticket}"}
        response = await self._platform.transport.request("POST", "/v1/handin", headers, body, HAND_IN_TIMEOUT_S)
        read_answer(response)
        return response.body

    async def sign_out(self, login: str) -> None:
        """End the session on the server and forget the refresh token here."""
        try:
            await self._post("/v1/auth/sign-out", {"login": login, **await self._stored(login)})
        finally:
            if self._platform.secrets.kind != "cookie":
                await self._platform.secrets.delete(token_name(login))

    async def _stored(self, login: str) -> dict[str, str]:
        token = await self._platform.secrets.get(token_name(login))
        return {"refresh_token": token} if token else {}

    async def _session(self, path: str, body: dict[str, Any], login: str) -> tuple[SessionInfo, Tokens]:
        answer = await self._post(path, body)
        token = answer.pop("refresh_token", None)
        if token and self._platform.secrets.kind != "cookie":
            await self._platform.secrets.set(token_name(login), token)
        return session_from(answer)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-language": self._language(),
            "x-caravan-client": "native" if self._platform.kind == "native" else "web",
        }
        response = await self._platform.transport.request("POST", path, headers, msgspec.json.encode(body))
        return read_answer(response)


def _second_step(challenge: str, code: str, own: str) -> dict[str, str]:
    return {"challenge": challenge, "code": code, **({"own_password": own} if own else {})}


def read_answer(response: Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises ``AuthProblem`` for 4xx, ``TransportError`` ``server`` for the rest."""
    if response.status >= 500:
        raise TransportError("server", str(response.status))
    try:
        answer = msgspec.json.decode(response.body) if response.body else {}
    except msgspec.DecodeError as error:
        raise TransportError("server", "not JSON") from error
    if not isinstance(answer, dict):
        raise TransportError("server", "not an object")
    if response.status >= 400:
        params = answer.get("params") or {}
        raise AuthProblem(
            str(answer.get("code") or response.status),
            str(answer.get("detail") or answer.get("title") or ""),
            str(answer.get("todo") or ""),
            params if isinstance(params, dict) else {},
            response.status,
        )
    return answer
