"""Content of work that a shut-out device has handed in: which of it a ticket opens, and who is told that it is here.

Its rows do not exist (yet): they stand as commands in the quarantine. What a ticket's device has named there, and
nothing else, it may send; when a manager adopts the work, the rows have their content at once.
"""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, or_, select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from server.security.crypto import TEXT_PREFIX, Vault, is_sealed_text
from server.security.handin import ShutOut
from shared.codec import Row
from shared.rules.media import ENDINGS, MAX_BYTES
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite

item = table("quarantine_item")


class Named(NamedTuple):
    """What a command claims about a content. ``row_id``: of the attachment that it would make."""

    item_id: str
    row_id: str
    size: int
    media_type: str


class _Claim(msgspec.Struct):
    sha256: str
    size: int
    media_type: str


class _Arguments(msgspec.Struct):
    id: str
    values: _Claim


class _Command(msgspec.Struct):
    name: str
    args: msgspec.Raw = msgspec.Raw(b"")


_commands = msgspec.json.Decoder(list[_Command])
_arguments = msgspec.json.Decoder(_Arguments)


def _may_have(column: ColumnElement[Any], sha256: str) -> ColumnElement[bool]:
    """The hash stands in the column (it has hexadecimal digits only), or the column is sealed and must be opened: work
    on a restricted field is."""
    return or_(column.contains(sha256), column.startswith(TEXT_PREFIX))


def _opened(vault: Vault, row_id: str, column: str, text: str | None) -> str:
    return vault.unseal_text(item.name, column, row_id, text) if is_sealed_text(text) else text or ""


def _of_sender(sender: ShutOut, sha256: str) -> Select[Any]:
    """Items of this device and user that may have the hash somewhere."""
    c = item.c
    mine = (c.org_id == sender.org_id, c.author_id == sender.user_id, c.device_id == sender.device_id)
    return select(c.id, c.payload).where(*mine, _may_have(c.payload, sha256))


async def named(tx: Tx, vault: Vault, sender: ShutOut, sha256: str) -> list[Named]:
    """What the sender's handed-in commands say about a content, as far as it could be attached at all."""
    records = (await tx.execute(_of_sender(sender, sha256))).all()
    return [
        one
        for record in records
        for one in _named(record.id, _opened(vault, record.id, "payload", record.payload), sha256)
    ]


def _named(item_id: str, payload: str, sha256: str) -> list[Named]:
    found = []
    for command in _commands.decode(payload):
        if command.name != "attachment.create":
            continue
        try:
            made = _arguments.decode(command.args)
        except msgspec.DecodeError:
            continue  # a device writes what it likes; the rules will refuse it
        claim = made.values
        if claim.sha256 == sha256 and 0 < claim.size <= MAX_BYTES and claim.media_type in ENDINGS:
            found.append(Named(item_id, made.id, claim.size, claim.media_type))
    return found


async def note(authority: Authority, sender: ShutOut, sha256: str, media_type: str) -> None:
    """Writes on the items that their content has come, and on what was adopted meanwhile that it is stored."""

    async def read(tx: Tx) -> list[Named]:
        return [one for one in await named(tx, authority.store.vault, sender, sha256) if one.media_type == media_type]

    names = await authority.database.read(read)
    items = sorted({("quarantine_item", one.item_id) for one in names})
    made = sorted({("attachment", one.row_id) for one in names})

    async def prepare(unit: Unit) -> SystemWrite | None:
        now = authority.clock.now_ms()
        rows = await unit.rows([*items, *made])
        due: list[tuple[str, Row]] = []
        adopted = {row_id for _, row_id in items if rows["quarantine_item", row_id][0]["state"] == "adopted"}
        for key in items:
            row = rows[key][0]
            arrived = row["arrived"] or {}
            if arrived.get(sha256) != media_type:
                due.append((key[0], {**row, "arrived": {**arrived, sha256: media_type}, "updated_at": now}))
        for one in names:
            row = rows.get(("attachment", one.row_id), (None,))[0]
            if one.item_id in adopted and row and row["sha256"] == sha256 and row["stored_at"] is None:
                due.append(("attachment", {**row, "stored_at": now, "updated_at": now}))
        if not due:
            return None
        return SystemWrite(authority.new_id(), "attachment.handed_in", sender.user_id, now, due, sender.device_id)

    if items:
        await authority.write(sender.org_id, prepare)


async def is_awaited(tx: Tx, vault: Vault, sha256: str) -> bool:
    """Whether an open item has the content: a manager may still adopt it."""
    c = item.c
    records = await tx.execute(select(c.id, c.arrived).where(c.state == "open", _may_have(c.arrived, sha256)))
    return any(sha256 in _opened(vault, record.id, "arrived", record.arrived) for record in records)
