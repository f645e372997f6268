"""Fixtures of the authority's tests."""

from tests.support.databases import *  # noqa: F403
