"""Who may use the open API: a signed-in user, or a program with a key in a user's name."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from server.security.api_keys import PREFIX, ApiKeys
from server.security.service import BEARER, Auth
from server.security.sessions import Principal


async def caller_of(authorization: str | None, auth: Auth, keys: ApiKeys) -> Principal:
    """The sender behind an ``Authorization`` header. Raises ``AuthError``, ``LimitExceeded``."""
    token = (authorization or "").removeprefix(BEARER).strip()
    if authorization and authorization.startswith(BEARER) and token.startswith(PREFIX):
        return await keys.principal(token)
    return await auth.principal(authorization)


async def provide_caller(
    request: Request[Any, Any, Any], auth: NamedDependency[Auth], keys: NamedDependency[ApiKeys]
) -> Principal:
    """The sender of a request by session or key; a refusal answers the request."""
    return await caller_of(request.headers.get("authorization"), auth, keys)
