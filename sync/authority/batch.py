"""Load, decide, flush: one commit for all transactions that wait (``sync/README.md``, *On the server*)."""

import logging
from collections.abc import Callable, Iterable

import msgspec

from shared.access import buckets_of_row
from shared.catalog import ENTITIES
from shared.codec import Row, encode_parts
from shared.commands.quarantine import HANDED_OVER
from shared.commands.work import Key, Need
from shared.errors import Problem
from shared.ids import derived_id
from shared.protocol import Transaction
from shared.validation import UNPRINTABLE
from sync.authority import awaited, chain, quarantine
from sync.authority.decide import INTERNAL, Circumstances, Decision, decide, is_sensitive, miss_of, touches_restricted
from sync.authority.history import keep_together
from sync.authority.jobs import Job, Outcome, Sent, Slice
from sync.authority.ports import Commit, Flush, Head, Install, LogEntry, Logged, Quarantined, RowWrite, Unit
from sync.authority.prefetch import first_guess, second_guess
from sync.authority.restored import new_nonce
from sync.authority.rows import BatchRows

log = logging.getLogger("caravan.authority")

NEW_INSTALL_REACH_MS = 30 * 86_400_000
"""How far back the business time of an install's very first transactions may lie."""
TOUCH_MS = 60_000
"""A plain pull notes the time of the exchange at most this often: it then costs no commit."""
MAX_ROUNDS = 200
"""Fetches for one batch; a rule that needs more has lost its way."""
SALT_BYTES = 16
MAX_REHEARSALS = 8
"""Times that a miss makes the transactions behind it run for their misses, too; past that they fetch alone."""

_encode_outcome = msgspec.json.Encoder().encode
_decode_outcome = msgspec.json.Decoder(Outcome).decode
_ACCESS_ENTITIES = frozenset({"user", "team"})
RandomBytes = Callable[[int], bytes]
Verdict = tuple[Problem, str]
"""A refusal found while storing, and what went wrong."""


class Answered(msgspec.Struct):
    """What a slice's job gets when the batch has been committed."""

    part: Slice
    status: str
    nonce: str
    outcomes: list[Outcome]
    safe_seq: int = 0
    awaited: list[str] = []


