"""A bucket that begins anew: its rows stay until the last page of the pull has come, then go what it did not bring.

The rows so far are in a bucket *set aside*; a row that comes again is in the new bucket only. What is set aside is in
the database, so that a cut or a crash in between resumes.
"""

from shared.protocol import SyncResponse
from sync.device import history
from sync.device.keys import Key, row_keys
from sync.ports import LocalStore


def begin(store: LocalStore, buckets: list[str]) -> None:
    """Sets the rows of the buckets aside."""
    for name in buckets:
        store.set_bucket_aside(name)


def is_open(store: LocalStore) -> bool:
    """Whether a snapshot is under way."""
    return bool(store.buckets_aside())


def leaving(store: LocalStore, response: SyncResponse) -> list[Key]:
    """Begins and ends buckets as the answer says; the rows that leave with the ended ones.

    With the last page also what was set aside ends. Rows whose transactions are still offered again stay: the server
    may have them in a moment.
    """
    begin(store, response.restarts)
    left = [key for name in response.drops for key in history.leaving(store, name, response.drops)]
    if response.cursor and not response.more:
        kept = {key for entry in store.outbox() if entry.again for key in row_keys(entry.writes)}
        left += [key for name in store.buckets_aside() for key in store.drop_bucket(name) if key not in kept]
    return left
