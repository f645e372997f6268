"""Designed arrangements: which fields stand together, under which heading. Entities without one get a plain column."""

GROUPS: dict[str, tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]] = {
    "account": (
        ("screen.form.account.who", (("name",), ("phone", "city"), ("address",))),
        ("screen.form.account.sales", (("account_class",), ("level",), ("source", "industry"), ("tags",))),
        ("screen.form.account.papers", (("tax_number", "bank_account"), ("notes",))),
    ),
    "lead": (
        ("screen.form.lead.who", (("name", "phone"), ("company", "position"), ("email", "wechat"))),
        ("screen.form.lead.what", (("grade",), ("note",), ("next_step",), ("next_step_on",))),
        ("screen.form.lead.origin", (("event_id", "source_id"), ("consent",))),
    ),
    "contact": (("", (("name", "position"), ("phone", "email"), ("wechat",), ("notes",))),),
    "opportunity": (
        (
            "",
            (
                ("title",),
                ("amount", "expected_close"),
                ("contact_id",),
                ("probability",),
                ("note",),
                ("source_id", "event_id"),
            ),
        ),
    ),
    "activity": (
        ("", (("channel",), ("body",))),
        ("screen.form.activity.next", (("due_on",), ("due_time",), ("due_note",))),
    ),
}
"""Entity → groups of (key of the heading or empty, lines of field names); a line is shared on wide windows."""


def groups_of(entity: str, names: list[str]) -> list[tuple[str, list[list[str]]]]:
    """The arrangement for the given fields: designed where there is one, and whatever it forgot at the end."""
    left = list(names)
    arranged: list[tuple[str, list[list[str]]]] = []
    for heading, lines in GROUPS.get(entity, ()):
        kept = [[name for name in line if name in left] for line in lines]
        kept = [line for line in kept if line]
        left = [name for name in left if not any(name in line for line in kept)]
        if kept:
            arranged.append((heading, kept))
    if left:
        arranged.append(("", [[name] for name in left]))
    return arranged
