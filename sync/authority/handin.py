"""What a shut-out device hands in: logged once by id, executed never, given to the managers."""

import msgspec

from shared.errors import LimitExceeded
from shared.protocol import MAX_TXS, HandinAnswer, HandinRequest, SentTransaction
from sync.authority.exchange import Caller
from sync.authority.executor import Executor
from sync.authority.jobs import Job, read_sent


async def hand_in(
    executor: Executor, caller: Caller, request: HandinRequest, code: str, received_at: int
) -> HandinAnswer:
    """Stores the transactions; the answer names all of them, those that were answered earlier included.

    ``code``: why the device is shut out. Raises ``LimitExceeded`` for too many, ``InvalidInput`` for one without an id
    (nothing was taken then), ``Unavailable`` when the database is busy.
    """
    if len(request.txs) > MAX_TXS:
        raise LimitExceeded("too_many_transactions", field="txs", status=413, given=len(request.txs), limit=MAX_TXS)
    sent = [read_sent(SentTransaction(0, msgspec.Raw(bytes(payload)))) for payload in request.txs]
    job = Job(caller.user_id, caller.org_id, caller.device_id, received_at, sent, shut_out=code)
    await executor.run(job)
    return HandinAnswer([outcome.tx_id for outcome in job.outcomes])
