"""More mutants (``tests/sim/mutants.py``): restores, months, leases, shut-out devices and their files."""

from typing import Any

import msgspec

from mobile.state.handin_files import FileHandIn
from mobile.store.store import SqliteStore
from server.blobs import handed_in
from server.blobs.store import Blobs, Shown
from server.db import rows as server_rows
from shared.commands import lease_units, leases, numbering
from sync.authority import batch, feed, restored
from sync.device import checks, history, keys, rebase
from tests.sim.mutants import Patch, mutant


@mutant("work is decided before what it names in after", test="tests/sync/restore/test_awaited.py -k nobody_knows")
def after_ignored(patch: Patch) -> None:
    real = batch.Batch._outcome

    async def outcome(self: Any, part: Any, install: Any, sent: Any) -> Any:
        return await real(self, part, install, msgspec.structs.replace(sent, tx=_alone(sent.tx)))

    patch.setattr(batch.Batch, "_outcome", outcome)


def _alone(tx: Any) -> Any:
    return msgspec.structs.replace(tx, after=[])


@mutant("a second restore to the same epoch passes for the first", test="tests/sync/restore -k same_epoch")
def lineage_forgotten(patch: Patch) -> None:
    patch.setattr(restored, "_is_of_other_restore", lambda nonce, head: False)
    patch.setattr(restored, "is_foreign", lambda cursor, head: False)


@mutant("the numbers that were given before a restore are given anew", test="tests/sync/restore -k numbers_given")
def numbers_forgotten(patch: Patch) -> None:
    patch.setattr(numbering, "_claim", lambda work, year, count: False)


@mutant("rows of unsent work go with a month that is given back", test="tests/sync/history -k keeps_its_rows")
def months_take_all(patch: Patch) -> None:
    patch.setattr(history, "_is_pinned", lambda store, key, pinned: False)


@mutant("any device of its holder draws on a lease", test="tests/sync/authority -k another_device_of_the_holder")
def leases_everywhere(patch: Patch) -> None:
    patch.setattr(lease_units, "is_on", lambda lease, device_id: True)


@mutant("what is left of a lease stays reserved when it ends", test="tests/sync/authority -k leases_end_by")
def leases_without_end(patch: Patch) -> None:
    def end(work: Any, lease: Any, state: str) -> Any:
        work.update("stock_lease", lease, {"state": state, "held_on": None, "ended_at": work.now_ms})
        return work.get("stock_level", lease["stock_level_id"])

    for module in (lease_units, leases):
        patch.setattr(module, "end", end)


@mutant("a shut-out device hands in only what was never answered", test="tests/sync/restore -k what_a_restore_lost")
def answered_kept_back(patch: Patch) -> None:
    patch.setattr(SqliteStore, "answered", lambda self, dataset: [])


@mutant("a device wipes itself before its files are handed in", test="tests/mobile/state/test_shut_out_files.py")
def files_forgotten(patch: Patch) -> None:
    async def run(self: Any, told: Any) -> None:
        told(0)

    patch.setattr(FileHandIn, "run", run)


@mutant("the ticket takes content that another device's work names", test="tests/api/test_handin_files.py")
def ticket_for_all(patch: Patch) -> None:
    def of_anybody(sender: Any, sha256: str) -> Any:
        c = handed_in.item.c
        return handed_in.select(c.id, c.payload).where(handed_in._may_have(c.payload, sha256))

    patch.setattr(handed_in, "_of_sender", of_anybody)


@mutant("content of work that was left undone is taken", test="tests/api/test_scope_files.py -k left_undone")
def content_for_nothing(patch: Patch) -> None:
    def of_author(sender: Any, sha256: str) -> Any:
        c = handed_in.item.c
        mine = c.author_id == sender.user_id
        return handed_in.select(c.id, c.payload).where(mine, handed_in._may_have(c.payload, sha256))

    patch.setattr(handed_in, "_of_sender", of_author)


@mutant("whoever names a content's hash reads it", test="tests/api/test_blobs.py -k naming_a_hash")
def hash_is_a_key(patch: Patch) -> None:
    async def shown(self: Any, principal: Any, sha256: str) -> Any:
        return Shown("any", "image/jpeg")

    patch.setattr(Blobs, "shown", shown)


@mutant("restricted values of handed-over work rest unsealed", test="tests/sync/authority -k over_work_are_stored")
def quarantine_unsealed(patch: Patch) -> None:
    patch.setattr(server_rows.EntityRows, "_seal_structure", lambda self, field, row_id, value: value)


@mutant("a replay finds what was written after it", test="tests/sync/device -k written_after_it")
def replay_out_of_order(patch: Patch) -> None:
    def affected(entries: Any, changed: Any) -> Any:
        concerned, chosen = set(changed), []
        for entry in entries:
            if keys.meets(entry, concerned):
                chosen.append(entry)
                concerned |= keys.all_keys(entry.writes)
        return chosen, concerned

    patch.setattr(rebase, "affected", affected)


@mutant("a repair goes on though its buckets begin anew", test="tests/sync/checks -k filled_anew")
def repair_of_the_past(patch: Patch) -> None:
    patch.setattr(checks.Checks, "begin_again", lambda self: None)


@mutant("a number that waited for a lost answer looks like a clone", test="tests/sync/restore -k one_by_one")
def waiting_looks_cloned(patch: Patch) -> None:
    patch.setattr(batch.Batch, "_was_told", batch.Batch._is_repetition)


@mutant("months that nobody asked for come with every page", test="tests/sync/history")
def months_for_all(patch: Patch) -> None:
    patch.setattr(feed, "held_months", lambda heads, asked: dict(heads))
