"""Fixtures: a world of three devices whose copies are checked, on each database."""

from tests.support.databases import *  # noqa: F403
