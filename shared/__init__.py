"""The rulebook both sides agree on: the same code runs on the phone and on the server.

Imports the standard library and msgspec only (kept by ``tests/test_walls.py``).
"""

SCHEMA_VERSION = 3
"""Version of the declarations; a command remembers the one it was written under. It rises with each release that gives
entities or commands anything new, so that a server which is updated later leaves such work waiting in place of refusing
it (``sync.authority.jobs.decidable``). 1 (2026-11-22): the first. 2 (2026-11-27): what protocol 2 came with.
3 (2026-11-27): leads and deals."""
