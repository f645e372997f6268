"""Fixtures of the engine's tests: the real authority on a real database, and real replicas."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.db.engine import Database
from shared.access import Actor
from tests.support.authority import TestAuthority, device_of, make_authority
from tests.support.company import ORG, REP, Company
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone

MakePhone = Callable[..., Phone]


@pytest.fixture
def database_kind() -> str:
    """The device does not see which database the server has: the cheaper one. Interleavings run on both."""
    return "sqlite"


@pytest.fixture
async def authority(database: Database) -> TestAuthority:
    """The small company's server."""
    return await make_authority(database)


@pytest.fixture
def make_phone(tmp_path: Path) -> MakePhone:
    """Makes the phone of a user of the small company, with an empty replica."""
    count = iter(range(1, 100))
    company = Company()

    def make(user_id: str = REP) -> Phone:
        number = next(count)
        actor = company.actor(user_id)
        who = Actor(user_id, ORG, actor.role, actor.team_id, device_of(user_id), actor.discount_limit)
        return Phone(tmp_path / f"phone{number}.db", who, seed=number)

    return make
