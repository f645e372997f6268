"""Fixtures of the tests about restores and absence: on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import *  # noqa: F403
from tests.support.rewind import close_all
from tests.sync.device.conftest import MakePhone, authority, make_phone

__all__ = ["MakePhone", "authority", "make_phone"]


@pytest.fixture(autouse=True)
async def returned_servers(anyio_backend: str) -> AsyncIterator[None]:
    """Closes the databases that came back in the test."""
    yield
    await close_all()
