"""What a power cut during a commit leaves of an SQLite database in WAL mode with ``synchronous=FULL``.

SQLite orders its writes by syncs: the log's header before its first frame, the log before the file, the file before the
log begins anew. So at one moment only one of the two is in flux, and of what was being written to it any sectors may
have reached the disk: the others still hold what they held, or nothing when the file was shorter.
"""

import random
from pathlib import Path

SECTOR = 512
WAL_HEADER = 32


class Disk:
    """The two files of a database as they lie on the disk."""

    def __init__(self, path: Path) -> None:
        self.file = path.read_bytes()
        log = Path(f"{path}-wal")
        self.log = log.read_bytes() if log.exists() else b""


def torn(before: Disk, after: Disk, chance: random.Random) -> tuple[bytes, bytes]:
    """(file, log) as the power cut leaves them somewhere between the two states."""
    if after.file != before.file:
        # The log was synced: the commit is done, and was being moved into the file.
        return _mixed(before.file, after.file, chance, 0), after.log
    return after.file, _mixed(before.log, after.log, chance, WAL_HEADER)


def _mixed(before: bytes, after: bytes, chance: random.Random, synced: int) -> bytes:
    """Sectors of either; the first ``synced`` bytes are those of after. Sometimes the end is missing altogether."""
    found = bytearray(after[:synced])
    share = chance.choice((0.0, 0.5, 0.9, 1.0))
    for start in range(0, len(after), SECTOR):
        part = slice(max(start, synced), start + SECTOR)
        new, old = after[part], before[part]
        if new == old or chance.random() < share:
            found += new
        else:
            found += old.ljust(len(new), b"\0")[: len(new)]
    if len(after) > len(before) and chance.random() < 0.5:
        del found[chance.randrange(max(len(before), synced), len(after) + 1) :]
    return bytes(found)