class Batch:
    """One run over one locked organisation; made anew for each attempt, so that a retried attempt starts clean."""

    def __init__(self, unit: Unit, slices: list[Slice], verdicts: dict[str, Verdict], random: RandomBytes) -> None:
        self.unit = unit
        self.slices = slices
        self.verdicts = verdicts
        self.random = random
        self.rows = BatchRows()
        self.logged: dict[str, Logged] = {}
        self.outcomes: dict[str, Outcome] = {}
        """Of transactions that are in the log or were decided in this batch."""
        self.installs: dict[str, Install] = {}
        self.touched: set[str] = set()
        self.flush = Flush()
        self._waiting: list[tuple[Job, Sent]] = []
        self._rehearsals = 0
        self._prepared: set[str] = set()
        """Transactions that missed nothing when they were rehearsed."""

    async def run(self) -> tuple[list[Answered], Commit | None]:
        """Decides and stores; None for a commit when there was nothing to store."""
        await self._load()
        self._waiting = [(part.job, sent) for part in self.slices for sent in part.sent][::-1]
        answers = []
        for part in self.slices:
            answers.append(await self._answer(part))
        return answers, await self._store()

    async def _load(self) -> None:
        every = [sent.tx for part in self.slices for sent in part.sent]
        tx_ids = {tx.id for tx in every} | {other for tx in every for other in tx.after}
        if tx_ids:
            self.logged = await self.unit.logged(tx_ids)
        install_ids = {part.job.install_id for part in self.slices if part.job.install_id}
        self.installs = await self.unit.installs(install_ids)
        need = first_guess((tx for tx in every if tx.id not in self.logged), self.unit.head.org_id)
        for part in self.slices:
            need.rows.add(("user", part.job.user_id))
            if part.job.device_id:
                need.rows.add(("device", part.job.device_id))
        await self.rows.fetch(self.unit, need)
        await self.rows.fetch(self.unit, second_guess(self.rows))

    async def _answer(self, part: Slice) -> Answered:
        job = part.job
        status = self._admit(part)
        if status != "ok":
            del self._waiting[len(self._waiting) - len(part.sent) :]
            return Answered(part, status, "", [])
        install = self.installs.get(job.install_id)
        found = [await self._outcome(part, install, sent) for sent in part.sent]
        outcomes = [outcome for outcome in found if outcome is not None]
        if install is None:
            return Answered(part, "ok", "", outcomes)
        # The same exchange once more (the network repeated it) changes nothing: the device may have the answer already.
        repeated = install.last_exchange_id == job.exchange_id
        if not install.nonce or (not repeated and (part.sent or install.nonce != job.nonce)):
            install.nonce = new_nonce(self.unit.head, self.random)
            install.last_exchange_id = job.exchange_id
        if part.sent or job.received_at - install.last_exchange_at > TOUCH_MS:
            self.touched.add(install.install_id)
            if part.stop == len(job.sent):
                install.last_exchange_at = max(install.last_exchange_at, job.received_at)
        undecided = [sent.tx.id for sent, outcome in zip(part.sent, found, strict=True) if outcome is None]
        return Answered(part, "ok", install.nonce, outcomes, install.safe_seq, undecided)

    def _admit(self, part: Slice) -> str:
        """Whether the install may go on: ``ok``, ``revoked``, or ``fork``, with nothing of it executed."""
        job = part.job
        if job.shut_out:
            return "ok"
        user = self.rows.get("user", job.user_id)
        device = self.rows.get("device", job.device_id) if job.device_id else None
        if user is None or not user["active"] or (device is not None and device["revoked_at"] is not None):
            return "revoked"
        if not job.install_id:
            return "ok"
        install = self.installs.get(job.install_id)
        if install is None:
            if job.nonce or not self._sequence_fits(part, 0):
                return "fork"
            self.installs[job.install_id] = Install(job.install_id, job.user_id, job.device_id)
            self.touched.add(job.install_id)
            return "ok"
        if install.user_id != job.user_id:
            return "fork"
        if part.first and job.nonce != install.nonce and install.last_exchange_id not in job.tried:
            return "fork"
        if not self._sequence_fits(part, install.last_seq):
            return "fork"
        if job.nonce != install.nonce or install.device_id != job.device_id:
            install.device_id = job.device_id
            self.touched.add(job.install_id)
        return "ok"

    def _sequence_fits(self, part: Slice, last_seq: int) -> bool:
        """New numbers follow on the last without a gap; old ones come with what they came with before."""
        for sent in part.sent:
            if sent.seq == last_seq + 1:
                last_seq += 1
            elif sent.seq > last_seq or sent.seq < 1 or not self._was_told(part.job, sent):
                return False
        return True

    def _is_repetition(self, job: Job, sent: Sent) -> bool:
        known = self.logged.get(sent.tx.id)
        return known is not None and known.user_id == job.user_id and _same(known, sent)

    def _was_told(self, job: Job, sent: Sent) -> bool:
        """Whether the number was used for this: it is in the log, or it was not decided by an exchange whose answer got
        lost. That exchange may lie behind others by now; nonce and ``tried`` have shown which install this is."""
        if job.awaits and self.unit.head.epoch > 1 and sent.tx.id not in self.logged:
            return True
        return self._is_repetition(job, sent)

    async def _outcome(self, part: Slice, install: Install | None, sent: Sent) -> Outcome | None:
        """None when it is not decided yet."""
        job = part.job
        self._waiting.pop()
        await self.unit.pause()
        if install is not None and sent.seq == install.last_seq + 1:
            install.last_seq = sent.seq
        known = self.logged.get(sent.tx.id)
        if known is not None and known.user_id == job.user_id and _same(known, sent):
            return self._repeated(known, job, sent)
        if known is not None:
            return await self._reused(part, install, sent)
        verdict = self.verdicts.get(sent.tx.id)
        refusal = sent.problem or (sent.refused if self.unit.head.epoch > 1 else None)
        if verdict is None and refusal is not None:
            verdict = (refusal, "")
        if not (job.awaits and awaited.is_time(self.unit.head, job.received_at)):
            return await self._decided(part, install, sent, sent.tx, verdict)
        try:
            # What it names is not decided yet either, or waits, or comes in another commit of this very request.
            if not self.logged.keys() >= set(sent.tx.after):
                raise awaited.Awaited
            return await self._decided(part, install, sent, sent.tx, verdict, may_wait=True)
        except awaited.Awaited:
            return None

    def _repeated(self, known: Logged, job: Job, sent: Sent) -> Outcome:
        """The stored word again. *duplicate*: it was accepted under another install's number."""
        outcome = self._known_outcome(sent.tx.id)
        elsewhere = (known.install_id, known.seq) != (job.install_id, sent.seq)
        if elsewhere and outcome.status != "rejected":
            return msgspec.structs.replace(outcome, status="duplicate")
        return outcome

    async def _reused(self, part: Slice, install: Install | None, sent: Sent) -> Outcome:
        """Another payload under a known id: refused under an id of its own, and told under the id that was sent."""
        own_id = derived_id("reused", sent.tx.id, chain.fingerprint(b"", sent.payload).hex())
        if own_id not in self.logged:
            self.logged |= await self.unit.logged([own_id])
        if own_id in self.logged:
            outcome = self._known_outcome(own_id)
        else:
            tx = msgspec.structs.replace(sent.tx, id=own_id)
            outcome = await self._decided(part, install, sent, tx, (Problem("payload_changed"), ""))
        return msgspec.structs.replace(outcome, tx_id=sent.tx.id)

    async def _decided(
        self,
        part: Slice,
        install: Install | None,
        sent: Sent,
        tx: Transaction,
        verdict: Verdict | None,
        *,
        may_wait: bool = False,
    ) -> Outcome:
        job = part.job
        # What waits is offered in several exchanges, and its time stays that of the first one. Nobody notes which work
        # that is: in this week every device reaches back as far as a new install does.
        earliest = install.last_exchange_at if install and not may_wait else 0
        earliest = earliest or job.received_at - NEW_INSTALL_REACH_MS
        about = Circumstances(
            user_id=job.user_id,
            org_id=job.org_id,
            device_id=job.device_id,
            now_ms=min(max(tx.occurred_at, earliest), job.received_at),
            refused=frozenset(other for other in tx.after if self._was_refused(other)),
            verdict=verdict[0] if verdict else None,
            error=verdict[1] if verdict else "",
            given=sent.given if self.unit.head.epoch > 1 else {},
            may_wait=may_wait,
        )
        handed_over = frozenset(other for other in tx.after if self._has_a_manager(other))
        if job.shut_out and tx.id not in self.verdicts:
            problem = Problem(HANDED_OVER["device"])
            found = await quarantine.handed_in(self.unit, self.rows, tx, job.shut_out, handed_over)
            about = msgspec.structs.replace(about, verdict=problem, handover=found)
        decision = await self._decide(tx, about, handed_over)
        outcome = Outcome(tx.id, decision.status, decision.problem, decision.conflicts, decision.written)
        entry = self._entry(job, sent, tx, outcome)
        self.outcomes[tx.id] = outcome
        self.logged[tx.id] = Logged(
            tx.id, job.user_id, job.install_id, sent.seq, entry.salt, entry.fingerprint, entry.outcome
        )
        self.flush.log.append(entry)
        self._quarantine(job, decision)
        return outcome

    async def _decide(self, tx: Transaction, about: Circumstances, handed_over: frozenset[str]) -> Decision:
        decision = await self._in_rounds(tx, about, handed_over)
        if decision is None:
            problem = Problem(INTERNAL, None, {"error_id": self._new_error_id()})
            log.error("a transaction needs rows without end", extra={"tx_id": tx.id, **problem.params})
            decision = await self._in_rounds(tx, msgspec.structs.replace(about, verdict=problem), handed_over)
        if decision is None:
            raise RuntimeError("a refusal needs rows without end")
        return decision

    async def _in_rounds(self, tx: Transaction, about: Circumstances, handed_over: frozenset[str]) -> Decision | None:
        """Runs the transaction until it misses nothing; None when it still does after ``MAX_ROUNDS``."""
        for _ in range(MAX_ROUNDS):
            try:
                return decide(tx, self.rows, about, self._new_error_id)
            except Need as need:
                self._add_misses(need)
                await self.rows.fetch(self.unit, need)
            except quarantine.Examine as refused:
                who = quarantine.Person(about.user_id, about.org_id, about.device_id, about.now_ms)
                found = await quarantine.examine(self.unit, self.rows, tx, who, refused.problem, handed_over)
                about = msgspec.structs.replace(about, handover=found)
        return None

    def _add_misses(self, need: Need) -> None:
        """Adds what the transactions behind this one miss: the batch's misses are fetched together."""
        if self._rehearsals == MAX_REHEARSALS:
            return
        self._rehearsals += 1
        for job, sent in self._waiting:
            if sent.tx.id in self.logged or sent.tx.id in self._prepared or sent.problem is not None:
                continue
            about = Circumstances(job.user_id, job.org_id, job.device_id, sent.tx.occurred_at, frozenset())
            other = miss_of(sent.tx, self.rows, about)
            if not (other.rows or other.children):
                self._prepared.add(sent.tx.id)
            need.rows |= other.rows
            need.children |= other.children

    def _new_error_id(self) -> str:
        return self.random(6).hex()

    def _was_refused(self, tx_id: str) -> bool:
        return tx_id in self.logged and self._known_outcome(tx_id).status == "rejected"

    def _has_a_manager(self, tx_id: str) -> bool:
        return tx_id in self.logged and quarantine.is_handed_over(self._known_outcome(tx_id).problem)

    def _known_outcome(self, tx_id: str) -> Outcome:
        if tx_id not in self.outcomes:
            self.outcomes[tx_id] = _decode_outcome(self.logged[tx_id].outcome)
        return self.outcomes[tx_id]

    def _entry(self, job: Job, sent: Sent, tx: Transaction, outcome: Outcome) -> LogEntry:
        salt = self.random(SALT_BYTES)
        # A name is whatever the device sent; PostgreSQL takes no NUL in a text.
        names = dict.fromkeys(UNPRINTABLE.sub("?", command.name[:80]) for command in tx.commands)
        return LogEntry(
            tx_id=tx.id,
            user_id=job.user_id,
            device_id=job.device_id,
            install_id=job.install_id,
            seq=sent.seq,
            received_at=job.received_at,
            occurred_at=tx.occurred_at,
            status=outcome.status,
            code=outcome.problem.code if outcome.problem else "",
            commands=",".join(list(names)[:20]),
            payload=sent.payload,
            salt=salt,
            fingerprint=chain.fingerprint(salt, sent.payload),
            outcome=_encode_outcome(outcome),
            sensitive=sent.problem is not None or touches_restricted(tx),
        )

    def _quarantine(self, job: Job, decision: Decision) -> None:
        problem = decision.problem
        if problem is not None and problem.code == INTERNAL:
            error_id = str(problem.params.get("error_id", ""))
            self.flush.quarantined.append(Quarantined(decision.tx_id, error_id, decision.error, job.received_at))

    async def _store(self) -> Commit | None:
        head = self.unit.head
        self.flush.installs = [self.installs[install_id] for install_id in sorted(self.touched)]
        if not (self.flush.log or self.flush.installs):
            return None
        await keep_together(self.unit, self.rows)
        self.flush.rows = row_writes(head, self.rows)
        chain.link(head, self.flush.log)
        commit = commit_of(head, self.flush.rows)
        await self.unit.flush(self.flush)
        return commit


