"""Files of an account, its follow-ups and of leads. The row travels like any other; the bytes apart, by their hash."""

from typing import Annotated, ClassVar

from shared import fields as f
from shared.entities.parties import SELLERS
from shared.entities.record import Owned
from shared.fields import EntityOptions, Merge, Scope
from shared.rules.media import MAX_BYTES, NAME_LENGTH


class Attachment(Owned, kw_only=True):
    """A photo, a recording or a file, 附件 (R10). What its content is never changes: another content is another row."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="file_name",
        follows="account_id",
        otherwise="lead_id",
        generic={"create": SELLERS, "delete": SELLERS, "restore": SELLERS},
    )
    account_id: Annotated[str | None, f.parent("account")] = None
    """None for a file of a lead that is nobody's customer yet; its conversion names the account."""
    lead_id: Annotated[str | None, f.parent("lead")] = None
    activity_id: Annotated[str | None, f.parent("activity")] = None
    """The follow-up that it belongs to; none for a file of the account itself."""
    file_name: Annotated[str, f.text(NAME_LENGTH, merge=Merge.FIXED, column=1)]
    media_type: Annotated[str, f.code(100, merge=Merge.FIXED, column=2)]
    size: Annotated[int, f.integer(1, MAX_BYTES, merge=Merge.FIXED, column=3)]
    """Bytes."""
    sha256: Annotated[str, f.code(64, merge=Merge.FIXED, index=True)]
    """Of the content, in lower-case hexadecimal digits: the address of the bytes."""
    width: Annotated[int | None, f.integer(1, 100_000, merge=Merge.FIXED)] = None
    height: Annotated[int | None, f.integer(1, 100_000, merge=Merge.FIXED)] = None
    """Pixels, of a picture."""
    seconds: Annotated[int | None, f.integer(0, 86_400, merge=Merge.FIXED)] = None
    """Of a recording."""
    stored_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    """When the server had the whole content, checked; none while the bytes are on the author's device only."""
