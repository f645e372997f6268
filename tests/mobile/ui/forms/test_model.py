"""A form knows its values, its errors and its command without any widget."""

from pathlib import Path

import pytest

from mobile.ui.forms.layouts import GROUPS, groups_of
from mobile.ui.forms.model import FormModel, tags_of
from shared.catalog import ENTITIES
from shared.errors import InvalidInput
from tests.support.company import ACCOUNT, MANAGER, Company
from tests.support.shop import Shop


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_new_form_sends_what_was_filled_in_and_what_was_given(company: Company) -> None:
    model = FormModel("contact", company.actor(), given={"account_id": ACCOUNT})
    model.set("name", "陈立群")
    assert model.check()
    (command,) = model.commands(lambda: "id-1")
    assert command.name == "contact.create"
    assert command.args == {"id": "id-1", "values": {"account_id": ACCOUNT, "name": "陈立群"}}


def test_every_error_stands_at_its_field_and_goes_when_it_is_corrected(company: Company) -> None:
    model = FormModel("account", company.actor())
    model.set("phone", "abc")
    assert not model.check()
    assert {name: problem.code for name, problem in model.errors.items()} == {
        "name": "required", "phone": "invalid_phone",
    }  # fmt: skip
    assert model.set("phone", "138 0013 8000")
    assert not model.set("city", "杭州")
    model.set("name", "山野")
    assert model.check()


def test_an_edit_sends_changed_fields_with_their_base(company: Company) -> None:
    row = company.rows["account", ACCOUNT]
    model = FormModel("account", company.actor(), row)
    assert not model.dirty and model.commands(str) == []
    model.set("city", "杭州")
    model.set("tags", ["重点"])
    assert model.dirty and model.check()
    (command,) = model.commands(str)
    assert command.args == {
        "id": ACCOUNT, "base": {"city": "", "tags": []}, "values": {"city": "杭州", "tags": ["重点"]},
    }  # fmt: skip


def test_a_rep_has_no_field_for_the_bank_account_and_a_manager_has(company: Company) -> None:
    assert "bank_account" not in FormModel("account", company.actor()).values
    assert "bank_account" in FormModel("account", company.actor(MANAGER)).values


def test_a_refusal_stands_at_its_field_or_at_the_head(company: Company) -> None:
    model = FormModel("account", company.actor())
    model.take(InvalidInput("too_long", field="name", limit=120))
    model.take(InvalidInput("nothing_to_change", entity="account"))
    assert model.errors["name"].code == "too_long"
    assert model.problem is not None and model.problem.code == "nothing_to_change"


def test_what_the_form_makes_is_accepted_by_the_engine(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for name, typed in (("account", {"name": "石桥"}), ("activity", {"body": "谈了", "due_on": "2026-11-25"})):
        model = FormModel(name, shop.actor, given={"account_id": ACCOUNT} if name == "activity" else None)
        for field, value in typed.items():
            model.set(field, value)
        assert model.check()
        shop.engine.run(model.commands(shop.new_id))
    assert len(shop.store.outbox()) == 2


@pytest.mark.parametrize("name", [name for name, entity in ENTITIES.items() if entity.form_fields])
def test_every_declared_form_field_has_a_place(name: str) -> None:
    fields = [field.name for field in ENTITIES[name].form_fields]
    placed = [field for _, lines in groups_of(name, fields) for line in lines for field in line]
    assert sorted(placed) == sorted(fields)


@pytest.mark.parametrize("name", GROUPS)
def test_designed_groups_name_only_declared_fields(name: str) -> None:
    declared = {field.name for field in ENTITIES[name].form_fields}
    assert {field for _, lines in GROUPS[name] for line in lines for field in line} <= declared


def test_tags_are_split_at_commas_of_both_kinds() -> None:
    assert tags_of("户外， 连锁,户外、 ") == ["户外", "连锁"]
