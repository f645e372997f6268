"""``POST /v1/commands``: the declared commands as one transaction, decided as a device's transaction is.

All or nothing, through the one executor, with the same log, feed and rules. The transaction's id is the idempotency
key: the same request once more gets the stored word again and changes nothing; other commands under a known id are
refused.
"""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency

from server.api.bodies import json_response, read_json
from server.api.records import as_json
from server.db.authority import Authority
from server.security.api_keys import has_scope, require_scope
from server.security.sessions import Principal
from shared import SCHEMA_VERSION, protocol
from shared.errors import AuthError, CaravanError, InvalidInput, UpgradeRequired
from shared.ids import is_id
from shared.protocol import Command, Transaction
from shared.scopes import subjects
from sync.authority.feed import outcomes_for, reader_for
from sync.authority.jobs import MAX_INSTANT_MS, Job, Sent
from sync.authority.ports import View

MAX_BYTES = 1_000_000


class CommandsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One transaction. ``id``: a UUID of the sender's own, the idempotency key."""

    id: str
    commands: list[Command]
    occurred_at: int | None = None
    """UTC milliseconds of the business time; None: when the id was made, which must then be a UUIDv7."""
    schema: int = SCHEMA_VERSION
    """Version of the declarations that the commands are written for. Name it, and an update changes nothing for you."""


class WrittenRecord(msgspec.Struct, frozen=True):
    """A row that the transaction wrote, as it is now."""

    entity: str
    record: msgspec.Raw


class CommandsAnswer(msgspec.Struct, frozen=True):
    """The final word. ``merged``: accepted, but a field was changed by somebody else meanwhile and the difference is in
    the inbox. A refusal is a problem document with status 422."""

    id: str
    status: protocol.OutcomeStatus
    conflicts: list[str]
    """Ids of the inbox rows (entity ``conflict``) that it caused."""
    written: list[WrittenRecord]


@post(
    "/v1/commands",
    status_code=200,
    request_max_body_size=MAX_BYTES,
    tags=["records"],
    opt={"body": CommandsRequest, "answer": CommandsAnswer},
)
async def commands(
    request: Request[Any, Any, Any], caller: NamedDependency[Principal], authority: NamedDependency[Authority]
) -> Response[bytes]:
    """Runs the commands in order, all or none of them, and answers with what they wrote."""
    asked = decode(await read_json(request, MAX_BYTES))
    for command in asked.commands:
        for entity in subjects(command.name):
            require_scope(caller, entity, "write")
    tx = Transaction(asked.id, asked.schema, _occurred_at(asked), asked.commands)
    outcome = await _decided(authority, caller, tx)
    if outcome.problem is not None:
        # The refusal is logged and in the author's inbox, as any other is.
        problem = outcome.problem
        raise CaravanError(problem.code, field=problem.field, status=422, **problem.params)
    written = [
        WrittenRecord(put.entity, msgspec.Raw(as_json(put)))
        for put in outcome.puts
        if has_scope(caller, put.entity, "read")
    ]
    answer = CommandsAnswer(tx.id, outcome.status, outcome.conflicts, written)
    return await json_response(request, protocol.encode(answer))


def decode(body: bytes) -> CommandsRequest:
    """The request behind the bytes. Raises ``InvalidInput``, ``UpgradeRequired`` for commands of a later schema."""
    try:
        asked = msgspec.json.decode(body, type=CommandsRequest)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise InvalidInput("wrong_type", field=path.rstrip("`") or None, detail=message[:200]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("malformed", status=400, detail=str(error)[:200]) from error
    if not is_id(asked.id):
        raise InvalidInput("invalid_id", field="id", entity="order")
    if not 0 < len(asked.commands) <= protocol.MAX_COMMANDS:
        raise InvalidInput("command_count", field="commands", given=len(asked.commands), limit=protocol.MAX_COMMANDS)
    if asked.schema > SCHEMA_VERSION:
        raise UpgradeRequired("newer_schema", field="schema", given=asked.schema, known=SCHEMA_VERSION)
    if asked.schema < 1:
        raise InvalidInput("out_of_range", field="schema", low=1, high=SCHEMA_VERSION)
    return asked


def _occurred_at(asked: CommandsRequest) -> int:
    # Never the time of this request: a repetition must have the same bytes as the first.
    if asked.occurred_at is not None:
        if abs(asked.occurred_at) > MAX_INSTANT_MS:
            raise InvalidInput("out_of_range", field="occurred_at", low=0, high=MAX_INSTANT_MS)
        return asked.occurred_at
    if asked.id[14] != "7":
        raise InvalidInput("required", field="occurred_at", entity="order")
    return int(asked.id[:8] + asked.id[9:13], 16)


async def _decided(authority: Authority, caller: Principal, tx: Transaction) -> protocol.Outcome:
    now = authority.clock.now_ms()
    sent = Sent(0, protocol.encode(tx), tx)
    job = await authority.executor.run(Job(caller.user_id, caller.org_id, caller.device_id, now, [sent]))

    async def read(view: View) -> list[protocol.Outcome]:
        reader = await reader_for(view, caller.user_id, caller.org_id, caller.device_id)
        return await outcomes_for(view, reader, job.outcomes) if reader is not None else []

    told = await authority.store.view(caller.org_id, read) if job.status == "ok" else []
    if not told:
        raise AuthError("device_revoked")
    return told[0]
