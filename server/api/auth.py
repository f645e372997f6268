"""``/v1/auth``: password, second factor, enrolment, refresh, sign-out; and ``/v1/me``.

Browsers get their refresh token as an HttpOnly cookie, one per user; native clients (``X-Caravan-Client: native``) in
the body. Access tokens are held in memory and sent as ``Authorization: Bearer``.
"""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from server.security.origin import is_native, require_client_header, require_own_origin
from server.security.service import Auth
from server.security.sessions import REFRESH_MS, Issued, Principal, SessionView
from server.security.sign_in import Challenge, ClientDevice, Enrolment, plain_login
from server.security.tokens import cookie_name
from server.settings import Settings
from shared.numbers import format_decimal

NO_STORE = {"Cache-Control": "no-store"}
COOKIE_PATH = "/v1/auth"


class PasswordStep(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``device_id``: the one that a former sign-in on this device was given."""

    login: str
    password: str
    device_name: str = ""
    platform: str = ""
    device_id: str | None = None


class CodeStep(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``own_password``: in place of a password of one use, when the challenge says ``choose_password``."""

    challenge: str
    code: str
    own_password: str | None = None


class EnrolStep(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    challenge: str


class RefreshStep(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``login`` names the cookie; ``refresh_token`` is the native client's."""

    login: str
    refresh_token: str | None = None


class Me(msgspec.Struct, frozen=True):
    """Who the access token belongs to."""

    user_id: str
    org_id: str
    name: str
    login: str
    role: str
    team_id: str | None
    device_id: str | None
    discount_limit: str


async def provide_principal(request: Request[Any, Any, Any], auth: NamedDependency[Auth]) -> Principal:
    """The signed-in sender of a request; a refusal answers the request."""
    return await auth.principal(request.headers.get("authorization"))


def _address(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


def _answer(request: Request[Any, Any, Any], settings: Settings, issued: Issued) -> Response[SessionView]:
    if is_native(request.headers):
        view = msgspec.structs.replace(issued.view, refresh_token=issued.refresh_token)
        return Response(view, status_code=200, headers=NO_STORE)
    cookie = Cookie(
        key=cookie_name(issued.view.user.login),
        value=issued.refresh_token,
        path=COOKIE_PATH,
        max_age=REFRESH_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=settings.https,
    )
    return Response(issued.view, status_code=200, headers=NO_STORE, cookies=[cookie])


def refresh_token(request: Request[Any, Any, Any], data: RefreshStep) -> str | None:
    """The cookie of a browser, what a native client sent."""
    if is_native(request.headers):
        return data.refresh_token
    return request.cookies.get(cookie_name(plain_login(data.login)))


class AuthController(Controller):
    """The steps of a sign-in, and what keeps it alive."""

    path = "/v1/auth"
    tags = ("sign-in",)

    @post("/password", status_code=200)
    async def password(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: PasswordStep,
    ) -> Response[Challenge]:
        """First step: yields a challenge for the second factor."""
        require_own_origin(settings, request.headers)
        client = ClientDevice(data.device_id, data.device_name, data.platform)
        challenge = await auth.sign_in.password(data.login, data.password, client, _address(request))
        return Response(challenge, status_code=200, headers=NO_STORE)

    @post("/totp", status_code=200)
    async def totp(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: CodeStep,
    ) -> Response[SessionView]:
        """Second step of an enrolled user."""
        require_own_origin(settings, request.headers)
        step = (data.challenge, data.code.strip(), _address(request), data.own_password)
        return _answer(request, settings, await auth.sign_in.code(*step))

    @post("/enrol", status_code=200)
    async def enrol(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: EnrolStep,
    ) -> Response[Enrolment]:
        """The secret for a user who has no authenticator yet."""
        require_own_origin(settings, request.headers)
        enrolment = await auth.sign_in.enrol(data.challenge, _address(request))
        return Response(enrolment, status_code=200, headers=NO_STORE)

    @post("/enrol/confirm", status_code=200)
    async def confirm(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: CodeStep,
    ) -> Response[SessionView]:
        """Ends the enrolment with the new authenticator's first code."""
        require_own_origin(settings, request.headers)
        step = (data.challenge, data.code.strip(), _address(request), data.own_password)
        return _answer(request, settings, await auth.sign_in.confirm(*step))

    @post("/refresh", status_code=200)
    async def refresh(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: RefreshStep,
    ) -> Response[SessionView]:
        """The next access token; the refresh token rotates."""
        require_client_header(request.headers)
        require_own_origin(settings, request.headers)
        return _answer(request, settings, await auth.refresh(refresh_token(request, data)))

    @post("/sign-out", status_code=204)
    async def sign_out(
        self,
        request: Request[Any, Any, Any],
        auth: NamedDependency[Auth],
        settings: NamedDependency[Settings],
        data: RefreshStep,
    ) -> Response[None]:
        """Ends the session. What the device holds unsent stays there."""
        require_client_header(request.headers)
        require_own_origin(settings, request.headers)
        await auth.sign_out(refresh_token(request, data))
        response: Response[None] = Response(None, status_code=204, headers=NO_STORE)
        response.delete_cookie(cookie_name(plain_login(data.login)), path=COOKIE_PATH)
        return response


@get("/v1/me", tags=["sign-in"])
async def me(principal: NamedDependency[Principal]) -> Response[Me]:
    """Who the access token belongs to, as it is now."""
    actor = principal.actor
    view = Me(
        user_id=actor.user_id,
        org_id=actor.org_id,
        name=principal.name,
        login=principal.login,
        role=actor.role,
        team_id=actor.team_id,
        device_id=actor.device_id,
        discount_limit=format_decimal(actor.discount_limit),
    )
    return Response(view, headers=NO_STORE)
