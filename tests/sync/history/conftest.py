"""Fixtures of the tests about history: on both databases."""

import pytest

from tests.support.authority import TestAuthority
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone, sync
from tests.sync.device.conftest import MakePhone, authority, make_phone

__all__ = ["MakePhone", "authority", "make_phone", "phone"]


@pytest.fixture
async def phone(authority: TestAuthority, make_phone: MakePhone) -> Phone:
    phone = make_phone()
    await sync(authority, phone)
    return phone
