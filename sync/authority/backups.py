"""What a verified backup makes safe, and the new epoch that begins when the database comes back from one."""

from collections.abc import Mapping

from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.rules.numbering import counter_id, jumped
from shared.timezone import business_date
from sync.authority.batch import RandomBytes
from sync.authority.ports import Commit, Flush, Unit
from sync.authority.restored import FIRST_DAY_MS, STEP_MS
from sync.authority.system import SystemWrite, write_rows

DAY_MS = 86_400_000
REACH_DAYS = 31
"""Business time may lie so far before the backup (``batch.NEW_INSTALL_REACH_MS`` and a day)."""


def next_epoch(now_ms: int, *known: int) -> int:
    """Above every epoch that is known, and above those of earlier restores that nobody remembers: it grows by one
    every ten minutes, and fits into 23 bits for 150 years."""
    return max(1 + max(known), (now_ms - FIRST_DAY_MS) // STEP_MS)


async def note_safe(unit: Unit, epoch: int, seq: int, installs: Mapping[str, int]) -> bool:
    """A backup of the state at ``seq`` was verified; ``installs``: the last number of each install in it.

    Devices then forget what they keep for a restore. False when the database has begun another epoch meanwhile: the
    backup says nothing about it.
    """
    if unit.head.epoch != epoch or seq > unit.head.seq:
        return False
    unit.head.safe_rev = max(unit.head.safe_rev, seq)
    known = await unit.installs(installs)
    for install_id, install in known.items():
        install.safe_seq = max(install.safe_seq, min(installs[install_id], install.last_seq))
    await unit.flush(Flush(installs=list(known.values())))
    return True


async def begin_epoch(
    unit: Unit,
    epoch: int,
    *,
    tx_id: str,
    now_ms: int,
    backup_ms: int,
    counted: Mapping[int, int],
    random: RandomBytes,
) -> Commit | None:
    """Raises the epoch and moves the counters of official numbers past all that may have been given.

    ``backup_ms``: when the backup was made. ``counted``: highest numbers by year that the replaced database knew,
    as far as it could be read. One entry of the log, ``system.restored``, tells of it.
    """
    unit.head.epoch = epoch
    # The number alone could be drawn twice: when this backup is put back twice within ten minutes, and what it replaces
    # cannot be read.
    unit.head.lineage = random(8).hex()
    rows = await _counters(unit, now_ms, backup_ms, counted)
    return await write_rows(unit, SystemWrite(tx_id, "system.restored", "", now_ms, rows), random)


async def _counters(unit: Unit, now_ms: int, backup_ms: int, counted: Mapping[int, int]) -> list[tuple[str, Row]]:
    org_id = unit.head.org_id
    organisation, _ = (await unit.rows([("organisation", org_id)]))[("organisation", org_id)]
    zone = organisation["time_zone"]
    first = business_date(backup_ms - REACH_DAYS * DAY_MS, zone).year
    last = business_date(now_ms + DAY_MS, zone).year
    years = {counter_id(org_id, year): year for year in {*range(first, last + 1), *counted}}
    stored = await unit.rows([("counter", row_id) for row_id in years])
    rows = []
    for row_id, year in sorted(years.items()):
        row = stored.get(("counter", row_id), (None, 0))[0]
        if row is None:
            values = {"id": row_id, "org_id": org_id, "name": f"order:{year}", "created_at": now_ms}
            row = new_row(ENTITIES["counter"], values)
        known = row["value"]
        value = jumped(max(known, counted.get(year, 0)))
        gaps = [*(row["gaps"] or ()), [known, value]]
        rows.append(("counter", {**row, "value": value, "gaps": gaps, "updated_at": now_ms}))
    return rows
