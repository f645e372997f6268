"""One map from errors to HTTP: problem details (RFC 9457) in the caller's language, with a stable code."""

import secrets
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from shared import locale
from shared.errors import CaravanError

log = structlog.get_logger("caravan.api")

MEDIA_TYPE = "application/problem+json"
HTTP_CODES = {404: "unknown_address", 405: "not_supported", 413: "request_too_large", 415: "wrong_media_type"}


class ProblemDetails(msgspec.Struct, omit_defaults=True, frozen=True):
    """The body of every refusal. ``title`` and ``detail`` say what happened, ``todo`` what to do next."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    todo: str
    field: str | None = None
    params: dict[str, Any] = {}


def details(code: str, status: int, language: str, field: str | None, params: dict[str, Any]) -> ProblemDetails:
    """The body for a code; without words for it (a mistake that a test keeps out) the code speaks for itself."""
    try:
        title = locale.translate(language, f"error.{code}", **params)
        todo = locale.translate(language, f"error.{code}.todo", **params)
    except KeyError:
        log.error("no words for a problem", code=code, params=sorted(params))
        title, todo = code, ""
    return ProblemDetails(f"urn:caravan:problem:{code}", title, status, code, title, todo, field, params)


def answer(request: Request[Any, Any, Any], body: ProblemDetails, headers: dict[str, str] | None = None) -> Response:
    """The response that carries a problem."""
    shown = {"Cache-Control": "no-store", "Content-Language": language_of(request), "Vary": "Accept-Language"}
    if body.status in (429, 503):
        shown["Retry-After"] = str(body.params.get("seconds", 2))
    content = msgspec.json.encode(body)
    return Response(content, status_code=body.status, media_type=MEDIA_TYPE, headers={**shown, **(headers or {})})


def language_of(request: Request[Any, Any, Any]) -> str:
    """The caller's language."""
    return locale.best_language(request.headers.get("accept-language"))


def on_caravan_error(request: Request[Any, Any, Any], error: CaravanError) -> Response:
    """Our own errors carry everything."""
    return answer(
        request, details(error.code, error.status, language_of(request), error.field, _plain_params(error.params))
    )


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response:
    """Errors of the framework: unknown addresses, wrong methods, bodies that do not fit their type."""
    status = error.status_code
    params: dict[str, Any] = {}
    field = None
    if status == 400:
        code, status, field, params = _bad_input(error)
    elif status == 413:
        code, params = "request_too_large", {"limit": request.route_handler.resolve_request_max_body_size()}
    elif status >= 500:
        return on_unexpected(request, error)
    else:
        code = HTTP_CODES.get(status, "request_refused")
    headers = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return answer(request, details(code, status, language_of(request), field, params), headers)


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response:
    """A mistake of ours: logged under a number that its reader can tell us."""
    error_id = secrets.token_hex(6)
    log.error("unexpected error", error_id=error_id, path=request.url.path, exc_info=error)
    return answer(request, details("internal_error", 500, language_of(request), None, {"error_id": error_id}))


def _bad_input(error: HTTPException) -> tuple[str, int, str | None, dict[str, Any]]:
    """(code, status, field, params): what cannot be read is 400, what has the wrong type 422."""
    extra = error.extra if isinstance(error.extra, list) else []
    for item in extra:
        message = str(item.get("message", ""))[:200]
        return "wrong_type", 422, str(item.get("key") or "") or None, {"detail": message}
    cause = error.__cause__ or error.__context__
    return "malformed", 400, None, {"detail": str(cause or error.detail)[:200]}


def _plain_params(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, str | int | list | dict) else str(value) for key, value in params.items()}
