"""What makes a run of the simulation, and what came of it."""

import msgspec


class Plan(msgspec.Struct, frozen=True):
    """What makes a run: equal plans give equal traces."""

    seed: int
    devices: int = 5
    ops: int = 200
    """For each device."""
    faults: tuple[str, ...] = ()
    """Only these, and often; otherwise the seed chooses."""
    profile: str = ""
    """Of the work; otherwise the seed chooses."""


class Result(msgspec.Struct):
    plan: Plan
    trace: str = ""
    """SHA-256 of everything that happened, in order."""
    counts: dict[str, int] = {}
    broken: str = ""
    """Kind of the broken promise, empty when all were kept."""
    detail: str = ""
    story: list[str] = []
    """The lines of the trace."""
