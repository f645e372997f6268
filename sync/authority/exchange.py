"""One exchange, both directions in one round trip: check, push, pull (``sync/README.md``, *One exchange*)."""

from typing import Protocol

import msgspec

from shared.errors import AuthError, LimitExceeded, Problem
from shared.protocol import MAX_TXS, PAGE_ROWS, SyncRequest, SyncResponse
from sync.authority import dialects, restored
from sync.authority.checks import Digests
from sync.authority.cursor import Cursor, decode_cursor, encode_cursor, is_foreign
from sync.authority.executor import Executor
from sync.authority.feed import Page, Reader, has_news, outcomes_for, read_page, reader_for
from sync.authority.jobs import Job, Outcome, Sent, decidable, read_sent
from sync.authority.ports import AuthorityStore, Head, View
from sync.ports import Clock

MAX_ID_LENGTH = 64
MAX_TRIED = 1_000
MAX_MONTHS = 1_200
QUIET_BUCKETS = frozenset({"stock"})
"""Buckets that change with every order: they ride on other pulls and never wake a device."""


class Caller(Protocol):
    """Who asks, as the session says."""

    @property
    def user_id(self) -> str: ...
    @property
    def org_id(self) -> str: ...
    @property
    def device_id(self) -> str: ...


class Exchange:
    """Answers sync requests of devices with an executor for the push and a store for the pull."""

    def __init__(self, executor: Executor, store: AuthorityStore, clock: Clock) -> None:
        self._executor = executor
        self._store = store
        self._clock = clock
        self._digests = Digests()

    async def answer(self, caller: Caller, request: SyncRequest) -> SyncResponse:
        """The response to a request.

        Raises ``InvalidInput`` for what cannot be read, ``LimitExceeded`` for too many transactions, ``Unavailable``
        when the database is busy; then nothing was taken, or what was taken is answered when the device asks again.
        """
        return dialects.translated(await self._answer(caller, request), request.protocol)

    async def _answer(self, caller: Caller, request: SyncRequest) -> SyncResponse:
        cursor = decode_cursor(request.cursor)
        _check_limits(request)
        head = await self._store.view(caller.org_id, _head)
        now_ms = self._clock.now_ms()
        known = request.dataset or cursor.dataset
        if known and known != head.dataset_id:
            return SyncResponse(status="reset", dataset=head.dataset_id, epoch=head.epoch, server_time=now_ms)
        if restored.is_from_before(request, cursor, head):
            return SyncResponse(status="restored", dataset=head.dataset_id, epoch=head.epoch, server_time=now_ms)
        if not dialects.is_spoken(request):
            return SyncResponse(
                status="upgrade",
                dataset=head.dataset_id,
                epoch=head.epoch,
                server_time=now_ms,
                minimum_app=dialects.MINIMUM_APP,
            )
        sent = [read_sent(envelope) for envelope in request.txs]
        job = await self._executor.run(_job(caller, request, decidable(sent), now_ms))
        if job.status != "ok":
            return SyncResponse(
                status=job.status,  # type: ignore[arg-type]
                dataset=head.dataset_id,
                epoch=head.epoch,
                server_time=now_ms,
            )
        limit = max(1, min(request.page_rows, PAGE_ROWS)) if dialects.may_pull(request) else 0
        response = await self._pull(caller, job, cursor, limit, now_ms, request)
        late = Problem("server_older") if len(job.sent) < len(sent) else None
        return msgspec.structs.replace(response, undecided=late, awaited=job.awaited)

    async def _pull(
        self, caller: Caller, job: Job, cursor: Cursor, limit: int, now_ms: int, request: SyncRequest
    ) -> SyncResponse:
        """``limit`` 0: the client is too old to pull, and gets its outcomes with their rows."""

        async def read(view: View) -> SyncResponse:
            reader = await reader_for(view, caller.user_id, caller.org_id, caller.device_id, request.history)
            if reader is None:
                return SyncResponse(status="revoked", dataset=view.head.dataset_id, server_time=now_ms)
            if not limit:
                return await _outcomes_only(view, reader, job.outcomes)
            response = await _response(view, reader, job.outcomes, await read_page(view, reader, cursor, limit))
            return msgspec.structs.replace(response, check=await self._digests.answer(view, reader, request, response))

        response = await self._store.view(caller.org_id, read)
        return msgspec.structs.replace(response, server_time=now_ms, nonce=job.new_nonce, safe_seq=job.safe_seq)

    async def changed(self, caller: Caller, since: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a pull would bring something now, and the buckets whose changes should wake the caller.

        Raises ``InvalidInput`` for a cursor that is none, ``AuthError`` ``device_revoked``.
        """
        cursor = decode_cursor(since)

        async def look(view: View) -> tuple[bool, tuple[str, ...]]:
            reader = await reader_for(view, caller.user_id, caller.org_id, caller.device_id, cursor.months)
            if reader is None:
                raise AuthError("device_revoked")
            loud = tuple(bucket for bucket in reader.buckets if bucket not in QUIET_BUCKETS)
            if is_foreign(cursor, view.head):
                return True, loud
            return await has_news(view, reader, cursor, QUIET_BUCKETS), loud

        return await self._store.view(caller.org_id, look)


async def _head(view: View) -> Head:
    return view.head


def _check_limits(request: SyncRequest) -> None:
    if len(request.txs) > MAX_TXS:
        raise LimitExceeded("too_many_transactions", field="txs", status=413, given=len(request.txs), limit=MAX_TXS)
    texts = (request.install_id, request.exchange_id, request.nonce, request.dataset)
    months = request.history or []
    if max(map(len, (*texts, *months))) > MAX_ID_LENGTH or len(request.tried) > MAX_TRIED or len(months) > MAX_MONTHS:
        raise LimitExceeded("too_long_request", status=413)


def _job(caller: Caller, request: SyncRequest, sent: list[Sent], now_ms: int) -> Job:
    return Job(
        user_id=caller.user_id,
        org_id=caller.org_id,
        device_id=caller.device_id,
        received_at=now_ms,
        sent=sent,
        install_id=request.install_id,
        nonce=request.nonce,
        exchange_id=request.exchange_id,
        tried=frozenset(request.tried),
        awaits=request.awaits,
    )


async def _outcomes_only(view: View, reader: Reader, outcomes: list[Outcome]) -> SyncResponse:
    return SyncResponse(
        status="upgrade",
        dataset=view.head.dataset_id,
        epoch=view.head.epoch,
        seq=view.head.seq,
        safe_rev=view.head.safe_rev,
        lineage=view.head.lineage,
        outcomes=await outcomes_for(view, reader, outcomes),
        minimum_app=dialects.MINIMUM_APP,
    )


async def _response(view: View, reader: Reader, outcomes: list[Outcome], page: Page) -> SyncResponse:
    return msgspec.structs.replace(
        await _outcomes_only(view, reader, outcomes),
        status="ok",
        minimum_app="",
        puts=page.puts,
        removes=page.removes,
        drops=page.drops,
        restarts=page.restarts,
        cursor=encode_cursor(page.cursor),
        more=page.more,
        progress=page.progress,
        history=None if reader.months is None else list(reader.months),
    )