def _same(known: Logged, sent: Sent) -> bool:
    return chain.fingerprint(known.salt, sent.payload) == known.fingerprint


def row_writes(head: Head, rows: BatchRows) -> list[RowWrite]:
    """Gives each written row the organisation's next ``seq``, its encoded version and its memberships."""
    writes = []
    for key, row in rows.written.items():
        head.seq += 1
        writes.append(_row_write(key, row, rows, head.seq))
    return writes


def _row_write(key: Key, row: Row, rows: BatchRows, rev: int) -> RowWrite:
    entity = ENTITIES[key[0]]
    before = rows.base.get(key)
    buckets = buckets_of_row(entity, row)
    left = () if before is None else tuple(b for b in buckets_of_row(entity, before) if b not in buckets)
    body, restricted = encode_parts(entity, row) if entity.on_devices else (b"", b"")
    old_rev = rows.revs.get(key) if before is not None else None
    return RowWrite(entity.name, row, rev, old_rev, buckets, left, body, restricted, is_sensitive(key, row))


def commit_of(head: Head, writes: Iterable[RowWrite]) -> Commit:
    """What the batch changed, for those who wait for news."""
    writes = list(writes)
    if any(write.entity in _ACCESS_ENTITIES for write in writes):
        head.access_version += 1
    buckets = frozenset(bucket for write in writes for bucket in (*write.buckets, *write.left))
    changed = any(write.entity in _ACCESS_ENTITIES for write in writes)
    return Commit(msgspec.structs.replace(head), buckets, changed)
