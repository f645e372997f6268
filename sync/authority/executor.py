"""The one write path: requests queue up, one task takes what waits, all of it shares one commit.

A batch that cannot be stored is halved until the one transaction that cannot is alone; that one gets a final refusal
and the sequence goes on, so that nothing blocks a queue and nothing is retried for ever.
"""

import asyncio
import logging
from collections.abc import Callable

from shared.errors import CaravanError, Problem, Unavailable
from sync.authority.batch import Answered, Batch, Verdict
from sync.authority.decide import INTERNAL
from sync.authority.jobs import Job, Slice, split
from sync.authority.ports import AuthorityStore, Commit, FlushError, StaleRows, Unit
from sync.ports import Entropy

log = logging.getLogger("caravan.authority")

MAX_WAITING = 2_000
"""Requests of one organisation in the queue; the next one is told to come back."""
MAX_BATCH = 200
"""Transactions that share one commit; a request is never split for it."""
MAX_STALE_RUNS = 20


class _Lane:
    """The queue of one organisation."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Job, asyncio.Future[None]]] = []
        self.worker: asyncio.Task[None] | None = None


class Executor:
    """Executes jobs in order of arrival, each organisation in a lane of its own.

    ``on_commit`` is told after each commit, in order; it must not raise and not block.
    """

    def __init__(
        self, store: AuthorityStore, entropy: Entropy, on_commit: Callable[[Commit], None] | None = None
    ) -> None:
        self._store = store
        self._entropy = entropy
        self._on_commit = on_commit or (lambda commit: None)
        self._lanes: dict[str, _Lane] = {}

    async def run(self, job: Job) -> Job:
        """Executes the job's transactions; fills ``status``, ``new_nonce`` and ``outcomes`` and returns it.

        Raises ``Unavailable`` when the database is busy or the queue is full: nothing is lost, ask again.
        """
        lane = self._lanes.setdefault(job.org_id, _Lane())
        if len(lane.waiting) >= MAX_WAITING:
            raise Unavailable("queue_full")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.waiting.append((job, done))
        if lane.worker is None:
            lane.worker = asyncio.create_task(self._work(job.org_id, lane))
        # A client that hangs up does not stop the work: its next request gets the stored outcome.
        await asyncio.shield(done)
        if job.failure is not None:
            raise job.failure
        return job

    async def close(self) -> None:
        """Waits for what is under way."""
        workers = [lane.worker for lane in self._lanes.values() if lane.worker is not None]
        await asyncio.gather(*workers)

    async def _work(self, org_id: str, lane: _Lane) -> None:
        try:
            while lane.waiting:
                taken = self._take(lane)
                slices = [Slice(job, 0, len(job.sent)) for job, _ in taken]
                try:
                    await self._commit(org_id, slices)
                except BaseException:
                    # Cancelled: nobody may take the silence for an answer, nor wait for one that will never come.
                    taken, lane.waiting = [*taken, *lane.waiting], []
                    for job, _ in taken:
                        job.failure = Unavailable("database_busy")
                    raise
                finally:
                    for _, done in taken:
                        if not done.done():
                            done.set_result(None)
        finally:
            lane.worker = None
            if not lane.waiting:
                self._lanes.pop(org_id, None)

    @staticmethod
    def _take(lane: _Lane) -> list[tuple[Job, asyncio.Future[None]]]:
        count, total = 0, 0
        for job, _ in lane.waiting:
            total += len(job.sent)
            if count and total > MAX_BATCH:
                break
            count += 1
        taken, lane.waiting = lane.waiting[:count], lane.waiting[count:]
        return taken

    async def _commit(self, org_id: str, slices: list[Slice], verdicts: dict[str, Verdict] | None = None) -> None:
        """Stores the slices in one commit, or in several when something in them cannot be stored."""
        slices = [part for part in slices if part.job.failure is None and part.job.status == "ok"]
        try:
            answers, commit = await self._attempt(org_id, slices, verdicts or {})
        except FlushError as error:
            await self._isolate(org_id, slices, error, verdicts)
            return
        except CaravanError as error:
            self._fail(slices, error)
            return
        except Exception:
            error_id = self._entropy.random_bytes(6).hex()
            log.exception("batch failed", extra={"error_id": error_id})
            self._fail(slices, Unavailable("internal_error", error_id=error_id))
            return
        for answer in answers:
            job = answer.part.job
            job.status = answer.status
            job.new_nonce, job.safe_seq = answer.nonce, answer.safe_seq
            job.outcomes = [*job.outcomes, *answer.outcomes]
            job.awaited = [*job.awaited, *answer.awaited]
        if commit is not None:
            self._on_commit(commit)

    async def _attempt(
        self, org_id: str, slices: list[Slice], verdicts: dict[str, Verdict]
    ) -> tuple[list[Answered], Commit | None]:
        async def attempt(unit: Unit) -> tuple[list[Answered], Commit | None]:
            return await Batch(unit, slices, verdicts, self._entropy.random_bytes).run()

        for _ in range(MAX_STALE_RUNS):
            try:
                return await self._store.write(org_id, attempt)
            except StaleRows:
                log.info("stock moved under a batch; it runs again")
        raise Unavailable("database_busy")

    async def _isolate(
        self, org_id: str, slices: list[Slice], error: FlushError, verdicts: dict[str, Verdict] | None
    ) -> None:
        count = sum(part.stop - part.start for part in slices)
        if count > 1:
            for half in split(slices):
                await self._commit(org_id, half, verdicts)
            return
        if count == 0 or verdicts:
            # Not even its refusal can be stored: then nothing is known about it, and the device asks again.
            error_id = self._entropy.random_bytes(6).hex()
            log.error("cannot be stored", extra={"error_id": error_id}, exc_info=error)
            self._fail(slices, Unavailable("internal_error", error_id=error_id))
            return
        part = next(part for part in slices if part.sent)
        tx_id = part.sent[0].tx.id
        await self._commit(org_id, slices, {tx_id: self._verdict(tx_id, error)})

    @staticmethod
    def _fail(slices: list[Slice], error: CaravanError) -> None:
        for part in slices:
            part.job.failure = error

    def _verdict(self, tx_id: str, error: FlushError) -> Verdict:
        if error.problem is not None:
            return error.problem, ""
        error_id = self._entropy.random_bytes(6).hex()
        log.error("transaction cannot be stored", extra={"tx_id": tx_id, "error_id": error_id}, exc_info=error)
        return Problem(INTERNAL, None, {"error_id": error_id}), str(error)[:500]
