"""What transactions have to do with each other: the rows and sets of rows that they read and wrote.

A *row key* is (entity, id). A *set key* is (``entity.field``, parent id): the children of a row. Writing a row changes
the sets it belongs to, and two writers of one set do not disturb each other; a reader of the set is disturbed by both.
"""

from collections.abc import Iterable, Sequence

from shared.catalog import ENTITIES
from shared.codec import Row
from sync.ports import OutboxEntry

Key = tuple[str, str]


def is_set(key: Sequence[str]) -> bool:
    """Whether the key means the children of a row."""
    return "." in key[0]


def row_keys(keys: Iterable[Sequence[str]]) -> set[Key]:
    """Only the row keys."""
    return {(key[0], key[1]) for key in keys if not is_set(key)}


def lists(keys: Iterable[Key]) -> list[list[str]]:
    """As an outbox entry keeps them, sorted."""
    return [list(key) for key in sorted(keys)]


def all_keys(keys: Iterable[Sequence[str]]) -> set[Key]:
    """As tuples."""
    return {(key[0], key[1]) for key in keys}


def set_keys_of(entity: str, row: Row) -> set[Key]:
    """The sets that a row belongs to by its references."""
    return {(name, row[field]) for field, name in ENTITIES[entity].sets if row.get(field)}


def meets(entry: OutboxEntry, changed: set[Key]) -> bool:
    """Whether a change of these rows and sets can change what the transaction does here."""
    if any((key[0], key[1]) in changed for key in entry.reads):
        return True
    return any((key[0], key[1]) in changed for key in entry.writes if not is_set(key))


def affected(entries: Sequence[OutboxEntry], changed: set[Key]) -> tuple[list[OutboxEntry], set[Key]]:
    """The transactions to run again, in order, and all keys concerned.

    Closed in all directions: a transaction that reads what an affected one wrote is affected, so is an *earlier* one
    that wrote a row which is going to be restored, and so is a *later* one that wrote what an affected one reads, which
    must not find it there already.
    """
    known = [(entry, all_keys(entry.reads), all_keys(entry.writes)) for entry in entries]
    concerned = set(changed)
    chosen: set[str] = set()
    grew = True
    while grew:
        grew = False
        read: set[Key] = set()
        for entry, reads, writes in known:
            if entry.tx_id not in chosen and (meets(entry, concerned) or not read.isdisjoint(writes)):
                chosen.add(entry.tx_id)
                concerned |= writes
                grew = True
            if entry.tx_id in chosen:
                read |= reads
    return [entry for entry in entries if entry.tx_id in chosen], concerned


def interests(entry: OutboxEntry) -> tuple[set[Key], set[Key]]:
    """What the transaction read, and the rows that it wrote."""
    return all_keys(entry.reads), row_keys(entry.writes)


def builds_on(reads: set[Key], writes: set[Key], earlier: OutboxEntry) -> bool:
    """Whether ``earlier`` wrote rows that the other one read or wrote: its refusal is then the refusal of both.

    Counted rows (stock, leases) do not: additions and subtractions do not build on each other, and the server works
    them out anew. Otherwise one refused order would take every later order of the same product with it.
    """
    for name, row_id in earlier.writes:
        key = (name, row_id)
        if (key in reads or key in writes) and name.partition(".")[0] not in _COUNTED:
            return True
    return False


_COUNTED = frozenset(name for name, entity in ENTITIES.items() if entity.options.counted)
