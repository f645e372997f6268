"""``/v1/records/{entity}`` and ``/v1/records/{entity}/{id}``: every declared entity, as its reader's devices have it.

Reading alone: writes are commands (``server.api.commands``). One handler for all entities; what it takes and gives
follows from the declarations.
"""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar, Request, Response
from litestar.exceptions import MethodNotAllowedException

from server.api.bodies import json_response
from server.api.callers import caller_of
from server.api.static import Receive, Scope, Send
from server.db.authority import Authority
from server.db.record_query import read_query
from server.db.records import read_record, read_records
from server.security.api_keys import require_scope
from server.security.sessions import Principal
from shared.catalog import ENTITIES, Entity
from shared.errors import AuthError, InvalidInput, NotFound
from shared.ids import is_id
from shared.protocol import Put
from sync.authority.feed import Reader, reader_for
from sync.authority.ports import View

MAX_QUERY_BYTES = 16_000
"""Of the query string: filters are many, but not a body."""


class RecordsApi:
    """ASGI application for what comes after ``/v1/records/``."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Raises what the application turns into problem details."""
        app = Litestar.from_scope(scope)  # type: ignore[arg-type]
        request: Request[Any, Any, Any] = Request(scope, receive, send)  # type: ignore[arg-type]
        authorization = request.headers.get("authorization")
        principal = await caller_of(authorization, app.state["auth"], app.state["keys"])
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowedException(headers={"Allow": "GET, HEAD"})
        body = await _answer(app.state["authority"], principal, scope["path"].strip("/"), _pairs(scope))
        response: Response[bytes] = await json_response(request, body)
        await response.to_asgi_response(app, request)(scope, receive, send)  # type: ignore[arg-type]


async def _answer(authority: Authority, principal: Principal, path: str, pairs: list[tuple[str, str]]) -> bytes:
    name, _, row_id = path.partition("/")
    entity = ENTITIES.get(name)
    if entity is None or not entity.on_devices:
        raise NotFound("unknown_entity", field="entity", entity=name[:60])
    require_scope(principal, entity.name, "read")
    if row_id:
        return await _one(authority, principal, entity, row_id, pairs)
    query = read_query(entity, principal.actor.role, pairs)

    async def read(view: View) -> Any:
        return await read_records(view, await _reader(view, principal), query, authority.store.vault)  # type: ignore[arg-type]

    page = await authority.store.view(principal.org_id, read)
    items = b",".join(as_json(put, query.fields) for put in page.puts)
    return b'{"items":[' + items + b'],"next":' + msgspec.json.encode(page.cursor or None) + b"}"


async def _one(
    authority: Authority, principal: Principal, entity: Entity, row_id: str, pairs: list[tuple[str, str]]
) -> bytes:
    wrong = next((name for name, _ in pairs if name != "fields"), None)
    if wrong is not None:
        raise InvalidInput("unknown_parameter", field=wrong[:60], known="fields")
    query = read_query(entity, principal.actor.role, pairs)

    async def read(view: View) -> Put | None:
        return await read_record(view, await _reader(view, principal), entity, row_id) if is_id(row_id) else None

    put = await authority.store.view(principal.org_id, read)
    if put is None:
        raise NotFound("not_found", entity=entity.name, id=row_id[:36])
    return as_json(put, query.fields)


async def _reader(view: View, principal: Principal) -> Reader:
    reader = await reader_for(view, principal.user_id, principal.org_id, principal.device_id)
    if reader is None:
        raise AuthError("device_revoked")
    return reader


def as_json(put: Put, fields: tuple[str, ...] | None = None) -> bytes:
    """The row as it travels with its ``rev``; of the named fields, always with its id."""
    row = bytes(put.row)
    if fields is None:
        return row[:-1] + b',"rev":' + str(put.rev).encode() + b"}"
    whole = msgspec.json.decode(row, type=dict[str, msgspec.Raw])
    chosen: dict[str, Any] = {name: whole[name] for name in ("id", *fields) if name in whole}
    return msgspec.json.encode({**chosen, "rev": put.rev})


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    text = scope["query_string"]
    if len(text) > MAX_QUERY_BYTES:
        raise InvalidInput("query_too_long", status=414, limit=MAX_QUERY_BYTES)
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise InvalidInput("malformed", status=400, detail=str(error)[:200]) from error
