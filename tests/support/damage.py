"""Damages one row of a replica in its SQLite file, behind the engine's back, in a way that changes what it says."""

import random
import sqlite3
from collections.abc import Callable, Container, Iterable, Sequence

from shared.access import all_entities_on_devices
from shared.catalog import ENTITIES
from shared.codec import UNKNOWN
from sync.ports import Held
from tests.support.devices import Phone

Key = tuple[str, str]
Copy = dict[Key, Held]
Kind = Callable[["Vandal", str, str], str]
VALUES = (None, "", "x", "损坏", 0, 1, 7, -3, 2**50, '{"a":1}', "[]", b"\xff\xfe", ",1,", ",2,", ",99,", "nan")
MORE_FIELDS = ('{"a":1}', "x", "损坏", 7, -3, b"\xff\xfe", ",1,", "nan")
"""In place of fields that the app does not know: an empty collection of them would say what none says."""


def copy_of(phone: Phone, entities: Iterable[str] = ()) -> Copy:
    """The server versions that the replica holds, with revisions and buckets: of some entities, otherwise all."""
    found: Copy = {}
    for entity in entities or [entity.name for entity in all_entities_on_devices()]:
        after: str | None = ""
        while after is not None:
            held, after = phone.store.held(entity, after, 100)
            found |= {(entity, one.id): one for one in held}
    return found


class Vandal:
    """Seeded; ``damage`` tells what it did."""

    def __init__(self, phone: Phone, seed: int, kinds: Sequence[Kind] = ()) -> None:
        self.phone = phone
        self.random = random.Random(seed)
        self.kinds = kinds or KINDS
        self.entity = ""
        """Of the row that was damaged last."""

    def damage(
        self, entities: Container[str] = ENTITIES, without: Container[Key] = (), before: Copy | None = None
    ) -> str:
        """One piece of damage, to a row of one of the entities and none of ``without``; empty when there is no such
        row. What leaves everything as it was is no damage: another one is tried. ``before``: what the replica holds,
        when that is known."""
        before = copy_of(self.phone) if before is None else before
        keys = [key for key in sorted(before) if key[0] in entities and key not in without]
        while keys:
            key = self.random.choice(keys)
            was = {other: held for other, held in before.items() if other[0] == key[0]}
            kind = self.random.choice(self.kinds)
            self._sql("SAVEPOINT damage")
            try:
                said = kind(self, *key)
                if copy_of(self.phone, key[:1]) != was:
                    self._sql("RELEASE damage")
                    self.entity = key[0]
                    return f"{kind.__name__} {key}: {said}"
            except sqlite3.IntegrityError:
                pass  # two rows of one id: the file does not take that
            self._sql("ROLLBACK TO damage")
            self._sql("RELEASE damage")
        return ""

    def _sql(self, sql: str, *values: object) -> None:
        self.phone.store.connection.execute(sql, values)

    def column(self, entity: str, row_id: str) -> str:
        """Another value in a random column, of the engine's own too."""
        name = self.random.choice([*ENTITIES[entity].fields, UNKNOWN, "_buckets", "rev"])
        value = self.random.choice(MORE_FIELDS if name == UNKNOWN else VALUES)
        if name in ("rev", "_buckets") and value is None:
            value = 5
        self._sql(f"UPDATE [e_{entity}] SET [{name}] = ? WHERE id = ?", value, row_id)
        return f"{name} = {value!r}"

    def text_that_is_none(self, entity: str, row_id: str) -> str:
        """Bytes that are no UTF-8, as a text: what a flipped bit makes of a Chinese name."""
        names = [n for n, f in ENTITIES[entity].fields.items() if isinstance(f.default, str) and n != "id"]
        name = self.random.choice(names or ["created_by"])
        self._sql(f"UPDATE [e_{entity}] SET [{name}] = CAST(x'e5b1ff' AS TEXT) WHERE id = ?", row_id)
        return name

    def missing(self, entity: str, row_id: str) -> str:
        """A row less."""
        self._sql(f"DELETE FROM [e_{entity}] WHERE id = ?", row_id)
        return ""

    def extra(self, entity: str, row_id: str) -> str:
        """A row more, a copy under an id of its own, in its buckets or in none."""
        names = [*ENTITIES[entity].fields, "rev", *self.random.choice([["_buckets"], []])]
        columns = ", ".join(f"[{name}]" for name in names)
        new_id = f"{self.random.getrandbits(128):032x}"
        chosen = columns.replace("[id]", f"'{new_id}'")
        self._sql(f"INSERT INTO [e_{entity}] ({columns}) SELECT {chosen} FROM [e_{entity}] WHERE id = ?", row_id)
        return new_id

    def swapped(self, entity: str, row_id: str) -> str:
        """The values of two columns, exchanged."""
        first, second = self.random.sample([name for name in ENTITIES[entity].fields if name != "id"], 2)
        self._sql(f"UPDATE [e_{entity}] SET [{first}] = [{second}], [{second}] = [{first}] WHERE id = ?", row_id)
        return f"{first}, {second}"

    def two_rows(self, entity: str, row_id: str) -> str:
        """One row's content under another one's id."""
        fields = [name for name in ENTITIES[entity].fields if name != "id"]
        sets = ", ".join(f"[{n}] = (SELECT [{n}] FROM [e_{entity}] WHERE id = '{row_id}')" for n in fields)
        self._sql(f"UPDATE [e_{entity}] SET {sets} WHERE id = (SELECT max(id) FROM [e_{entity}])")
        return ""

    def buckets(self, entity: str, row_id: str) -> str:
        """A wrong list of buckets."""
        numbers = [row[0] for row in self.phone.store.connection.execute("SELECT n FROM bucket")]
        chosen = self.random.sample(numbers, self.random.randint(0, len(numbers)))
        text = f",{','.join(map(str, sorted(chosen)))}," if chosen else ""
        self._sql(f"UPDATE [e_{entity}] SET _buckets = ? WHERE id = ?", text, row_id)
        return text

    def revision(self, entity: str, row_id: str) -> str:
        """A revision that would make every later version look old."""
        self._sql(f"UPDATE [e_{entity}] SET rev = rev + ? WHERE id = ?", self.random.choice([1, 1 << 40, -1]), row_id)
        return ""

    def retitled(self, entity: str, row_id: str) -> str:
        """Another title, or another revision of a row that has none."""
        title = ENTITIES[entity].options.title
        if title not in ENTITIES[entity].fields or title == "id":
            return self.revision(entity, row_id)
        self._sql(f"UPDATE [e_{entity}] SET [{title}] = [{title}] || '坏' WHERE id = ?", row_id)
        return title

    def older(self, entity: str, row_id: str) -> str:
        """The version's one counted field, one off, as a lost write leaves it."""
        self._sql(f"UPDATE [e_{entity}] SET updated_at = updated_at + 1 WHERE id = ?", row_id)
        return ""


KINDS: tuple[Kind, ...] = (
    Vandal.column, Vandal.column, Vandal.column, Vandal.text_that_is_none, Vandal.missing, Vandal.extra,
    Vandal.swapped, Vandal.two_rows, Vandal.buckets, Vandal.revision, Vandal.older,
)  # fmt: skip
