"""The rules of attachments on top of the generic commands: what a row may claim about its content."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput
from shared.rules.media import ENDINGS, MAX_BYTES, is_safe_name, is_sound

_HASH = re.compile(r"[0-9a-f]{64}")


class Claim(msgspec.Struct, frozen=True):
    """What a command says about a content. ``row_id``: of the attachment that it would make."""

    row_id: str
    sha256: str
    size: int
    media_type: str
    file_name: str = ""


class _Values(msgspec.Struct):
    sha256: str
    size: int
    media_type: str
    file_name: str = ""


class _Arguments(msgspec.Struct):
    id: str
    values: _Values


def claims(commands: Sequence[Any] | None) -> Iterator[Claim]:
    """What commands (``{"name", "args"}``) claim about contents, as far as these could be attached at all: whose rules
    nobody has asked yet may say anything."""
    for command in commands or ():
        if command["name"] != "attachment.create":
            continue
        try:
            made = msgspec.convert(command["args"], _Arguments)
        except msgspec.ValidationError:
            continue  # a device writes what it likes; the rules will refuse it
        said = made.values
        if is_hash(said.sha256) and 0 < said.size <= MAX_BYTES and said.media_type in ENDINGS:
            yield Claim(made.id, said.sha256, said.size, said.media_type, said.file_name)


def is_hash(text: str) -> bool:
    """Whether the text is a SHA-256 in lower-case hexadecimal digits."""
    return bool(_HASH.fullmatch(text))


def guard(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Raises ``InvalidInput``: a hash that is none, a type that may not be attached, a length of what is no recording,
    another account's follow-up.

    That the content really is of this hash, size and type is found out when the bytes arrive (server/blobs).
    """
    if action != "create":
        return
    if not is_hash(values["sha256"]):
        raise InvalidInput("invalid_value", field="sha256", entity="attachment")
    if values["media_type"] not in ENDINGS:
        raise InvalidInput("file_type", field="media_type", entity="attachment")
    if not is_safe_name(values["file_name"]):
        raise InvalidInput("invalid_value", field="file_name", entity="attachment")
    if values.get("seconds") is not None and not is_sound(values["media_type"]):
        raise InvalidInput("invalid_value", field="seconds", entity="attachment")
    if values.get("activity_id"):
        activity = work.require("activity", values["activity_id"], field="activity_id")
        if activity["account_id"] != values.get("account_id"):
            raise InvalidInput("other_account", field="activity_id", entity="attachment")
    if values.get("lead_id") and values.get("account_id") != _account_of(work, values["lead_id"]):
        raise InvalidInput("other_account", field="lead_id", entity="attachment")


def of_lead(work: Work, lead_id: str) -> dict[str, Any]:
    """What a new file of a lead takes from it: a lead that was converted hands it on to its customer."""
    account_id = _account_of(work, lead_id)
    return {"account_id": account_id} if account_id else {}


def _account_of(work: Work, lead_id: str) -> str | None:
    account_id: str | None = work.require("lead", lead_id, field="lead_id")["account_id"]
    return account_id
