"""Faults plug in here: a function of (simulation, device) with a weight; each seed draws its own selection of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.sim.device import SimDevice
    from tests.sim.simulation import Simulation

Do = Callable[["Simulation", "SimDevice"], None]


class Fault(NamedTuple):
    name: str
    weight: int
    do: Do
    apart: bool


FAULTS: dict[str, Fault] = {}
HEALERS: list[Callable[[Simulation], None]] = []
SETTLERS: list[Callable[[Simulation], None]] = []


def fault(weight: int, *, apart: bool = False) -> Callable[[Do], Do]:
    """Makes the function a fault of the simulation; it is told the device whose turn it is.

    ``apart``: whether a seed has it is drawn from a stream of its own, so that seeds without it stay the stories that
    they were before there was such a fault.
    """

    def add(do: Do) -> Do:
        FAULTS[do.__name__] = Fault(do.__name__, weight, do, apart)
        return do

    return add


def healer(heal: Callable[[Simulation], None]) -> Callable[[Simulation], None]:
    """Has the function called when everything is to be well again, in order of definition."""
    HEALERS.append(heal)
    return heal


def settler(look: Callable[[Simulation], None]) -> Callable[[Simulation], None]:
    """Has the function called when everything is sent and everywhere, before all is compared."""
    SETTLERS.append(look)
    return look
