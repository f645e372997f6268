"""The rulebook both sides agree on: the same code runs on the phone and on the server.

Imports the standard library and msgspec only (kept by ``tests/test_walls.py``).
"""

SCHEMA_VERSION = 1
"""Version of the entity declarations; a command remembers the version it was written under."""
