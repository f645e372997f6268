"""The folder of blobs: ``DATA/blobs/ab/cd/<hash>``, with ``parts/`` for what is on its way and ``quarantine/``.

Everything here blocks and runs in threads. A blob appears under its name by one rename of a file that is whole, hashed
and on the disk; what a crash leaves is a part, and a part goes on or is collected.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from shared.errors import LimitExceeded

PARTS, QUARANTINE = "parts", "quarantine"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class BlobFiles:
    """The files under ``root``. ``reserve``: bytes of the disk that stay free for the database."""

    def __init__(self, root: Path, reserve: int) -> None:
        self.root = root
        self._reserve = reserve

    def path(self, sha256: str) -> Path:
        """Where a blob is, or will be."""
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def size(self, sha256: str) -> int | None:
        """Bytes of a blob, None when it is not here."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def part(self, owner: str, sha256: str) -> Path:
        """What one user has sent of a blob. Another user's part is another file: nobody finishes what is not his."""
        return self.root / PARTS / owner / sha256

    def part_size(self, owner: str, sha256: str) -> int:
        """Bytes that have arrived."""
        try:
            return self.part(owner, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def parts_size(self, owner: str) -> int:
        """Bytes of everything unfinished of a user."""
        folder = self.root / PARTS / owner
        return sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0

    def require_room(self, size: int) -> None:
        """Raises ``LimitExceeded`` (507 ``server_storage_full``): photos never take the last room from orders."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.root).free - size < self._reserve:
            raise LimitExceeded("server_storage_full", status=507)

    def append(self, owner: str, sha256: str, offset: int, data: bytes) -> int:
        """Adds to a part that has ``offset`` bytes; returns how many it has now.

        Raises ``LimitExceeded`` (507) on a full disk: then the part is given up, and its room with it.
        """
        part = self.part(owner, sha256)
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with part.open("ab") as file:
                # After a crash in a write there may be more than was acknowledged: that was hashed by nobody yet.
                file.truncate(offset)
                file.write(data)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self.drop_part(owner, sha256)
            raise LimitExceeded("server_storage_full", status=507) from error
        return offset + len(data)

    def drop_part(self, owner: str, sha256: str) -> None:
        """Forgets what has arrived."""
        self.part(owner, sha256).unlink(missing_ok=True)

    def sync_part(self, owner: str, sha256: str) -> None:
        """Puts a part on the disk."""
        with contextlib.suppress(FileNotFoundError), self.part(owner, sha256).open("rb") as file:
            os.fsync(file.fileno())

    def keep(self, owner: str, sha256: str) -> None:
        """Makes a part the blob: on the disk first, then under its name, then the name on the disk."""
        part, path = self.part(owner, sha256), self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.utime(part)
        part.replace(path)
        for folder in (path.parent, path.parent.parent, self.root):
            _sync_folder(folder)

    def put_aside(self, owner: str, sha256: str) -> None:
        """Moves a part where nobody is served from."""
        target = self.root / QUARANTINE / sha256
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.part(owner, sha256).replace(target)
        target.chmod(0o400)

    def stale_parts(self, older_than_s: float) -> Iterator[Path]:
        """Parts that nothing was added to for so long."""
        limit = time.time() - older_than_s
        for part in (self.root / PARTS).glob("*/*"):
            if part.stat().st_mtime < limit:
                yield part

    def old_blobs(self, older_than_s: float) -> Iterator[str]:
        """Hashes of blobs that arrived longer ago than that."""
        limit = time.time() - older_than_s
        for path in self.root.glob("??/??/*"):
            if path.stat().st_mtime < limit:
                yield path.name

    def remove(self, sha256: str) -> None:
        """Takes a blob off the disk."""
        self.path(sha256).unlink(missing_ok=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there, and its entries are journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
