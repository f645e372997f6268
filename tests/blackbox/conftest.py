"""Databases for the black-box runs."""

from tests.support.databases import *  # noqa: F403
