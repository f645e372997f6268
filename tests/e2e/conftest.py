"""Two reps and a manager, each in a browser profile of their own, around one demo server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.e2e.company import DemoServer
from tests.e2e.person import Person

Invite = Callable[..., Person]


@pytest.fixture
def server(tmp_path: Path, site: Path) -> Iterator[DemoServer]:
    """The demo company on SQLite."""
    with DemoServer(tmp_path / "server", site) as running:
        yield running


@pytest.fixture
def welcome(chromium: Playwright, tmp_path: Path) -> Iterator[Invite]:
    """``welcome(server, "chen")``: a person with a fresh browser. At the end all leave, and no console holds the
    unexpected."""
    people: list[Person] = []

    def one(server: DemoServer, login: str, **options: object) -> Person:
        person = Person.arrives(chromium, tmp_path / f"profile-{login}", server, login, **options)
        people.append(person)
        return person

    yield one
    for person in people:
        person.close()
    for person in people:
        assert person.unexpected() == [], f"{person.login}'s console"


@pytest.fixture
def invite(welcome: Invite) -> Invite:
    """``invite(server, "lin")``: the same, signed in."""

    def one(server: DemoServer, login: str, **options: object) -> Person:
        person = welcome(server, login, **options)
        person.signs_in()
        return person

    return one
