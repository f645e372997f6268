"""The first hour: tasks of each role, what is told by an address, what counts in a demo."""

import pytest

from shared.locale import LANGUAGES, catalogue
from shared.rules.first_hour import NEEDS_SERVER, OCCASIONAL, TASKS, Step, counted_from, seen_at, steps

ACCOUNT = "0199"


@pytest.mark.parametrize("role", TASKS)
def test_every_role_has_five_to_seven_tasks_whatever_there_is_to_do(role: str) -> None:
    for possible in (frozenset(), OCCASIONAL):
        assert 5 <= len(steps(role, (), possible)) <= 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_has_its_words(language: str) -> None:
    for key in {key for keys in TASKS.values() for key in keys}:
        assert catalogue(language)[f"first_hour.{key}"] and catalogue(language)[f"first_hour.{key}.line"]


def test_signing_in_is_done_and_the_rest_is_what_was_seen() -> None:
    found = steps("rep", ("sheet",), ())
    assert [step.key for step in found if step.done] == ["signed_in", "sheet"]
    assert steps("nobody", (), ()) == ()


def test_what_is_only_now_and_then_there_is_a_task_while_it_can_be_done_and_stays_when_it_was() -> None:
    def keys(done: tuple[str, ...], possible: frozenset[str]) -> list[str]:
        return [step.key for step in steps("manager", done, possible)]

    assert "conflict" not in keys((), frozenset())
    assert "conflict" in keys((), frozenset({"conflict"}))
    assert steps("manager", ("conflict",), ())[-1] == Step("conflict", True)


def test_in_a_demo_only_what_was_done_since_the_first_look_counts() -> None:
    assert counted_from(demo=True, opened_at=1_000) == 1_000
    assert counted_from(demo=False, opened_at=1_000) == 0


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("/", set()),
        ("/?period=week", {"period"}),
        ("/orders", set()),
        ("/orders?state=pending", set()),
        ("/orders?first=2026-11-01&last=2026-11-30", {"rows"}),
        ("/dashboard/leads?first=2026-11-01", {"rows"}),
        ("/follow-ups", set()),
        ("/follow-ups?late=3", {"rows"}),
        (f"/log/order/{ACCOUNT}", {"trail"}),
        ("/log", {"chain"}),
        ("/log/", {"chain"}),
        ("/users", set()),
        ("/users/new", set()),
        (f"/users/{ACCOUNT}", {"devices"}),
    ],
)
def test_an_address_tells_what_somebody_looked_at(address: str, seen: set[str]) -> None:
    assert seen_at(address, online=True) == seen
    assert seen_at(address, online=False) == seen - NEEDS_SERVER
