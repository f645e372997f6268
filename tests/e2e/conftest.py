"""Two reps and a manager, each in a browser profile of their own, around one demo server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.e2e.company import Demos, DemoServer
from tests.e2e.person import Person
from tests.support.browser import wait_for_worker

Invite = Callable[..., Person]


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Demos:
    """The demo company, for stories to begin with a copy."""
    return Demos(tmp_path_factory.mktemp("demos"))


@pytest.fixture
def server(tmp_path: Path, site: Path, demos: Demos) -> Iterator[DemoServer]:
    """The demo company on SQLite."""
    demos.copy(tmp_path / "server" / "data")
    with DemoServer(tmp_path / "server", site) as running:
        yield running


@pytest.fixture
def welcome(chromium: Playwright, tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[Invite]:
    """``welcome(server, "chen")``: a person with a fresh browser. At the end all leave; no console holds the
    unexpected, and no control that a screen reader reaches lacks a name."""
    people: list[Person] = []

    def one(server: DemoServer, login: str, **options: object) -> Person:
        person = Person.arrives(chromium, tmp_path / f"profile-{login}", server, login, **options)
        person.record = record_property
        people.append(person)
        return person

    yield one
    for person in people:
        person.close()
    for person in people:
        assert person.unexpected() == [], f"{person.login}'s console"
        assert person.nameless == [], f"what {person.login} hears"


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the profile of a browser lies that has installed the app and in which nobody has signed in, once made."""
    return tmp_path_factory.mktemp("visited") / "profile"


@pytest.fixture
def invite(welcome: Invite, chromium: Playwright, tmp_path: Path, visited: Path) -> Invite:
    """``invite(server, "lin")``: the same, signed in, in a browser that has been here before: a first visit takes twice
    the time. ``script`` runs in the page before the app does."""

    def one(server: DemoServer, login: str, *, script: str = "", **options: object) -> Person:
        if not visited.exists():
            install(chromium, visited, server)
        shutil.copytree(visited, tmp_path / f"profile-{login}", symlinks=True)
        person = welcome(server, login, **options)
        if script:
            person.page.add_init_script(script)
        person.signs_in()
        return person

    return one


def install(chromium: Playwright, profile: Path, server: DemoServer) -> None:
    """The first visit."""
    fresh = profile.with_name("installing")
    nobody = Person.arrives(chromium, fresh, server, "")
    nobody.opens()
    wait_for_worker(nobody.page)
    nobody.close()
    assert nobody.unexpected() == []
    fresh.rename(profile)
