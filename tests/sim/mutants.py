"""The engine broken on purpose, one place at a time: each break must be noticed by the simulation or by a named test.

``make mutants`` plays all of them, ``python -m tests.sim.mutation NAME …`` some. Nothing here touches the sources: a
mutant replaces functions while it plays.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from mobile.store.books import Books
from mobile.store.store import SqliteStore
from server.db import store as server_store
from server.db.store import SqlUnit
from shared.commands import orders, records, stock
from shared.errors import CaravanError
from sync.authority import batch, chain, decide, exchange, feed
from sync.device import engine, outbox, rebase
from sync.device import exchange as device_exchange
from sync.device.keys import all_keys, meets


class Patch(pytest.MonkeyPatch):  # type: ignore[misc]
    """Puts one function in the place of another that is called in the same way: a mutant that has fallen behind the
    engine would be noticed for its own failure."""

    def setattr(self, target: Any, name: str, value: Any) -> None:  # type: ignore[override]
        """Raises ``TypeError`` when what is called now could not be called so any more."""
        real = getattr(target, name)
        if inspect.isfunction(real) and inspect.isfunction(value):
            asked = inspect.signature(real).parameters.values()
            placed = [one.name for one in asked if one.kind in _PLACED]
            named = {one.name: None for one in asked if one.kind is one.KEYWORD_ONLY and one.default is one.empty}
            inspect.signature(value).bind(*placed, **named)
        super().setattr(target, name, value)


_PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
CRASHES = ("crash", "kill")
PAGES = ("page_sizes",)


class Mutant(NamedTuple):
    """How to break it, and who must notice: a simulation with these faults and this work, or a test."""

    name: str
    broken: str
    """In words."""
    apply: Callable[[Patch], None]
    faults: tuple[str, ...] = ("clock",)
    profile: str = "mixed"
    test: str = ""


MUTANTS: dict[str, Mutant] = {}


def mutant(
    broken: str, *, faults: tuple[str, ...] = ("clock",), profile: str = "mixed", test: str = ""
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def add(apply: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[apply.__name__] = Mutant(apply.__name__, broken, apply, faults, profile, test)
        return apply

    return add


# The device


@mutant("the last outcome of each answer is dropped")
def outcome_dropped(patch: Patch) -> None:
    real = device_exchange._take_outcomes

    def take(of: Any, response: Any, report: Any) -> Any:
        return real(of, msgspec.structs.replace(response, outcomes=response.outcomes[:-1]), report)

    patch.setattr(device_exchange, "_take_outcomes", take)


@mutant("the cursor is stored before the page, in a transaction of its own", faults=("crash",), profile="family")
def cursor_early(patch: Patch) -> None:
    real = device_exchange.apply_response

    def apply(of: Any, body: bytes) -> Any:
        with contextlib.suppress(msgspec.DecodeError):
            response = device_exchange.decode_response(body)
            if response.status == "ok" and of.store.meta("open_exchange") and response.cursor:
                with of.store.transaction():
                    of.store.set_meta("cursor", response.cursor)
        return real(of, body)

    patch.setattr(device_exchange, "apply_response", apply)


@mutant("the server's version is not kept beside a row that unsent work touches", faults=PAGES)
def shadow_forgotten(patch: Patch) -> None:
    patch.setattr(SqliteStore, "set_shadow", lambda self, *_: None)


@mutant(
    "only transactions that a change meets directly are replayed",
    test="tests/sync/device/test_rebase.py -k dependents_are_replayed",
)
def direct_hits_only(patch: Patch) -> None:
    def affected(entries: Any, changed: Any) -> Any:
        chosen = [entry for entry in entries if meets(entry, changed)]
        return chosen, set(changed).union(*(all_keys(entry.writes) for entry in chosen))

    patch.setattr(rebase, "affected", affected)


@mutant("an older version of a row replaces a newer one", test="tests/sync/device/test_exchange.py -k not_newer")
def revision_not_compared(patch: Patch) -> None:
    patch.setattr(device_exchange, "server_revision", lambda store, key: None)


@mutant("a transaction does not name what it builds on", test="tests/sync/device -k refused_with_it")
def dependency_forgotten(patch: Patch) -> None:
    patch.setattr(outbox, "earlier", lambda entry, waiting: [])


@mutant("transactions are numbered anew for every exchange", faults=CRASHES)
def numbered_again(patch: Patch) -> None:
    real = device_exchange._number

    def number(store: Any, chosen: Any) -> None:
        for entry in chosen:
            entry.seq = None
        real(store, chosen)

    patch.setattr(device_exchange, "_number", number)


@mutant("only the last exchange is said to have been tried", faults=CRASHES)
def tried_forgotten(patch: Patch) -> None:
    patch.setattr(device_exchange, "TRIED_MAX", 1)


@mutant("a fork is heard and the old install id is kept", faults=("clone", "rewind", "back_up"))
def install_kept(patch: Patch) -> None:
    patch.setattr(engine.DeviceEngine, "new_install", lambda self: None)


@mutant("rows of a bucket that ended stay", faults=("new_role", "new_team"), profile="family")
def ended_bucket_stays(patch: Patch) -> None:
    patch.setattr(SqliteStore, "drop_bucket", lambda self, name: [])


@mutant("a row that was taken away from the user stays", faults=("new_team",), profile="family")
def removal_ignored(patch: Patch) -> None:
    real = device_exchange._changes

    def changes(store: Any, response: Any, gone: Any) -> Any:
        found = real(store, response, gone)
        return {key: change for key, change in found.items() if change.row is not None}

    patch.setattr(device_exchange, "_changes", changes)


@mutant("a transaction whose replay fails is thrown away", profile="family", faults=PAGES)
def doubtful_dropped(patch: Patch) -> None:
    real = device_exchange.rebase

    def rebased(store: Any, *rest: Any) -> Any:
        doubtful = real(store, *rest)
        for entry in doubtful:
            store.outbox_remove(entry.tx_id)
        return doubtful

    patch.setattr(device_exchange, "rebase", rebased)


@mutant("the statements of a local transaction are committed one by one", faults=("crash",))
def no_local_transaction(patch: Patch) -> None:
    @contextlib.contextmanager
    def transaction(self: Any) -> Iterator[None]:
        self._open, self._touched, self._written = True, set(), {}
        try:
            yield
            self._index_few()
        finally:
            self._open = False

    patch.setattr(SqliteStore, "transaction", transaction)


@mutant("answered work leaves the outbox and its effect stays under the server's rows", faults=PAGES)
def effect_kept(patch: Patch) -> None:
    real = device_exchange.rebase

    def rebased(store: Any, make_work: Any, waiting: Any, answered: Any, changes: Any) -> Any:
        return real(store, make_work, waiting, [], changes)

    patch.setattr(device_exchange, "rebase", rebased)


@mutant("a held change's number is given to the next", test="tests/sim/test_found.py -k number_of_a_held")
def held_number_reused(patch: Patch) -> None:
    def claim(self: Any) -> None:
        numbers = [entry.seq for entry in self.store.outbox() if entry.seq is not None]
        with self.store.transaction():
            self.store.set_meta("next_seq", str(min(numbers)))
            device_exchange._unnumber(self.store)

    patch.setattr(engine.DeviceEngine, "new_install", claim)


@mutant("the sent log is not kept, so that nothing can be offered again", faults=("server_backup", "server_restore"))
def sent_log_forgotten(patch: Patch) -> None:
    patch.setattr(Books, "take_sent", lambda self, dataset: [])


# The server


@mutant("a stale nonce is not noticed", test="tests/sync/authority/test_exchange.py -k stale_nonce")
def nonce_not_checked(patch: Patch) -> None:
    real = batch.Batch._admit

    def admit(self: Any, part: Any) -> str:
        install = self.installs.get(part.job.install_id)
        if install is not None:
            part.job.tried = frozenset({install.last_exchange_id})
        return real(self, part)

    patch.setattr(batch.Batch, "_admit", admit)


@mutant("a repeated request draws a new nonce", faults=("page_sizes",))
def nonce_renewed(patch: Patch) -> None:
    real = batch.Batch._answer

    async def answer(self: Any, part: Any) -> Any:
        install = self.installs.get(part.job.install_id)
        if install is not None and install.last_exchange_id == part.job.exchange_id:
            install.nonce = self.random(16).hex()
            self.touched.add(install.install_id)
        return await real(self, part)

    patch.setattr(batch.Batch, "_answer", answer)


@mutant("the log is not asked whether a transaction was executed before", faults=("server_crash",))
def log_not_asked(patch: Patch) -> None:
    async def logged(self: Any, tx_ids: Any) -> dict[str, Any]:
        return {}

    patch.setattr(SqlUnit, "logged", logged)


@mutant("the last number of an install is not stored", faults=("page_sizes",))
def last_number_forgotten(patch: Patch) -> None:
    real = SqlUnit._install_record

    def record(self: Any, install: Any) -> Any:
        return real(self, msgspec.structs.replace(install, last_seq=max(0, install.last_seq - 1)))

    patch.setattr(SqlUnit, "_install_record", record)


@mutant("a refused transaction leaves the rows that it wrote before it failed", profile="orders")
def refused_leaves_rows(patch: Patch) -> None:
    real = decide.execute

    def execute(tx: Any, work: Any) -> None:
        try:
            real(tx, work)
        except CaravanError:
            work._source.keep(work)
            raise

    patch.setattr(decide, "execute", execute)


@mutant("a refused transaction is in nobody's inbox", profile="orders")
def refusal_untold(patch: Patch) -> None:
    def notice(work: Any, entity: str, values: Any) -> Any:
        return {"id": values["id"], **values}

    real = decide._refuse

    def refuse(*args: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(decide.Work, "insert", notice)
            return real(*args)

    patch.setattr(decide, "_refuse", refuse)


@mutant("units are promised without being taken from the stock level", profile="stock")
def reserved_uncounted(patch: Patch) -> None:
    def allocate(work: Any, order: Any, line: Any, firm: Any) -> Any:
        level = stock.level_for(work, order["warehouse_id"], line["product_id"])
        return firm + min(stock.available(level), line["quantity"] - firm)

    patch.setattr(orders, "_allocate", allocate)


@mutant("an order takes what it wants, whether it is there or not", profile="stock")
def oversold(patch: Patch) -> None:
    patch.setattr(stock, "available", lambda level: orders.Decimal(1_000))


@mutant("one link of the audit chain is skipped", profile="fields")
def link_skipped(patch: Patch) -> None:
    real = chain.link

    def link(head: Any, entries: Any) -> None:
        before = head.chain_head
        real(head, entries)
        if head.chain_count % 5 == 0 and entries:
            entries[-1].prev_hash = before[::-1]

    patch.setattr(chain, "link", link)


@mutant("a row's former buckets are not told that it left", profile="family", faults=("new_team",))
def leaving_untold(patch: Patch) -> None:
    real = batch._row_write
    patch.setattr(batch, "_row_write", lambda *args: msgspec.structs.replace(real(*args), left=()))


@mutant("a page's cursor goes to the head although more is to come", faults=PAGES, profile="family")
def page_cut_off(patch: Patch) -> None:
    real = feed.read_page

    async def read_page(view: Any, reader: Any, cursor: Any, limit: int) -> Any:
        page = await real(view, reader, cursor, limit)
        page.cursor.buckets = dict.fromkeys(page.cursor.buckets, view.head.seq)
        page.more = False
        return page

    patch.setattr(exchange, "read_page", read_page)


@mutant("business time is taken as the device says", test="tests/sync/authority -k business_time_is_clamped")
def clamp_omitted(patch: Patch) -> None:
    real = batch.Batch._decide

    async def deciding(self: Any, tx: Any, about: Any, *rest: Any) -> Any:
        return await real(self, tx, msgspec.structs.replace(about, now_ms=tx.occurred_at), *rest)

    patch.setattr(batch.Batch, "_decide", deciding)


@mutant("permission is not asked on the server", test="tests/sync/authority -k never_the_authors")
def permission_not_asked(patch: Patch) -> None:
    patch.setattr(records, "can_see", lambda actor, entity, row: True)


@mutant("the organisation is not locked", test="tests/sync/authority/test_workers.py -k second_worker_waits")
def lock_omitted(patch: Patch) -> None:
    async def lock(tx: Any, org_id: str) -> Any:
        return server_store.Head(**(await tx.execute(server_store._HEAD, {"org_id": org_id})).first()._mapping)

    patch.setattr(server_store, "_lock", lock)


@mutant("outcomes come without the rows that they wrote", test="tests/sync/authority -k outcome_brings")
def outcomes_without_rows(patch: Patch) -> None:
    real = exchange.outcomes_for

    async def outcomes(*args: Any) -> Any:
        return [msgspec.structs.replace(outcome, puts=[], removes=[]) for outcome in await real(*args)]

    patch.setattr(exchange, "outcomes_for", outcomes)
