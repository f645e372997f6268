"""Fixtures of the simulator's tests."""

from tests.support.databases import *  # noqa: F403
from tests.sync.device.conftest import authority, database_kind, make_phone

__all__ = ["authority", "database_kind", "make_phone"]
