"""Fixtures of the server's tests."""

from tests.support.databases import *  # noqa: F403
