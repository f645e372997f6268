"""Fixtures of the tests about history: on both databases."""

from tests.support.databases import *  # noqa: F403
from tests.sync.device.conftest import MakePhone, authority, make_phone

__all__ = ["MakePhone", "authority", "make_phone"]
