"""Scopes of keys: which there are, and what a set of them opens."""

from shared.scopes import open_entities, rights, scope_names, written_entities


def test_every_kind_that_devices_have_can_be_opened_and_nothing_else() -> None:
    names = {scope.partition(":")[0] for scope in scope_names()}
    assert names == {"*", *open_entities()} and "credential" not in names and "api_key" not in names
    assert len(scope_names()) == 2 * len(names)


def test_what_only_follows_is_not_offered_for_writing() -> None:
    written = written_entities()
    assert {"account", "lead", "stock_level", "stock_lease", "conflict", "user", "quarantine_item"} <= written
    assert not written & {"reservation", "stage_change", "stock_move"} and written < {*open_entities()}


def test_rights_are_said_in_one_order_and_unknown_scopes_open_nothing() -> None:
    assert rights(["order:write", "account:write", "account:read", "nothing:read", "*"]) == {
        "account": ("read", "write"), "order": ("write",),
    }  # fmt: skip
    assert rights([]) == {}
