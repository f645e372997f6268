"""What people say about the app, and what became of it."""

from typing import Annotated, ClassVar, Literal

from shared import fields as f
from shared.entities.parties import SELLERS
from shared.entities.record import Record
from shared.fields import EntityOptions, Merge, Scope

FeedbackKind = Literal["problem", "wish", "question"]
FeedbackStatus = Literal["new", "answered", "planned", "done", "declined"]


class Feedback(Record, kw_only=True):
    """A problem, a wish or a question about the app, 反馈 (R33). Its author and the administrators see it, no manager
    in between; what was said stays as it was said."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.ADMINS,
        title="text",
        generic={"create": SELLERS, "patch": ("admin",), "delete": SELLERS, "restore": SELLERS},
    )
    kind: Annotated[FeedbackKind, f.enum(merge=Merge.FIXED, column=1)]
    text: Annotated[str, f.long_text(4_000, merge=Merge.FIXED, column=2)]
    screen: Annotated[str, f.code(200, merge=Merge.FIXED)] = ""
    """Address of the screen that it is about, when the author chose to tell it."""
    app_version: Annotated[str, f.code(40, merge=Merge.FIXED)] = ""
    """Likewise."""
    status: Annotated[FeedbackStatus, f.enum(form=1, column=3, index=True)] = "new"
    answer: Annotated[str, f.long_text(4_000, form=2)] = ""
    answered_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND, column=4)] = None
    """When status or answer changed last."""
    answered_by: Annotated[str | None, f.ref("user", merge=Merge.COMMAND)] = None
