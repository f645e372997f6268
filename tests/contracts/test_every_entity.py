"""What must hold for every declared entity; a new one fails here until its declaration is complete."""

import pytest

from shared.access import Actor, buckets_of_row, hidden_fields
from shared.catalog import ENTITIES, Entity, children_of, followers_of
from shared.codec import UNKNOWN, encode_parts, from_wire, new_row, row_hash, to_wire
from shared.commands.registry import GENERIC, NAMED
from shared.entities.record import COMMON
from shared.fields import Kind, Merge, Privacy, Scope
from shared.ids import derived_id
from shared.labels import choice_label, entity_label, field_label
from shared.locale import LANGUAGES
from shared.validation import check_value

ROLES = ("rep", "manager", "admin")
every_entity = pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)


def sample(entity: Entity) -> dict:
    """A row with something in every field, by kind."""
    values = {
        Kind.ID: derived_id(entity.name, "row"),
        Kind.REF: derived_id(entity.name, "ref"),
        Kind.CODE: "CODE-1",
        Kind.PHONE: "+86 755 8888 0001",
        Kind.EMAIL: "name@example.com",
        Kind.TEXT: "云岭 Outdoor",
        Kind.LONG_TEXT: "第一行\n第二行",
        Kind.BOOL: True,
        Kind.INT: 7,
        Kind.TIMESTAMP: 1_795_000_000_000,
        Kind.DATE: "2026-11-22",
        Kind.TIME: "14:30",
        Kind.TAGS: ["户外"],
        Kind.JSON: {"key": "value"},
    }
    wire = {}
    for name, field in entity.fields.items():
        value = "12.5" if field.is_decimal else field.choices[-1] if field.choices else values[field.kind]
        wire[name] = value[: field.options.max_length] if isinstance(value, str) and field.options.max_length else value
    return from_wire(entity, wire)


@every_entity
def test_has_words_for_itself_its_fields_and_its_choices(entity: Entity) -> None:
    for language in LANGUAGES:
        assert entity_label(language, entity.name) != entity.name
        for name, field in entity.fields.items():
            assert field_label(language, entity.name, name)
            for value in field.choices:
                assert choice_label(language, entity.name, name, value)


@every_entity
def test_survives_the_wire_unchanged_with_unknown_fields_of_a_newer_server(entity: Entity) -> None:
    row = sample(entity)
    assert from_wire(entity, to_wire(entity, row)) == row
    newer = {**to_wire(entity, row), "field_of_tomorrow": {"kept": True}}
    received = from_wire(entity, newer)
    assert received[UNKNOWN] == {"field_of_tomorrow": {"kept": True}}
    assert to_wire(entity, received) == newer


@every_entity
def test_an_added_empty_field_changes_no_hash(entity: Entity) -> None:
    row = sample(entity)
    assert row_hash(entity, row) == row_hash(entity, {**row, UNKNOWN: {"field_of_tomorrow": None}})
    changed = {**row, "updated_at": row["updated_at"] + 1}
    assert row_hash(entity, row) != row_hash(entity, changed)


@every_entity
def test_secret_and_restricted_values_travel_apart(entity: Entity) -> None:
    shared_part, restricted_part = encode_parts(entity, sample(entity))
    for name, field in entity.fields.items():
        key = f'"{name}":'.encode()
        assert (key in shared_part) == (field.privacy in (Privacy.BUSINESS, Privacy.PERSONAL))
        assert (key in restricted_part) == (field.privacy is Privacy.RESTRICTED)


@every_entity
def test_every_generic_action_exists_and_names_known_roles(entity: Entity) -> None:
    for action, roles in entity.options.generic.items():
        assert action in GENERIC
        assert roles and set(roles) <= set(ROLES)
    if not entity.options.generic:
        assert entity.options.commands, "who may write it? name its commands"
    for command in entity.options.commands:
        generic = command.partition(".")[2] in GENERIC
        assert command in NAMED or generic or command.startswith("caravan ")


@every_entity
def test_its_buckets_follow_from_its_scope(entity: Entity) -> None:
    row = sample(entity)
    buckets = buckets_of_row(entity, row)
    assert bool(buckets) == entity.on_devices
    assert ("shared_with" in entity.fields) == (entity.options.scope is Scope.OWNER)
    if entity.options.scope is Scope.OWNER:
        current = (f"user:{row['owner_id']}", f"team:{row['team_id']}", f"user:{row['shared_with'][0]}")
        assert buckets_of_row(entity, {**row, "period": ""}) == current
        month = f"@{row['period']}" if "period" in row else ""
        assert buckets == tuple(bucket + month for bucket in current)


@every_entity
def test_what_becomes_history_does_so_with_all_that_follows_it(entity: Entity) -> None:
    assert ("period" in entity.fields) == (entity.options.window is not None)
    if entity.options.window is not None:
        assert entity.options.scope is Scope.OWNER
        assert all(child.options.window is not None for child, _ in followers_of(entity.name))
        assert all(not followers_of(child.name) for child, _ in followers_of(entity.name)), "one level is filed"
        above = [other for other in ENTITIES.values() if entity in (child for child, _ in followers_of(other.name))]
        below_history = any(other.options.window is not None for other in above)
        assert bool(entity.options.window.dates) != below_history, "its own month, or its parent's"


@every_entity
def test_references_and_parents_point_to_entities(entity: Entity) -> None:
    for field in entity.fields.values():
        assert (field.kind is Kind.REF) == (field.options.ref is not None)
        if field.options.ref:
            assert field.options.ref in ENTITIES
    if entity.options.follows:
        follows = entity.fields[entity.options.follows]
        assert follows.options.parent and follows.required == (entity.options.otherwise is None)
        for field in entity.followed:
            assert field.options.parent
            assert any(child.name == entity.name for child, _ in children_of(str(field.options.ref)))


@every_entity
def test_its_title_and_form_fields_can_be_written_or_are_given_by_commands(entity: Entity) -> None:
    assert entity.options.title in entity.fields
    places = [field.options.form for field in entity.form_fields]
    assert len(places) == len(set(places))
    assert all(field.writable for field in entity.form_fields)


@every_entity
def test_defaults_make_a_valid_row(entity: Entity) -> None:
    row = new_row(entity, {name: sample(entity)[name] for name, field in entity.fields.items() if field.required})
    for field in entity.own_fields:
        if field.merge in (Merge.SCALAR, Merge.LATEST, Merge.SET) and not field.required:
            assert check_value(entity, field, to_wire(entity, row)[field.name]) == row[field.name]


@every_entity
def test_append_only_rows_have_no_generic_change(entity: Entity) -> None:
    if entity.options.append_only:
        assert not entity.options.generic
        # Who sees it is no content of its own: it goes where its parent goes.
        assert all(field.merge is Merge.FIXED for field in entity.own_fields if field.name != "shared_with")


def test_rows_of_every_entity_start_with_the_common_fields() -> None:
    for entity in ENTITIES.values():
        assert set(COMMON) <= set(entity.fields)


def test_reps_never_hold_a_bank_account() -> None:
    assert hidden_fields(ENTITIES["account"], "rep") == {"bank_account"}
    assert hidden_fields(ENTITIES["account"], "manager") == frozenset()
    assert "password_hash" in hidden_fields(ENTITIES["credential"], "admin")


def test_an_actor_needs_no_more_than_its_users_row() -> None:
    assert set(Actor.__struct_fields__) == {"user_id", "org_id", "role", "team_id", "device_id", "discount_limit"}
