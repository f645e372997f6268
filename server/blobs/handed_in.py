"""Content of work in the quarantine: who may send which of it, and who is told that it is here.

Its rows do not exist (yet), or are the manager's who adopted it. What the author has named there, and nothing else, he
may send: a shut-out device with its ticket what it has handed in, a session what a changed view took from its user, as
long as somebody may still want it. When a manager adopts the work, the rows have their content at once.
"""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, or_, select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from server.security.crypto import TEXT_PREFIX, Vault, is_sealed_text
from server.security.handin import ShutOut
from server.security.sessions import Principal
from shared.codec import Row
from shared.commands.attachments import claims
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite

item = table("quarantine_item")
Sender = Principal | ShutOut
"""Who may send content: a session, or a shut-out device with its ticket."""


class Named(NamedTuple):
    """What a command claims about a content. ``row_id``: of the attachment that it would make."""

    item_id: str
    row_id: str
    size: int
    media_type: str


_commands = msgspec.json.Decoder(list[dict[str, Any]])


def _may_have(column: ColumnElement[Any], sha256: str) -> ColumnElement[bool]:
    """The hash stands in the column (it has hexadecimal digits only), or the column is sealed and must be opened: work
    on a restricted field is."""
    return or_(column.contains(sha256), column.startswith(TEXT_PREFIX))


def _opened(vault: Vault, row_id: str, column: str, text: str | None) -> str:
    return vault.unseal_text(item.name, column, row_id, text) if is_sealed_text(text) else text or ""


def _of_sender(sender: Sender, sha256: str) -> Select[Any]:
    """Items of the sender that may have the hash somewhere: of a ticket those of its device, all of them, because what
    only that device has goes with it; of a session its user's, without what was dismissed."""
    c = item.c
    its = c.device_id == sender.device_id if isinstance(sender, ShutOut) else c.state != "dismissed"
    mine = (c.org_id == sender.org_id, c.author_id == sender.user_id, its)
    return select(c.id, c.payload).where(*mine, _may_have(c.payload, sha256))


async def named(tx: Tx, vault: Vault, sender: Sender, sha256: str) -> list[Named]:
    """What the sender's commands in the quarantine say about a content, as far as it could be attached at all."""
    records = (await tx.execute(_of_sender(sender, sha256))).all()
    return [
        one
        for record in records
        for one in _named(record.id, _opened(vault, record.id, "payload", record.payload), sha256)
    ]


def _named(item_id: str, payload: str, sha256: str) -> list[Named]:
    found = (claim for claim in claims(_commands.decode(payload)) if claim.sha256 == sha256)
    return [Named(item_id, claim.row_id, claim.size, claim.media_type) for claim in found]


async def note(authority: Authority, sender: Sender, sha256: str, media_type: str) -> None:
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
