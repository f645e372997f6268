"""Keys with which programs use the records API in a user's name."""

from typing import Annotated, ClassVar

from shared import fields as f
from shared.entities.record import Record
from shared.fields import EntityOptions, Merge, Privacy, Scope

BY_COMMAND = Merge.COMMAND


class ApiKey(Record, kw_only=True):
    """A program's key, 接口密钥. Its owner is the user in whose name it acts; the device of the same id is how the log
    and the others see the program. Server only."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.SERVER, commands=("caravan apikey",))
    name: Annotated[str, f.text(80, merge=BY_COMMAND, column=1)]
    secret_hash: Annotated[str, f.code(64, privacy=Privacy.SECRET, merge=BY_COMMAND)]
    """SHA-256 of the key; the key itself is shown once and kept nowhere."""
    scopes: Annotated[list[str], f.words()] = []  # noqa: RUF012 (msgspec copies it for each row)
    """``account:read``, ``order:write``, ``*:read``: what of its owner's permissions the key may use."""
    expires_at: Annotated[int, f.timestamp(merge=BY_COMMAND, column=2)] = 0
    revoked_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND, column=3)] = None
