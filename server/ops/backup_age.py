"""How old the newest backup is that can be relied on, for who looks after it."""

import logging
from collections.abc import Iterator
from pathlib import Path

from server.ops import backup, manifest
from server.ops.manifest import Manifest
from server.settings import Settings, SettingsError
from shared.backup_state import BackupState

log = logging.getLogger("caravan.backup")


def newest(settings: Settings, org_id: str) -> BackupState:
    """Reads the manifests of the data folder; a file that is gone, or of another size by now, does not count."""
    good = [made for made in _manifests(settings) if _holds(made, org_id)]
    if not good:
        return BackupState()
    last = max(good, key=lambda made: made.made_at)
    return BackupState(last.made_at, last.verified_at)


def _manifests(settings: Settings) -> Iterator[Manifest]:
    for place in backup.folder_of(settings).glob(f"*{manifest.SUFFIX}"):
        try:
            yield manifest.read(place)
        except SettingsError as error:
            # One that cannot be read proves nothing; the others may.
            log.warning("a backup's manifest cannot be read", extra={"file": place.name, "reason": error.code})


def _holds(made: Manifest, org_id: str) -> bool:
    if made.verified_at is None or all(one.org_id != org_id for one in made.organisations):
        return False
    try:
        return Path(made.path).stat().st_size == made.size
    except OSError:
        return False
